"""Mentions that a program sends: signed, in one format of ours, and every fault is said to whoever sends."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import errors
from channels.contract import (
    Admission,
    AnswerSeen,
    Attachment,
    Page,
    Place,
    Push,
    Reach,
    Remark,
    Sighting,
    Withdrawn,
)
from channels.webhook.channel import MOST_ITEMS, TOLERANCE_SECONDS, Webhook, signature
from tests.channels.conftest import NOW

SECRET = "s3cret-canary"
PLACE = Place("webhook:shop", {}, {"secret": SECRET})
AT = int(NOW.timestamp())
GOOD = {"id": "7", "text": "It broke."}


def push(said: object, at: int = AT, secret: str = SECRET, **headers: str) -> Push:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Push("POST", {}, {"x-signature": signature(secret, body, at)} | named, body, NOW)


def admit(said: object, place: Place = PLACE, **how: Any) -> Admission:
    return Webhook().admit(place, push(said, **how))


def told(said: object, **how: Any) -> Any:
    return json.loads(admit(said, **how).body)


def parse(*items: object, place: Place = PLACE) -> list[object]:
    body = json.dumps({"items": items}).encode()
    return list(Webhook().parse(place, Page("webhook:", 200, {}, body, "push", {}, NOW)))


def read(**item: object) -> Sighting:
    (found,) = [one for one in parse({**GOOD, **item}) if isinstance(one, Sighting)]
    return found


def test_the_signature_is_that_of_the_docs() -> None:
    """Reckoned by another program: printf '1795262400.{"id":"1","text":"Hello"}' | openssl dgst -sha256 -hmac secret."""
    assert signature("secret", b'{"id":"1","text":"Hello"}', 1_795_262_400) == (
        "t=1795262400,v1=ba7c723b87c0b3ef9a4696b6e3bc369b3f401c6cbed34d3364d24592683f0a62"
    )


def test_what_is_signed_is_taken_and_kept_as_it_came() -> None:
    found = admit({"items": [GOOD, {"id": "8", "rating": 5}]})
    assert (found.status, found.content_type) == (202, "application/json")
    assert json.loads(found.body) == {"accepted": 2, "rejected": []}
    assert found.page is not None
    assert [type(one) for one in Webhook().parse(PLACE, found.page)] == [Sighting, Sighting]


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "wrong"},
        {"at": AT - TOLERANCE_SECONDS - 1},
        {"at": AT + TOLERANCE_SECONDS + 1},
        {"x_signature": ""},
        {"x_signature": "t=,v1="},
        {"x_signature": f"t={AT}"},
        {"x_signature": f"t={AT},v1={'0' * 64}"},
        {"x_signature": "t=9" * 500},
        {"authorization": f"Bearer {SECRET}", "x_signature": ""},
    ],
)
def test_whoever_cannot_prove_himself_is_sent_away(how: dict[str, Any]) -> None:
    with pytest.raises(errors.Unauthorized) as caught:
        admit(GOOD, **how)
    assert SECRET not in f"{caught.value!r} {caught.value.text}"


def test_nothing_is_taken_where_there_is_no_secret() -> None:
    for place in (Place("webhook:shop"), Place("webhook:shop", {"takes_bearer": "1"})):
        with pytest.raises(errors.Unauthorized):
            admit(GOOD, place, secret="")
        with pytest.raises(errors.Unauthorized):
            admit(GOOD, place, secret="", authorization="Bearer ", x_signature="")


def test_a_signature_belongs_to_its_body_and_its_time() -> None:
    signed = push(GOOD)
    for other in (
        replace(signed, body=b'{"id": "8", "text": "x"}'),
        replace(signed, received_at=NOW + timedelta(hours=1)),
    ):
        with pytest.raises(errors.Unauthorized):
            Webhook().admit(PLACE, other)


def test_one_of_two_signatures_is_enough_while_a_secret_is_changed() -> None:
    signed = push(GOOD)
    both = f"t={AT},v1={'0' * 64},{signed.headers['x-signature'].partition(',')[2]}"
    assert Webhook().admit(PLACE, replace(signed, headers={"x-signature": both})).status == 202


def test_the_secret_itself_is_taken_only_where_a_person_allowed_it() -> None:
    allowed = replace(PLACE, settings={"takes_bearer": "1"})
    assert admit(GOOD, allowed, x_signature="", authorization=f"bearer {SECRET}").status == 202
    with pytest.raises(errors.Unauthorized):
        admit(GOOD, allowed, x_signature="", authorization="Bearer wrong")


def test_a_repeat_is_known_by_the_key_of_the_sender_or_by_the_very_request() -> None:
    assert admit(GOOD, idempotency_key="k1").key == admit(GOOD, at=AT + 9, idempotency_key="k1").key == "k1"
    assert admit(GOOD).key == admit(GOOD).key
    assert admit(GOOD).key != admit(GOOD, at=AT + 1).key, "sent anew on purpose; its ids tell what is known"


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        (b"", 400, "the body is no JSON"),
        (b"<xml/>", 400, "the body is no JSON"),
        (b"[" * 100_000, 400, "the body is no JSON"),
        ({"items": 5}, 400, "“items” is no list"),
        ("text", 400, "“items” is no list"),
        (
            {"items": [GOOD] * (MOST_ITEMS + 1)},
            413,
            f"items: at most {MOST_ITEMS} a call, these are {MOST_ITEMS + 1}",
        ),
    ],
)
def test_what_has_no_shape_is_refused_in_words(said: object, status: int, error: str) -> None:
    found = admit(said)
    assert (found.status, found.page, json.loads(found.body)) == (status, None, {"error": error})


@pytest.mark.parametrize(
    ("item", "error"),
    [
        (5, "no object"),
        ({"text": "x", "id": ["7"]}, "id: a text or a number"),
        ({"text": "x", "id": True}, "id: a text or a number"),
        ({"text": "x", "id": " "}, "id: a text or a number"),
        ({"id": "7"}, "text: needed, or rating"),
        ({"id": "7", "text": {"a": 1}}, "text: a text"),
        (
            {"id": "7", "text": "x", "kind": "tweet"},
            "kind: one of mention, post, review, comment, message, question",
        ),
        ({"deleted": True}, "id: needed for what was deleted"),
    ],
)
def test_one_bad_mention_costs_itself_alone(item: object, error: str) -> None:
    assert told({"items": [GOOD, item]}) == {"accepted": 1, "rejected": [{"index": 1, "error": error}]}
    assert [type(one) for one in parse(GOOD, item)] == [Sighting, Remark]
    alone = admit({"items": [item]})
    assert (alone.status, alone.page) == (422, None)


def test_everything_that_can_be_said_arrives() -> None:
    sighting, answer = parse(
        {
            "id": 17, "kind": "review", "url": "https://site.example/r/17", "title": "Bad", "text": "Leaks\r\n\r\nalways",
            "author": {"id": "u1", "name": "Anna", "url": "https://site.example/u1", "followers": 12}, "rating": {"value": 3, "best": 10, "worst": 0},
            "language": "en-GB", "created_at": "2026-11-20T08:00:00+03:00", "edited_at": 1_795_150_800, "thread_id": "t", "parent_id": 16,
            "thread_title": "Kettle", "metrics": {"likes": 4, "views": -1, "shares": "5"}, "facts": {"city": "Samara", "order": 17, "x": None},
            "attachments": [{"kind": "image", "url": "https://cdn.example/1.jpg", "name": "1.jpg"}, {"url": "javascript:alert(1)"}, 5],
            "answer": {"id": "a1", "text": "Sorry", "created_at": "2026-11-20T09:00:00Z", "url": "https://site.example/r/17#a"},
            "by_brand": False, "unknown": {"fields": "are ignored"},
        }
    )  # fmt: skip
    assert isinstance(sighting, Sighting)
    assert (sighting.external_id, sighting.kind, sighting.text) == ("17", "review", "Leaks\n\nalways")
    assert (sighting.rating, sighting.language, sighting.thread, sighting.parent) == (2.2, "en", "t", "16")
    assert sighting.published_at == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert sighting.edited_at == datetime.fromtimestamp(1_795_150_800, UTC)
    assert sighting.reach == Reach(likes=4, followers=12)
    assert sighting.facts == {"city": "Samara", "order": "17"}
    assert sighting.attachments == [
        Attachment("image", "https://cdn.example/1.jpg", "1.jpg"),
        Attachment("file", None),
    ]
    assert sighting.is_by_brand is False
    assert answer == AnswerSeen(
        "17",
        "public",
        "a1",
        None,
        "Sorry",
        "https://site.example/r/17#a",
        datetime(2026, 11, 20, 9, tzinfo=UTC),
    )


def test_what_is_deleted_is_withdrawn() -> None:
    assert parse({"id": 7, "deleted": True}) == [Withdrawn("7")]


@pytest.mark.parametrize(
    ("item", "word"),
    [
        ({"rating": 7}, "rating"),
        ({"rating": {"value": "good"}}, "rating"),
        ({"created_at": "03/04/2026"}, "created_at"),
        ({"edited_at": "2090-01-01"}, "edited_at"),
        ({"url": "ftp://x"}, "url"),
        ({"text": "x" * 20_001}, "text"),
    ],
)
def test_what_is_doubtful_is_left_out_and_said(item: dict[str, object], word: str) -> None:
    remark, found = parse({**GOOD, **item})
    assert isinstance(remark, Remark) and isinstance(found, Sighting)
    assert word in remark.text.en and word in remark.text.ru
    assert found.rating is None and found.url is None and found.published_at is None


@pytest.mark.parametrize("value", [None, 5, [], {}, "x", True, 1e400])
def test_any_field_may_hold_anything(value: object) -> None:
    names = "kind url author title rating language created_at edited_at thread_id parent_id thread_title metrics facts"
    for name in f"{names} attachments answer by_brand machine deleted".split():
        for one in parse({**GOOD, name: value}):
            assert isinstance(one, Sighting | Remark | Withdrawn | AnswerSeen), (name, one)


def test_without_an_id_the_same_is_known_again_and_an_edit_is_not_guessed() -> None:
    said = {"text": "It broke.", "author": {"name": "Anna"}, "created_at": "2026-11-20T08:00:05Z"}
    one, again = (parse(said)[0] for _ in range(2))
    assert one == again
    assert isinstance(one, Sighting)
    other = parse({**said, "author": {"name": "Ben"}})[0]
    assert isinstance(other, Sighting)
    assert other.external_id != one.external_id


def test_whose_words_they_are_is_told_or_left_to_the_ids() -> None:
    assert (read(by_brand=True).is_by_brand, read().is_by_brand) == (True, None)
    assert read(author={"id": 77}).author.external_id == "77"  # type: ignore[union-attr]
    assert read(machine=True).is_machine
