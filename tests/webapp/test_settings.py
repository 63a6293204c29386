"""How soon a brand answers and who gets what, as forms: read by leads, changed by administrators, never half saved."""

from collections.abc import Callable
from datetime import time

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.errors import Invalid
from desk.base.words import Intent, SourceState, TargetKind, Urgency
from desk.brands import brands, policies
from desk.models import Brand, Source
from desk.pipeline import brand_setup
from desk.routing import rulebook
from desk.sources import sources
from webapp.wording import hours


@pytest.fixture
def brand(people: object, now) -> int:
    with db.transaction() as session:
        return brand_setup.create(session, "Заря", time_zone="Europe/Moscow", now=now).id


@pytest.fixture
def admin(sign_in: Callable[..., FlaskClient], brand: int) -> FlaskClient:
    return sign_in("admin")


def stored(brand_id: int) -> Brand:
    with db.snapshot() as session:
        found = session.get_one(Brand, brand_id)
        assert found.calendar.hours
        session.expunge_all()
        return found


def rules(brand_id: int) -> list:
    with db.snapshot() as session:
        found = rulebook.rows(session, brand_id)
        session.expunge_all()
        return found


WEEK = {
    "day-0": "9:00-13:00, 14:00 – 18:00",
    "day-4": "10.00-24:00",
    "time_zone": "Asia/Omsk",
    "holidays_of": "ru",
}


def test_hours_are_kept_as_typed_and_shown_again(admin: FlaskClient, brand: int) -> None:
    form = {**WEEK, "exceptions": "2026-12-31 10:00-15:00\n\n2027-01-09"}
    assert admin.post(f"/settings/brands/{brand}/hours", data=form).status_code == 302
    calendar = stored(brand).calendar
    assert calendar.hours == {"0": [["09:00", "13:00"], ["14:00", "18:00"]], "4": [["10:00", "24:00"]]}
    assert calendar.exceptions == {"2026-12-31": [["10:00", "15:00"]], "2027-01-09": []}
    assert (calendar.time_zone, calendar.holidays_of) == ("Asia/Omsk", "RU")
    page = admin.get(f"/settings/brands/{brand}").text
    assert "09:00-13:00, 14:00-18:00" in page
    assert "2026-12-31 10:00-15:00\n2027-01-09<" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"day-0": "from nine"}, "Write hours like"),
        ({"day-0": "18:00-09:00"}, "Write hours like"),
        ({"day-0": "", "day-4": ""}, "at least one day must be open"),
        ({"time_zone": "Mars/Base"}, "Choose the time zone"),
        ({"holidays_of": "ZZ"}, "holidays of this region are not known"),
        ({"exceptions": "tomorrow"}, "One day per line"),
        ({"exceptions": "2026-02-30"}, "One day per line"),
    ],
)
def test_hours_that_cannot_be_leave_everything_as_it_was(
    admin: FlaskClient, brand: int, change: dict, words: str
) -> None:
    before = stored(brand).calendar.hours
    answer = admin.post(f"/settings/brands/{brand}/hours", data={**WEEK, **change})
    assert answer.status_code == 422
    assert words in answer.text
    assert stored(brand).calendar.hours == before
    assert "14:00 – 18:00" in answer.text or "day-0" in change  # what was typed is still there


def test_a_russian_reader_gets_no_english_from_the_desk(sign_in, brand: int) -> None:
    answer = sign_in("admin", "ru").post(
        f"/settings/brands/{brand}/hours", data={**WEEK, "day-0": "18:00-09:00"}
    )
    assert "Часы указывают так" in answer.text
    assert "closes at" not in answer.text


def test_hours_are_read_as_people_write_them() -> None:
    assert hours.read("9:00-13:00;14.30—18:00") == [["09:00", "13:00"], ["14:30", "18:00"]]
    assert hours.read("  ") == []
    with pytest.raises(Invalid):
        hours.read("9-18")


def test_a_changed_target_is_a_new_version(admin: FlaskClient, brand: int) -> None:
    admin.post(
        f"/settings/brands/{brand}/targets",
        data={"name": "Today", "kind": "duration", "hours": "2", "minutes": "30"},
    )
    admin.post(
        f"/settings/brands/{brand}/targets", data={"name": "Minutes", "kind": "by_clock", "clock": "10:30"}
    )
    with db.snapshot() as session:
        today, minutes = (
            policies.in_force(session, brand, "Today"),
            policies.in_force(session, brand, "Minutes"),
        )
    assert (today.version, today.seconds) == (2, 9000)
    assert (minutes.version, minutes.kind, minutes.clock) == (2, TargetKind.BY_CLOCK, time(10, 30))


@pytest.mark.parametrize(
    "form",
    [{"kind": "duration"}, {"kind": "by_clock", "clock": "noon"}, {"kind": "duration", "hours": "9999"}],
)
def test_a_target_that_cannot_be_is_refused(admin: FlaskClient, brand: int, form: dict) -> None:
    assert admin.post(f"/settings/brands/{brand}/targets", data={"name": "Today", **form}).status_code == 422
    with db.snapshot() as session:
        assert policies.in_force(session, brand, "Today").version == 1


def test_a_new_target_has_a_name_of_its_own(admin: FlaskClient, brand: int) -> None:
    form = {"is_new": "1", "name": "VIP", "kind": "duration", "minutes": "15"}
    assert admin.post(f"/settings/brands/{brand}/targets", data=form).status_code == 302
    assert admin.post(f"/settings/brands/{brand}/targets", data=form).status_code == 422


def rule_form(**changes: object) -> dict:
    return {
        "name_ru": "Форум", "name_en": "", "name": "", "intent": ["question", "complaint"], "source_kind": "forum",
        "language": " RU, en ", "max_rating": "3", "is_uncertain": "no", "team": "1", "priority": "high", "policy": "Today",
        **changes,
    }  # fmt: skip


def test_a_rule_is_added_on_top_and_said_in_words(admin: FlaskClient, brand: int) -> None:
    assert admin.post(f"/settings/brands/{brand}/rules", data=rule_form(name_en="Forum")).status_code == 302
    first = rules(brand)[0]
    assert first.conditions == {
        "intent": ["question", "complaint"], "source_kind": ["forum"], "language": ["ru", "en"], "max_rating": 3, "is_uncertain": False,
    }  # fmt: skip
    assert (first.position, first.priority, first.policy_name) == (1, Urgency.HIGH, "Today")
    page = admin.get(f"/settings/brands/{brand}").text
    assert (
        "question or complaint; Forum (feed and reply form); language ru or en; 3 stars or fewer; the model is sure"
        in page
    )


def test_a_refused_rule_is_not_half_changed(admin: FlaskClient, brand: int) -> None:
    rule = rules(brand)[0]
    answer = admin.post(
        f"/settings/brands/{brand}/rules/{rule.id}", data=rule_form(name_en="X", policy="Nothing such")
    )
    assert answer.status_code == 422
    assert "Choose the target" in answer.text
    assert 'value="question" checked' in answer.text
    assert rules(brand)[0].conditions == {"intent": [Intent.COMPLAINT], "urgency": [Urgency.CRITICAL]}


def test_rules_are_moved_switched_and_removed(admin: FlaskClient, brand: int) -> None:
    first, second, *_rest = rules(brand)
    path = f"/settings/brands/{brand}/rules"
    admin.post(f"{path}/{second.id}/up")
    assert [rule.id for rule in rules(brand)[:2]] == [second.id, first.id]
    admin.post(f"{path}/{second.id}/up")  # it is on top already
    admin.post(f"{path}/{second.id}/down")
    assert [rule.id for rule in rules(brand)[:2]] == [first.id, second.id]
    admin.post(f"{path}/{first.id}/off")
    assert not rules(brand)[0].is_active
    admin.post(f"{path}/{first.id}/remove")
    assert [rule.position for rule in rules(brand)] == list(range(1, len(rules(brand)) + 1))


def test_a_rule_of_another_brand_is_not_found_there(admin: FlaskClient, brand: int, now) -> None:
    with db.transaction() as session:
        other = brand_setup.create(session, "Другая", time_zone="Europe/Moscow", now=now).id
    rule = rules(other)[0]
    assert admin.post(f"/settings/brands/{brand}/rules/{rule.id}/remove").status_code == 404
    assert admin.get(f"/settings/brands/{brand}/rules/{rule.id}").status_code == 404


def test_names_are_kept_one_a_line(admin: FlaskClient, brand: int) -> None:
    form = {"name": "Заря ", "words": "Заря\nZarya, заря-шоп\n", "own_names": "Забота «Заря»"}
    admin.post(f"/settings/brands/{brand}/names", data=form)
    found = stored(brand)
    assert (found.name, found.words, found.own_names) == (
        "Заря",
        ["Заря", "Zarya", "заря-шоп"],
        ["Забота «Заря»"],
    )


def test_leads_read_and_others_do_not(sign_in, brand: int) -> None:
    lead = sign_in("lead")
    page = lead.get(f"/settings/brands/{brand}")
    assert page.status_code == 200
    assert 'data-test="save-hours"' not in page.text
    for path in ("hours", "names", "targets", "rules"):
        assert lead.post(f"/settings/brands/{brand}/{path}", data={"name": "mine"}).status_code == 403
    for who in ("agent", "analyst"):
        assert sign_in(who).get("/settings").status_code == 403
        assert 'href="/settings"' not in sign_in(who).get("/team").text
    assert 'href="/settings"' in lead.get("/team").text


def test_the_first_run_leads_from_the_sample_to_an_own_brand(sign_in, people, now) -> None:
    with db.transaction() as session:
        sample = brand_setup.create(session, "Пример", time_zone="Europe/Moscow", now=now, is_sample=True)
        source_id = sources.add(session, sample, "rss", "http://127.0.0.1:1/feed", title="Sample", now=now).id
    admin = sign_in("admin")
    assert 'data-test="sample-band"' in admin.get("/team").text
    assert "Start with my own brand" in admin.get("/settings").text
    assert "Start with my own brand" not in sign_in("agent").get("/team").text
    answer = admin.post("/settings/brands", data={
        "name": "Своё", "own_names": "Своё дело", "url": "shop.example/отзывы", "leave_sample": "1", "time_zone": "Europe/Samara",
    })  # fmt: skip
    assert answer.location.startswith("/sources/new?url=shop.example/")
    page = admin.get(answer.location).text
    assert 'value="shop.example/отзывы"' in page
    assert "selected>Своё" in page
    assert 'data-test="sample-band"' not in page
    with db.snapshot() as session:
        assert session.get_one(Source, source_id).state is SourceState.PAUSED
        assert brands.named(session, "Своё").own_names == ["Своё дело"]


def test_a_brand_needs_a_name_of_its_own(admin: FlaskClient, brand: int) -> None:
    for name in ("", "Заря"):
        answer = admin.post("/settings/brands", data={"name": name})
        assert answer.status_code == 422
        assert "needs a name of its own" in answer.text


def test_zones_and_holidays_are_chosen_by_name(sign_in, brand: int) -> None:
    page = sign_in("admin", "ru").get(f"/settings/brands/{brand}").text
    assert '<option value="Europe/Moscow" selected>Москва (GMT+3)</option>' in page
    assert "Екатеринбург (GMT+5)" in page
    assert '<option value="RU" selected>Россия</option>' in page
    admin = sign_in("admin")
    form = {**WEEK, "holidays_of": "DE", "holidays_region": "by"}
    assert admin.post(f"/settings/brands/{brand}/hours", data=form).status_code == 302
    assert stored(brand).calendar.holidays_of == "DE-BY"
    page = admin.get(f"/settings/brands/{brand}").text
    assert '<option value="DE" selected>Germany</option>' in page
    assert 'name="holidays_region" type="text" value="BY"' in page


def test_a_mistake_changes_nothing_else_that_was_typed(sign_in, people, now) -> None:
    admin = sign_in("admin")
    with db.transaction() as session:
        brand_setup.create(session, "Пример", time_zone="Europe/Moscow", now=now, is_sample=True)
    box = 'name="leave_sample" value="1"'
    assert f"{box} checked" in admin.get("/settings").text
    page = admin.post(
        "/settings/brands", data={"name": "", "own_names": "Своё дело", "time_zone": "Asia/Omsk"}
    ).text
    assert box in page and f"{box} checked" not in page
    assert "Своё дело" in page
    assert '<option value="Asia/Omsk" selected>' in page
