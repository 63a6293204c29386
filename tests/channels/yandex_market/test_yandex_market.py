"""What only Yandex Market does: spans of six months, a review that waits again once it is changed, cabinets of other sellers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import AnswerSeen, Sighting, Withdrawn
from demo.sandboxes.base import Trouble
from tests.channels.conftest import parse, remarks, saved, sightings
from tests.channels.sandboxes import Connected, connected

TEXT = "Здравствуйте! Заменим чайник."


def site(source: Connected) -> Any:
    return source.sandbox


def of(source: Connected, kind: str) -> Sighting:
    return next(one for one in source.read().sightings if one.kind == kind)


def test_a_review_is_told_with_its_parts_and_facts() -> None:
    first, _, stars = sightings(parse("yandex_market", saved("yandex_market", "reviews.json")))
    assert first.text == "Не советую\n\nДостоинства: Цена\n\nНедостатки: Шумит & течёт"
    assert dict(first.facts) == {"offer": "K2", "order": "711", "recommended": "no", "paid points": "50"}
    assert [one.kind for one in first.attachments] == ["image"]
    assert first.published_at == datetime(2026, 11, 18, 7, 20, 48, tzinfo=UTC)
    assert (stars.text, stars.rating, stars.author) == ("", 4, None)


def test_who_speaks_in_a_conversation() -> None:
    """Another seller of the same goods is a cabinet too; ours is what our key may change."""
    parts = parse("yandex_market", saved("yandex_market", "comments.json"))
    assert [(one.external_id, one.is_by_brand, one.parent) for one in sightings(parts)] == [
        ("comment:1", True, "11"),
        ("comment:2", False, "comment:1"),
        ("comment:5", None, "11"),
    ]
    news = [(one.external_id, one.state) for one in parts if isinstance(one, AnswerSeen)]
    assert news == [("comment:3", "rejected"), ("comment:4", "held")]
    assert [one.external_id for one in parts if isinstance(one, Withdrawn)] == ["comment:6"]


def test_comments_below_an_answer_come_along() -> None:
    answer, comment = sightings(parse("yandex_market", saved("yandex_market", "answers.json")))
    assert (answer.external_id, answer.is_by_brand, answer.parent) == ("answer:41", True, "question:31")
    assert (comment.parent, comment.thread) == ("answer:41", "question:31")


def test_one_bad_entry_costs_one_remark() -> None:
    parts = parse("yandex_market", saved("yandex_market", "reviews-odd.json"))
    assert [one.external_id for one in sightings(parts)] == ["21", "22"]
    assert len(remarks(parts)) == 3


def test_the_cabinet_is_asked_for_once() -> None:
    with connected("yandex_market") as source:
        source.read()
        assert source.place.settings["business_id"] == "1240215"
        source.read()
        assert [one.path for one in source.sandbox.asked].count("/v2/campaigns") == 1


def test_a_key_without_a_cabinet_is_told() -> None:
    with connected("yandex_market") as source:
        source.sandbox.troubles = [Trouble(path="campaigns", status=200, body=b'{"campaigns": []}', times=9)]
        for act in (source.read, source.check):
            with pytest.raises(errors.Unauthorized, match="opens no shop"):
                act()


def test_an_old_review_that_its_author_changes_is_read_again() -> None:
    with connected("yandex_market") as source:
        old = next(iter(site(source).reviews))
        site(source).reviews[old] |= {"createdAt": "2026-08-01T10:00:00+03:00", "needReaction": False}
        source.read()
        assert str(old) not in source.read().ids
        site(source).change(str(old), "Через три месяца сломался.")
        (changed,) = [one for one in source.read().sightings if one.external_id == str(old)]
        assert changed.text == "Через три месяца сломался."


def test_pages_follow_their_tokens() -> None:
    with connected("yandex_market") as source:
        ids = {source.sandbox.say(f"Отзыв {number}", rating=4) for number in range(120)}
        assert ids <= source.read().ids


def test_after_a_silence_longer_than_a_span_the_last_span_is_read() -> None:
    with connected("yandex_market") as source:
        cursor = {"reviews_until": 1_700_000_000, "questions_until": 1_700_000_000}
        source.place = replace(source.place, cursor=cursor)
        read = source.read()
        assert {one.kind for one in read.sightings} == {"review", "question", "comment"}
        assert source.place.cursor["reviews_until"] > 1_790_000_000


def test_the_first_reading_goes_back_span_by_span() -> None:
    with connected("yandex_market") as source:
        old = next(iter(site(source).reviews))
        site(source).reviews[old]["createdAt"] = "2025-10-01T10:00:00+03:00"
        assert str(old) not in source.read().ids
        source.place = replace(source.place, cursor={}, since=datetime(2025, 9, 1, tzinfo=UTC))
        begin = len(source.sandbox.asked)
        assert str(old) in source.read().ids
        spans = [one for one in source.sandbox.asked[begin:] if b"dateTimeTo" in one.body]
        assert len(spans) == 2
        assert len([one for one in source.sandbox.asked[begin:] if b"dateTo" in one.body]) == 14
        begin = len(source.sandbox.asked)
        source.read()
        assert not [one for one in source.sandbox.asked[begin:] if b"To" in one.body]


def test_a_conversation_is_read_when_it_grows_and_once_a_day() -> None:
    with connected("yandex_market") as source:
        source.read()
        source.read()
        asked = [one.path.rpartition("/")[2] for one in source.sandbox.asked]
        assert (asked.count("comments"), asked.count("answers")) == (1, 2)
        talked = next(one["feedbackId"] for one in site(source).comments.values())
        below = site(source)._comment(talked, "И ещё один день.", author="USER", parent=9_002)
        source.now += timedelta(days=1)
        assert f"comment:{below}" in source.read().ids


def test_the_hourly_limit_has_a_status_of_its_own() -> None:
    with connected("yandex_market") as source:
        body = b'{"status": "ERROR", "errors": [{"code": "LIMIT_EXCEEDED", "message": "Hit rate limit of 5000"}]}'
        source.sandbox.troubles = [Trouble(status=420, body=body, times=9)]
        with pytest.raises(errors.RateLimited, match="Hit rate limit of 5000"):
            source.read()


def test_an_answer_to_a_comment_stands_below_it_and_two_calls_are_two() -> None:
    with connected("yandex_market") as source:
        theirs = next(
            one
            for one in source.read().sightings
            if one.kind == "comment" and one.external_id == "comment:9002"
        )
        receipts = [source.send(theirs, TEXT), source.send(theirs, TEXT)]
        ours = [one for one in source.sandbox.answers() if one.parent == "comment:9002"]
        assert [one.external_id for one in ours] == [one.external_id for one in receipts]


def test_a_blocked_answer_is_rejected_and_a_deleted_one_is_missing() -> None:
    with connected("yandex_market") as source:
        review = of(source, "review")
        source.sandbox.state_of_new = "held"
        receipt = source.send(review, TEXT)
        assert (receipt.state, source.look(review, TEXT, receipt).outcome) == ("held", "held")
        source.sandbox.decide(str(receipt.external_id), "rejected")
        assert source.look(review, TEXT, receipt).outcome == "rejected"
        source.sandbox.decide(str(receipt.external_id), "removed")
        assert source.look(review, TEXT, receipt).outcome == "missing"


def test_words_of_a_customer_are_not_taken_for_ours() -> None:
    with connected("yandex_market") as source:
        review = of(source, "review")
        site(source)._comment(int(review.external_id), TEXT, author="USER")
        assert source.look(review, TEXT).outcome == "missing"


def test_a_question_is_answered_corrected_and_taken_back() -> None:
    with connected("yandex_market") as source:
        question = of(source, "question")
        receipt = source.edit(question, source.send(question, "Да."), "Да, есть.")
        seen = source.look(question, "Да, есть.", receipt)
        assert (seen.outcome, seen.is_as_sent) == ("visible", True)
        source.delete(question, receipt)
        assert source.look(question, "Да, есть.", receipt).outcome == "missing"


def test_a_refused_correction_shows_the_sites_words() -> None:
    with connected("yandex_market") as source:
        review = of(source, "review")
        receipt = source.send(review, TEXT)
        site(source).comments[int(str(receipt.external_id).removeprefix("comment:"))]["canModify"] = False
        with pytest.raises(errors.Refused, match="can not be modified"):
            source.edit(review, receipt, "Точнее.")


def test_a_key_for_reading_alone_may_not_answer() -> None:
    with connected("yandex_market") as source:
        site(source).scopes = ["ALL_METHODS_READ_ONLY"]
        rights = source.check()
        assert (rights.listens, rights.answers, rights.signs_as) == (True, False, "Заря")
        site(source).scopes = ["PRICING"]
        assert not source.check().listens


def test_its_own_site_leads_to_the_sellers_api() -> None:
    found = channel("yandex_market").recognise_address("market.yandex.ru/product--chaynik/1")  # type: ignore[attr-defined]
    assert (found.kind, found.url) == ("yandex_market", "yandex_market:yandex market")
