"""What is taken back stands as it stood before; what somebody has touched since stays."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.errors import Conflict, NotAllowed
from desk.base.words import CaseStatus, CloseReason, Intent
from desk.cases import assignment, cases, handling, holding, undo
from desk.models import Case, Journal, User
from desk.pipeline import triage
from desk.verdicts import corrections
from tests.world.desk import World, acme, said


@pytest.fixture
def world(database: None, now: datetime) -> World:
    made = acme(now)
    made.crawl(said("m1", "It broke.", made.now), said("m2", "Mine too.", made.now, author="Bo"))
    made.judge()
    return made


Act = Callable[[Any, int, User, datetime], object]
STEPS: dict[str, Act] = {
    "taken": assignment.take,
    "snoozed": lambda session, case_id, user, now: holding.snooze(
        session, case_id, user, now + timedelta(hours=1), now
    ),
    "closed": lambda session, case_id, user, now: handling.close(
        session, case_id, user, CloseReason.NOT_FOR_US, now
    ),
    "handed_over": lambda session, case_id, user, now: assignment.hand_over(
        session, case_id, user, "marketing", "look", now
    ),
    "assigned": lambda session, case_id, user, now: assignment.assign(session, case_id, user, user, now),
    "judged_by_person": lambda session, case_id, user, now: triage.correct(
        session, cases.load(session, case_id).mention_id, user, now, intent=Intent.QUESTION
    ),
    # A correction that says that nobody needs to answer closes the case.
    "judged_by_person to praise": lambda session, case_id, user, now: triage.correct(
        session, cases.load(session, case_id).mention_id, user, now, intent=Intent.PRAISE
    ),
}


def make(world: World, name: str, *case_ids: int, who: str = "igor") -> str:
    with db.transaction() as session:
        user = world.user(session, who)
        with undo.kept(session, case_ids, name.partition(" to ")[0], user, world.now) as step:
            for case_id in case_ids:
                STEPS[name](session, case_id, user, world.now)
    assert step.token is not None
    return step.token


def take_back(world: World, token: str, who: str = "igor") -> undo.Undone:
    with db.transaction() as session:
        return undo.take_back(session, token, world.user(session, who), world.now)


def standing(case_id: int) -> dict[str, Any]:
    """The case and the tags of its message, but for what tells that something happened."""
    with db.snapshot() as session:
        case = session.get_one(Case, case_id)
        names = [
            column.key for column in sa.inspect(Case).columns if column.key not in ("version", "changed_at")
        ]
        return {name: getattr(case, name) for name in names} | {
            f"mention_{name}": getattr(case.mention, name) for name in undo.TAGS
        }


@pytest.mark.parametrize("name", STEPS)
def test_the_case_stands_as_before_and_the_journal_says_both(world: World, name: str) -> None:
    case_id = world.cases()[0].id
    before = standing(case_id)
    token = make(world, name, case_id)
    assert standing(case_id) != before
    world.later(minutes=4)
    assert take_back(world, token) == undo.Undone(name.partition(" to ")[0], [case_id])
    assert standing(case_id) == before
    with db.snapshot() as session:
        newest = session.scalars(sa.select(Journal).order_by(Journal.id.desc())).first()
    assert newest is not None
    assert (newest.event, newest.facts) == ("undone", {"undone": name.partition(" to ")[0]})


def test_a_step_upon_a_step_is_taken_back_alone(world: World) -> None:
    case_id = world.cases()[0].id
    make(world, "taken", case_id)
    before = standing(case_id)
    take_back(world, make(world, "closed", case_id))
    assert standing(case_id) == before
    assert before["status"] is CaseStatus.TAKEN


def test_nobody_learns_from_a_correction_that_was_taken_back(world: World) -> None:
    take_back(world, make(world, "judged_by_person", world.cases()[0].id))
    with db.snapshot() as session:
        assert corrections.count(session) == 0


def test_it_is_refused_once_something_else_has_happened(world: World) -> None:
    case_id = world.cases()[0].id
    token = make(world, "handed_over", case_id)
    with db.transaction() as session:
        assignment.take(session, case_id, world.user(session, "maria"), world.now)
    before = standing(case_id)
    with pytest.raises(Conflict) as refused:
        take_back(world, token)
    assert refused.value.code == "undo_overtaken"
    assert standing(case_id) == before


def test_of_a_bulk_each_case_is_asked_for_itself(world: World) -> None:
    first, second = (case.id for case in world.cases())
    token = make(world, "closed", first, second)
    with db.transaction() as session:
        handling.reopen(session, first, world.user(session, "maria"), world.now)
    assert take_back(world, token) == undo.Undone("closed", [second], [first])
    assert [case.status for case in world.cases()] == [CaseStatus.REOPENED, CaseStatus.OPEN]


def test_it_works_once_in_time_and_for_whoever_did_it(world: World) -> None:
    case_id = world.cases()[0].id
    token = make(world, "closed", case_id)
    with pytest.raises(Conflict):
        take_back(world, token, who="maria")
    take_back(world, token)
    with pytest.raises(Conflict):
        take_back(world, token)
    token = make(world, "closed", case_id)
    world.later(minutes=6)
    with pytest.raises(Conflict) as refused:
        take_back(world, token)
    assert refused.value.code == "undo_late"


def test_what_is_too_old_is_forgotten(world: World) -> None:
    first, second = (case.id for case in world.cases())
    make(world, "closed", first)
    world.later(minutes=6)
    make(world, "closed", second)
    with db.snapshot() as session:
        assert [row.case_id for row in session.scalars(sa.select(undo.UndoStep))] == [second]


def test_a_step_that_changes_nothing_has_nothing_to_take_back(world: World) -> None:
    with db.transaction() as session:
        with undo.kept(session, [world.cases()[0].id, 999], "taken", world.user(session, "igor"), world.now) as step:  # fmt: skip
            pass
        assert step.token is None


def test_whoever_only_reads_undoes_nothing(world: World) -> None:
    token = make(world, "closed", world.cases()[0].id)
    with db.transaction() as session, pytest.raises(NotAllowed):
        reader = world.user(session, "igor")
        reader.roles = []
        undo.take_back(session, token, reader, world.now)


def test_a_case_does_not_go_back_to_somebody_who_left(world: World) -> None:
    case_id = world.cases()[0].id
    make(world, "taken", case_id)
    token = make(world, "closed", case_id)
    with db.transaction() as session:
        session.get_one(User, world.people["igor"]).active = False
    take_back(world, token)
    stands = standing(case_id)
    assert (stands["assignee_id"], stands["status"]) == (None, CaseStatus.OPEN)
