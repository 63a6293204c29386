"""What only Google Play does: a token for a signed claim, two comments that change, one answer that is replaced, quotas by 403."""

import json
from dataclasses import replace
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import AnswerSeen, Place, Remark, Sighting
from channels.google_play import GooglePlay
from demo.sandboxes.base import Trouble
from demo.sandboxes.google_play import Site, failed
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import PAGES, remarks, saved
from tests.channels.exchanges import recorded
from tests.channels.sandboxes import Connected, connected
from tests.channels.schemas import faults

APP = Place("https://play.google.com/store/apps/details?id=com.zarya.kettle")
SCHEMA = "google/androidpublisher.v3.schema.json"
TEXT = "Здравствуйте! Уже исправляем."


def site(source: Connected) -> Any:
    assert isinstance(source.sandbox, Site)
    return source.sandbox


def open_review(source: Connected) -> Sighting:
    answered = {one.parent for one in source.sandbox.answers()}
    return next(one for one in source.read().sightings if one.external_id not in answered)


def test_reviews_are_read_with_title_device_and_answer() -> None:
    parts = read(channel("google_play"), saved("google_play", "reviews.json"), APP)
    first, translated, bare, stars = seen(parts)
    assert (first.title, first.text, first.rating) == (
        "Не работает", "Закрывается при запуске & молчит", 1,
    )  # fmt: skip
    assert first.published_at and first.published_at.timestamp() == 1_795_000_000
    assert dict(first.facts) == {
        "app version": "3.1.0", "device": "oriole (Pixel 6)", "android API level": "35", "device language": "ru",
    }  # fmt: skip
    assert first.url == f"{APP.url}&reviewId=gp:AOqpT0001"
    assert (translated.text, bare.author, bare.published_at, bare.rating, stars.rating) == (
        "Работает хорошо", None, None, None, 3,
    )  # fmt: skip
    assert [(one.parent, one.state, one.text) for one in parts if isinstance(one, AnswerSeen)] == [
        ("gp:AOqpT0001", "public", "Ольга, обновите до 3.2, пожалуйста.")
    ]
    assert remarks(parts) == [
        "An entry without text and stars was left out.", "An entry without an id was left out.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "package"),
    [
        ("https://play.google.com/store/apps/details?id=com.zarya.kettle&hl=ru", "com.zarya.kettle"),
        ("play.google.com/store/apps/details?id=ru.zarya", "ru.zarya"),
        ("com.zarya.kettle", "com.zarya.kettle"),
        ("shop.zarya.example", None),
        ("https://play.google.com/store/apps/dev?id=123", None),
        ("https://play.google.com/store/apps/details?id=a/../b", None),
        ("https://example.com/store/apps/details?id=com.zarya.kettle", None),
    ],
)
def test_an_app_is_known_by_its_address(typed: str, package: str | None) -> None:
    found = GooglePlay().recognise_address(typed)
    url = f"https://play.google.com/store/apps/details?id={package}"
    assert (found.url if found else None) == (url if package else None)


def test_a_token_is_got_once_and_again_when_it_has_run_out() -> None:
    with connected("google_play") as source:
        source.read()
        source.read()
        assert site(source).tokens == 1
        assert source.place.expires_at is not None
        source.now = source.place.expires_at
        source.read()
        assert site(source).tokens == 2


@pytest.mark.parametrize(
    "key_file",
    [
        "c4nary",
        "[]",
        "{}",
        '{"client_email": "a", "private_key": "c4nary"}',
        '{"client_email": 1, "private_key": 2}',
    ],
)
def test_what_is_no_key_file_is_said_without_it_and_nothing_is_asked(key_file: str) -> None:
    with connected("google_play") as source:
        source.place = replace(source.place, secrets={"key_file": key_file})
        with pytest.raises(errors.Unauthorized, match="not the key file") as caught:
            source.read()
        assert "c4nary" not in f"{caught.value!r} {caught.value.__cause__!r}"
        assert source.sandbox.asked == []


def test_a_key_that_was_taken_back_needs_a_person() -> None:
    with connected("google_play") as source:
        source.sandbox.revoke()
        with pytest.raises(errors.Unauthorized, match="Invalid JWT Signature") as caught:
            source.read()
        assert not isinstance(caught.value, errors.Expired)


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_a_quota_that_is_spent_is_no_missing_permission(reason: str) -> None:
    body = failed(403, "Quota exceeded", "PERMISSION_DENIED", reason).get_data()
    with connected("google_play") as source:
        review = open_review(source)
        source.sandbox.troubles = [Trouble(status=403, body=body, headers={"retry-after": "90"}, times=2)]
        with pytest.raises(errors.RateLimited, match="Quota exceeded") as caught:
            source.read()
        assert caught.value.retry_after_seconds == 90
        with pytest.raises(errors.RateLimited):
            source.send(review, TEXT)
        body = failed(403, "The caller does not have permission", "PERMISSION_DENIED").get_data()
        source.sandbox.troubles = [Trouble(status=403, body=body)]
        with pytest.raises(errors.Unauthorized, match="does not have permission"):
            source.read()


def test_known_reviews_are_not_read_again_and_an_edited_one_is() -> None:
    with connected("google_play") as source:
        for number in range(9):
            source.sandbox.say(f"Отзыв {number}", rating=4)
        site(source).moment += 7_200
        new = source.sandbox.say("Новый", rating=4)
        source.read()
        site(source).moment += 7_200
        source.sandbox.change("gp:AOqpT0001", "Стало хуже")
        again = source.read()
        assert len(again.pages) == 1
        assert [one.text for one in again.sightings if one.external_id == "gp:AOqpT0001"] == ["Стало хуже"]
        assert new in again.ids


def test_a_list_cut_short_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.google_play.MOST_PAGES", 1)
    with connected("google_play") as source:
        assert [one.text.en for one in source.read().remarks if isinstance(one, Remark)] == [
            "More than 100 reviews were changed; the oldest of them were not read."
        ]


def test_an_answer_too_long_is_refused_in_the_sites_words_and_html_is_told() -> None:
    with connected("google_play") as source:
        review = open_review(source)
        with pytest.raises(errors.Refused, match="1 to 350 characters"):
            source.send(review, "а" * 351)
        receipt = source.send(review, "Уже <b>исправлено</b>")
        assert [str(one) for one in receipt.remarks] == ["Google Play has changed the words of the answer."]
        assert source.look(review, TEXT, receipt).is_as_sent is False


def test_a_review_that_is_gone_takes_no_answer_and_proves_nothing() -> None:
    with connected("google_play") as source:
        review = open_review(source)
        source.sandbox.withdraw(review.external_id)
        with pytest.raises(errors.NotFound):
            source.send(review, TEXT)
        assert source.look(review, TEXT).outcome == "cannot_tell"


def test_all_that_is_said_is_as_google_describes_it() -> None:
    with recorded("google_play") as (source, said):
        source.send(open_review(source), TEXT)
        lists = [one.said for one in said if one.path.endswith("/reviews")]
        assert len(lists) == 2
        assert [fault for one in lists for fault in faults(SCHEMA, "ReviewsListResponse", one)] == []
        assert faults(SCHEMA, "ReviewsReplyRequest", said[-1].asked) == []
        assert faults(SCHEMA, "ReviewsReplyResponse", said[-1].said) == []
        assert faults(SCHEMA, "ReviewsReplyResponse", {"result": {"replyText": 7}})


def test_the_saved_answer_is_as_google_describes_it() -> None:
    page = json.loads((PAGES / "google_play" / "reviews.json").read_text())
    page["reviews"][3].pop(
        "authorName"
    )  # null is what the channel has to bear, and nothing that is described
    assert faults(SCHEMA, "ReviewsListResponse", page) == []
