"""The author takes back what he said: nobody has to answer it, and nobody has failed to."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from channels.contract import Sighting, Withdrawn
from desk.base import db
from desk.base.words import CaseStatus, CloseReason, ReplyState
from desk.metrics.report import overview
from desk.metrics.statistics import Period, Scope
from desk.pipeline import arrivals
from desk.sources import sources
from tests.world.desk import World, ours, said


def withdraw(world: World, *ids: str, at=None) -> arrivals.Recorded:
    with db.transaction() as session:
        source = sources.load(session, world.source_id)
        gone = [Withdrawn(one, at) for one in ids]
        return arrivals.record(session, source, [], world.now, withdrawals=gone)


def test_an_open_case_closes_as_withdrawn(complained: World):
    complained.later(minutes=5)
    assert withdraw(complained, "m1").withdrawn == 1
    case = complained.case()
    assert (case.status, case.close_reason) == (CaseStatus.CLOSED, CloseReason.WITHDRAWN)
    assert case.is_met is None
    assert complained.mention("m1").withdrawn_at == complained.now
    assert complained.events()[-2:] == ["author_withdrew", "closed"]
    assert withdraw(complained, "m1").withdrawn == 0
    assert complained.events().count("author_withdrew") == 1


def test_what_is_not_known_is_passed_over(complained: World):
    assert withdraw(complained, "m99", "").withdrawn == 0


def test_another_message_that_waits_keeps_the_case_open(complained: World):
    complained.crawl(said("m2", "It broke again.", complained.later(minutes=1)))
    complained.judge()
    withdraw(complained, "m1")
    assert complained.case().status is CaseStatus.OPEN
    withdraw(complained, "m2")
    assert complained.case().close_reason is CloseReason.WITHDRAWN


def test_what_was_answered_stays_answered(answered: World):
    before = answered.case().status
    withdraw(answered, "m1")
    assert (answered.case().status, answered.case().close_reason) == (before, None)


def test_what_is_withdrawn_before_it_was_judged_opens_no_case(world: World):
    world.crawl(said("m1", "It broke.", world.now))
    withdraw(world, "m1")
    world.judge()
    assert world.cases() == []


def test_what_stands_there_again_waits_again(complained: World):
    complained.later(minutes=5)
    withdraw(complained, "m1")
    complained.later(minutes=5)
    complained.crawl(said("m1", "It broke.", complained.now))
    assert complained.mention("m1").withdrawn_at is None
    assert complained.case().status is CaseStatus.REOPENED
    complained.judge()
    assert complained.case().status is CaseStatus.REOPENED


def test_the_brands_own_answer_that_is_gone_leaves_its_customer_waiting(complained: World):
    complained.crawl(ours("a1", "We are sorry.", complained.later(minutes=5), parent="m1"))
    assert complained.case().status is CaseStatus.ANSWERED
    withdraw(complained, "a1")
    assert complained.case().status is CaseStatus.REOPENED
    assert complained.reply().state is ReplyState.VANISHED


def test_the_numbers_leave_it_out_and_say_how_many(complained: World):
    withdraw(complained, "m1")
    day = timedelta(days=1)
    period = Period(complained.now - day, complained.now + day, ZoneInfo("UTC"))
    with db.snapshot() as session:
        found = overview(session, period, Scope(), complained.now)
    assert found.answered.left_out["withdrawn"] == 1
    assert found.target.left_out["withdrawn"] == 1


def test_a_machines_message_opens_no_case_and_joins_none_that_it_reopens(answered: World):
    answered.crawl(said("m2", "I am out of office.", answered.later(minutes=5), is_machine=True))
    answered.judge()
    assert len(answered.cases()) == 1
    assert answered.case().status is CaseStatus.ANSWERED


def test_a_machines_first_message_opens_no_case(world: World):
    world.crawl(Sighting("m1", None, "Newsletter", kind="message", is_machine=True))
    world.judge()
    assert world.cases() == []
