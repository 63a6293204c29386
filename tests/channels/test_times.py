"""Dates as sites write them: each is read as a person would read it, or said to be unknown."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import dates
from tests.channels.conftest import NOW, page_of, parse, remarks, sightings


def utc(year: int, month: int, day: int, *clock: int) -> datetime:
    return datetime(year, month, day, *clock, tzinfo=UTC)  # type: ignore[arg-type,misc]


READ = {
    # Numbers between slashes, points and dashes.
    "2016/6/29 15:07:41": utc(2016, 6, 29, 15, 7, 41),
    "29/06/2016": utc(2016, 6, 29),
    "04/13/2026 5:00 PM": utc(2026, 4, 13, 17),
    "03.04.2026": utc(2026, 4, 3),
    "2026. 11. 16.": utc(2026, 11, 16),
    "16-11-2026": utc(2026, 11, 16),
    "01/01/2026": utc(2026, 1, 1),
    "Fri 03/04/2026": utc(2026, 4, 3),
    "Wed 03/04/2026": utc(2026, 3, 4),
    "12/11/2026": utc(2026, 11, 12),  # in the other order it would lie ahead
    "16.11.26": utc(2026, 11, 16),
    "29-06-16": utc(2016, 6, 29),
    "2026年11月16日": utc(2026, 11, 16),
    "2026:11:16 10:00:00": utc(2026, 11, 16, 10),
    # Halves of the day.
    "Tue, 24 May 2016 2:17:57 PM CEST": utc(2016, 5, 24, 12, 17, 57),
    "16.11.2026 12:30 AM": utc(2026, 11, 16, 0, 30),
    "12:30 p.m. 16.11.2026": utc(2026, 11, 16, 12, 30),
    "Nov 16, 2026, 2:30:00\u202fPM": utc(2026, 11, 16, 14, 30),
    "16.11.2026 5 PM": utc(2026, 11, 16, 17),
    "2 Sep 2026 at 3:15 am": utc(2026, 9, 2, 3, 15),
    # Zones by name.
    "Mon, 16 Nov 2026 10:00:00 MSK": utc(2026, 11, 16, 7),
    "16.11.2026 10:00 МСК": utc(2026, 11, 16, 7),
    "16.11.2012 10:00 МСК": utc(2012, 11, 16, 6),  # Moscow kept summer time all that year
    "16.11.2026 10:00 МСК+2": utc(2026, 11, 16, 5),
    "16 ноября 2026 года, 14:30 (по московскому времени)": utc(2026, 11, 16, 11, 30),
    "Mon, 16 Nov 2026 10:00:00 GMT+0300": utc(2026, 11, 16, 7),
    "16.11.2026 10:00 UTC+5": utc(2026, 11, 16, 5),
    "Thu, 30 Apr 2015 08:57:00 MEST": utc(2015, 4, 30, 6, 57),
    "Mon, 16 Nov 2026 10:00:00 EST": utc(2026, 11, 16, 15),
    "Thu, 16 Jul 2026 10:00:00 PDT": utc(2026, 7, 16, 17),
    "Jul 16, 2026 10:00 AM ET": utc(2026, 7, 16, 14),
    "Mon Nov 16 14:30:00 MSK 2026": utc(2026, 11, 16, 11, 30),
    "2026-11-16 10:00:00 +0300 MSK": utc(2026, 11, 16, 7),
    "2026-11-16T10:00:00+03:00[Europe/Moscow]": utc(2026, 11, 16, 7),
    "2026-11-16 10:00 America/New_York": utc(2026, 11, 16, 15),
    # JavaScript, web servers, mail.
    "Mon Nov 16 2026 14:30:00 GMT+0300 (Moscow Standard Time)": utc(2026, 11, 16, 11, 30),
    "Mon Nov 16 2026 14:30:00 GMT+0300 (Москва, стандартное время)": utc(2026, 11, 16, 11, 30),
    "Mon Nov 16 2026 14:16:38 GMT+0000 (GMT)": utc(2026, 11, 16, 14, 16, 38),
    "16/Nov/2026:10:00:00 +0300": utc(2026, 11, 16, 7),
    "Monday, 16-Nov-26 10:00:00 GMT": utc(2026, 11, 16, 10),
    "Mon, 16 Nov 2026 10:00:60 GMT": utc(2026, 11, 16, 10, 0, 59),
    "Mon, 16 Nov 2026 10:00:00 (MSK)": utc(2026, 11, 16, 7),
    # Months in words.
    "Mo, 25 Jun 2018 11:41:36": utc(2018, 6, 25, 11, 41, 36),
    "Tue, 18 Sept 2018 15:53:56 +0300": utc(2018, 9, 18, 12, 53, 56),
    "Fri, Oct 7 2022 10:15:00 -0400": utc(2022, 10, 7, 14, 15),
    "Пн, 16 ноя 2026 10:00:00 +0300": utc(2026, 11, 16, 7),
    "понедельник, 16 ноября 2026 г., 10:15": utc(2026, 11, 16, 10, 15),
    "16. November 2026 um 14:30 Uhr": utc(2026, 11, 16, 14, 30),
    "7. März 2026": utc(2026, 3, 7),
    "November 16th, 2026": utc(2026, 11, 16),
    "mar. 17 mars 2026": utc(2026, 3, 17),
    "16 de noviembre de 2026": utc(2026, 11, 16),
    "16 листопада 2026 р.": None,  # a word that we do not know stands in it
    "16 листопада 2026": utc(2026, 11, 16),
    "Опубликовано 16.11.2026 в 10:00": utc(2026, 11, 16, 10),
    "16.11.2026 в 10.30": utc(2026, 11, 16, 10, 30),
    # ISO 8601 in its other shapes.
    "20261116": utc(2026, 11, 16),
    "20261116T101530Z": utc(2026, 11, 16, 10, 15, 30),
    "20261116101530": utc(2026, 11, 16, 10, 15, 30),
    "2026-11-16T24:00:00Z": utc(2026, 11, 17),
    "2026-11-16T10:00:00,5+03:00": utc(2026, 11, 16, 7, 0, 0, 500_000),
    "2026-W47-1": utc(2026, 11, 16),
    "2026-320": utc(2026, 11, 16),
    "2026-11-16+03:00": utc(2026, 11, 15, 21),
    # Seconds and milliseconds since 1970.
    "1779000000": utc(2026, 5, 17, 6, 40),
    "1779000000000": utc(2026, 5, 17, 6, 40),
    # Digits of other scripts, and marks that cannot be seen.
    "١٦/١١/٢٠٢٦": utc(2026, 11, 16),
    "２０２６-１１-１６": utc(2026, 11, 16),
    "\u200e16.11.2026": utc(2026, 11, 16),
    # Counted from the day of reading.
    "только что": NOW,
    "вчера в 10:15": utc(2026, 11, 20, 10, 15),
    "сегодня, 10:15 МСК": utc(2026, 11, 21, 7, 15),
    "vor 3 Tagen": utc(2026, 11, 18, 12),
    "2 часа назад": utc(2026, 11, 21, 10),
    "31 декабря": utc(2025, 12, 31),
}


@pytest.mark.parametrize(("value", "expected"), READ.items())
def test_reads_what_a_person_would_read(value: str, expected: datetime | None) -> None:
    assert dates.read(value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("03/04/2026", "may mean two days"),
        ("7/4/26", "may mean two days"),
        ("03-04-2026 10:00", "may mean two days"),
        ("26-11-16", "may mean two days"),
        ("16.11.2026 10:00 IST", "cannot be read"),
        ("2026-11-16 10:00:00 +0300 GMT", "names two time zones"),
        ("2026-11-16T10:00:00+25:00", "time zone"),
        ("2026-11-16T10:00:00+23:00", "time zone"),
        ("16.11.2026 10:00-11:00", "names two times"),
        ("16.11.2026 13:00 AM", "an hour that there is not"),
        ("Mon, 16 Nov 2026 25:00:00 GMT", "an hour that there is not"),
        ("2026-11-31", "no day of the calendar"),
        ("2026-W54-1", "no day of the calendar"),
        ("2026-400", "no day of the calendar"),
        ("ноябрь 2026", "names no day"),
        ("2026-11", "cannot be read"),
        ("2026-W47", "cannot be read"),
        ("10:00", "cannot be read"),
        ("46342", "cannot be read"),
        ("16.11.2026 17.11.2026", "cannot be read"),
        ("Mon, 01 Jan 0001 00:00:00 +0300", "cannot be true"),
        ("16.11.2031", "cannot be true"),
    ],
)
def test_what_is_doubtful_is_unknown_and_says_why(value: str, why: str) -> None:
    assert dates.read(value, NOW) is None
    assert why in dates.complaint(value, NOW).en
    assert re.search("[а-я]", dates.complaint(value, NOW).ru)


def test_the_other_dates_of_a_source_settle_its_order() -> None:
    assert dates.day_order(["03/04/2026", "13/04/2026"], NOW) is True
    assert dates.day_order(["03/04/2026", "04/13/2026"], NOW) is False
    assert dates.day_order(["13/04/2026", "04/13/2026"], NOW) is None
    assert dates.day_order(["03/04/2026", "16-Nov-2026", "2026/04/13"], NOW) is None
    assert dates.read("03/04/2026", NOW, is_day_first=True) == utc(2026, 4, 3)
    assert dates.read("03/04/2026", NOW, is_day_first=False) == utc(2026, 3, 4)


def test_a_language_settles_the_order_where_it_has_one() -> None:
    assert dates.day_order(["03/04/2026"], NOW, "ru") is True
    assert dates.day_order(["03/04/2026"], NOW, "en") is None
    assert dates.day_order(["04/13/2026"], NOW, "ru") is False


def test_a_settled_order_never_moves_a_day_that_lies_ahead() -> None:
    assert dates.read("05/12/2026", NOW, is_day_first=True) is None


def test_local_time_is_the_places_own_where_it_is_known() -> None:
    moscow = ZoneInfo("Europe/Moscow")
    assert dates.read("2026-11-16T10:00:00", NOW) == utc(2026, 11, 16, 10)
    assert dates.read("2026-11-16T10:00:00", NOW, zone=moscow) == utc(2026, 11, 16, 7)
    assert dates.read("16 ноября 2026", NOW, zone=moscow) == utc(2026, 11, 15, 21)
    assert dates.read("вчера в 10:00", NOW, zone=moscow) == utc(2026, 11, 20, 7)
    assert dates.read("2026-11-16T10:00:00Z", NOW, zone=moscow) == utc(2026, 11, 16, 10)


def test_serials_of_tables_are_read_where_they_are_expected() -> None:
    assert dates.read("46342", NOW, has_serials=True) == utc(2026, 11, 16)
    assert dates.read("46342.604166666664", NOW, has_serials=True) == utc(2026, 11, 16, 14, 30)
    assert dates.read("46342,5", NOW, has_serials=True) == utc(2026, 11, 16, 12)
    assert dates.read("12", NOW, has_serials=True) is None


@given(
    st.dates(date(1990, 1, 2), date(2026, 11, 20)),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%Y", "%d %b %Y", "%Y/%m/%d"]),
)
def test_a_day_is_read_right_or_not_at_all(day: date, form: str) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    found = dates.read(day.strftime(form), NOW)
    if form in ("%d.%m.%Y", "%d %b %Y", "%Y/%m/%d"):
        assert found == midnight
    assert found in (None, midnight)
    assert dates.read(day.strftime(form), NOW, is_day_first=not form.startswith("%m")) == midnight


@given(st.datetimes(datetime(1990, 1, 3), datetime(2026, 11, 19)), st.integers(-14, 14))
def test_every_spelling_of_a_moment_is_that_moment(local: datetime, hours: int) -> None:
    local = local.replace(microsecond=0)
    moment = (local - timedelta(hours=hours)).replace(tzinfo=UTC)
    sign = f"{'-' if hours < 0 else '+'}{abs(hours):02}"
    for text in (
        f"{local:%Y-%m-%dT%H:%M:%S}{sign}:00",
        f"{local:%a, %d %b %Y %H:%M:%S} {sign}00",
        f"{local:%a %b %d %Y %H:%M:%S} GMT{sign}00 (Somewhere Standard Time)",
        f"{local:%Y/%m/%d %I:%M:%S %p} UTC{sign}:00",
        f"{local:%Y%m%dT%H%M%S}{sign}",
    ):
        assert dates.read(text, NOW) == moment, text


def test_feeds_of_slashes_are_settled_by_their_own_dates() -> None:
    entry = "<item><guid>https://a.example/{0}</guid><title>t{0}</title><pubDate>{1}</pubDate></item>"
    head = "<rss version='2.0'><channel><title>T</title>"
    body = (
        head + entry.format(1, "03/04/2026 10:00") + entry.format(2, "13/04/2026 10:00") + "</channel></rss>"
    )
    assert [seen.published_at for seen in sightings(parse("rss", page_of(body)))] == [
        utc(2026, 4, 3, 10),
        utc(2026, 4, 13, 10),
    ]
    alone = parse("rss", page_of(head + entry.format(1, "03/04/2026 10:00") + "</channel></rss>"))
    assert sightings(alone)[0].published_at is None
    assert "may mean two days" in remarks(alone)[0]
