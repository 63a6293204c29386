"""What only Apple's feed does: values in labels, one review that is no list, countries, and ten pages that shift."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels import channel, errors
from channels.app_store import AppStore
from channels.contract import Place
from demo.sandboxes.base import Trouble
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import connected

APP = Place("https://apps.apple.com/ru/app/id1570440123")


def test_reviews_are_read_and_the_app_itself_is_none() -> None:
    parts = read(channel("app_store"), saved("app_store", "reviews.json"), APP)
    first, second, odd = seen(parts)
    assert (first.external_id, first.rating, first.title, first.text) == (
        "14500000001", 1.0, "Не работает", "Закрывается при запуске & молчит",
    )  # fmt: skip
    assert first.author and first.author.external_id == "https://itunes.apple.com/ru/reviews/id100200300"
    assert first.published_at and first.published_at.isoformat() == "2026-11-14T11:24:23+00:00"
    assert (dict(first.facts), first.reach and first.reach.likes) == (
        {"version": "3.2.0", "country": "RU"},
        3,
    )
    assert second.reach and second.reach.likes is None
    assert (odd.rating, odd.published_at, odd.author) == (None, None, None)
    assert remarks(parts) == [
        "The stars of 14500000003 cannot be read: 7",
        "The date of 14500000003 cannot be read: yesterday-ish",
        "An entry without an id was left out.",
        "An entry without text and stars was left out.",
    ]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://apps.apple.com/ru/app/id1570440123", "https://apps.apple.com/ru/app/id1570440123"),
        ("apps.apple.com/kz/app/zarya/id1570440123?l=ru", "https://apps.apple.com/kz/app/id1570440123"),
        ("https://itunes.apple.com/app/id1570440123", "https://apps.apple.com/us/app/id1570440123"),
        ("https://apps.apple.com/ru/developer/id1570440123", None),
        ("https://example.com/ru/app/id1570440123", None),
        ("https://apps.apple.com/ru/app/id1", None),
    ],
)
def test_an_app_is_known_by_its_address(typed: str, url: str | None) -> None:
    found = AppStore().recognise_address(typed)
    assert (found.url if found else None) == url


def test_several_countries_are_read_each_from_its_own_mark() -> None:
    with connected("app_store") as source:
        source.place = replace(source.place, settings={"countries": "ru, KZ; us, ru, usa"})
        source.read()
        assert {one.path[1:3] for one in source.sandbox.asked} == {"ru", "kz", "us"}
        assert set(source.place.cursor) == {"ru", "kz", "us"}


def test_what_is_known_ends_the_walk_and_an_edited_review_comes_again() -> None:
    with connected("app_store") as source:
        for number in range(12):
            source.sandbox.say(f"Отзыв номер {number}")
        first = source.read()
        assert len(first.ids) == 16
        source.place = replace(source.place, cursor={"ru": "2026-11-20T00:00:00+00:00"})
        source.sandbox.change("14500000002", "Стало хуже")
        source.now += timedelta(hours=1)
        second = source.read()
        assert len(second.pages) == 1
        assert [one.text for one in second.sightings if one.external_id == "14500000002"] == ["Стало хуже"]


def test_one_review_is_an_object_and_none_is_nothing() -> None:
    with connected("app_store", lambda site: setattr(site, "reviews", site.reviews[:1])) as source:
        assert len(source.read().ids) == 1
        source.sandbox.withdraw("14500000001")
        assert source.read().ids == set()


def test_no_more_than_ten_pages_of_a_country_are_asked_for() -> None:
    with connected("app_store") as source:
        for number in range(60):
            source.sandbox.say(f"Отзыв номер {number}")
        assert len(source.read().pages) == 10


def test_a_feed_that_turned_into_a_page_is_said() -> None:
    with connected("app_store") as source:
        source.sandbox.troubles = [Trouble(status=403, body=b"<html>Forbidden</html>", times=9)]
        with pytest.raises(errors.ChannelError):
            source.read()


def test_an_address_without_an_app_is_said() -> None:
    with pytest.raises(errors.Unreadable, match="names no app"):
        list(AppStore().start(Place("https://apps.apple.com/ru/developer/id1")))
