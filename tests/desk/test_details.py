"""What a site tells beside the words is stored within bounds, and follows the site without being an edit."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Attachment, Reach, Sighting
from desk.base import db
from desk.mentions import details
from tests.world.desk import World, said

PHOTO = Attachment("image", "https://cdn.example/1.jpg", "leak.jpg", 20_480)


def test_what_was_told_is_kept_with_the_mention(world: World):
    world.crawl(
        said(
            "m1",
            "It leaks.",
            world.now,
            handle={"chat": 5, "keys": ["a"]},
            facts={"product": "Kettle", "size": "XL"},
            attachments=[PHOTO],
            reach=Reach(likes=3, views=0),
            can_be_answered=False,
        )
    )
    kept = world.mention("m1")
    assert (kept.handle, kept.facts) == ({"chat": 5, "keys": ["a"]}, {"product": "Kettle", "size": "XL"})
    assert kept.attachments == [
        {"kind": "image", "url": "https://cdn.example/1.jpg", "name": "leak.jpg", "size_bytes": 20_480}
    ]
    assert (kept.reach, kept.can_be_answered, kept.is_machine) == ({"likes": 3, "views": 0}, False, False)


def test_what_a_site_does_not_tell_is_nothing(world: World):
    world.crawl(said("m1", "It leaks.", world.now))
    with db.snapshot() as session:
        row = session.execute(
            sa.text("SELECT handle, facts, attachments, reach, can_be_answered FROM mentions")
        )
        assert list(row.one()) == [None] * 5


def test_more_likes_are_no_edit_and_a_new_handle_is_kept(world: World):
    world.crawl(said("m1", "It leaks.", world.now, handle={"cid": "old"}, reach=Reach(likes=3)))
    before = world.mention("m1")
    came_to = world.crawl(said("m1", "It leaks.", world.now, handle={"cid": "new"}, reach=Reach(likes=9)))
    after = world.mention("m1")
    assert (came_to.new, came_to.edited, came_to.known) == (0, 0, 1)
    assert (after.handle, after.reach) == ({"cid": "new"}, {"likes": 9})
    assert (after.edit_count, after.state) == (before.edit_count, before.state)


def test_a_message_without_an_address_is_stored(world: World):
    world.crawl(Sighting("5/1", None, "Where is my parcel?", kind="message"))
    assert (world.mention("5/1").url, world.mention("5/1").kind) == ("", "message")


@pytest.mark.parametrize("handle", [{"x": object()}, {"x": "y" * 30_000}, {"x": "\ud800"}, {"x": "\0"}])
def test_a_handle_that_cannot_be_kept_is_an_error_and_not_a_part_of_it(handle):
    with pytest.raises(ValueError, match="a handle"):
        details.stored(Sighting("1", None, "text", handle=handle))


@given(
    st.dictionaries(st.text(), st.text(max_size=2_000), max_size=60),
    st.lists(st.tuples(st.text(), st.text(), st.integers()), max_size=80),
    st.integers(),
)
def test_nothing_from_outside_is_longer_than_its_bound(facts, files, number):
    seen = Sighting(
        "1",
        None,
        "text",
        facts=facts,
        attachments=[Attachment(kind, url, url, size) for kind, url, size in files],  # type: ignore[arg-type]
        reach=Reach(likes=number),
    )
    kept = details.stored(seen)
    for name, value in (kept["facts"] or {}).items():
        assert 0 < len(name) <= details.LONGEST_NAME
        assert 0 < len(value) <= details.LONGEST_VALUE
        assert "\0" not in name + value
    for one in kept["attachments"] or []:
        assert one["kind"] in details.FILES
        assert one["url"] is None or one["url"].startswith(("http://", "https://"))
        assert one["size_bytes"] is None or one["size_bytes"] >= 0
    assert kept["reach"] in (None, {"likes": number})


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//cdn.example/1",
        "https://a:b@cdn.example/",
        "https://",
        "",
    ],
)
def test_only_web_addresses_are_links(url):
    assert details.web_address(url) is None
