"""What only Hacker News does: hits of stories and comments, a search that stops at 1,000, and addresses that hold the search."""

import pytest

from channels import channel
from channels.contract import Place
from demo.sandboxes.base import Trouble
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import connected

SEARCH = Place("https://hn.algolia.com/?query=zarya", own_ids=("zarya_care",))


def test_hits_are_read_with_their_conversation() -> None:
    parts = read(channel("hacker_news"), saved("hacker_news", "hits.json"), SEARCH)
    comment, ours, story, bare = seen(parts)
    assert comment.text.split("\n")[0] == "Заря у меня протекла через месяц."
    assert "&" in comment.text and "&amp;" not in comment.text
    assert (comment.thread, comment.parent, comment.thread_title) == (
        "45000101",
        "45000103",
        "Show HN: Kettles & APIs",
    )
    assert comment.url == "https://news.ycombinator.com/item?id=45000104"
    assert (ours.is_by_brand, comment.is_by_brand, bare.is_by_brand) == (True, False, None)
    assert (story.kind, story.text, story.title, story.facts) == (
        "post", "Show HN: Kettles & APIs", "", {"link": "https://kettle.example/"},
    )  # fmt: skip
    assert story.reach and (story.reach.likes, story.reach.comments) == (31, 2)
    assert (bare.text, bare.title, bare.published_at) == ("Mine hisses.", "Ask HN: Is Zarya any good?", None)
    assert bare.reach and bare.reach.likes is None
    assert remarks(parts) == ["A hit without an id was left out."]


def test_everything_is_read_once_however_many_fall_on_one_second() -> None:
    with connected("hacker_news") as source:
        sandbox = source.sandbox
        for number in range(20):
            sandbox.say(f"Zarya {number}")
        for one in sandbox.hits:  # type: ignore[attr-defined]
            one["created_at_i"] -= one["created_at_i"] % 120  # two of each second, three a page
        found = source.read()
        assert len(found.sightings) == len(found.ids) == 24


def test_what_comes_meanwhile_shifts_nothing() -> None:
    with connected("hacker_news") as source:
        for number in range(10):
            source.sandbox.say(f"Zarya {number}")

        def come(said: dict[str, object]) -> dict[str, object]:
            source.sandbox.say("Zarya, just now")
            return said

        source.sandbox.troubles = [Trouble(changes=come, times=3)]
        found = source.read()
        assert len(found.sightings) == len(found.ids) == 14


def test_a_second_crawl_reads_only_the_last_hours_and_sees_an_edit() -> None:
    with connected("hacker_news") as source:
        for one in source.sandbox.hits[:2]:  # type: ignore[attr-defined]
            one["created_at_i"] -= 86_400
        source.read()
        source.sandbox.change("45000003", "Заря сломалась")
        again = source.read()
        assert again.ids == {"45000003", "45000004"}
        assert "Заря сломалась" in {one.text for one in again.sightings}


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("https://hn.algolia.com/?q=zarya+kettle", "https://hn.algolia.com/?query=zarya+kettle"),
        ("hn.algolia.com/?dateRange=all&query=zarya", "https://hn.algolia.com/?query=zarya"),
        (
            "https://news.ycombinator.com/from?site=zarya.example",
            "https://news.ycombinator.com/from?site=zarya.example",
        ),
        ("https://news.ycombinator.com/item?id=1", None),
        ("https://hn.algolia.com/?query=", None),
        ("https://evil.example/?query=zarya", None),
    ],
)
def test_a_search_is_known_by_its_address(typed: str, known: str | None) -> None:
    found = channel("hacker_news").recognise_address(typed)  # type: ignore[attr-defined]
    assert (found and found.url) == known


def test_links_to_a_site_are_looked_for_in_addresses_alone() -> None:
    with connected("hacker_news") as source:
        source.place = Place("https://news.ycombinator.com/from?site=zarya.example")
        assert source.read().ids == {"45000001"}
        assert source.sandbox.asked[-1].query["restrictSearchableAttributes"] == "url"
