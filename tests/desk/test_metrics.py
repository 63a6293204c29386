"""The numbers: each figure against a cohort small enough to count by hand."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from desk import metrics
from desk.base import db
from desk.base.errors import Invalid
from desk.base.words import CaseStatus, CloseReason, Intent, MentionState, Sentiment
from desk.metrics import Period, Scope, Share, tables
from desk.metrics.cohort import _offsets
from desk.metrics.statistics import percentile
from documents import sheets
from tests.world import rows
from tests.world.rows import NOON, answered, case, mention

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOSCOW = ZoneInfo("Europe/Moscow")
MONTH = Period.of_days(date(2026, 10, 20), date(2026, 11, 18), MOSCOW)
ALL = Scope()


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    with db.transaction() as session:
        yield session


@pytest.fixture
def source(session: Session):
    return rows.source(session, rows.brand(session))


def overview(session: Session, period: Period = MONTH, scope: Scope = ALL) -> metrics.Overview:
    session.flush()
    return metrics.overview(session, period, scope, NOON)


def test_nothing_said_gives_no_figure_instead_of_zero(session: Session) -> None:
    found = overview(session)
    shares = (found.answered, found.in_time, found.sent_unverified, found.never_answered, found.target)
    assert [(share.value, share.low, share.high, share.n) for share in shares] == [(None, None, None, 0)] * 5
    assert (found.first_answer_wall.median_seconds, found.first_answer_wall.p90_seconds) == (None, None)
    assert (found.first_answer_wall.mean_seconds, found.unanswered.median_seconds) == (None, None)
    empty = metrics.backlog(session, ALL, NOON)
    assert (empty.n, empty.oldest_at, empty.oldest_seconds, set(empty.bands.values())) == (0, None, None, {0})


def test_the_response_rate_counts_answers_seen_in_public(session: Session, source) -> None:
    answered(session, source, HOUR)
    answered(session, source, HOUR)
    answered(session, source, HOUR, is_seen=False)
    mention(session, source)
    found = overview(session)
    assert (found.answered.hits, found.answered.n, found.answered.value) == (2, 4, 0.5)
    assert (found.sent_unverified.hits, found.sent_unverified.n) == (1, 4)
    assert found.mentions == 4


def test_the_cohort_is_what_was_published_in_the_period(session: Session, source) -> None:
    answered(session, source, 100 * DAY, published_at=MONTH.start)  # answered long after: it still counts
    mention(session, source, published_at=MONTH.end - timedelta(seconds=1))
    mention(session, source, published_at=MONTH.start - timedelta(seconds=1))
    mention(session, source, published_at=MONTH.end)
    assert (overview(session).answered.hits, overview(session).answered.n) == (1, 2)


def test_what_is_left_out_is_counted_by_reason(session: Session, source) -> None:
    deaf = rows.source(session, source.brand, accepts_replies=False)
    mention(session, source)
    mention(session, source, intent=Intent.PRAISE, rating=5.0)  # a review is answered whatever it says
    mention(session, source, is_own=True)
    for intent in (Intent.PRAISE, Intent.SUGGESTION, Intent.OTHER):
        mention(session, source, intent=intent)
    mention(session, deaf)
    mention(session, source, is_date_known=False)
    mention(session, source, state=MentionState.NEW, intent=None, sentiment=None)
    for reason in (
        CloseReason.ABUSE,
        CloseReason.DUPLICATE,
        CloseReason.NOT_FOR_US,
        CloseReason.NO_ANSWER_NEEDED,
    ):
        case(session, mention(session, source), status=CaseStatus.CLOSED, close_reason=reason)
    found = overview(session)
    assert found.answered.left_out == {
        "own": 1, "intent": 3, "no_replies": 1, "date_unknown": 1, "not_tagged": 1, "abuse": 1, "duplicate": 1, "not_for_us": 1,
    }  # fmt: skip
    assert found.answered.n == 3  # closing a case as needing no answer does not better the rate
    assert found.mentions == 12
    assert set(found.answered.left_out) <= set(metrics.LEFT_OUT)


def test_never_answered_waits_thirty_days_before_it_judges(session: Session, source) -> None:
    period = Period.of_days(date(2026, 9, 1), date(2026, 11, 18), MOSCOW)
    mention(session, source, published_at=NOON - 30 * DAY)
    answered(session, source, HOUR, published_at=NOON - 31 * DAY)
    answered(session, source, HOUR, published_at=NOON - 40 * DAY, is_seen=False)
    mention(session, source, published_at=NOON - 30 * DAY + timedelta(seconds=1))
    never = overview(session, period).never_answered
    assert (never.hits, never.n) == (2, 3)
    assert never.left_out == {"too_young": 1}
    assert metrics.NEVER_ANSWERED_IN_LITERATURE == 0.28


def test_first_answer_times(session: Session, source) -> None:
    for hours in (1, 2, 3, 4, 100):
        answered(session, source, hours * HOUR, published_at=NOON - 6 * DAY)
    answered(session, source, HOUR, is_seen=False)
    mention(session, source)
    found = overview(session)
    wall = found.first_answer_wall
    assert (wall.n, wall.median_seconds, wall.p90_seconds, wall.mean_seconds) == (
        5,
        3 * 3600,
        100 * 3600,
        22 * 3600,
    )
    assert wall.left_out == {"unanswered": 2}
    assert found.first_answer_business.median_seconds == 3 * 1800
    assert found.first_answer_collected.median_seconds == 3 * 3600 - 5 * 60


def test_an_answer_from_before_the_first_crawl_took_no_time_of_ours(session: Session, source) -> None:
    answered(session, source, HOUR, published_at=NOON - DAY, collected_at=NOON)
    assert overview(session).first_answer_collected.median_seconds == 0
    assert overview(session).first_answer_wall.median_seconds == 3600


def test_the_unanswered_are_listed_with_their_age(session: Session, source) -> None:
    for hours in (1, 5, 48):
        mention(session, source, published_at=NOON - hours * HOUR)
    answered(session, source, HOUR)
    waiting = overview(session).unanswered
    assert (waiting.n, waiting.median_seconds, waiting.oldest_seconds) == (3, 5 * 3600, 48 * 3600)


def due(session: Session, source, **facts) -> None:
    case(session, mention(session, source), **facts)


def test_a_target_is_missed_as_soon_as_its_time_has_passed(session: Session, source) -> None:
    due(session, source, is_met=True, status=CaseStatus.ANSWERED)
    due(session, source, is_met=True, status=CaseStatus.CLOSED, close_reason=CloseReason.ANSWERED)
    due(session, source, is_met=False, status=CaseStatus.ANSWERED)
    due(session, source, due_at=NOON)  # open, nobody has marked it yet
    due(session, source, due_at=NOON + timedelta(seconds=1))
    due(session, source, is_met=False, status=CaseStatus.CLOSED, close_reason=CloseReason.ABUSE)
    due(session, source, status=CaseStatus.CLOSED, close_reason=CloseReason.NO_ANSWER_NEEDED)
    found = overview(session)
    assert (found.target.hits, found.target.n, found.target.value) == (2, 4, 0.5)
    assert found.target_pending == 1
    assert found.target.left_out == {"abuse": 1, "no_answer_needed": 1}


def test_answered_in_time_goes_by_the_target_of_the_case(session: Session, source) -> None:
    case(session, answered(session, source, HOUR), is_met=True, status=CaseStatus.ANSWERED)
    case(session, answered(session, source, HOUR), is_met=False, status=CaseStatus.ANSWERED)
    answered(session, source, HOUR)  # answered on the site before any case was opened
    mention(session, source)
    assert (overview(session).in_time.hits, overview(session).in_time.n) == (2, 4)
    (day,) = [day for day in metrics.answered_by_day(session, MONTH, ALL, NOON) if day.in_time]
    assert (day.in_time, day.late, day.sent, day.unanswered) == (2, 1, 0, 1)


def test_the_backlog_has_ages_and_an_oldest_one(session: Session, source) -> None:
    for hours in (1, 5, 5, 50, 100, 300, 2000):
        due(
            session,
            source,
            waits_since=NOON - hours * HOUR,
            due_at=NOON - HOUR if hours > 60 else NOON + HOUR,
        )
    due(session, source, status=CaseStatus.ON_HOLD, waits_since=NOON - HOUR)
    due(session, source, status=CaseStatus.ANSWERED, waits_since=NOON - 9000 * HOUR)
    found = metrics.backlog(session, ALL, NOON)
    assert found.bands == {
        "under_4h": 2,
        "under_1d": 2,
        "under_3d": 1,
        "under_7d": 1,
        "under_30d": 1,
        "over_30d": 1,
    }
    assert (found.n, found.overdue, found.oldest_seconds) == (8, 3, 2000 * 3600)
    assert list(found.bands) == list(metrics.BANDS)


def test_tables_by_channel_team_and_brand_add_up(session: Session, source) -> None:
    other = rows.source(session, rows.brand(session, "Rowan"), kind="rss")
    service, marketing = rows.team(session), rows.team(session, "marketing")
    case(session, answered(session, source, HOUR), is_met=True, status=CaseStatus.ANSWERED)
    case(session, mention(session, other), team_id=marketing.id, waits_since=NOON - DAY)
    mention(session, other)
    found = metrics.report(session, MONTH, ALL, NOON)
    by_channel = {
        line.key: (line.overview.answered.hits, line.overview.answered.n, line.backlog.n)
        for line in found.by_channel
    }
    assert by_channel == {"schema_org": (1, 1, 0), "rss": (0, 2, 1)}
    by_team = {line.key: (line.overview.answered.n, line.backlog.n, line.name_ru) for line in found.by_team}
    assert by_team == {
        service.id: (1, 0, "Сервис"),
        marketing.id: (1, 1, "Маркетинг"),
        None: (1, 0, "Без команды"),
    }
    assert [line.name_en for line in found.by_brand] == ["Rowan", "Заря"]
    assert found.by_brand[1].overview.first_answer_wall.median_seconds == 3600
    for table in (found.by_channel, found.by_team, found.by_brand):
        assert sum(line.overview.mentions for line in table) == found.overview.mentions == 3
        assert sum(line.overview.target_pending for line in table) == found.overview.target_pending == 1
    assert metrics.by_channel(session, MONTH, ALL, NOON) == found.by_channel
    assert metrics.by_team(session, MONTH, ALL, NOON) == found.by_team
    assert metrics.by_brand(session, MONTH, ALL, NOON) == found.by_brand


def test_a_scope_narrows_every_figure(session: Session, source) -> None:
    other = rows.source(session, rows.brand(session, "Rowan"), kind="rss")
    marketing = rows.team(session, "marketing")
    case(session, mention(session, source))
    case(session, mention(session, other), team_id=marketing.id)
    mention(session, other)
    for scope, n in (
        (Scope(brand_id=other.brand_id), 2),
        (Scope(channel="rss"), 2),
        (Scope(team_id=marketing.id), 1),
    ):
        found = metrics.report(session, MONTH, scope, NOON)
        assert found.overview.answered.n == n
        assert (found.overview.target_pending, found.backlog.n) == (1, 1)
        assert sum(day.unanswered for day in found.answered_by_day) == n


def test_days_are_those_of_the_brand(session: Session, source) -> None:
    late_evening = datetime(2026, 11, 16, 21, 30, tzinfo=UTC)  # half past midnight on the 17th in Moscow
    mention(session, source, published_at=late_evening, sentiment=Sentiment.NEGATIVE)
    mention(session, source, published_at=late_evening - HOUR, sentiment=Sentiment.POSITIVE)
    mention(session, source, published_at=late_evening, sentiment=Sentiment.NEUTRAL, is_own=True)
    period = Period.of_days(date(2026, 11, 15), date(2026, 11, 17), MOSCOW)
    days = metrics.sentiment_by_day(session, period, ALL, NOON)
    assert [(d.day.day, d.negative, d.neutral, d.positive) for d in days] == [
        (15, 0, 0, 0),
        (16, 0, 0, 1),
        (17, 1, 0, 0),
    ]
    assert [d.unanswered for d in metrics.answered_by_day(session, period, ALL, NOON)] == [0, 1, 1]


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
)
def test_days_are_right_on_both_sides_of_a_changed_clock(session: Session, source, zone: str) -> None:
    period = Period.of_days(date(2026, 3, 1), date(2026, 11, 5), ZoneInfo(zone))
    moments = [period.start + timedelta(hours=7 * number, minutes=13) for number in range(857)]
    moments = [moment.astimezone(UTC) for moment in moments if moment < period.end]
    for moment in moments:
        mention(session, source, published_at=moment)
    wanted = dict.fromkeys(period.days, 0)
    for moment in moments:
        wanted[moment.astimezone(period.zone).date()] += 1
    found = metrics.sentiment_by_day(session, period, ALL, NOON)
    assert {day.day: day.negative for day in found} == wanted


def test_offsets_change_at_the_very_minute() -> None:
    period = Period.of_days(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("Europe/Berlin"))
    spring, autumn = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert [(until, seconds) for until, seconds in _offsets(period)[:2]] == [(spring, 3600), (autumn, 7200)]


def test_a_report_costs_six_queries_whatever_it_shows(session: Session, source) -> None:
    for number in range(40):
        case(session, mention(session, source, published_at=NOON - number * 12 * HOUR))
    session.flush()
    statements: list[str] = []
    sa.event.listen(session.get_bind(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    metrics.report(session, MONTH, ALL, NOON)
    assert len(statements) == 6


def test_periods_that_make_no_sense_are_refused() -> None:
    for first, last in ((date(2026, 2, 2), date(2026, 2, 1)), (date(1900, 1, 1), date(2026, 1, 1))):
        with pytest.raises(Invalid):
            Period.of_days(first, last, MOSCOW)
    with pytest.raises(Invalid):
        Period(datetime(2026, 1, 1), datetime(2026, 1, 2), MOSCOW)


def test_the_previous_period_has_as_many_days() -> None:
    before = MONTH.previous()
    assert before.end == MONTH.start
    assert len(before.days) == len(MONTH.days) == 30


def test_the_interval_is_wilsons() -> None:
    low, high = metrics.wilson(8, 10)  # 0.4902, 0.9433 by the textbook
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert metrics.wilson(0, 5)[0] == pytest.approx(0)
    assert metrics.wilson(5, 5)[1] == pytest.approx(1)


@given(n=st.integers(1, 10_000), data=st.data())
def test_the_interval_holds_the_share(n: int, data) -> None:
    share = Share("x", data.draw(st.integers(0, n)), n)
    assert 0 <= share.low <= share.value + 1e-12
    assert share.value <= share.high + 1e-12 <= 1 + 1e-9


def test_percentiles_are_values_that_occurred() -> None:
    assert [percentile(range(1, 11), share) for share in (0.1, 0.5, 0.9, 1.0)] == [1, 5, 9, 10]
    assert percentile([7], 0.9) == 7


def test_the_table_that_people_take_with_them(session: Session, source) -> None:
    evil = rows.brand(session, "=HYPERLINK(1)")
    answered(session, source, HOUR)
    mention(session, rows.source(session, evil, kind="@rss"))
    found = metrics.report(session, MONTH, ALL, NOON)
    for locale, whole, sign, half in (("en", "All", ",", "50.0%"), ("ru", "Всё", ";", "50,0%")):
        lines = lines_of(tables.figures(found, locale), locale, sign)
        assert lines[1][:6] == [whole, "", "2", "2", "1", half]
        assert lines[1][12] == "1:00:00"
        assert {line[1] for line in lines[2:]} >= {"'=HYPERLINK(1)", "'@rss", "Заря"}
        assert {len(line) for line in lines} == {len(lines[0])}
        assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_the_days_that_people_take_with_them(session: Session, source) -> None:
    answered(session, source, HOUR)
    lines = lines_of(tables.days(metrics.report(session, MONTH, ALL, NOON), "ru"), "ru", ";")
    assert len(lines) == 31
    assert lines[-1] == ["2026-11-18", "1", "0", "0", "0", "1", "0", "0"]


def lines_of(table: tables.Table, locale: tables.Locale, sign: str) -> list[list[str]]:
    text = sheets.csv_file(table.head, table.rows, locale).decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=sign))


def test_every_figure_and_reason_is_defined_in_both_languages_and_in_the_docs(session: Session) -> None:
    text = " ".join((Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8").split())
    found = overview(session)
    keys = {figure.key for figure in vars(found).values() if hasattr(figure, "key")}
    assert keys | {"backlog", "sentiment_by_day", "answered_by_day"} == set(metrics.DEFINITIONS)
    for definition in metrics.DEFINITIONS.values():
        for words in (definition.name_en, definition.name_ru, definition.text_en, definition.text_ru):
            assert words in text
    for reason in metrics.LEFT_OUT.values():
        assert all(words in text for words in reason)
