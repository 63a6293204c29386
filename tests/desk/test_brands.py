"""A brand with its targets: created whole, changed without rewriting the past."""

from datetime import UTC, date, datetime, time
from threading import Thread

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.words import TargetKind
from desk.brands import brands, defaults, policies, targets
from desk.models import Policy
from desk.pipeline import brand_setup
from desk.routing import rulebook
from desk.routing.reasons import POLICIES_RU

pytestmark = pytest.mark.usefixtures("database")

DURATION, BY_CLOCK = TargetKind.DURATION, TargetKind.BY_CLOCK


@pytest.fixture
def brand_id(now: datetime) -> int:
    with db.transaction() as session:
        return brand_setup.create(session, "Полис", time_zone="Europe/Moscow", now=now).id


# creating


def test_a_new_brand_can_be_found_and_has_everything(now):
    with db.transaction() as session:
        brand_setup.create(
            session,
            "  Полис ",
            words=["Полис", " Polis", "", "Полис"],
            own_names=["Полис · поддержка"],
            time_zone="Europe/Moscow",
            now=now,
            is_sample=True,
        )
    with db.snapshot() as session:
        brand = brands.named(session, "Полис")
        assert (brand.words, brand.own_names) == (["Полис", "Polis"], ["Полис · поддержка"])
        assert (brand.is_sample, brand.created_at) == (True, now)
        assert brands.all_brands(session) == [brand]
        assert len(rulebook.rules(session, brand.id)) == len(defaults.RULES)
        assert [target.name for target in policies.all_in_force(session, brand.id)] == [
            "Minutes",
            "Today",
            "Working day",
            "Next morning",
        ]


def test_a_brand_without_words_is_called_by_its_name(brand_id):
    with db.snapshot() as session:
        brand = brands.named(session, "Полис")
        assert (brand.words, brand.own_names) == (["Полис"], ["Полис"])


def test_answers_are_never_signed_with_the_address_of_a_profile(now: datetime) -> None:
    profile = "https://forum.example/u/polis"
    with db.transaction() as session:
        brand = brand_setup.create(session, "Полис", own_names=[profile], time_zone="Europe/Moscow", now=now)
        assert brand.own_names == ["Полис", profile]
        change = {"name": "Полис", "words": [], "own_names": [profile, "Забота"]}
        assert brands.change(session, brand.id, **change).own_names == ["Забота", profile]


def test_two_brands_do_not_share_a_name(brand_id, now):
    with pytest.raises(Conflict) as refusal, db.transaction() as session:
        brand_setup.create(session, "Полис", time_zone="UTC", now=now)
    assert refusal.value.code == "exists"
    with db.transaction() as session:
        brand_setup.create(session, "Другая", time_zone="UTC", now=now)
        assert [brand.name for brand in brands.all_brands(session)] == ["Полис", "Другая"]


def test_a_refused_name_leaves_the_transaction_usable(brand_id, now):
    with db.transaction() as session:
        with pytest.raises(Conflict):
            brand_setup.create(session, "Полис", time_zone="UTC", now=now)
        brand_setup.create(session, "Другая", time_zone="UTC", now=now)
    with db.snapshot() as session:
        assert brands.named(session, "Другая").name == "Другая"


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": "  "}, "name"), ({"name": "x" * 201}, "name"), ({"time_zone": "Mars/Base"}, "time_zone")],
)
def test_a_brand_that_cannot_work_is_refused(values, field, now):
    with pytest.raises(Invalid) as refusal, db.transaction() as session:
        brand_setup.create(session, **({"name": "Полис", "time_zone": "UTC", "now": now} | values))
    assert refusal.value.field == field


def test_an_unknown_name_is_not_found():
    with db.snapshot() as session, pytest.raises(NotFound, match="Никто"):
        brands.named(session, "Никто")


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Moscow", "RU"),
        ("Asia/Yekaterinburg", "RU"),
        ("Europe/Berlin", "DE"),
        ("US/Eastern", "US"),
        ("UTC", None),
        ("Etc/UTC", None),
        ("Antarctica/Troll", None),
    ],
)
def test_holidays_are_those_of_the_zones_country(zone, country):
    assert defaults.holidays_in(zone) == country


def test_the_default_hours_open_and_close(brand_id):
    with db.snapshot() as session:
        calendar = targets.from_row(brands.named(session, "Полис").calendar)
    friday = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # 20:30 in Moscow
    assert targets.add(calendar, friday, 3600) == datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
    assert calendar.spans_on(date(2026, 11, 4)) == ()


# policies


def test_every_policy_has_a_rule_that_uses_it_and_a_russian_name():
    names = {target.name for target in defaults.POLICIES}
    assert {rule.policy_name for rule in defaults.RULES} - {None} == names == set(POLICIES_RU)
    assert defaults.FALLBACK_POLICY in names


def test_a_changed_policy_is_a_new_version_and_the_old_one_stays(brand_id):
    with db.transaction() as session:
        changed = policies.change(session, brand_id, "Today", kind=DURATION, seconds=7200)
    assert (changed.version, changed.seconds, changed.label) == (2, 7200, "Today v2")
    with db.snapshot() as session:
        assert policies.in_force(session, brand_id, "Today") == changed
        rows = session.scalars(sa.select(Policy).where(Policy.name == "Today").order_by(Policy.version)).all()
        assert [(row.version, row.seconds, row.is_current) for row in rows] == [
            (1, 14400, False),
            (2, 7200, True),
        ]
        assert [target.name for target in policies.all_in_force(session, brand_id)] == [
            "Minutes",
            "Today",
            "Working day",
            "Next morning",
        ]


def test_a_policy_can_change_its_kind(brand_id):
    with db.transaction() as session:
        policies.change(session, brand_id, "Today", kind=BY_CLOCK, seconds=60, clock=time(18, 0, 59))
    with db.snapshot() as session:
        assert policies.in_force(session, brand_id, "Today") == targets.Target(
            "Today", 2, BY_CLOCK, clock=time(18)
        )


def test_the_same_values_make_no_new_version(brand_id):
    with db.transaction() as session:
        assert policies.change(session, brand_id, "Minutes", kind=DURATION, seconds=1800).version == 1
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Policy.name == "Minutes")) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"kind": DURATION},
        {"kind": DURATION, "seconds": 0},
        {"kind": DURATION, "seconds": -60},
        {"kind": DURATION, "seconds": 10**9},
        {"kind": BY_CLOCK},
        {"kind": BY_CLOCK, "seconds": 60},
        {"kind": BY_CLOCK, "clock": time(11, tzinfo=UTC)},
    ],
)
def test_a_target_that_means_nothing_is_refused(brand_id, values):
    with pytest.raises(Invalid), db.transaction() as session:
        policies.change(session, brand_id, "Today", **values)
    with db.snapshot() as session:
        assert policies.in_force(session, brand_id, "Today").version == 1


def test_a_policy_that_is_not_there_is_not_changed(brand_id):
    with pytest.raises(NotFound), db.transaction() as session:
        policies.change(session, brand_id, "Gold", kind=DURATION, seconds=60)
    with pytest.raises(NotFound), db.snapshot() as session:
        policies.in_force(session, brand_id, "Gold")


def test_a_policy_can_be_added_once(brand_id):
    with db.transaction() as session:
        gold = policies.add(session, brand_id, "Gold", kind=DURATION, seconds=180)
        assert policies.in_force(session, brand_id, "Gold") == gold
        with pytest.raises(Conflict):
            policies.add(session, brand_id, "Gold", kind=DURATION, seconds=360)


def test_two_people_change_one_policy_at_the_same_moment(brand_id):
    def change(seconds: int) -> None:
        with db.transaction() as session:
            policies.change(session, brand_id, "Today", kind=DURATION, seconds=seconds)

    people = [Thread(target=change, args=(60 * (n + 1),)) for n in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with db.snapshot() as session:
        rows = session.scalars(sa.select(Policy).where(Policy.name == "Today").order_by(Policy.version)).all()
        assert [row.version for row in rows] == [1, 2, 3, 4, 5]
        assert [row.is_current for row in rows] == [False] * 4 + [True]


# hours


def test_changed_hours_are_kept_and_used(brand_id, now):
    with db.transaction() as session:
        calendar_id = brands.named(session, "Полис").calendar_id
        brands.change_hours(
            session,
            calendar_id,
            {"2": [["13:00", "24:00"]]},
            {"2026-11-19": [["10:00", "11:00"]]},
            None,
            time_zone="Asia/Yekaterinburg",
        )
    with db.snapshot() as session:
        calendar = targets.from_row(brands.named(session, "Полис").calendar)
    assert str(calendar.zone) == "Asia/Yekaterinburg"
    assert calendar.holidays_of is None
    assert targets.add(calendar, now, 10 * 3600 + 60) == datetime(2026, 11, 19, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "exceptions", "country"),
    [
        ({}, {}, None),
        (defaults.HOURS, {"x": []}, None),
        (defaults.HOURS, {}, "XX"),
        ({"0": [["09:00", "13:00"], ["12:00", "18:00"]]}, {}, "RU"),
    ],
)
def test_refused_hours_change_nothing(brand_id, hours, exceptions, country):
    with db.transaction() as session:
        calendar = brands.named(session, "Полис").calendar
        with pytest.raises(Invalid):
            brands.change_hours(session, calendar.id, hours, exceptions, country)
    with db.snapshot() as session:
        after = brands.named(session, "Полис").calendar
        assert (after.hours, after.exceptions, after.holidays_of) == (defaults.HOURS, {}, "RU")


def test_hours_of_a_calendar_that_is_not_there():
    with pytest.raises(NotFound), db.transaction() as session:
        brands.change_hours(session, 404, defaults.HOURS, {}, None)
