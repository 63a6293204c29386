"""What only App Store Connect does: a token that the key signs, answers in another list, a link to the next page, roles."""

import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from channels import channel, errors
from channels.app_store_connect import AppStoreConnect
from channels.contract import AnswerSeen, Place, Receipt, Sighting
from demo.sandboxes.app_store_connect import Site, private_key
from demo.sandboxes.base import Trouble
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import PAGES, remarks, saved
from tests.channels.exchanges import faults_of, recorded
from tests.channels.sandboxes import Connected, connected
from tests.channels.schemas import faults

APP = Place("https://appstoreconnect.apple.com/apps/1570440123")
SCHEMA = "app_store_connect/app_store_connect.openapi.json"
INCLUDED = tuple(f"/included[]/attributes/{one}" for one in ("lastModifiedDate", "responseBody", "state"))
"""Told where two kinds of resource may stand, of which `unnamed` knows the fields of one; `faults` looks at both."""
TEXT = "Здравствуйте! Уже исправляем."


def site(source: Connected) -> Any:
    assert isinstance(source.sandbox, Site)
    return source.sandbox


def open_review(source: Connected) -> Sighting:
    answered = {one.parent for one in source.sandbox.answers()}
    return next(one for one in source.read().sightings if one.external_id not in answered)


def test_reviews_are_read_with_their_answers() -> None:
    parts = read(channel("app_store_connect"), saved("app_store_connect", "reviews.json"), APP)
    first, second, odd = seen(parts)
    assert (first.title, first.text, first.rating, dict(first.facts)) == (
        "Медленно", "Открывается минуту & молчит", 2, {"country": "RUS"},
    )  # fmt: skip
    assert first.published_at and first.published_at.isoformat() == "2026-11-19T13:11:42+00:00"
    assert second.published_at and second.published_at.isoformat() == "2026-11-18T13:11:42+00:00"
    assert (odd.rating, odd.author, odd.published_at) == (None, None, None)
    told = [(one.parent, one.state, one.external_id) for one in parts if isinstance(one, AnswerSeen)]
    assert told == [("00000000-1111", "held", "r-1"), ("00000000-2222", "public", "r-2")]
    assert remarks(parts) == [
        "The date of 00000000-3333 cannot be read: yesterday-ish",
        "An entry without text and stars was left out.",
        "An entry without an id was left out.",
    ]


@pytest.mark.parametrize(
    ("typed", "app"),
    [
        ("https://appstoreconnect.apple.com/apps/1570440123/distribution/reviews/ios", "1570440123"),
        ("apps.apple.com/ru/app/zarya/id1570440123", "1570440123"),
        ("https://appstoreconnect.apple.com/access/users", None),
        ("https://example.com/apps/1570440123", None),
    ],
)
def test_an_app_is_known_by_its_address(typed: str, app: str | None) -> None:
    found = AppStoreConnect().recognise_address(typed)
    url = f"https://appstoreconnect.apple.com/apps/{app}"
    assert (found.url if found else None) == (url if app else None)


def test_the_key_signs_a_token_of_twenty_minutes_and_a_new_one_before_it_ends() -> None:
    with connected("app_store_connect") as source:
        source.read()
        token = source.place.secrets["access_token"]
        claims = jwt.decode(token, private_key().public_key(), ["ES256"], options={"verify_aud": False, "verify_exp": False, "verify_iat": False})  # fmt: skip
        assert (claims["exp"] - claims["iat"], claims["aud"]) == (1_200, "appstoreconnect-v1")
        source.read()
        assert source.place.secrets["access_token"] == token
        assert source.place.expires_at is not None
        assert claims["exp"] - source.place.expires_at.timestamp() == 300
        source.now = source.place.expires_at
        source.read()
        assert source.place.secrets["access_token"] != token


def test_what_is_no_private_key_is_said_without_it_and_nothing_is_asked() -> None:
    with connected("app_store_connect") as source:
        source.place = replace(source.place, secrets={"private_key": "c4nary"})
        with pytest.raises(errors.Unauthorized, match="not a private key") as caught:
            source.read()
        assert "c4nary" not in f"{caught.value!r} {caught.value.__cause__!r}"
        source.place = replace(source.place, settings={"issuer_id": "57246542"})
        with pytest.raises(errors.Unauthorized, match="missing"):
            source.read()
        assert source.sandbox.asked == []


def test_the_token_goes_to_no_other_server() -> None:
    def elsewhere(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "links": {**said["links"], "next": "https://evil.example/v1/apps?cursor=3"}}

    with connected("app_store_connect") as source:
        source.sandbox.troubles = [Trouble(changes=elsewhere)]
        found = source.read()
        assert len(found.pages) == 1
        assert [one.text.en for one in found.remarks] == [
            "The list names its next page at another server; it was not asked there."
        ]


def test_the_newest_thirty_days_are_read_again() -> None:
    with connected("app_store_connect") as source:
        for one in list(site(source).reviews.values())[:3]:
            one["attributes"]["createdDate"] = "2026-09-01T00:00:00-07:00"
        for number in range(3):
            source.sandbox.say(f"Отзыв {number}", rating=4)
        assert len(source.read().ids) == 7
        source.sandbox.change("00000000-1111-0003", "Стало хуже")
        again = source.read()
        assert [one.text for one in again.sightings if one.external_id.endswith("0003")] == ["Стало хуже"]
        assert len(again.pages) == 2, "the third page is older than that"


def test_an_answer_waits_until_it_is_published_and_one_that_apple_took_down_is_missing() -> None:
    with connected("app_store_connect") as source:
        review = open_review(source)
        source.sandbox.state_of_new = "held"
        receipt = source.send(review, TEXT)
        assert (receipt.state, source.look(review, TEXT, receipt).outcome) == ("held", "held")
        source.sandbox.decide(str(receipt.external_id), "public")
        assert source.look(review, TEXT, receipt).outcome == "visible"
        site(source).responses[review.external_id]["attributes"]["state"] = "ON_HOLIDAY"
        strange = source.look(review, TEXT, receipt)
        assert strange.outcome == "cannot_tell" and "ON_HOLIDAY" in str(strange.reason)
        source.sandbox.decide(str(receipt.external_id), "rejected")
        assert source.look(review, TEXT, receipt).outcome == "missing"


def test_a_key_without_the_role_and_an_answer_too_long_are_told() -> None:
    with connected("app_store_connect") as source:
        review = open_review(source)
        with pytest.raises(errors.TooLong, match="at most 5970") as caught:
            source.send(review, "а" * 5_971)
        assert caught.value.limits.length == 5_970
        site(source).may_answer = False
        with pytest.raises(errors.Unauthorized, match="role Admin"):
            source.send(review, TEXT)


def test_a_review_that_is_gone_takes_no_answer_and_an_unknown_answer_is_not_deleted() -> None:
    with connected("app_store_connect") as source:
        review = open_review(source)
        source.sandbox.withdraw(review.external_id)
        with pytest.raises(errors.Refused, match="no such review"):
            source.send(review, TEXT)
        begin = len(source.sandbox.asked)
        with pytest.raises(errors.Refused):
            source.delete(review, Receipt(None))
        assert len(source.sandbox.asked) == begin
        source.sandbox.troubles = [Trouble(status=500, body=b"oops")]
        assert source.look(review, TEXT).outcome == "cannot_tell"


def test_all_that_is_said_is_as_apple_describes_it() -> None:
    with recorded("app_store_connect") as (source, said):
        review = open_review(source)
        source.look(review, TEXT)
        receipt = source.send(review, TEXT)
        source.look(review, TEXT, receipt)
        source.delete(review, receipt)
        site(source).may_answer = False
        with pytest.raises(errors.Unauthorized):
            source.send(review, TEXT)
        assert {one.status for one in said} == {200, 201, 204, 403, 404}
        assert [fault for one in said for fault in faults_of([SCHEMA], one, known=INCLUDED)] == []


def test_the_saved_answer_is_as_apple_describes_it() -> None:
    page = json.loads((PAGES / "app_store_connect" / "reviews.json").read_text())
    assert faults(SCHEMA, "CustomerReviewsResponse", page), "one review has no id"
    page["data"].pop()
    assert faults(SCHEMA, "CustomerReviewsResponse", page) == []
