"""What only Ozon does: a cursor of ids, an older version, a paid subscription, comments that are listed once they were checked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import AnswerSeen, Place, Sighting
from demo.sandboxes.base import Trouble
from tests.channels.conftest import parse, remarks, saved, sightings
from tests.channels.sandboxes import Connected, connected

TEXT = "Здравствуйте! Заменим чайник."


def site(source: Connected) -> Any:
    return source.sandbox


def of(source: Connected, kind: str) -> Sighting:
    return next(one for one in source.read().sightings if one.kind == kind)


def paths(source: Connected, begin: int = 0) -> list[str]:
    return [one.path for one in source.sandbox.asked[begin:]]


def test_a_thread_with_its_owner_customer_and_official() -> None:
    parts = parse("ozon", saved("ozon", "comments.json"))
    assert [(one.external_id, one.is_by_brand) for one in sightings(parts)] == [
        ("c-1", True),
        ("c-2", False),
        ("c-4", None),
    ]
    assert sightings(parts)[1].parent == "c-1"
    assert {one.thread for one in sightings(parts)} == {"017c0d1c-66d3-b838-3d29-cf9b95a6ac01"}
    news = [(one.external_id, one.state, one.reason) for one in parts if isinstance(one, AnswerSeen)]
    assert news == [("c-3", "rejected", "Контакты в тексте"), ("c-5", "held", "")]


def test_photos_videos_and_likes_come_from_the_reviews_own_page() -> None:
    (review,) = sightings(parse("ozon", saved("ozon", "info.json")))
    assert [(one.kind, one.url) for one in review.attachments] == [
        ("image", "https://cdn1.ozone.ru/s3/rp-photo-4/1.jpg"),
        ("video", "https://cdn1.ozone.ru/s3/rp-video/1.mp4"),
    ]
    assert review.reach is not None and review.reach.likes == 3
    assert review.published_at == datetime(2026, 11, 18, 7, 23, 55, 970_000, tzinfo=UTC)


def test_one_bad_entry_costs_one_remark() -> None:
    parts = parse("ozon", saved("ozon", "reviews-odd.json"))
    assert [(one.external_id, one.rating) for one in sightings(parts)] == [("odd-1", None)]
    assert [said.split()[3] for said in remarks(parts)] == ["an", "7", "text"]


def test_only_what_changed_is_asked_for_again() -> None:
    with connected("ozon") as source:
        source.read()
        begin = len(source.sandbox.asked)
        source.read()
        assert "/v2/review/info" not in paths(source, begin)
        assert "/v1/review/comment/list" not in paths(source, begin)
        pictured = next(key for key, one in site(source).reviews.items() if one["photos_amount"])
        site(source).change(pictured, "На фото видно две трещины.")
        (changed,) = [one for one in source.read().sightings if one.external_id == pictured]
        assert changed.text.endswith("две трещины.") and changed.attachments


def test_pages_follow_the_cursor_while_reviews_arrive() -> None:
    with connected("ozon") as source:
        ids = {source.sandbox.say(f"Отзыв {number}", rating=4) for number in range(230)}
        respond = source.sandbox.respond

        def said_meanwhile(request: Any) -> Any:
            if request.path == "/v2/review/list":
                ids.add(source.sandbox.say("Новый отзыв", rating=5))
            return respond(request)

        source.sandbox.respond = said_meanwhile  # type: ignore[method-assign]
        read = [one.external_id for one in source.read().sightings if one.kind == "review"]
        assert ids <= set(read)
        assert len(read) == len(set(read))


def test_a_seller_with_the_old_version_is_read_by_it() -> None:
    with connected("ozon") as source:
        site(source).is_old = True
        for number in range(150):
            source.sandbox.say(f"Отзыв {number}", rating=4)
        assert len([one for one in source.read().sightings if one.kind == "review"]) == 154
        source.now += timedelta(days=20)
        begin = len(source.sandbox.asked)
        new = source.sandbox.say("Свежий отзыв", rating=1)
        site(source).reviews[new]["published_at"] = "2026-12-10T08:00:00.000Z"
        assert new in source.read().ids
        source.read()
        # The second of them ends at what is older than the window: one page each.
        assert paths(source, begin).count("/v1/review/list") == 2 + 1


def test_without_the_subscription_its_words_are_shown() -> None:
    with connected("ozon") as source:
        site(source).has_subscription = False
        acts: list[Callable[[], object]] = [source.read, source.check]
        for act in acts:
            with pytest.raises(errors.Unauthorized, match="not available with existing subscription"):
                act()
        settings = {**source.place.settings, "reads": "questions"}
        source.place = Place(source.place.url, settings, source.place.secrets, account_id=1)
        assert {one.kind for one in source.read().sightings} == {"question", "comment"}
        assert source.check().answers


def test_a_key_that_may_not_answer_is_told() -> None:
    with connected("ozon") as source:
        roles = {"roles": [{"name": "Reviews read only", "methods": ["/v2/review/list"]}]}
        source.sandbox.troubles = [Trouble(path="/v1/roles", status=200, body=json.dumps(roles).encode())]
        assert not source.check().answers


def test_an_answer_to_a_comment_stands_under_it() -> None:
    with connected("ozon") as source:
        theirs = next(
            one for one in source.read().sightings if one.kind == "comment" and one.is_by_brand is False
        )
        receipt = source.send(theirs, TEXT)
        (ours,) = [one for one in source.sandbox.answers() if one.external_id == receipt.external_id]
        assert ours.parent == theirs.external_id
        assert next(one for one in source.read().sightings if one.text == TEXT).parent == theirs.external_id


def test_a_rejected_answer_comes_with_its_reason() -> None:
    with connected("ozon") as source:
        review = of(source, "review")
        source.sandbox.state_of_new = "held"
        receipt = source.send(review, TEXT)
        assert (receipt.state, source.look(review, TEXT, receipt).outcome) == ("held", "missing")
        source.sandbox.decide(str(receipt.external_id), "rejected")
        seen = source.look(review, TEXT, receipt)
        assert (seen.outcome, seen.reason) == ("rejected", "Контакты в тексте")


def test_a_question_is_answered_with_its_goods_number_and_taken_back() -> None:
    with connected("ozon") as source:
        question = of(source, "question")
        receipt = source.send(question, "Один метр.")
        assert json.loads(source.sandbox.asked[-1].body)["sku"] == 148591500
        assert source.look(question, "Один метр.", receipt).outcome == "visible"
        source.delete(question, receipt)
        assert source.look(question, "Один метр.", receipt).outcome == "missing"


def test_without_a_goods_number_nothing_is_sent() -> None:
    with connected("ozon") as source:
        question = of(source, "question")
        begin = len(source.sandbox.asked)
        nameless = Sighting(question.external_id, None, "", handle={})
        with pytest.raises(errors.Refused, match="nothing was sent"):
            source.send(nameless, "Один метр.")
        assert paths(source, begin) == []


def test_a_state_of_an_answer_that_is_not_known_proves_nothing() -> None:
    with connected("ozon") as source:
        question = of(source, "question")
        receipt = source.send(question, "Один метр.")
        for one in site(source).given.values():
            one["status_publication"] = "ON_HOLD"
        seen = source.look(question, "Один метр.", receipt)
        assert (seen.outcome, "ON_HOLD" in str(seen.reason)) == ("cannot_tell", True)


def test_a_review_deleted_between_list_and_page_costs_nothing() -> None:
    with connected("ozon") as source:
        source.sandbox.troubles = [Trouble(path="/v2/review/info", status=404, body=b'{"code": 5}')]
        assert len(source.read().ids) >= 3


def test_a_taken_answer_without_a_number_is_unknown() -> None:
    with connected("ozon") as source:
        review = of(source, "review")
        source.sandbox.troubles = [Trouble(path="create", changes=lambda said: {**said, "comment_id": None})]
        with pytest.raises(errors.Unknown):
            source.send(review, TEXT)


def test_its_own_site_leads_to_the_sellers_api() -> None:
    found = channel("ozon").recognise_address("https://www.ozon.ru/product/148591500/reviews/")  # type: ignore[attr-defined]
    assert (found.kind, found.url) == ("ozon", "ozon:ozon")
