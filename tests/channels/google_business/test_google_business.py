"""What only Google Business does: consent, places of an account, answers with a state, translations beside the original."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from channels import channel, errors
from channels.contract import AnswerSeen, Sighting, Target
from channels.google_business import GoogleBusiness
from demo.sandboxes.base import Trouble
from demo.sandboxes.google_business import Site, failed
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import PAGES, remarks, saved
from tests.channels.exchanges import recorded
from tests.channels.sandboxes import Connected, connected
from tests.channels.schemas import faults

SCHEMA = "google/mybusiness_v4_reviews.openapi.json"
RETURN = "https://desk.example/sources/connect/return"
TEXT = "Здравствуйте! Уже исправляем."


def site(source: Connected) -> Any:
    assert isinstance(source.sandbox, Site)
    return source.sandbox


def open_review(source: Connected) -> Sighting:
    answered = {one.parent for one in source.sandbox.answers()}
    return next(one for one in source.read().sightings if one.external_id not in answered)


def test_reviews_are_read_in_the_authors_own_words() -> None:
    parts = read(channel("google_business"), saved("google_business", "reviews.json"))
    first, stars, original, before = seen(parts)
    assert (first.text, first.rating, dict(first.facts), first.url) == (
        "Ждали 40 минут & ушли", 2, {"place": "Заря, Тверская"}, "https://maps.google.com/maps?cid=22",
    )  # fmt: skip
    assert first.edited_at and first.handle == {"name": "accounts/11/locations/22/reviews/AbFv1"}
    assert (stars.text, stars.rating, stars.author, stars.edited_at) == ("", 5, None, None)
    assert (original.text, before.text, before.rating) == ("Плохо", "Closed at noon", None)
    told = [(one.external_id, one.state, one.reason) for one in parts if isinstance(one, AnswerSeen)]
    assert told == [
        ("AbFv1:answer", "held", ""),
        ("AbFv3:answer", "rejected", "PROMOTIONS"),
        ("AbFv4:answer", "public", ""),
    ]
    assert remarks(parts) == [
        "The date of AbFv4 cannot be read: soon",
        "An entry without text and stars was left out.",
        "An entry without an id was left out.",
    ]


def test_all_places_are_read_or_the_one_that_was_named() -> None:
    with connected("google_business") as source:
        assert {one.thread_title for one in source.read().sightings} == {"Заря, Тверская", "Zarya, Arbat"}
        assert set(source.place.cursor) == {"accounts/11/locations/22", "accounts/11/locations/23"}
        source.place = replace(source.place, settings={**source.place.settings, "location": "locations/23"})
        assert {one.thread_title for one in source.read().sightings} == {"Zarya, Arbat"}


def test_an_account_without_places_says_so() -> None:
    with connected("google_business") as source:
        source.sandbox.troubles = [Trouble(path="/v1/accounts", status=200, body=b"{}")]
        assert [one.text.en for one in source.read().remarks] == ["This Google account manages no places."]


def test_known_reviews_are_not_read_again_and_an_edited_one_is() -> None:
    with connected("google_business") as source:
        for one in site(source).reviews.values():
            one["updateTime"] = "2026-11-01T00:00:00Z"
        new = source.sandbox.say("Новый", rating=4)
        first = source.read()
        source.sandbox.change("AbFv0001", "Стало хуже")
        again = source.read()
        assert new in first.ids and len(again.pages) < len(first.pages)
        assert [one.text for one in again.sightings if one.external_id == "AbFv0001"] == ["Стало хуже"]


def test_consent_is_asked_for_good_and_brings_what_renews() -> None:
    with connected("google_business") as source:
        lasting = source.place.secrets["refresh_token"]
        place = replace(source.place, secrets={"client_secret": source.place.secrets["client_secret"]})
        address = urlsplit(GoogleBusiness().consent(place, RETURN, "state-7"))
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert address.hostname == "accounts.google.com" and "secret" not in address.query
        assert asked | {"redirect_uri": RETURN, "state": "state-7", "access_type": "offline"} == asked
        with source.wire() as wire:
            grant = GoogleBusiness().connect(place, {"code": "4/sandbox-code"}, RETURN, wire)
            assert grant.secrets["refresh_token"] == lasting and grant.secrets["access_token"]
            with pytest.raises(errors.Unauthorized, match="access_denied"):
                GoogleBusiness().connect(place, {"error": "access_denied"}, RETURN, wire)
            with pytest.raises(errors.Unauthorized, match="expired or revoked"):
                GoogleBusiness().connect(place, {"code": "4/other"}, RETURN, wire)
            source.sandbox.troubles = [Trouble(status=200, body=b'{"access_token": "t", "expires_in": 9}')]
            with pytest.raises(errors.Unauthorized, match="lasts an hour"):
                GoogleBusiness().connect(place, {"code": "4/sandbox-code"}, RETURN, wire)


def test_a_token_is_renewed_and_a_permission_taken_back_needs_a_person() -> None:
    with connected("google_business") as source:
        source.read()
        assert source.place.expires_at is not None and site(source).tokens == 1
        source.now = source.place.expires_at
        source.read()
        assert site(source).tokens == 2
        source.sandbox.revoke()
        source.now = source.place.expires_at
        with pytest.raises(errors.Unauthorized, match="expired or revoked") as caught:
            source.read()
        assert not isinstance(caught.value, errors.Expired)
        source.place = replace(source.place, secrets={"client_secret": "x"})
        with pytest.raises(errors.Unauthorized, match="press Connect"):
            source.read()


def test_a_project_that_google_has_not_approved_is_told_in_googles_words() -> None:
    said = failed(403, "Google My Business API has not been used in project 7", "PERMISSION_DENIED")
    with connected("google_business") as source:
        source.sandbox.troubles = [Trouble(path="/v4/", status=403, body=said.get_data())]
        with pytest.raises(errors.Unauthorized, match="has not been used in project 7"):
            source.read()


def test_bytes_are_counted_and_a_rejected_answer_comes_with_its_reason() -> None:
    limits = GoogleBusiness.about.answering and GoogleBusiness.about.answering.limits
    assert limits is not None and limits.left("а" * 2_100) < 0
    with connected("google_business") as source:
        review = open_review(source)
        with pytest.raises(errors.Refused, match="at most 4096 bytes"):
            source.send(review, "а" * 2_100)
        source.sandbox.state_of_new = "held"
        receipt = source.send(review, TEXT)
        assert (receipt.state, source.look(review, TEXT, receipt).outcome) == ("held", "held")
        source.sandbox.decide(str(receipt.external_id), "rejected")
        look = source.look(review, TEXT, receipt)
        assert (look.outcome, str(look.reason)) == ("rejected", "PROMOTIONS")


def test_a_review_that_is_gone_or_was_never_named_in_full_takes_no_answer() -> None:
    with connected("google_business") as source:
        review = open_review(source)
        source.sandbox.withdraw(review.external_id)
        with pytest.raises(errors.NotFound):
            source.send(review, TEXT)
        assert source.look(review, TEXT).outcome == "cannot_tell"
        begin = len(source.sandbox.asked)
        with source.wire(is_single=True) as wire, pytest.raises(errors.Refused):
            target = Target("AbFv", handle={"name": "accounts/11/../reviews/x"})
            GoogleBusiness().send(source.place, target, TEXT, wire)
        assert len(source.sandbox.asked) == begin


def test_all_that_is_said_is_as_google_describes_it() -> None:
    with recorded("google_business") as (source, said):
        receipt = source.send(review := open_review(source), TEXT)
        source.look(review, TEXT, receipt)
        lists = [one.said for one in said if one.path.endswith("/reviews")]
        assert len(lists) == 3
        assert [fault for one in lists for fault in faults(SCHEMA, "ListReviewsResponse", one)] == []
        assert faults(SCHEMA, "ReviewReply", said[-2].said) + faults(SCHEMA, "Review", said[-1].said) == []
        assert faults(SCHEMA, "Review", {"starRating": "SIX"})


def test_the_saved_answer_is_as_google_describes_it() -> None:
    page = json.loads((PAGES / "google_business" / "reviews.json").read_text())
    assert faults(SCHEMA, "ListReviewsResponse", page) == []
