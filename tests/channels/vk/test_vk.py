"""What only VK does: errors with status 200, communities below zero, threads in threads, two tokens, events by callback."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import Place, Push, Withdrawn
from channels.vk import places
from channels.vk.channel import Vk
from demo.sandboxes.base import Trouble
from demo.sandboxes.vk import COMMUNITY, GROUP, READER
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import Connected, connected

WALL = Place(
    "https://vk.com/zarya", {"group_id": "555", "confirmation": "a1b2"}, {"callback_secret": "s3-canary"}
)
TEXT = "Здравствуйте! Уже исправляем, спасибо за терпение."
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def failing(code: int, words: str = "Something", **more: object) -> bytes:
    return json.dumps(
        {"error": {"error_code": code, "error_msg": words, "request_params": [], **more}}
    ).encode()


def complaint(source: Connected) -> Any:
    return next(one for one in source.read().sightings if "не проходит оплата" in one.text)


def test_posts_are_read_with_people_pictures_and_reach() -> None:
    parts = read(channel("vk"), saved("vk", "search.json"), WALL)
    first, ours, repost, comment, bare = seen(parts)
    assert (first.external_id, first.url) == ("-555_77", "https://vk.com/wall-555_77")
    assert first.text == "Заря опять не проходит оплата & Пётр не отвечает"
    assert first.author and (first.author.name, first.author.external_id, first.author.url) == (
        "Иван П", "100500", "https://vk.com/ivan_p",
    )  # fmt: skip
    assert (
        first.edited_at
        and first.published_at
        and first.edited_at - first.published_at == timedelta(seconds=300)
    )
    assert first.reach and (
        first.reach.likes,
        first.reach.shares,
        first.reach.comments,
        first.reach.views,
    ) == (3, 4, 2, 410)
    assert [one.url for one in first.attachments] == ["https://sun1.example/x.jpg"]
    assert (first.is_by_brand, ours.is_by_brand, ours.can_be_answered) == (False, True, False)
    assert ours.facts == {"advertisement": "yes"} and ours.author and ours.author.name == "Заря"
    assert (repost.text, repost.facts) == (
        "Кто пробовал чайники «Заря»?",
        {"repost of": "https://vk.com/wall-9_5"},
    )
    assert (comment.external_id, comment.thread, comment.parent, comment.kind) == (
        "-9_5_31",
        "-9_5",
        "-9_5_30",
        "comment",
    )
    assert bare.published_at is None
    assert [one.external_id for one in parts if isinstance(one, Withdrawn)] == ["42_92"]
    assert remarks(parts) == ["An entry without an id was left out."]


@pytest.mark.parametrize(
    ("typed", "what", "url"),
    [
        ("vk.com/zarya", "wall", "https://vk.com/zarya"),
        ("https://m.vk.com/club555", "wall", "https://vk.com/club555"),
        ("https://vk.ru/public555?w=wall-555_77", "wall", "https://vk.com/club555"),
        ("https://vk.com/wall-555_77", "wall", "https://vk.com/club555"),
        ("https://vk.com/id42", "wall", "https://vk.com/id42"),
        ("https://vk.com/topic-555_12?offset=20", "topic", "https://vk.com/topic-555_12"),
        (
            "https://vk.com/search?c%5Bq%5D=%D0%B7%D0%B0%D1%80%D1%8F",
            "search",
            "https://vk.com/search?c%5Bsection%5D=statuses&c%5Bq%5D=%D0%B7%D0%B0%D1%80%D1%8F",
        ),
        ("https://vk.com/feed", None, None),
        ("https://vk.com/", None, None),
        ("https://vk.com.evil.example/zarya", None, None),
        ("anna@vk.com", None, None),
    ],
)
def test_what_an_address_means(typed: str, what: str | None, url: str | None) -> None:
    where = places.read(typed)
    assert (where.what if where else None, where.url if where else None) == (what, url)
    if where:
        assert places.read(where.url) == where or where.name == ""
        found = Vk().recognise_address(typed)
        assert found and found.url == url


@pytest.mark.parametrize(
    ("code", "reading", "sending"),
    [
        (1, "unreachable", "unknown"), (5, "unauthorized", "unauthorized"), (6, "rate_limited", "rate_limited"),
        (9, "rate_limited", "rate_limited"), (10, "unreachable", "unknown"), (14, "captcha", "captcha"), (15, "unauthorized", "refused"),
        (17, "unauthorized", "unauthorized"), (27, "unauthorized", "unauthorized"), (29, "rate_limited", "rate_limited"),
        (30, "unauthorized", "refused"), (100, "unreadable", "refused"), (212, "unauthorized", "refused"), (213, "refused", "refused"),
        (222, "refused", "refused"), (223, "refused", "refused"), (999, "unreadable", "refused"),
    ],
)  # fmt: skip
def test_an_error_is_what_its_number_says(code: int, reading: str, sending: str) -> None:
    with connected("vk") as source:
        asked = complaint(source)
        for act, kind in ((source.read, reading), (lambda: source.send(asked, TEXT), sending)):
            source.sandbox.troubles = [Trouble(body=failing(code, "Причина"), times=1)]
            with pytest.raises(errors.ChannelError, match="Причина") as caught:
                act()
            assert caught.value.kind == kind
        if code in (9, 29):
            assert isinstance(caught.value, errors.RateLimited) and caught.value.retry_after_seconds == 3_600


def test_answers_go_out_by_the_community_and_reading_by_the_other_token() -> None:
    with connected("vk") as source:
        source.send(complaint(source), TEXT)
        tokens = {one.path.rpartition("/")[2]: one.headers["authorization"] for one in source.sandbox.asked}
        assert tokens["wall.createComment"] == f"Bearer {COMMUNITY}"
        assert tokens["wall.get"] == tokens["wall.getComments"] == f"Bearer {READER}"
        assert all(not one.query for one in source.sandbox.asked)
        assert source.check().signs_as == "Заря"


def test_comments_are_read_again_only_where_their_number_changed() -> None:
    with connected("vk") as source:
        first = source.read()
        asked_for = [one for one in source.sandbox.asked if one.path.endswith("getComments")]
        assert len(asked_for) == 2
        source.sandbox.asked.clear()
        assert len(source.read().pages) == 1, "nothing is new"
        new = source.sandbox.say("Уже неделю жду")
        second = source.read()
        assert len(second.pages) == 2 and new in second.ids and new not in first.ids


def test_answers_to_answers_are_read_whole() -> None:
    with connected("vk") as source:
        served: Any = source.sandbox
        for number in range(25):
            served._comment(71, 100501, f"Ответ номер {number}", to=201)
        found = [one for one in source.read().sightings if one.text.startswith("Ответ номер")]
        assert len({one.external_id for one in found}) == 25
        assert {one.parent for one in found} == {f"-{GROUP}_71_201"}


def test_a_comment_that_is_gone_is_taken_back() -> None:
    with connected("vk") as source:
        source.read()
        new = source.sandbox.say("Лишнее")
        source.read()
        source.sandbox.withdraw(new)
        source.sandbox.say("Ещё одно")
        assert [one.external_id for one in source.read().withdrawn] == [new]


def test_an_answer_that_was_sent_twice_stands_once() -> None:
    with connected("vk") as source:
        asked = complaint(source)
        assert source.send(asked, TEXT).external_id == source.send(asked, TEXT).external_id
        assert (
            source.send(asked, TEXT, "another-reference").external_id != source.send(asked, TEXT).external_id
        )


def test_a_search_goes_on_from_its_newest_post() -> None:
    with connected("vk") as source:
        source.place = replace(source.place, url=places.Where("search", words="заря").url)
        served: Any = source.sandbox
        for number in range(250):
            served._post(100500, f"Заря номер {number}")
        assert len(source.read().ids) == 252
        source.sandbox.asked.clear()
        served._post(100500, "Заря: новая запись")
        assert len(source.read().pages) == 1
        assert b"start_time=" in source.sandbox.asked[0].body


def event(kind: str, said: object = None, **more: object) -> bytes:
    return json.dumps(
        {
            "type": kind,
            "group_id": 555,
            "event_id": "e1",
            "v": "5.199",
            "secret": "s3-canary",
            "object": said,
            **more,
        }
    ).encode()


def pushed(body: bytes) -> Push:
    return Push("POST", {}, {"content-type": "application/json"}, body, NOW)


def test_the_confirmation_is_what_the_settings_say() -> None:
    said = Vk().admit(WALL, pushed(event("confirmation")))
    assert (said.status, said.body, said.content_type, said.page) == (200, b"a1b2", "text/plain", None)
    with pytest.raises(errors.Unauthorized):
        Vk().admit(WALL, pushed(event("confirmation", group_id=556)))


@pytest.mark.parametrize("secret", ["wrong", "", None, 7])
def test_an_event_with_another_secret_is_kept_by_nobody(secret: object) -> None:
    with pytest.raises(errors.Unauthorized) as caught:
        Vk().admit(WALL, pushed(event("wall_reply_new", {}, secret=secret)))
    assert "canary" not in str(caught.value)
    with pytest.raises(errors.Unauthorized):
        Vk().admit(replace(WALL, secrets={}), pushed(event("wall_reply_new", {}, secret="")))


def test_events_are_kept_without_their_secret_and_read_as_what_they_are() -> None:
    comment = {
        "id": 88,
        "from_id": 42,
        "date": 1795200000,
        "text": "Где заказ?",
        "post_id": 77,
        "post_owner_id": -555,
        "owner_id": -555,
    }
    said = Vk().admit(WALL, pushed(event("wall_reply_new", comment)))
    assert (said.body, said.key is not None) == (b"ok", True) and said.page is not None
    assert b"canary" not in said.page.body
    assert Vk().admit(WALL, pushed(event("wall_reply_new", comment))).key == said.key
    (one,) = seen(list(Vk().parse(WALL, said.page)))
    assert (one.external_id, one.thread, one.text) == ("-555_77_88", "-555_77", "Где заказ?")
    assert one.author and one.author.name == "id42"
    gone = Vk().admit(
        WALL, pushed(event("wall_reply_delete", {"owner_id": -555, "id": 88, "user_id": 42, "post_id": 77}))
    )
    assert gone.page is not None
    assert list(Vk().parse(WALL, gone.page)) == [Withdrawn("-555_77_88")]
    topic = {
        "id": 5,
        "from_id": 42,
        "date": 1795200000,
        "text": "В теме",
        "topic_id": 12,
        "topic_owner_id": -555,
    }
    of_topic = Vk().admit(WALL, pushed(event("board_post_new", topic))).page
    assert of_topic is not None
    (said_there,) = seen(list(Vk().parse(WALL, of_topic)))
    assert (said_there.external_id, said_there.handle["topic"]) == ("topic-555_12_5", 12)


def test_events_that_nobody_needs_are_answered_and_not_kept() -> None:
    said = Vk().admit(WALL, pushed(event("group_join", {"user_id": 5})))
    assert (said.body, said.page) == (b"ok", None)
