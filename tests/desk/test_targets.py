"""Business time: worked examples by hand, then laws that hold for any calendar."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from desk.base.errors import Invalid
from desk.base.words import TargetKind
from desk.brands import calendars, targets

WEEKDAYS = {str(day): [["09:00", "18:00"]] for day in range(5)}
ALWAYS = {str(day): [["00:00", "24:00"]] for day in range(7)}
HOUR = 3600


def calendar(hours=WEEKDAYS, exceptions=None, zone="Europe/Moscow", holidays_of=None) -> targets.Calendar:
    row = SimpleNamespace(time_zone=zone, hours=hours, exceptions=exceptions or {}, holidays_of=holidays_of)
    return targets.from_row(row)


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# add


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        ("2026-11-18 12:00", 180, "2026-11-18 12:03"),
        ("2026-11-18 08:00", HOUR, "2026-11-18 10:00"),  # before opening: from the opening on
        ("2026-11-20 16:45", 30 * 60, "2026-11-20 17:15"),
        ("2026-11-20 17:45", 30 * 60, "2026-11-23 09:15"),  # a Friday evening goes on on Monday
        ("2026-11-21 12:00", HOUR, "2026-11-23 10:00"),
        ("2026-11-18 12:00", 6 * HOUR, "2026-11-18 18:00"),  # ends with the day, not with the next opening
        ("2026-11-18 18:00", 60, "2026-11-19 09:01"),  # closing time is closed already
        ("2026-11-16 09:00", 18 * HOUR, "2026-11-17 18:00"),  # 18 hours of 9-hour days are two days
    ],
)
def test_work_is_due_after_open_hours_alone(start, seconds, due):
    assert targets.add(calendar(), at(start), seconds) == at(due)


def test_nothing_to_add_is_due_at_once_even_at_night():
    night = at("2026-11-21 03:00")
    assert targets.add(calendar(), night, 0) == night


def test_time_is_not_added_backwards():
    with pytest.raises(ValueError, match="forwards"):
        targets.add(calendar(), at("2026-11-18 12:00"), -1)


def test_a_lunch_break_stops_the_clock():
    split = calendar({"2": [["09:00", "13:00"], ["14:00", "18:00"]]})
    assert targets.add(split, at("2026-11-18 12:30"), HOUR) == at("2026-11-18 14:30")
    assert targets.elapsed(split, at("2026-11-18 12:30"), at("2026-11-18 14:30")) == HOUR


def test_spans_that_touch_are_one_opening():
    touching = calendar({"2": [["09:00", "13:00"], ["13:00", "18:00"]]})
    assert targets.add(touching, at("2026-11-18 12:30"), HOUR) == at("2026-11-18 13:30")


def test_the_answer_is_in_utc_whatever_zone_the_question_was_in():
    start = datetime(2026, 10, 24, 23, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    due = targets.add(calendar(ALWAYS, zone="Europe/Berlin"), start, 6 * HOUR)
    assert due.tzinfo is UTC
    assert due == start.astimezone(UTC) + timedelta(hours=6)


# midnight


def test_a_calendar_without_closing_time_is_wall_clock():
    start, end = at("2026-11-18 12:00"), at("2027-03-01 07:30")
    assert targets.elapsed(calendar(ALWAYS), start, end) == (end - start).total_seconds()


def test_a_span_may_end_at_24_00():
    evening = calendar({"2": [["20:00", "24:00"]], "3": [["00:00", "02:00"]]})
    assert list(islice(targets.windows(evening, at("2026-11-18 12:00")), 2)) == [
        (at("2026-11-18 20:00"), at("2026-11-19 00:00")),
        (at("2026-11-19 00:00"), at("2026-11-19 02:00")),
    ]
    assert targets.add(evening, at("2026-11-18 23:30"), HOUR) == at("2026-11-19 00:30")


# daylight saving: Berlin leaps from 02:00 to 03:00 on 2026-03-29 and repeats 02:00..03:00 on 2026-10-25


@pytest.mark.parametrize(
    ("day", "opens", "closes", "hours"),
    [
        ("2026-03-29", "00:00", "24:00", 23),
        ("2026-10-25", "00:00", "24:00", 25),
        ("2026-03-29", "01:00", "04:00", 2),
        ("2026-10-25", "01:00", "04:00", 4),
        ("2026-03-29", "02:30", "03:30", 0.5),  # 02:30 does not exist: open from the leap on
        ("2026-03-29", "01:30", "02:30", 0.5),  # and 02:30 as a closing time is the leap too
        ("2026-03-29", "02:10", "02:50", 0),
        ("2026-10-25", "02:30", "03:00", 1.5),  # from the first 02:30
    ],
)
def test_a_span_over_a_change_of_clock_is_measured_in_real_time(day, opens, closes, hours):
    sundays = calendar({"6": [[opens, closes]]}, zone="Europe/Berlin")
    start = at(f"{day} 00:00", "Europe/Berlin")
    assert targets.elapsed(sundays, start, start + timedelta(hours=30)) == hours * HOUR


def test_spans_beside_a_gap_never_count_it_twice():
    split = calendar(
        {"6": [["01:00", "02:15"], ["02:20", "02:50"], ["02:50", "05:00"]]}, zone="Europe/Berlin"
    )
    start = at("2026-03-29 00:00", "Europe/Berlin")
    assert targets.elapsed(split, start, start + timedelta(hours=24)) == 3 * HOUR


def test_hours_stay_local_when_the_offset_changes():
    berlin = calendar({str(day): [["09:00", "10:00"]] for day in range(7)}, zone="Europe/Berlin")
    opens = [
        opens.hour for opens, _ in islice(targets.windows(berlin, at("2026-10-24 00:00", "Europe/Berlin")), 3)
    ]
    assert opens == [7, 8, 8]


def test_a_day_that_a_zone_skipped_has_no_hours():
    samoa = calendar(ALWAYS, zone="Pacific/Apia")
    start, end = at("2011-12-29 12:00", "Pacific/Apia"), at("2011-12-31 12:00", "Pacific/Apia")
    assert targets.elapsed(samoa, start, end) == 24 * HOUR


def test_a_leap_at_midnight_itself():
    # Beirut leapt from 00:00 to 01:00 on 2026-03-29.
    beirut = calendar(ALWAYS, zone="Asia/Beirut")
    assert list(islice(targets.windows(beirut, at("2026-03-28 00:00", "Asia/Beirut")), 2)) == [
        (datetime(2026, 3, 27, 22, tzinfo=UTC), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 21, tzinfo=UTC)),
    ]


# holidays and exceptions


def test_public_holidays_are_closed():
    russian = calendar(holidays_of="RU")
    assert targets.add(russian, at("2026-11-03 17:30"), HOUR) == at(
        "2026-11-05 09:30"
    )  # the 4th is Unity Day
    assert targets.add(calendar(), at("2026-11-03 17:30"), HOUR) == at("2026-11-04 09:30")


def test_a_part_of_a_country_has_holidays_of_its_own():
    corpus_christi = date(2026, 6, 4)
    assert calendar(holidays_of="DE-BY").spans_on(corpus_christi) == ()
    assert calendar(holidays_of="DE").spans_on(corpus_christi) != ()


def test_an_exception_beats_holiday_and_weekly_hours():
    moved = calendar(
        holidays_of="RU",
        exceptions={"2026-11-04": [["10:00", "12:00"]], "2026-11-05": [], "2026-11-07": [["09:00", "18:00"]]},
    )
    assert targets.add(moved, at("2026-11-03 17:00"), 2 * HOUR) == at("2026-11-04 11:00")
    assert targets.add(moved, at("2026-11-04 12:00"), HOUR) == at("2026-11-06 10:00")
    assert targets.add(moved, at("2026-11-06 17:30"), HOUR) == at("2026-11-07 09:30")


def test_a_year_of_holidays_is_looked_up_once():
    calendars.public_holidays.cache_clear()
    targets.elapsed(calendar(holidays_of="RU"), at("2026-01-01 00:00"), at("2026-12-01 00:00"))
    assert calendars.public_holidays.cache_info().misses == 1


# elapsed


def test_the_wait_of_a_weekend_is_the_open_part_of_it():
    assert targets.elapsed(calendar(), at("2026-11-20 17:00"), at("2026-11-23 10:00")) == 2 * HOUR


def test_out_of_hours_to_out_of_hours_is_no_wait():
    assert targets.elapsed(calendar(), at("2026-11-20 18:00"), at("2026-11-23 09:00")) == 0


def test_an_answer_dated_before_the_question_waited_for_nothing():
    assert targets.elapsed(calendar(), at("2026-11-18 15:00"), at("2026-11-18 10:00")) == 0


def test_dates_from_the_ends_of_time_are_survived(now):
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for zone in ("America/New_York", "Pacific/Apia"):
        strange = calendar(zone=zone)
        assert (
            targets.elapsed(strange, first, now)
            == targets.elapsed(strange, datetime(1969, 1, 1, tzinfo=UTC), now)
            > 0
        )
        assert (
            targets.elapsed(strange, now, last)
            == targets.elapsed(strange, now, datetime(2300, 1, 1, tzinfo=UTC))
            > 0
        )
        assert targets.elapsed(strange, last, first) == 0
        with pytest.raises(Invalid):
            targets.add(strange, last, 1)


# by clock


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-17 21:00", "2026-11-18 11:00"),  # after hours: the next morning
        ("2026-11-18 07:00", "2026-11-18 11:00"),  # before opening: this morning
        ("2026-11-18 09:00", "2026-11-19 11:00"),  # at the opening the day has begun
        ("2026-11-18 10:00", "2026-11-19 11:00"),
        ("2026-11-20 20:00", "2026-11-23 11:00"),  # Friday evening: Monday
    ],
)
def test_by_clock_is_due_on_the_next_working_day(start, due):
    assert targets.next_clock(calendar(), at(start), time(11)) == at(due)


def test_by_clock_passes_over_holidays():
    assert targets.next_clock(calendar(holidays_of="RU"), at("2026-12-30 20:00"), time(11)) == at(
        "2027-01-11 11:00"
    )


def test_by_clock_is_never_due_before_the_doors_open():
    short = calendar(exceptions={"2026-11-19": [["14:00", "16:00"]]})
    assert targets.next_clock(short, at("2026-11-18 20:00"), time(11)) == at("2026-11-19 14:00")


def test_by_clock_knows_the_zone_after_the_change():
    berlin = calendar(zone="Europe/Berlin")
    assert targets.next_clock(berlin, at("2026-10-23 20:00", "Europe/Berlin"), time(11)).hour == 10


def test_a_target_is_due_by_its_kind():
    start = at("2026-11-18 12:00")
    minutes = targets.Target("Minutes", 2, TargetKind.DURATION, seconds=180)
    morning = targets.Target("Next morning", 1, TargetKind.BY_CLOCK, clock=time(11))
    assert targets.due(calendar(), minutes, start) == at("2026-11-18 12:03")
    assert targets.due(calendar(), morning, start) == at("2026-11-19 11:00")
    assert minutes.label == "Minutes v2"


def test_a_target_without_its_value_is_refused():
    with pytest.raises(Invalid, match="Minutes"):
        targets.due(calendar(), targets.Target("Minutes", 1, TargetKind.DURATION), at("2026-11-18 12:00"))


def test_a_calendar_that_never_opens_still_ends(now):
    closed = targets.Calendar(ZoneInfo("Europe/Moscow"), {})
    assert list(targets.windows(closed, now)) == []
    with pytest.raises(Invalid):
        targets.add(closed, now, 1)
    with pytest.raises(Invalid):
        targets.next_clock(closed, now, time(11))


# laws; how long one example takes is no part of them

law = settings(deadline=None)

ZONES = (
    "Europe/Moscow",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)


@st.composite
def span_lists(draw) -> list[list[str]]:
    minutes = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    minutes = minutes[: len(minutes) // 2 * 2]
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]
    return [list(pair) for pair in zip(clocks[::2], clocks[1::2], strict=True)]


@st.composite
def any_calendars(draw) -> targets.Calendar:
    hours = {str(day): draw(span_lists()) for day in range(7)}
    assume(any(hours.values()))
    days = st.dates(date(2025, 1, 1), date(2027, 12, 31)).map(str)
    exceptions = draw(st.dictionaries(days, span_lists(), max_size=5))
    country = draw(st.sampled_from([None, "RU", "DE-BY", "US"]))
    try:
        return calendar(hours, exceptions, draw(st.sampled_from(ZONES)), country)
    except Invalid:
        assume(False)
        raise


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
whole_moments = moments.map(lambda moment: moment.replace(microsecond=0))
spans_of_work = st.integers(0, 40 * HOUR)


@law
@given(any_calendars(), moments, spans_of_work)
@example(calendar(), datetime(2026, 11, 20, 14, 45, 0, 1, tzinfo=UTC), 30 * 60)
def test_what_was_added_has_elapsed(cal, start, seconds):
    assert targets.elapsed(cal, start, targets.add(cal, start, seconds)) == seconds


@law
@given(any_calendars(), moments, spans_of_work, st.integers(1, HOUR))
def test_more_work_is_due_later(cal, start, seconds, more):
    assert targets.add(cal, start, seconds) < targets.add(cal, start, seconds + more)


@law
@given(any_calendars(), moments, spans_of_work, st.timedeltas(timedelta(), timedelta(days=9)))
def test_a_later_start_is_never_due_earlier(cal, start, seconds, later):
    assert targets.add(cal, start, seconds) <= targets.add(cal, start + later, seconds)


@law
@given(any_calendars(), st.lists(whole_moments, min_size=3, max_size=3).map(sorted))
def test_waits_add_up(cal, three):
    first, middle, last = three
    assert targets.elapsed(cal, first, last) == targets.elapsed(cal, first, middle) + targets.elapsed(
        cal, middle, last
    )


@law
@given(any_calendars(), moments, moments)
def test_nobody_waits_longer_than_the_wall_clock(cal, a, b):
    assert 0 <= targets.elapsed(cal, a, b) <= max((b - a).total_seconds(), 0)


@law
@given(any_calendars(), moments)
def test_windows_are_in_order_and_apart(cal, start):
    found = list(islice(targets.windows(cal, start), 40))
    assert found
    assert found[0][0] >= start
    assert all(opens < closes for opens, closes in found)
    assert all(closes <= opens for (_, closes), (opens, _) in pairwise(found))


@law
@given(any_calendars(), whole_moments)
def test_windows_are_what_the_wall_clock_says(cal, start):
    """The local time at the middle of a window lies within a span of that local day."""
    for opens, closes in islice(targets.windows(cal, start), 20):
        local = (opens + (closes - opens) / 2).astimezone(cal.zone)
        wall = local.time()
        is_repeated = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        assert is_repeated or any(a <= wall < b for a, b in cal.spans_on(local.date()))


@law
@given(any_calendars(), moments, st.times().map(lambda clock: clock.replace(second=0, microsecond=0)))
def test_by_clock_is_always_ahead_and_never_before_an_opening(cal, start, clock):
    due = targets.next_clock(cal, start, clock)
    assert due > start
    assert any(opens <= due for opens, _ in islice(targets.windows(cal, start), 1))
