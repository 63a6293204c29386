"""What only Lemmy does: one address for a post on all servers, paths of comments, tombstones, its own word for too often."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels import errors
from channels.contract import Page
from channels.lemmy import Lemmy
from demo.sandboxes.base import Trouble
from tests.channels.sandboxes import Connected, connected


@pytest.fixture
def source() -> Iterator[Connected]:
    with connected("lemmy") as found:
        yield found


def test_comments_stand_under_each_other(source: Connected) -> None:
    found = {one.external_id.removeprefix("https://lem.example/"): one for one in source.read().sightings}
    assert {one.thread for one in found.values()} == {"https://lem.example/post/1"}
    parents = [found[one].parent for one in ("post/1", "comment/24", "comment/25", "comment/26")]
    base = "https://lem.example"
    assert parents == [None, f"{base}/post/1", f"{base}/comment/24", f"{base}/comment/25"]


def test_a_parent_of_another_server_is_not_guessed(source: Connected) -> None:
    def spoil(said: dict[str, Any]) -> dict[str, Any]:
        for one in said["comments"]:
            one["comment"] |= {"local": False, "ap_id": one["comment"]["ap_id"].replace("lem.", "far.")}
        return said

    source.sandbox.troubles = [Trouble(path="search", changes=spoil, times=9)]
    far = next(one for one in source.read().sightings if one.external_id.endswith("/26"))
    assert (far.parent, far.thread) == (None, "https://lem.example/post/1")


def test_what_was_deleted_is_withdrawn_and_edits_are_read(source: Connected) -> None:
    first = source.read()
    assert [one.external_id for one in first.withdrawn] == ["https://lem.example/comment/27"]
    source.sandbox.change("https://lem.example/post/1", "Works again.")
    (post,) = [one for one in source.read().sightings if one.kind == "post"]
    assert post.text == "Works again." and post.edited_at is not None
    source.sandbox.withdraw("https://lem.example/post/1")
    assert "https://lem.example/post/1" in [one.external_id for one in source.read().withdrawn]


@pytest.mark.parametrize("most", [1, 2])
def test_small_pages_have_no_gaps(source: Connected, most: int) -> None:
    source.sandbox.page = most  # type: ignore[attr-defined]
    assert len(source.read().ids) == 4
    new = {source.sandbox.say(f"Ещё {number}") for number in range(3)}
    source.now += timedelta(hours=2)
    assert new <= source.read().ids


def test_a_community_is_read_by_its_name(source: Connected) -> None:
    source.place = replace(source.place, url=f"{source.sandbox.url}/c/kettles")
    assert len(source.read().ids) == 4
    assert {one.query["community_name"] for one in source.sandbox.asked} == {"kettles"}


def test_too_often_is_a_word_of_its_own(source: Connected) -> None:
    source.sandbox.troubles = [Trouble(status=400, body=b'{"error": "rate_limit_error"}')]
    with pytest.raises(errors.RateLimited):
        source.read()


def test_one_bad_comment_costs_one_line(source: Connected) -> None:
    def spoil(said: dict[str, Any]) -> dict[str, Any]:
        if not said["comments"]:
            return said
        said["comments"][0]["comment"]["deleted"] = said["comments"][0]["comment"]["ap_id"] = None
        said["comments"][1] |= {"creator": None, "counts": 5, "post": None}
        return said | {"comments": [None, 3, *said["comments"]]}

    source.sandbox.troubles = [Trouble(path="search", changes=spoil, times=9)]
    read = source.read()
    assert any("without an id" in str(one.text) for one in read.remarks)
    assert next(one for one in read.sightings if one.external_id.endswith("/26")).author is None


def test_an_address_without_a_search_is_told(source: Connected) -> None:
    source.place = replace(source.place, url=f"{source.sandbox.url}/u/anna")
    with pytest.raises(errors.Unreadable, match="names no search"):
        source.read()


def test_a_page_of_a_server_is_recognised() -> None:
    page = Page("https://lem.example/c/kettles", 200, {}, b'<div id="app" class="lemmy-site">')
    found = Lemmy().recognise(page)
    assert found is not None and found.title == "lem.example: kettles"
    assert Lemmy().recognise(replace(page, url="https://lem.example/")) is None
    assert Lemmy().recognise(replace(page, body=b"lemmy")) is None
