"""The small parts: spans and dates, words, differences, snoozes, presence, ids."""

import json
from datetime import UTC, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import journal
from desk.base.errors import Invalid
from desk.base.words import (
    CaseStatus,
    CloseReason,
    CrawlOutcome,
    Intent,
    MentionState,
    ReplyState,
    RoleName,
    Sentiment,
    SourceState,
    Urgency,
)
from webapp.cases import snoozes
from webapp.live.presence import FORGET_SECONDS, Presence, Watcher
from webapp.request import row_ids
from webapp.wording import differences, formats, labels
from webapp.wording import journal as journal_words

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [
        (0, "under a minute", "меньше минуты"),
        (59, "under a minute", "меньше минуты"),
        (60, "1 m", "1 мин"),
        (8040, "2 h 14 m", "2 ч 14 мин"),
        (7200, "2 h", "2 ч"),
        (-2400, "40 m", "40 мин"),
        (86400 * 3, "3 d", "3 д"),
        (86400 + 3600, "1 d 1 h", "1 д 1 ч"),
    ],
)
def test_a_span_in_two_units(app: Flask, seconds: int, english: str, russian: str) -> None:
    with app.test_request_context():
        with force_locale("en"):
            assert formats.span(seconds) == english
        with force_locale("ru"):
            assert formats.span(seconds) == russian


@pytest.mark.parametrize(
    ("count", "english", "russian"),
    [
        (0, "0 byte", "0 Б"),
        (999, "999 byte", "999 Б"),
        (1_000, "1 kB", "1 кБ"),
        (1_234_567, "1.2 MB", "1,2 МБ"),
        (82_100_000_000, "82.1 GB", "82,1 ГБ"),
        (5_000_000_000_000_000, "5,000 TB", "5 000 ТБ"),
    ],
)
def test_a_size_is_said_in_the_readers_way(app: Flask, count: int, english: str, russian: str) -> None:
    for locale, said in (("en", english), ("ru", russian)):
        with app.test_request_context(), force_locale(locale):
            assert formats.size(count).replace("\xa0", " ") == said


def test_a_moment_says_how_long_ago_and_exactly_when(app: Flask, now: datetime) -> None:
    with app.test_request_context(), force_locale("ru"):
        assert ">2 ч назад</time>" in formats.moment(now - timedelta(hours=2))
        assert ">через 2 ч</time>" in formats.moment(now + timedelta(hours=2))
        assert "среда, 18 ноября 2026" in formats.moment(now)
        assert formats.absolute(
            now - timedelta(days=400)
        ) == "14 окт. 2025 г. 12:00" or "2025" in formats.absolute(now - timedelta(days=400))
        assert formats.moment(None) == "—"


def test_times_are_the_readers_own(app: Flask, now: datetime) -> None:
    with app.test_request_context(headers={"Cookie": "zone=Asia/Yekaterinburg"}), force_locale("en"):
        assert formats.absolute(now).endswith("14:00")
    with app.test_request_context(headers={"Cookie": "zone=Mars/Olympus"}), force_locale("en"):
        assert formats.absolute(now).endswith("12:00")


@pytest.mark.parametrize(
    ("left", "whole", "tone"),
    [
        (60, 100, "fine"),
        (25, 100, "fine"),
        (24, 100, "soon"),
        (0, 100, "late"),
        (-5, 100, "late"),
        (5, 0, "soon"),
    ],
)
def test_the_last_quarter_is_tight(app: Flask, now: datetime, left: int, whole: int, tone: str) -> None:
    due = now + timedelta(seconds=left)
    with app.test_request_context():
        assert formats.tightness(due - timedelta(seconds=whole), due) == tone


def test_stars_say_what_they_are_without_colour(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert 'aria-label="3.5 of 5"' in formats.stars(3.5)
        assert "stars-low" in formats.stars(1)
        assert formats.stars(None) == ""


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://www.shop.example:8443/x", "shop.example"), ("http://[bad", "http://[bad"), ("", "")],
)
def test_a_host_out_of_any_address(url: str, name: str) -> None:
    assert formats.host(url) == name


@pytest.mark.parametrize(
    "kind",
    [
        CaseStatus,
        CloseReason,
        CrawlOutcome,
        Intent,
        MentionState,
        ReplyState,
        RoleName,
        Sentiment,
        SourceState,
        Urgency,
    ],
)
@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_word_of_every_closed_set_has_a_label(app: Flask, kind: type, locale: str) -> None:
    with app.test_request_context(), force_locale(locale):
        said = [labels.label(word) for word in kind]
    assert len(set(said)) == len(said)
    assert all(said)


def test_every_event_of_the_journal_has_a_sentence() -> None:
    assert set(journal_words.SENTENCES) == set(get_args(journal.Event))


def test_words_of_two_sets_with_one_value_are_told_apart(app: Flask) -> None:
    with app.test_request_context(), force_locale("ru"):
        assert labels.label(CaseStatus.ON_HOLD) == "в ожидании"
        assert labels.label(ReplyState.DRAFT) == "черновик"


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_difference_holds_both_wordings_whole(before: str, after: str) -> None:
    pieces = differences.words(before, after)
    assert "".join(piece.text for piece in pieces if piece.what != "added") == before
    assert "".join(piece.text for piece in pieces if piece.what != "removed") == after


def test_a_difference_of_long_texts_does_not_take_the_square_of_them() -> None:
    before, after = "a " * 50_000, "b " * 50_000
    assert [piece.what for piece in differences.words(before, after)] == ["removed", "added"]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.sampled_from(sorted(snoozes.TITLES)))
@settings(max_examples=60)
def test_a_snooze_ends_in_the_future_and_mornings_are_mornings(at: datetime, choice: str) -> None:
    now = at.replace(tzinfo=UTC)
    until = snoozes.until(choice, now, MOSCOW)
    assert now < until <= now + timedelta(days=8)
    if choice in ("tomorrow", "monday", "week"):
        assert until.astimezone(MOSCOW).hour == 9
    if choice == "monday":
        assert until.astimezone(MOSCOW).weekday() == 0


@pytest.mark.parametrize("typed", ["", "soon", "2026-13-01T10:00", "9999-12-31T23:59", "0001-01-01T00:00 "])
def test_a_moment_nobody_means_is_refused(typed: str, now: datetime) -> None:
    with pytest.raises(Invalid):
        snoozes.until(typed, now, MOSCOW)


def test_a_typed_moment_is_on_his_own_clock(now: datetime) -> None:
    assert snoozes.until("2026-11-19T10:30", now, MOSCOW) == datetime(2026, 11, 19, 7, 30, tzinfo=UTC)


def test_presence_is_forgotten() -> None:
    at = [0.0]
    presence = Presence(lambda: at[0])
    presence.look(5, Watcher(1, "Иван", is_writing=False))
    presence.look(5, Watcher(2, "Ольга", is_writing=True))
    assert [one.name for one in presence.others(5, 1)] == ["Ольга"]
    assert presence.others(6, 1) == []
    at[0] = FORGET_SECONDS + 1
    assert presence.others(5, 1) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("0", 0),
        ("2147483647", 2**31 - 1),
        ("2147483648", None),
        ("²", None),
        ("-1", None),
        ("٣", None),
        (" 5", None),
        ("", None),
        (None, None),
        ("9" * 5000, None),
    ],
)
def test_a_number_of_a_row(text: str | None, number: int | None) -> None:
    assert row_ids.read(text) == number


def test_presence_numbers_what_a_colleague_would_see_and_no_heartbeat() -> None:
    at, calls = [0.0], []
    presence = Presence(lambda: at[0])
    presence.on_change(lambda: calls.append(presence.seen().number))
    presence.look(5, Watcher(1, "Иван", is_writing=False))
    assert calls == [1]
    presence.look(5, Watcher(1, "Иван", is_writing=False))
    assert calls == [1]
    presence.look(5, Watcher(1, "Иван", is_writing=True))
    assert calls == [1, 2]
    assert json.loads(presence.seen().told) == {"5": [{"id": 1, "name": "Иван", "is_writing": True}]}
    presence.leave(5, 1)
    presence.leave(5, 1)
    assert calls == [1, 2, 3]
    presence.look(6, Watcher(1, "Иван", is_writing=False))
    at[0] = FORGET_SECONDS + 1
    assert presence.seen().told == "{}"
    assert calls == [1, 2, 3, 4, 5]
