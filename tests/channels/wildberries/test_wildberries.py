"""What only Wildberries does: lists by date, an answer taken for any id, its own check, one correction, its own headers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import Sighting
from channels.wildberries import channel as reading
from demo.sandboxes.base import Trouble
from demo.sandboxes.wildberries import STARTS
from tests.channels.conftest import parse, remarks, saved, sightings
from tests.channels.sandboxes import Connected, connected

TEXT = "Здравствуйте! Заменим чайник."


def open_review(source: Connected) -> Sighting:
    return next(one for one in source.read().sightings if one.kind == "review")


def site(source: Connected) -> Any:
    return source.sandbox


def test_a_review_is_told_with_its_goods_photos_and_order() -> None:
    first = sightings(parse("wildberries", saved("wildberries", "feedbacks.json")))[0]
    assert (
        first.text
        == "Течёт у основания,\nпришлось вернуть & ждать\n\nДостоинства: Лёгкий\n\nНедостатки: Течёт"
    )
    assert (first.rating, first.thread_title, first.is_by_brand) == (1, "Чайник Заря К-2", False)
    assert first.facts["article"] == "987654321" and first.facts["ordered"] == "2026-11-10"
    assert first.published_at == datetime(2026, 11, 18, 7, 20, 48, tzinfo=UTC)
    assert first.facts["tags"] == "качество, цена"
    assert [one.url for one in first.attachments] == [
        "https://feedback04.wbbasket.ru/vol1/part1/1/photos/fs.webp"
    ]
    assert first.url == "https://www.wildberries.ru/catalog/987654321/feedbacks?imtId=123456789"


def test_stars_alone_and_an_addition_are_told() -> None:
    stars = sightings(parse("wildberries", saved("wildberries", "feedbacks.json")))[1]
    assert (stars.text, stars.rating, stars.author) == ("", 4, None)
    first, added, _ = sightings(parse("wildberries", saved("wildberries", "feedbacks-answered.json")))
    assert (added.parent, added.thread) == (first.external_id, first.thread)


def test_one_bad_entry_costs_one_remark() -> None:
    parts = parse("wildberries", saved("wildberries", "feedbacks-odd.json"))
    assert [one.external_id for one in sightings(parts)] == ["odd1", "7", "odd2"]
    assert sightings(parts)[2].rating is None
    assert [said[:30] for said in remarks(parts)] == [
        "The date of 7 cannot be read: ",
        "An entry without an id was lef",
    ]


def test_the_state_of_each_answer_is_told() -> None:
    with connected("wildberries") as source:
        states = {}
        for state in ("held", "public", "rejected"):
            source.sandbox.state_of_new = state  # type: ignore[assignment]
            review = next(
                one
                for one in source.read().sightings
                if one.kind == "review" and not site(source).feedbacks[one.external_id]["answer"]
            )
            source.send(review, TEXT)
            states[review.external_id] = state
        told = {one.parent: one.state for one in source.read().answers}
        assert told.items() >= states.items()


@pytest.mark.parametrize("moment", ["apart", "alike"])
def test_what_is_answered_while_it_is_read_hides_nothing(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """An answered review leaves the list, and those behind it move up by one."""
    monkeypatch.setattr(reading, "TAKE", 2)
    with connected("wildberries") as source:
        ids = {source.sandbox.say(f"Отзыв {number}") for number in range(7)}
        if moment == "alike":
            for one in site(source).feedbacks.values():
                one["createdDate"] = "2026-11-20T08:00:00Z"
        respond, waiting = source.sandbox.respond, sorted(ids)

        def answered_meanwhile(request: Any) -> Any:
            said = respond(request)
            if moment == "apart" and waiting and request.args.get("isAnswered") == "false":
                answer = {"text": "Спасибо", "state": "wbRu", "editable": True}
                site(source).feedbacks[waiting.pop(0)]["answer"] = answer
            return said

        source.sandbox.respond = answered_meanwhile  # type: ignore[method-assign]
        assert ids <= source.read().ids


def test_what_is_answered_late_is_met_once_a_day() -> None:
    with connected("wildberries") as source:
        source.read()
        late = next(iter(site(source).feedbacks))
        for number in range(9):
            new = source.sandbox.say(f"Отзыв {number}")
            created = (STARTS + timedelta(days=number)).isoformat()
            answer = {"text": "Спасибо", "state": "wbRu", "editable": True}
            site(source).feedbacks[new] |= {"createdDate": created, "answer": answer}
        source.now += timedelta(days=9)
        source.read()
        site(source).feedbacks[late]["answer"] = {"text": TEXT, "state": "wbRu", "editable": True}
        source.now += timedelta(minutes=15)
        assert late not in {one.parent for one in source.read().answers}
        source.now += timedelta(days=1)
        assert late in {one.parent for one in source.read().answers}


def test_an_answer_to_nothing_is_never_sent() -> None:
    """Wildberries would take it: 204 for any id."""
    with connected("wildberries") as source:
        review = open_review(source)
        del site(source).feedbacks[review.external_id]
        with pytest.raises(errors.NotFound):
            source.send(review, TEXT)
        assert "POST" not in {one.method for one in source.sandbox.asked}
        assert source.look(review, TEXT).outcome == "missing"


def test_one_answer_is_taken_and_the_same_one_is_found_again() -> None:
    with connected("wildberries") as source:
        review = open_review(source)
        first = source.send(review, TEXT)
        assert (first.state, source.send(review, TEXT)) == ("accepted", first)
        with pytest.raises(errors.AlreadyAnswered):
            source.send(review, "Другой ответ.")
        assert [one.method for one in source.sandbox.asked].count("POST") == 1
        assert source.look(review, "Другой ответ.").outcome == "missing"


def test_an_answer_is_corrected_once() -> None:
    with connected("wildberries") as source:
        review = open_review(source)
        receipt = source.edit(review, source.send(review, TEXT), "Точнее.")
        assert source.look(review, TEXT, receipt).is_as_sent is False
        before = len([one for one in source.sandbox.asked if one.method == "PATCH"])
        with pytest.raises(errors.Refused, match="once, within 60 days"):
            source.edit(review, receipt, "Ещё точнее.")
        assert len([one for one in source.sandbox.asked if one.method == "PATCH"]) == before


def test_a_correction_of_nothing_is_gone() -> None:
    with connected("wildberries") as source:
        review = open_review(source)
        receipt = source.send(review, TEXT)
        site(source).feedbacks[review.external_id]["answer"] = None
        with pytest.raises(errors.Gone):
            source.edit(review, receipt, "Точнее.")


def test_a_question_is_answered_and_seen() -> None:
    with connected("wildberries") as source:
        question = next(one for one in source.read().sightings if one.kind == "question")
        receipt = source.send(question, "Два литра.")
        assert source.look(question, "Два литра.", receipt).outcome == "visible"
        assert question.external_id in {one.parent for one in source.read().answers}


def test_a_question_that_the_site_refuses_shows_its_words() -> None:
    with connected("wildberries") as source:
        question = next(one for one in source.read().sightings if one.kind == "question")
        body = '{"data": null, "error": true, "errorText": "Текст содержит ссылку", "additionalErrors": null}'
        source.sandbox.troubles = [Trouble(method="PATCH", status=200, body=body.encode())]
        with pytest.raises(errors.Refused, match="Текст содержит ссылку"):
            source.send(question, "Смотрите https://shop.example")


@pytest.mark.parametrize("status", [429, 461])
def test_its_own_header_says_how_long_to_wait(status: int) -> None:
    with connected("wildberries") as source:
        review = open_review(source)
        trouble = {"status": status, "headers": {"X-Ratelimit-Retry": "9"}, "body": b"{}", "times": 9}
        source.sandbox.troubles = [Trouble(**trouble)]  # type: ignore[arg-type]
        for act in (source.read, lambda: source.send(review, TEXT)):
            with pytest.raises(errors.RateLimited) as caught:
                act()
            assert caught.value.retry_after_seconds == 10


def test_an_unknown_state_proves_nothing() -> None:
    with connected("wildberries") as source:
        review = open_review(source)
        receipt = source.send(review, TEXT)
        site(source).feedbacks[review.external_id]["answer"]["state"] = "frozen"
        seen = source.look(review, TEXT, receipt)
        assert (seen.outcome, "frozen" in str(seen.reason)) == ("cannot_tell", True)
        source.sandbox.troubles = [Trouble(status=500, body=b"oops")]
        assert source.look(review, TEXT, receipt).outcome == "cannot_tell"


def test_check_says_as_whom_and_does_without_the_name() -> None:
    with connected("wildberries") as source:
        assert source.check().signs_as == "Заря"
        source.sandbox.troubles = [Trouble(path="seller-info", status=429, body=b"{}")]
        assert source.check().signs_as == ""


@pytest.mark.parametrize(
    "typed", ["https://www.wildberries.ru/seller/12", "wildberries.ru/catalog/1/detail.aspx"]
)
def test_its_own_site_leads_to_the_sellers_api(typed: str) -> None:
    found = channel("wildberries").recognise_address(typed)  # type: ignore[attr-defined]
    assert (found.kind, found.url) == ("wildberries", "wildberries:wildberries")


@pytest.mark.parametrize(
    "typed", ["https://notwildberries.ru/", "wildberries", "https://[", "@wildberries.ru"]
)
def test_others_do_not(typed: str) -> None:
    assert channel("wildberries").recognise_address(typed) is None  # type: ignore[attr-defined]
