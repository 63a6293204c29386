"""What only Bluesky does: sessions, keys of our own, places counted in bytes, threads by root and parent."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels import errors
from channels.bluesky import records, sessions
from channels.bluesky.channel import Bluesky
from channels.contract import Sighting
from demo.sandboxes.base import Trouble
from tests.channels.sandboxes import REFERENCE, Connected, connected
from tests.channels.speaking import NOW

TEXT = "Здравствуйте! Пришлём новый."


@pytest.fixture
def source() -> Iterator[Connected]:
    with connected("bluesky") as found:
        yield found


def box(source: Connected) -> Any:
    return source.sandbox


def by_text(source: Connected, words: str) -> Sighting:
    return next(one for one in source.read().sightings if words in one.text)


def test_one_sign_in_serves_and_is_renewed_without_the_password(source: Connected) -> None:
    source.read()
    source.read()
    assert (box(source).sessions, box(source).renewals) == (1, 0)
    box(source).expire()
    with pytest.raises(errors.Expired):
        source.read()
    source.place = replace(source.place, secrets={**source.place.secrets, "access_jwt": ""})
    source.read()
    assert (box(source).sessions, box(source).renewals) == (1, 1)
    box(source).refresh = "gone"
    source.place = replace(source.place, secrets={**source.place.secrets, "access_jwt": ""})
    source.read()
    assert (box(source).sessions, box(source).renewals) == (2, 1)


@pytest.mark.parametrize(
    ("token", "ends"),
    [
        ("a.eyJleHAiOjE3OTUxNjE2MDB9.b", 1_795_161_300),
        ("a.b.c", None),
        ("opaque", None),
        ("a.bnVsbA.c", None),
    ],
)
def test_a_session_ends_when_its_token_says(token: str, ends: int | None) -> None:
    found = sessions._end_of(token)
    assert (int(found.timestamp()) if found else None) == ends


def test_mentions_are_those_of_the_account(source: Connected) -> None:
    source.place = replace(source.place, url="https://bsky.app/profile/zarya.bsky.social")
    assert "77, жду" in by_text(source, "77").text
    source.place = replace(source.place, url="https://bsky.app/profile/vega.bsky.social")
    with pytest.raises(errors.Unauthorized, match="belongs to @zarya"):
        source.read()


def test_a_conversation_is_one_thread_under_its_root(source: Connected) -> None:
    read = source.read()
    first = next(one for one in read.sightings if "молчит" in one.text)
    ours = next(one for one in read.sightings if one.is_by_brand)
    last = next(one for one in read.sightings if "77" in one.text)
    assert (ours.parent, ours.thread) == (first.external_id, first.external_id)
    assert (last.parent, last.thread, last.is_by_brand) == (ours.external_id, first.external_id, False)
    receipt = source.send(last, TEXT)
    reply = box(source).posts[receipt.external_id]["record"]["reply"]
    assert (reply["root"]["uri"], reply["parent"]["uri"]) == (first.external_id, last.external_id)


def test_a_post_that_takes_no_answers_says_so(source: Connected) -> None:
    assert by_text(source, "do not answer").can_be_answered is False
    assert by_text(source, "stopped after").can_be_answered is None


@pytest.mark.parametrize("most", [1, 2, 3])
def test_small_pages_have_no_gaps(source: Connected, most: int) -> None:
    box(source).page = most
    assert len([one for one in source.read().sightings if not one.is_by_brand]) == 4
    new = {source.sandbox.say(f"Ещё {number}") for number in range(4)}
    assert new <= source.read().ids


def test_a_search_asks_for_what_is_new_and_ten_minutes_more(source: Connected) -> None:
    source.read()
    asked = [one.query for one in source.sandbox.asked if one.path.endswith("searchPosts")]
    assert "since" not in asked[0]
    source.read()
    asked = [one.query for one in source.sandbox.asked if one.path.endswith("searchPosts")]
    assert asked[-1]["since"] == "2026-11-20T07:55:00.000Z"


def test_one_bad_post_costs_one_line(source: Connected) -> None:
    def spoil(said: dict[str, Any]) -> dict[str, Any]:
        said["posts"][0]["uri"] = None
        said["posts"][1] |= {
            "author": [],
            "record": said["posts"][1]["record"] | {"createdAt": 5, "langs": "ru"},
        }
        return said | {"posts": [None, "x", *said["posts"]]}

    source.sandbox.troubles = [Trouble(path="searchPosts", changes=spoil)]
    read = source.read()
    assert any("without an id" in str(one.text) for one in read.remarks)
    strange = next(one for one in read.sightings if "77" in one.text)
    assert strange.author is None and strange.published_at is not None


def test_the_end_of_a_pause_is_a_moment(source: Connected) -> None:
    source.read()
    headers = {"RateLimit-Reset": str(int((NOW + timedelta(seconds=90)).timestamp()))}
    body = b'{"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}'
    source.sandbox.troubles = [Trouble(status=429, body=body, headers=headers, times=9)]
    with pytest.raises(errors.RateLimited, match="Rate Limit Exceeded") as caught:
        source.read()
    assert caught.value.retry_after_seconds in (90, 91)


def test_the_same_reference_is_one_post_under_one_key(source: Connected) -> None:
    post = by_text(source, "stopped after")
    first = source.send(post, TEXT)
    assert source.send(post, TEXT).external_id == first.external_id
    assert first.external_id is not None and first.external_id.endswith(records.key_of(REFERENCE))
    other = "0193f0de-7c1a-7b3a-9a51-0c6de1f0a002"
    assert source.send(post, TEXT, other).external_id != first.external_id


@pytest.mark.parametrize("reference", [REFERENCE, "", "x", "00000000-0000-4000-8000-000000000001", "ё" * 300])
def test_a_key_is_what_the_protocol_wants(reference: str) -> None:
    assert re.fullmatch("[234567a-j][2-7a-z]{12}", records.key_of(reference))
    assert records.key_of(reference) == records.key_of(reference)


def test_a_key_bears_the_time_of_its_reference() -> None:
    signs = "234567abcdefghijklmnopqrstuvwxyz"
    number = 0
    for sign in records.key_of(REFERENCE):
        number = number << 5 | signs.index(sign)
    assert (number >> 10) // 1_000 == 0x0193F0DE7C1A


def test_places_in_a_text_are_counted_in_bytes() -> None:
    text = "Ёлка 🎄 @anna.example и https://zarya.example/чай?a=1. #заря #2026 a@b.example"
    found = records.facets(text, {"anna.example": "did:plc:x"})
    cut = [text.encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in found]
    assert cut == ["@anna.example", "https://zarya.example/чай?a=1", "#заря"]
    assert [one["features"][0]["$type"].rpartition("#")[2] for one in found] == ["mention", "link", "tag"]
    assert records.names_in(text) == ["anna.example"]


def test_a_name_that_nobody_bears_stays_text(source: Connected) -> None:
    post = by_text(source, "stopped after")
    receipt = source.send(post, "@anna.example @nobody.example, спасибо")
    (facet,) = box(source).posts[receipt.external_id]["record"]["facets"]
    assert facet["features"][0]["did"].startswith("did:plc:b")


def test_the_servers_words_about_length(source: Connected) -> None:
    post = by_text(source, "stopped after")
    with pytest.raises(errors.TooLong, match="maximum 300, got 301") as caught:
        source.send(post, "я" * 301)
    assert (caught.value.limits.length, caught.value.limits.unit) == (300, "graphemes")


def test_a_server_that_has_the_key_is_not_asked_for_another(source: Connected) -> None:
    """Where the record appeared between the question and the call, the server answers 500: unknown, and it is looked for."""
    post = by_text(source, "stopped after")
    source.send(post, TEXT)
    missing = b'{"error": "RecordNotFound", "message": "Could not locate record"}'
    source.sandbox.troubles = [Trouble(path="getRecord", status=400, body=missing)]
    with pytest.raises(errors.Unknown):
        source.send(post, TEXT)
    assert source.look(post, TEXT).outcome == "visible"


def test_what_was_taken_down_is_missing_and_trouble_proves_nothing(source: Connected) -> None:
    post = by_text(source, "stopped after")
    receipt = source.send(post, TEXT)
    source.sandbox.troubles = [Trouble(path="getPosts", status=502, body=b'{"error": "UpstreamFailure"}')]
    assert source.look(post, TEXT, receipt).outcome == "cannot_tell"
    source.sandbox.decide(receipt.external_id or "", "removed")
    assert source.look(post, TEXT, receipt).outcome == "missing"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("@zarya.bsky.social", "https://bsky.app/profile/zarya.bsky.social"),
        ("bsky.app/hashtag/zarya", "https://bsky.app/hashtag/zarya"),
        ("https://bsky.app/search?q=%D0%B7", "https://bsky.app/search?q=%D0%B7"),
        ("https://bsky.app/", None),
        ("https://bsky.app/search?q=", None),
        ("@zarya@soc.example", None),
        ("@zarya", None),
    ],
)
def test_an_address_is_recognised(typed: str, url: str | None) -> None:
    found = Bluesky().recognise_address(typed)
    assert (found.url if found else None) == url
