"""What only Mastodon does: three ways to listen, conversations, names before answers, visibility, edits, the end of a pause."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels import errors
from channels.contract import Page, Place, Sighting
from channels.mastodon.channel import Mastodon
from demo.sandboxes.base import Trouble
from tests.channels.sandboxes import Connected, connected
from tests.channels.speaking import NOW

TEXT = "Здравствуйте! Пришлём новый."


@pytest.fixture
def source() -> Iterator[Connected]:
    with connected("mastodon") as found:
        yield found


def posts(source: Connected) -> Any:
    return source.sandbox.posts  # type: ignore[attr-defined]


def by_text(source: Connected, words: str) -> Sighting:
    return next(one for one in source.read().sightings if words in one.text)


def at(source: Connected, path: str) -> None:
    source.place = replace(source.place, url=f"{source.sandbox.url}{path}")


def test_a_hashtag_is_read_without_a_token(source: Connected) -> None:
    source.place = replace(source.place, secrets={})
    assert by_text(source, "течёт").author is not None
    assert all("authorization" not in one.headers for one in source.sandbox.asked)


@pytest.mark.parametrize("path", ["/search?q=zarya", "/@zarya", "/"])
def test_searches_and_mentions_need_a_token(source: Connected, path: str) -> None:
    at(source, path)
    assert by_text(source, "течёт").text == "Чайник Заря К-2 <течёт> & шумит. #zarya @zarya"
    source.place = replace(source.place, secrets={}, cursor={})
    with pytest.raises(errors.Unauthorized, match="missing"):
        source.read()


def test_a_token_of_another_account_is_named(source: Connected) -> None:
    at(source, "/@vega")
    with pytest.raises(errors.Unauthorized, match="@zarya, not to @vega"):
        source.read()
    with pytest.raises(errors.Unauthorized, match="@zarya, not to @vega"):
        source.check()


def test_a_conversation_is_one_thread_under_its_first_post(source: Connected) -> None:
    at(source, "/@zarya")
    read = source.read()
    first = next(one for one in read.sightings if "течёт" in one.text)
    ours = next(one for one in read.sightings if one.is_by_brand)
    last = next(one for one in read.sightings if "Номер 77" in one.text)
    assert (ours.parent, ours.thread) == (first.external_id, first.external_id)
    assert (last.parent, last.thread, last.is_by_brand) == (ours.external_id, first.external_id, False)


def test_an_answer_whose_parent_is_gone_is_kept(source: Connected) -> None:
    at(source, "/@zarya")
    answer = next(one for one in posts(source).values() if one["account"]["id"] == "1")
    source.sandbox.withdraw(answer["id"])
    last = by_text(source, "Номер 77")
    assert last.parent == answer["id"]


def test_what_is_said_to_few_is_left_out_and_named(source: Connected) -> None:
    at(source, "/@zarya")
    read = source.read()
    assert not [one for one in read.sightings if "личное" in one.text]
    assert any("addressees" in str(one.text) for one in read.remarks)


def test_an_edit_of_a_recent_post_is_read_again(source: Connected) -> None:
    before = by_text(source, "stopped after a week")
    source.sandbox.change(before.external_id, "It works again.")
    source.now += timedelta(days=3)
    (again,) = source.read().sightings
    assert again.external_id == before.external_id and again.text.startswith("It works again.")
    assert again.edited_at is not None and again.edited_at > (before.published_at or again.edited_at)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_small_pages_have_no_gaps_and_no_doubles(source: Connected, most: int) -> None:
    source.sandbox.per_page_most = most  # type: ignore[attr-defined]
    source.sandbox.troubles = []
    read = source.read()
    ids = [one.external_id for one in read.sightings if not one.is_by_brand]
    assert len(ids) == len(set(ids)) == 3
    new = [source.sandbox.say(f"Ещё {number}") for number in range(4)]
    again = [one.external_id for one in source.read().sightings if not one.is_by_brand]
    assert sorted(again) == sorted(new)


def test_a_server_that_gives_the_same_page_again_is_left(source: Connected) -> None:
    whole = {"own": ["1"], "is_open": True, "before": "5", "newest": "9"}
    body = b'[{"id": "5", "content": "<p>x</p>", "account": {"id": "7", "acct": "a"}}]'
    page = Page("https://soc.example/api/v1/timelines/tag/z", 200, {}, body, "tag", whole, NOW)
    parts = list(Mastodon().parse(Place("https://soc.example/tags/z"), page))
    assert [type(one).__name__ for one in parts] == ["Sighting", "Remember"]


def test_one_bad_post_costs_one_line(source: Connected) -> None:
    def spoil(said: list[dict[str, Any]]) -> list[Any]:
        said[0] |= {"id": None}
        said[1] |= {"account": None, "created_at": "soon", "media_attachments": 5, "replies_count": "many"}
        return [None, 7, *said]

    source.place = replace(source.place, secrets={})
    source.sandbox.troubles = [Trouble(path="/tag/", changes=spoil)]
    read = source.read()
    assert any("without an id" in str(one.text) for one in read.remarks)
    nameless = next(one for one in read.sightings if one.author is None)
    assert nameless.text and nameless.published_at is None


def test_the_end_of_a_pause_is_a_moment(source: Connected) -> None:
    ends = (NOW + timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    source.sandbox.troubles = [Trouble(status=429, body=b"{}", headers={"X-RateLimit-Reset": ends}, times=9)]
    with pytest.raises(errors.RateLimited) as caught:
        source.read()
    assert caught.value.retry_after_seconds in (90, 91)


def test_an_answer_names_its_addressee_once_and_stays_off_the_timelines(source: Connected) -> None:
    post = by_text(source, "stopped after a week")
    source.send(post, TEXT, "one")
    source.send(post, f"@{post.handle['acct']} {TEXT}", "two")
    said = [one for one in posts(source).values() if one["in_reply_to_id"] == post.external_id]
    assert [one["text"] for one in said] == [f"@{post.handle['acct']} {TEXT}"] * 2
    assert {one["visibility"] for one in said} == {"unlisted"}


def test_the_same_reference_is_one_answer_and_another_is_another(source: Connected) -> None:
    post = by_text(source, "stopped after a week")
    first = source.send(post, TEXT, "one")
    assert source.send(post, TEXT, "one") == first
    assert source.send(post, TEXT, "two").external_id != first.external_id


def test_the_servers_words_about_length_and_its_own_number(source: Connected) -> None:
    post = by_text(source, "stopped after a week")
    with pytest.raises(errors.TooLong, match="limit of 500") as caught:
        source.send(post, "я" * 501)
    assert caught.value.limits.length == 468
    rights = source.check()
    assert rights.limits is not None and rights.limits.length == 468
    assert rights.limits.measure("https://zarya.example/" + "a" * 300) == 23
    assert (rights.signs_as, rights.answers) == ("zarya", True)
    source.send(post, "я" * 468)


def test_a_post_that_is_gone_takes_no_answer(source: Connected) -> None:
    post = by_text(source, "stopped after a week")
    source.sandbox.withdraw(post.external_id)
    with pytest.raises(errors.NotFound, match="Record not found"):
        source.send(post, TEXT)
    assert source.look(post, TEXT).outcome == "cannot_tell"


def test_a_closed_server_does_not_tell_strangers(source: Connected) -> None:
    post = by_text(source, "stopped after a week")
    receipt = source.send(post, TEXT)
    source.sandbox.troubles = [
        Trouble(status=401, body=b'{"error": "This API requires an authenticated user"}')
    ]
    assert source.look(post, TEXT, receipt).outcome == "cannot_tell"
    source.sandbox.decide(receipt.external_id or "", "removed")
    assert source.look(post, TEXT, receipt).outcome == "missing"


@pytest.mark.parametrize(
    ("typed", "url"),
    [("@zarya@soc.example", "https://soc.example/@zarya"), ("@zarya", None), ("zarya@soc.example", None)],
)
def test_a_handle_is_recognised_with_its_server(typed: str, url: str | None) -> None:
    found = Mastodon().recognise_address(typed)
    assert (found.url if found else None) == url


def test_a_page_of_a_server_is_recognised() -> None:
    page = Page("https://soc.example/tags/%D0%B7", 200, {}, b"<html><body><div id='mastodon'></div>")
    found = Mastodon().recognise(page)
    assert found is not None and found.title == "soc.example: #з"
    assert Mastodon().recognise(replace(page, body=b"<html>mastodon</html>")) is None
