"""One thing is one mention and two are two, whatever the site does to its ids, its order and its window."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Page, Sighting
from desk.base import db
from desk.mentions import recognition
from desk.models import EarlierWording, Mention
from desk.pipeline import arrivals
from desk.sources import sources
from tests.channels.conftest import NOW, page_of, parse, saved, sightings
from tests.desk.windows import DB, SAID, Entry, crawl, feed, review, reviews, stored_after, texts
from tests.world.desk import World, acme

EARLIER = json.loads((Path(__file__).parent / "ids_before_identity.json").read_text())


@pytest.fixture
def world(database: None, now: datetime) -> World:
    return acme(now + timedelta(days=10))


def guids(number: int, habit: str) -> str:
    return {
        "own": f"tag:{number}",
        "shared": "tag:all",
        "none": "",
        "n/a": "N/A",
        "page": "https://shop.example/reviews",
    }[habit]


@DB
@given(data=st.data(), habit=st.sampled_from(["own", "shared", "none", "n/a", "page"]))
def test_any_order_and_any_window_of_a_feed_give_the_same_mentions(
    world: World, data: Any, habit: str
) -> None:
    authors = st.sampled_from(["", "Анна", "Борис"])
    links = st.sampled_from(["https://shop.example/reviews", "https://shop.example/k2"])
    entries = [
        Entry(text, guids(number, habit), data.draw(links), "", data.draw(authors), minute=7 * number + 1)
        for number, text in enumerate(SAID)
    ]
    windows = data.draw(
        st.lists(st.lists(st.sampled_from(entries), min_size=1, unique=True), min_size=1, max_size=5)
    )
    found = stored_after(world, "rss", [feed(*window) for window in windows])
    assert found == Counter({entry.text for window in windows for entry in window})


@DB
@given(data=st.data())
def test_reviews_without_ids_are_counted_in_any_window(world: World, data: Any) -> None:
    kinds = st.builds(
        review,
        st.sampled_from(["", "Хорошо", "Плохо"]),
        st.sampled_from(["", "Аноним", "Анна"]),
        st.sampled_from(["2026-11-16", "2026-11-16T00:00:00+03:00", "2026-11-17"]),
        st.sampled_from([1, 5]),
    )
    everything = data.draw(st.lists(kinds, min_size=1, max_size=8))
    windows = data.draw(
        st.lists(st.lists(st.sampled_from(range(len(everything))), min_size=1, unique=True), min_size=1)
    )
    pages = [reviews(*(everything[number] for number in window)) for window in windows]

    def counted(window: list[int]) -> Counter[str]:
        found = Counter(json.dumps(everything[number], sort_keys=True) for number in window)
        for key in found:
            node = json.loads(key)
            if node.get("author", {}).get("name") == "Анна" and node["reviewBody"]:
                found[key] = 1  # Nobody says the same words twice on one day.
        return found

    expected: Counter[str] = Counter()
    for window in windows:
        expected |= counted(window)
    by_text: Counter[str] = Counter()
    for key, count in expected.items():
        by_text[json.loads(key)["reviewBody"]] += count
    assert stored_after(world, "schema_org", pages) == by_text


def test_three_anonymous_reviews_of_one_midnight_are_three(world: World) -> None:
    at = "2026-11-16T00:00:00+03:00"
    words = [review(text, "Аноним", at, 1) for text in ("Сломалась кнопка.", "Всё понравилось.", "Вернул.")]
    assert crawl(world, "schema_org", reviews(*words), reviews(*words[1:]), reviews(words[2])) == [
        arrivals.Recorded(new=3), arrivals.Recorded(known=2), arrivals.Recorded(known=1),
    ]  # fmt: skip


def test_stars_of_one_day_are_counted(world: World) -> None:
    three = [review(stars=5), review(stars=5), review(stars=5)]
    assert crawl(world, "schema_org", reviews(*three), reviews(*three[1:]), reviews(review(stars=1), *three)) == [
        arrivals.Recorded(new=3), arrivals.Recorded(known=2), arrivals.Recorded(new=1, known=3),
    ]  # fmt: skip


def test_a_list_that_is_shown_twice_is_one(world: World) -> None:
    page = reviews(review(stars=5), review(stars=5))
    twice = replace(page, body=page.body + page.body)
    assert crawl(world, "schema_org", twice) == [arrivals.Recorded(new=2)]


def test_a_guid_that_is_used_again_is_a_new_thing_with_its_own_date(world: World) -> None:
    old = Entry(
        "Семь хороших чайников.",
        "https://shop.example/best",
        title="Лучшие чайники",
        author="admin",
        minute=1,
    )
    new = Entry("Он сгорел у меня на кухне.", old.guid, title="Худшие чайники", author="admin", minute=900)
    assert crawl(world, "rss", feed(old), feed(new), feed(old), feed(new)) == [
        arrivals.Recorded(new=1), arrivals.Recorded(new=1), arrivals.Recorded(known=1), arrivals.Recorded(known=1),
    ]  # fmt: skip
    with db.snapshot() as session:
        assert len({mention.published_at for mention in session.scalars(sa.select(Mention))}) == 2


def test_a_new_entry_on_top_does_not_write_over_the_old_one(world: World) -> None:
    """An undated feed whose entries all have the address of one page as their guid."""
    entries = [Entry(text, "https://shop.example/news", title=f"Новость {text[:6]}") for text in SAID]
    for older, newer in pairwise(entries):
        crawl(world, "rss", feed(newer, older))
    assert texts(world) == sorted(SAID)


@pytest.mark.parametrize("is_dated", [True, False])
def test_an_edit_under_an_own_guid_is_a_revision(world: World, is_dated: bool) -> None:
    first = Entry("Отлично", "tag:1", title="Отзыв", minute=17 if is_dated else None)
    edited = replace(first, text="После обновления вылетает на каждом экране")
    assert crawl(world, "rss", feed(first), feed(edited)) == [
        arrivals.Recorded(new=1),
        arrivals.Recorded(edited=1),
    ]
    with db.snapshot() as session:
        assert list(session.scalars(sa.select(EarlierWording.text))) == ["Отлично"]


def test_an_entry_that_moves_up_with_a_new_date_is_the_same(world: World) -> None:
    first = Entry("Где мой заказ? Жду три недели уже.", "tag:1", title="Заказ", minute=17)
    again = replace(first, minute=500)
    longer = replace(again, text=f"{first.text} Ответьте хоть кто-нибудь!", minute=700)
    assert crawl(world, "rss", feed(first), feed(again), feed(longer)) == [
        arrivals.Recorded(new=1), arrivals.Recorded(known=1), arrivals.Recorded(edited=1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://shop.example/?p=11", "https://shop.example/?p=11"),
        ("https://shop.example/?p=11", "https://www.shop.example/?p=11"),
        ("https://shop.example/p11", "https://shop.example/p11/"),
        ("https://shop.example/p11?utm_source=rss", "https://shop.example/p11"),
        ("https://shop.example/p11", "https://shop.example/p11?utm_source=rss&utm_medium=feed"),
    ],
)
def test_an_address_that_changes_its_form_is_the_same_guid(world: World, before: str, after: str) -> None:
    one, other = (Entry(SAID[0], guid, guid, "Чайник", minute=3) for guid in (before, after))
    news = Entry(SAID[1], after.replace("11", "12"), after.replace("11", "12"), "Утюг", minute=9)
    assert crawl(world, "rss", feed(one), feed(news, other), feed(news, other)) == [
        arrivals.Recorded(new=1), arrivals.Recorded(new=1, known=1), arrivals.Recorded(known=2),
    ]  # fmt: skip


def test_an_answer_finds_what_it_answers_under_its_former_name(world: World) -> None:
    def atom(scheme: str, *extra: str) -> Page:
        entry = (
            f"<entry><id>{scheme}://f.example/1</id><title>Заказ</title><updated>2026-11-16T10:07:00Z</updated>"
            f"<author><name>Пётр</name></author><content>Где мой заказ?</content></entry>"
        )
        head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">'
        return page_of(
            f"{head}<title>F</title>{entry}{''.join(extra)}</feed>", content_type="application/atom+xml"
        )

    answer = (
        '<entry><id>https://f.example/2</id><thr:in-reply-to ref="https://f.example/1"/><title>Re: Заказ</title>'
        "<updated>2026-11-16T11:07:00Z</updated><author><name>Acme Care</name></author>"
        "<content>Уже везём.</content></entry>"
    )
    crawl(world, "rss", atom("http"), atom("https", answer))
    asked = world.mention("http://f.example/1")
    assert asked.answered_at == datetime(2026, 11, 16, 11, 7, tzinfo=UTC)
    assert len(texts(world)) == 2


@pytest.mark.parametrize("name", EARLIER)
def test_what_earlier_versions_stored_is_not_new(world: World, name: str) -> None:
    """The ids in the file were made by the version before; the channels' pages are the same."""
    kind, page = name.split("/")
    now = sightings(parse(kind, saved(kind, page)))
    ids = EARLIER[name]
    before = {seen.external_id: ids[_words(seen)] for seen in now}
    stored = [
        replace(
            seen,
            external_id=before[seen.external_id],
            thread=before.get(seen.thread or "", seen.thread),
            parent=before.get(seen.parent or "", seen.parent),
            twin_id="",
            former_ids=(),
        )
        for seen in now
    ]
    assert world.crawl(*stored).new == len(stored)
    assert world.crawl(*now) == arrivals.Recorded(known=len(stored))


def _words(seen: Sighting) -> str:
    return f"{seen.author.name if seen.author else ''}|{seen.title}|{seen.text[:60]}"


def test_entries_that_an_earlier_version_told_apart_by_their_links_are_known(world: World) -> None:
    entries = [
        Entry(text, "tag:all", f"https://shop.example/{number}", minute=3)
        for number, text in enumerate(SAID[:3])
    ]
    stored = [
        replace(seen, external_id=seen.url, twin_id="", former_ids=())
        for seen in sightings(parse("rss", feed(*entries)))
    ]
    world.crawl(*stored)
    assert crawl(world, "rss", feed(*entries), feed(entries[1])) == [
        arrivals.Recorded(known=3), arrivals.Recorded(known=1),
    ]  # fmt: skip


def test_where_ids_can_be_trusted_nothing_is_asked(world: World) -> None:
    seen = sightings(parse("wordpress", saved("wordpress", "comments.json")))
    with db.transaction() as session:
        assert recognition.settle(session, None, seen) == seen  # type: ignore[arg-type]
    assert NOW.tzinfo is UTC


def test_the_brands_post_in_a_topic_answers_the_one_before(world: World) -> None:
    with db.transaction() as session:
        sources.load(session, world.source_id).brand.own_names = ["Заря"]
    crawl(world, "rss", saved("rss", "discourse-topic.rss"))
    with db.snapshot() as session:
        asked = session.scalars(sa.select(Mention).where(~Mention.is_own)).one()
    assert asked.answered_at == datetime(2026, 11, 16, 12, tzinfo=UTC)


def test_each_newest_post_of_a_list_of_topics_is_a_mention_of_its_conversation(world: World) -> None:
    """Such lists show a topic once, with its last post: one guid, other words, other authors."""
    link = "https://forum.example/topic/5-zakaz/"
    first = Entry(SAID[4], link, link, "Заказ", "Пётр", minute=1)
    answer = Entry("Уже везём, простите.", link, link, "Заказ", "Acme Care", minute=50)
    later = Entry(SAID[5], link, link, "Заказ", "Пётр", minute=90)
    crawl(world, "rss", feed(first), feed(answer), feed(later), feed(later))
    with db.snapshot() as session:
        found = list(session.scalars(sa.select(Mention).order_by(Mention.published_at)))
    assert [mention.text for mention in found] == [first.text, answer.text, later.text]
    assert len({mention.thread for mention in found}) == 1
    assert [mention.answered_at is not None for mention in found] == [True, False, False]


def test_texts_by_one_pattern_under_a_shared_guid_stay_apart(world: World) -> None:
    entries = [
        Entry(
            f"Заказ {n} не привезли вовремя, верните деньги за доставку",
            "N/A",
            title="Отзыв",
            minute=7 * n + 1,
        )
        for n in range(6)
    ]
    crawl(world, "rss", feed(*entries[:2]), feed(*entries[2:4]), feed(entries[4]), feed(*entries))
    assert len(texts(world)) == 6
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count(EarlierWording.id))) == 0
