"""Situations out of bug reports of other desks, each with what a person expects of it. The project is named beside each."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desk.base import db
from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, Urgency
from desk.brands import calendars, targets
from desk.cases import assignment, handling, holding, queue
from desk.metrics import Period, Scope
from desk.metrics.report import backlog, overview
from tests.world.desk import World, acme, act, said

WEDNESDAY = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # 12:00 in Moscow
MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
HOUR = 3600


@pytest.fixture
def world(database: None) -> World:
    return acme(WEDNESDAY)


def hours(zone: str, *spans: list[str], days: int = 5) -> calendars.Calendar:
    return calendars.read(zone, {str(day): list(spans) for day in range(days)}, {}, None)


def say(world: World, external_id: str, text: str, at: datetime | None = None, **more: Any) -> None:
    world.crawl(said(external_id, text, at or world.now, **more))


def is_listed(world: World, tab: str, who: str) -> bool:
    with db.snapshot() as session:
        page = queue.page(session, queue.Filters(tab=tab), world.people[who], world.now)
    return world.cases()[0].id in [row.id for row in page.rows]


def mark_breaches(world: World) -> None:
    with db.transaction() as session:
        handling.mark_breaches(session, world.now)


def test_a_friday_evening_goes_on_on_monday() -> None:
    """chatwoot/chatwoot PR 13392"""
    calendar = hours("UTC", ["09:00", "17:00"])
    asked, due = (
        datetime(2026, 11, 20, 16, 30, tzinfo=UTC),
        datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )
    assert targets.add(calendar, asked, HOUR) == due
    assert targets.elapsed(calendar, asked, due) == HOUR


def test_round_the_clock_has_no_gap() -> None:
    """zammad/zammad#3180"""
    calendar = hours("Europe/Moscow", ["00:00", "24:00"], days=7)
    evening = datetime(2026, 11, 20, 19, 0, tzinfo=UTC)
    assert targets.add(calendar, evening, 4 * HOUR) == evening + timedelta(hours=4)
    assert targets.elapsed(calendar, WEDNESDAY, WEDNESDAY + timedelta(days=7)) == 7 * 24 * HOUR


def test_a_lunch_break_is_not_worked_through() -> None:
    """osTicket/osTicket#6847"""
    calendar = hours("Europe/Moscow", ["09:00", "13:00"], ["14:00", "18:00"])
    for asked, span, due in (((11, 0), 4 * HOUR, (16, 0)), ((13, 20), HOUR, (15, 0))):
        found = targets.add(calendar, datetime(2026, 11, 18, *asked, tzinfo=MOSCOW), span)
        assert found == datetime(2026, 11, 18, *due, tzinfo=MOSCOW)


def test_clocks_that_go_back_add_no_hour() -> None:
    """fivetran/dbt_zendesk#25"""
    calendar = hours("Europe/Berlin", ["09:00", "17:00"], days=7)
    saturday = datetime(2026, 10, 24, 16, 0, tzinfo=BERLIN)
    sunday = datetime(2026, 10, 25, 10, 0, tzinfo=BERLIN)
    assert targets.elapsed(calendar, saturday, sunday) == 2 * HOUR
    assert targets.add(calendar, saturday, 2 * HOUR) == sunday


def test_a_snoozed_case_wakes_when_its_customer_writes(world: World) -> None:
    """freescout-help-desk/freescout#3363, nylas/nylas-mail#1658"""
    world.complain("m1")
    act(world, assignment.take)
    act(world, holding.snooze, "igor", world.now + timedelta(days=3))
    world.later(hours=1)
    say(world, "m2", "It burns! Answer at once!")
    world.judge(urgency=Urgency.CRITICAL)
    case = world.case()
    assert case.status is not CaseStatus.ON_HOLD
    assert case.priority is Urgency.CRITICAL
    assert is_listed(world, "team:service", "maria")


def test_thanks_after_the_answer_reopen_nothing(world: World) -> None:
    """chatwoot/chatwoot#10178"""
    world.complain("m1")
    world.later(minutes=10)
    close_with_an_answer(world)
    world.later(minutes=10)
    say(world, "m2", "Thank you, all is well!")
    world.judge(Intent.PRAISE)
    world.later(days=3)
    mark_breaches(world)
    assert world.case().status is CaseStatus.CLOSED
    assert world.case().is_met is True


def test_a_review_edited_after_the_answer_is_told_to_somebody(world: World) -> None:
    """mozilla/addons#326, mozilla/sumo#559"""
    say(world, "m1", "Not bad, but it came late.", rating=3.0, kind="review")
    world.judge()
    world.later(minutes=10)
    world.answer()
    world.later(days=2)
    say(world, "m1", "UPD: it caught fire, nobody answers.", WEDNESDAY, rating=1.0, kind="review")
    world.judge(urgency=Urgency.CRITICAL)
    assert world.mention("m1").edit_count == 1
    assert world.case().stage is CaseStage.UNANSWERED


def test_publish_and_close_keeps_its_time(world: World) -> None:
    """freescout-help-desk/freescout#2751, #5078"""
    world.complain("m1")
    world.later(minutes=10)
    close_with_an_answer(world)
    case = world.case()
    assert (case.closed_at, case.close_reason) == (world.now, CloseReason.ANSWERED)
    assert is_listed(world, "closed", "maria")


def test_a_duplicate_misses_no_target(world: World) -> None:
    """zammad/zammad#904"""
    world.complain("m1")
    act(world, handling.close, "anna", CloseReason.DUPLICATE)
    world.later(days=5)
    mark_breaches(world)
    period = Period.of_days(date(2026, 11, 1), date(2026, 11, 30), MOSCOW)
    with db.snapshot() as session:
        counted = overview(session, period, Scope(), world.now).target.n
    assert (counted, world.case().is_met) == (0, None)


def test_a_reopened_case_stays_with_its_agent(world: World) -> None:
    """freescout-help-desk/freescout#195, #3980"""
    world.complain("m1")
    world.answer()
    world.later(days=1)
    say(world, "m2", "Again.")
    world.judge()
    assert world.case().assignee_id == world.people["igor"]
    assert is_listed(world, "mine", "igor")


def test_the_same_words_of_one_person_are_two_messages_of_one_case(world: World) -> None:
    """mozilla/m-response#277"""
    say(world, "m1", "It broke.")
    say(world, "m2", "It broke.")
    world.judge()
    assert [case.message_count for case in world.cases()] == [2]


def test_a_second_wait_that_is_late_counts_as_late(world: World) -> None:
    """zammad/zammad#2082"""
    world.complain("m1")
    world.later(minutes=10)
    world.answer()
    world.later(days=1)
    say(world, "m2", "Broken again.")
    world.judge()
    world.later(days=10)
    mark_breaches(world)
    with db.snapshot() as session:
        assert queue.row(session, world.case().id).is_overdue(world.now)
        assert backlog(session, Scope(), world.now).overdue == 1


def close_with_an_answer(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id, closes_case=True)
    assert world.begin(reply_id) is not None
    world.published(reply_id)
