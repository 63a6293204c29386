"""What only Discourse does: posts counted through the whole forum, quotations, waits in the body, a queue for moderators."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels import channel, errors
from channels.contract import Page, Place, Receipt, Withdrawn
from channels.discourse import api
from demo.sandboxes.base import Trouble
from demo.sandboxes.discourse import USER
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import connected

FORUM = Place("https://forum.kettle.example", own_ids=("7",))
TEXT = "Здравствуйте! Уже исправляем, спасибо за терпение."


def test_posts_are_read_with_their_conversation() -> None:
    parts = read(channel("discourse"), saved("discourse", "posts.json"), FORUM)
    reply, ours, first, bare = seen(parts)
    assert reply.text == "It still leaks :cry: & nobody answers."
    assert (reply.thread, reply.parent, reply.thread_title, reply.kind) == (
        "77",
        "5020",
        "Sync problem",
        "comment",
    )
    assert reply.url == "https://forum.kettle.example/t/sync-problem/77/3"
    assert reply.author and (reply.author.name, reply.author.external_id, reply.author.url) == (
        "Anna", "42", "https://forum.kettle.example/u/anna_k",
    )  # fmt: skip
    assert reply.edited_at and reply.published_at and reply.edited_at > reply.published_at
    assert reply.reach and (reply.reach.likes, reply.reach.views, reply.reach.comments) == (3, 14, 1)
    assert reply.handle == {"topic": 77, "number": 3}
    assert (ours.is_by_brand, reply.is_by_brand, ours.edited_at) == (True, False, None)
    assert (first.kind, first.title, first.text) == (
        "post", "Чайник не выключается", "Чайник «Заря» не выключается, ответьте!",
    )  # fmt: skip
    assert (bare.published_at, bare.author, bare.url, bare.thread) == (None, None, None, None)
    assert [one.external_id for one in parts if isinstance(one, Withdrawn)] == ["5018"]
    assert remarks(parts) == [
        "The date of 5015 cannot be read: soon",
        "An entry without an id was left out.",
        "An entry without text and stars was left out.",
    ]


def test_whose_posts_are_ours_is_unknown_until_somebody_said_it() -> None:
    nobody = replace(FORUM, own_ids=())
    assert {
        one.is_by_brand for one in seen(read(channel("discourse"), saved("discourse", "posts.json"), nobody))
    } == {None}
    named = replace(nobody, settings={"username": "Zarya_Care"})
    found = seen(read(channel("discourse"), saved("discourse", "posts.json"), named))
    assert [one.external_id for one in found if one.is_by_brand] == ["5020"]


def test_a_category_is_listened_to_alone() -> None:
    place = replace(FORUM, url="https://forum.kettle.example/c/kettles/5")
    found = seen(read(channel("discourse"), saved("discourse", "posts.json"), place))
    assert [one.external_id for one in found] == ["5019"]


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://f.example/", "https://f.example"),
        ("https://f.example/c/kettles/5", "https://f.example"),
        ("https://f.example/forum/t/sync/77/3", "https://f.example/forum"),
        ("https://f.example/community/latest", "https://f.example/community"),
        ("https://f.example/topics", "https://f.example/topics"),
    ],
)
def test_a_forum_may_lie_in_a_folder(url: str, root: str) -> None:
    assert api.root_of(Place(url)) == root


def test_all_that_is_new_is_read_page_by_page_and_nothing_twice() -> None:
    with connected("discourse") as source:
        source.read()
        new = [source.sandbox.say(f"Чайник номер {number} не греет.") for number in range(130)]
        source.now += timedelta(minutes=15)
        found = source.read()
        ids = [one.external_id for one in found.sightings]
        assert set(new) <= set(ids) and len(ids) == len(set(ids))
        assert len(found.pages) == 3
        source.now += timedelta(minutes=15)
        assert len(source.read().pages) == 1, "what is known ends the walk"


def test_what_was_deleted_lately_is_seen() -> None:
    with connected("discourse") as source:
        first = source.read().sightings[-1]
        source.sandbox.withdraw(first.external_id)
        assert [one.external_id for one in source.read().withdrawn] == [first.external_id]


def test_a_public_forum_is_read_without_a_key_and_a_closed_one_says_so() -> None:
    with connected("discourse") as source:
        source.place = replace(source.place, secrets={})
        assert len(source.read().ids) >= 3
        assert all("api-key" not in one.headers for one in source.sandbox.asked)
        body = json.dumps(
            {"errors": ["You need to be logged in to do that."], "error_type": "not_logged_in"}
        ).encode()
        source.sandbox.troubles = [Trouble(status=403, body=body)]
        with pytest.raises(errors.Unauthorized, match=r"members only.*You need to be logged in"):
            source.read()


def test_the_wait_that_stands_in_the_body_is_obeyed() -> None:
    body = json.dumps(
        {"errors": ["Slow down"], "error_type": "rate_limit", "extras": {"wait_seconds": 12}}
    ).encode()
    with connected("discourse") as source:
        (asked, *_) = source.read().sightings
        source.sandbox.troubles = [Trouble(status=429, body=body, times=2)]
        for act in (source.read, lambda: source.send(asked, TEXT)):
            with pytest.raises(errors.RateLimited, match="Slow down") as caught:
                act()
            assert caught.value.retry_after_seconds == 12


def test_too_short_an_answer_is_refused_with_the_number() -> None:
    with connected("discourse") as source:
        asked = next(one for one in source.read().sightings if not one.is_by_brand)
        with pytest.raises(errors.ChannelError, match="minimum is 20") as caught:
            source.send(asked, "Спасибо!")
        assert caught.value.kind in ("refused", "too_long")


def test_an_answer_goes_to_its_post_and_one_to_the_topic_to_none() -> None:
    with connected("discourse") as source:
        found = {one.handle["number"]: one for one in source.read().sightings if one.thread == "77"}
        source.send(found[1], TEXT)
        source.send(found[3], f"{TEXT} Борис!")
        sent = [json.loads(one.body) for one in source.sandbox.asked if one.method == "POST"]
        assert [one.get("reply_to_post_number") for one in sent] == [None, 3]


def test_an_answer_in_a_long_topic_is_found_without_its_number() -> None:
    with connected("discourse") as source:
        asked = next(one for one in source.read().sightings if not one.is_by_brand and one.thread == "77")
        for number in range(60):
            source.sandbox.say(f"И у меня, номер {number}.")
        receipt = source.send(asked, TEXT)
        seen_there = source.look(asked, TEXT)
        assert (seen_there.outcome, seen_there.external_id) == ("visible", receipt.external_id)


def test_an_answer_that_members_flagged_is_hidden() -> None:
    with connected("discourse") as source:
        asked = next(one for one in source.read().sightings if not one.is_by_brand)
        receipt = source.send(asked, TEXT)
        source.sandbox.decide(str(receipt.external_id), "rejected")
        assert source.look(asked, TEXT, receipt).outcome == "rejected"


def test_check_says_who_answers() -> None:
    with connected("discourse") as source:
        assert source.check().signs_as == USER


@pytest.mark.parametrize("handle", [{}, {"topic": "77x"}, {"topic": 0}])
def test_without_a_topic_nothing_is_sent(handle: dict[str, object]) -> None:
    with connected("discourse") as source:
        asked = replace(source.read().sightings[0], handle=handle)
        with pytest.raises(errors.Refused, match="nothing was sent"):
            source.send(asked, TEXT)
        with pytest.raises(errors.Refused, match="nothing was sent"):
            source.delete(asked, Receipt("5x"))
        assert not [one for one in source.sandbox.asked if one.method != "GET"]


@pytest.mark.parametrize(
    ("generator", "url", "found"),
    [
        ("Discourse 3.5.0", "https://f.example/latest", "https://f.example"),
        ("Discourse 3.5.0", "https://f.example/c/kettles/5", "https://f.example/c/kettles/5"),
        ("WordPress 6.9", "https://f.example/", None),
    ],
)
def test_a_forum_is_known_by_its_generator(generator: str, url: str, found: str | None) -> None:
    body = f'<html><head><title>Kettles</title><meta name="generator" content="{generator}"></head></html>'
    page = Page(url, 200, {"content-type": "text/html"}, body.encode())
    finding = channel("discourse").recognise(page)  # type: ignore[attr-defined]
    assert (finding.url if finding else None) == found
