"""What people do with a case, and what two of them cannot do at once."""

import threading
from datetime import timedelta

import pytest

from desk.base import db
from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed, NotFound
from desk.base.words import CaseStage, CaseStatus, CloseReason
from desk.cases import assignment, handling, holding, notes
from tests.world.desk import World, act


@pytest.fixture
def world(complained: World) -> World:
    return complained


def test_taking_is_for_one(world: World) -> None:
    act(world, assignment.take)
    with pytest.raises(Conflict, match="igor") as refused:
        act(world, assignment.take, "maria")
    assert (refused.value.code, refused.value.facts["by"]) == ("taken", "igor")
    assert world.case().assignee_id == world.people["igor"]


def test_of_two_who_take_at_the_same_moment_exactly_one_gets_it(world: World) -> None:
    case_id, start, outcomes = world.case().id, threading.Barrier(2), []

    def grab(name: str) -> None:
        start.wait()
        try:
            with db.transaction() as session:
                assignment.take(session, case_id, world.user(session, name), world.now)
            outcomes.append("got")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=grab, args=(name,)) for name in ("igor", "maria")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["got", "refused"]
    assert world.events().count("taken") == 1


def test_taking_again_what_is_mine_changes_nothing(world: World) -> None:
    act(world, assignment.take)
    act(world, assignment.take)
    assert world.events().count("taken") == 1


def test_release_gives_it_back_to_the_team(world: World) -> None:
    act(world, assignment.take)
    with pytest.raises(Conflict):
        act(world, assignment.release, "maria")
    act(world, assignment.release)
    assert (world.case().status, world.case().assignee_id) == (CaseStatus.OPEN, None)


def test_a_lead_may_assign_what_others_hold(world: World) -> None:
    act(world, assignment.take)
    with db.transaction() as session:
        anna, maria = world.user(session, "anna"), world.user(session, "maria")
        assignment.assign(session, world.case().id, anna, maria, world.now)
    assert world.case().assignee_id == world.people["maria"]


def test_nobody_assigns_to_an_analyst(world: World) -> None:
    with pytest.raises(NotAllowed), db.transaction() as session:
        assignment.assign(
            session, world.case().id, world.user(session, "anna"), world.user(session, "boris"), world.now
        )


def test_hand_over_moves_the_team_keeps_the_clock_and_carries_a_note(world: World) -> None:
    act(world, assignment.take)
    due_at = world.case().due_at
    act(world, assignment.hand_over, "igor", "marketing", "He asks about the advert.")
    case = world.case()
    assert (case.team.key, case.assignee_id, case.status, case.due_at) == (
        "marketing",
        None,
        CaseStatus.OPEN,
        due_at,
    )
    assert "handed_over" in world.events()


def test_snooze_until_and_wake(world: World) -> None:
    act(world, holding.snooze, "igor", world.now + timedelta(hours=2))
    assert world.case().stage is CaseStage.ON_HOLD
    with db.transaction() as session:
        assert holding.wake(session, world.now) == 0
    with db.transaction() as session:
        assert holding.wake(session, world.later(hours=2)) == 1
    assert (world.case().status, world.case().snoozed_until) == (CaseStatus.OPEN, None)


def test_snooze_needs_a_time_to_come(world: World) -> None:
    with pytest.raises(Invalid):
        act(world, holding.snooze, "igor", world.now)


def test_closing_says_why_and_a_closed_case_can_be_reopened(world: World) -> None:
    with pytest.raises(Invalid, match="Nobody has answered"):
        act(world, handling.close, "igor", CloseReason.ANSWERED)
    act(world, handling.close, "igor", CloseReason.NOT_FOR_US)
    assert (world.case().status, world.case().close_reason) == (CaseStatus.CLOSED, CloseReason.NOT_FOR_US)
    with pytest.raises(IllegalStep):
        act(world, holding.snooze, "igor", world.now + timedelta(hours=1))
    act(world, handling.reopen)
    assert (world.case().status, world.case().reopened_count) == (CaseStatus.REOPENED, 1)


def test_notes_are_kept_and_empty_ones_refused(world: World) -> None:
    act(world, notes.write, "igor", " Asked the warehouse. ")
    with pytest.raises(Invalid):
        act(world, notes.write, "igor", "  ")
    with pytest.raises(Invalid):
        act(world, notes.write, "igor", "x" * 10_001)
    assert world.events().count("noted") == 1


@pytest.mark.parametrize("step", [assignment.take, assignment.release, handling.reopen])
def test_analysts_only_read(world: World, step: object) -> None:
    with pytest.raises(NotAllowed):
        act(world, step, "boris")


def test_a_breach_is_decided_once(world: World) -> None:
    world.now = world.case().due_at + timedelta(seconds=1)
    for wanted in (1, 0):
        with db.transaction() as session:
            assert handling.mark_breaches(session, world.now) == wanted
    assert world.case().is_met is False


def test_there_is_no_such_case(world: World) -> None:
    with pytest.raises(NotFound), db.transaction() as session:
        assignment.take(session, 999, world.user(session, "igor"), world.now)
