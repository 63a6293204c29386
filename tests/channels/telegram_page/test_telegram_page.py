"""What only public channel pages do: posts of a widget, quotations of the same class, numbers cut short, channels without a page."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from channels import channel, errors
from channels.contract import Place
from channels.telegram_page import TelegramPage, name_in
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import connected

PAGE = Place("https://t.me/kettle_talk")


def test_posts_are_read_with_what_the_page_tells() -> None:
    parts = read(channel("telegram_page"), saved("telegram_page", "channel.html"), PAGE)
    first, second, bare = seen(parts)
    assert (first.external_id, first.url) == ("kettle_talk/120", "https://t.me/Kettle_Talk/120")
    assert first.text == "Чайник «Заря» течёт 😢\nВторой раз за месяц!"
    assert first.published_at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert (first.reach and first.reach.views, first.facts) == (1_200, {"edited": "yes"})
    assert first.author and (first.author.name, first.author.external_id) == ("Kettle talk", "kettle_talk")
    assert second.text == "Zarya answered: a new one is on its way & free."
    assert (second.parent, second.published_at) == (
        "kettle_talk/120",
        datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
    )
    assert second.facts == {"signed": "Olga", "forwarded from": "Other channel"}
    assert [one.url for one in second.attachments] == ["https://cdn.telesco.pe/file/a.jpg"]
    assert (bare.external_id, bare.published_at, bare.reach and bare.reach.views) == (
        "kettle_talk/124",
        None,
        3_000_000,
    )
    assert remarks(parts) == [
        "An entry without an id was left out.",
        "The date of kettle_talk/124 cannot be read.",
    ]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("@zarya_talk", "zarya_talk"),
        ("t.me/zarya_talk", "zarya_talk"),
        ("https://t.me/s/zarya_talk?before=5", "zarya_talk"),
        ("https://t.me/zarya_talk/55", "zarya_talk"),
        ("zarya-talk.t.me", None),
        ("zarya.t.me", "zarya"),
        ("https://telegram.me/zarya_talk", "zarya_talk"),
        ("https://t.me/+AbCdEf123", None),
        ("https://t.me/joinchat/AAAA", None),
        ("https://t.me/c/123/4", None),
        ("@ab", None),
        ("anna@t.me.example", None),
        ("https://t.me.evil.example/zarya_talk", None),
    ],
)
def test_a_channel_is_known_by_what_people_type(typed: str, name: str | None) -> None:
    assert name_in(typed) == name


def test_pages_are_walked_back_to_what_is_known() -> None:
    with connected("telegram_page") as source:
        for number in range(60):
            source.sandbox.say(f"Запись номер {number}")
        assert len(source.read().ids) == 64
        new = source.sandbox.say("Новая запись")
        found = source.read()
        assert new in found.ids and len(found.pages) == 6, "twenty posts behind what is known are read again"
        source.sandbox.change(new, "Новая запись, исправленная")
        (seen_again,) = [one for one in source.read().sightings if one.external_id == new]
        assert (seen_again.text, seen_again.facts) == ("Новая запись, исправленная", {"edited": "yes"})


def test_a_first_reading_ends_where_it_was_told_to() -> None:
    with connected("telegram_page") as source:
        for number in range(40):
            source.sandbox.say(f"Запись номер {number}")
        source.place = replace(source.place, since=datetime(2026, 11, 18, 8, 40, tzinfo=UTC))
        assert len(source.read().pages) == 2


def test_a_channel_without_a_public_page_is_said() -> None:
    with connected("telegram_page") as source:
        source.place = Place("https://t.me/zarya_closed")
        with pytest.raises(errors.NotFound, match="no public page"):
            source.read()


def test_what_is_no_channel_is_said() -> None:
    with pytest.raises(errors.Unreadable, match="names no channel"):
        list(TelegramPage().start(Place("https://t.me/+AbCdEf")))
