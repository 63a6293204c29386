"""A case that is handed over is told to those who get it, stays where a person put it, and snoozing takes nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from desk.base import db
from desk.base.words import CaseStatus, Intent, Sentiment
from desk.cases import assignment, cases, handovers, holding, news, undo
from desk.models import Case, Role, Team, User
from desk.pipeline import triage
from tests.world import rows
from tests.world.desk import World, zarya


@pytest.fixture
def people(database: None) -> dict[str, int]:
    with db.transaction() as session:
        teams = {team.key: team.id for team in session.query(Team)}
        roles = {role.name: role for role in session.query(Role)}
        wanted = {
            "igor": ("agent", "service"), "olga": ("agent", "marketing"), "petr": ("agent", "marketing"),
            "lena": ("lead", "service"),
        }  # fmt: skip
        return {
            name: rows.user(session, name, roles=[roles[role]], team_id=teams[team]).id
            for name, (role, team) in wanted.items()
        }


@pytest.fixture
def world(people: dict[str, int]) -> World:
    return zarya(rows.NOON, people)


def told(world: World) -> dict[str, list[int]]:
    with db.snapshot() as session:
        return {
            name: [case.id for case in handovers.told(session, session.get_one(User, user_id))]
            for name, user_id in world.people.items()
        }


def hand_over(session: Session, case_id: int, user: User, world: World, note: str = "") -> Case:
    return assignment.hand_over(session, case_id, user, "marketing", note, world.now)


def do(world: World, who: str, step: Callable[..., object], *more: object) -> None:
    with db.transaction() as session:
        step(session, world.case_of("c1"), session.get_one(User, world.people[who]), *more)


def see(world: World, who: str) -> None:
    do(world, who, lambda session, case_id, user: news.see_handover(cases.locked(session, case_id), user))


def test_the_team_is_told_until_one_of_it_has_opened_the_case(world: World) -> None:
    case_id = world.complain("c1")
    do(world, "igor", hand_over, world, "Это про рекламу")
    assert told(world) == {"igor": [], "olga": [case_id], "petr": [case_id], "lena": []}
    with db.snapshot() as session:
        note = handovers.note_of(session, session.get_one(Case, case_id))
        assert note is not None and note.text == "Это про рекламу"
    for who in ("igor", "lena"):
        see(world, who)
    assert world.case(case_id).is_handover_new is True
    version = world.case(case_id).version
    see(world, "olga")
    assert told(world) == {"igor": [], "olga": [], "petr": [], "lena": []}
    assert world.case(case_id).version == version  # so that whoever handed it over can still take that back


def test_the_person_who_got_it_is_told_and_nobody_else(world: World) -> None:
    case_id = world.complain("c1")
    with db.transaction() as session:
        lena, petr = (session.get_one(User, world.people[name]) for name in ("lena", "petr"))
        assignment.assign(session, case_id, lena, petr, world.now)
    assert told(world) == {"igor": [], "olga": [], "petr": [case_id], "lena": []}


def test_who_takes_it_himself_is_told_nothing(world: World) -> None:
    world.complain("c1")
    do(world, "igor", assignment.take, world.now)
    do(
        world,
        "igor",
        lambda session, case_id, user: assignment.assign(session, case_id, user, user, world.now),
    )
    assert told(world)["igor"] == []


@pytest.mark.parametrize("step", [assignment.take, assignment.release])
def test_a_step_of_those_who_got_it_ends_the_news(world: World, step: Callable[..., object]) -> None:
    world.complain("c1")
    do(world, "igor", hand_over, world)
    do(world, "petr", step, world.now)
    assert not any(told(world).values())


def test_taken_back_nobody_is_told(world: World) -> None:
    case_id = world.complain("c1")
    with db.transaction() as session:
        igor = session.get_one(User, world.people["igor"])
        with undo.kept(session, [case_id], "handed_over", igor, world.now) as step:
            hand_over(session, case_id, igor, world)
    see(world, "petr")
    with db.transaction() as session:
        undo.take_back(session, str(step.token), session.get_one(User, world.people["igor"]), world.now)
    assert not any(told(world).values())
    assert world.case(case_id).handed_at is None


def test_a_corrected_tag_does_not_take_it_from_the_team_that_a_person_chose(world: World) -> None:
    case_id = world.complain("c1")
    before = world.case(case_id).team_id
    do(world, "igor", hand_over, world)
    with db.transaction() as session:
        petr = session.get_one(User, world.people["petr"])
        triage.correct(session, world.case(case_id).mention_id, petr, world.now, sentiment=Sentiment.NEUTRAL)
    assert world.case(case_id).team_id != before


def test_a_rule_still_moves_what_nobody_handed_over(world: World) -> None:
    case_id = world.complain("c1")
    before = world.case(case_id).team_id
    with db.transaction() as session:
        igor = session.get_one(User, world.people["igor"])
        triage.correct(
            session,
            world.case(case_id).mention_id,
            igor,
            world.now,
            intent=Intent.QUESTION,
            sentiment=Sentiment.NEUTRAL,
        )
    assert world.case(case_id).team_id != before


@pytest.mark.parametrize("is_taken", [True, False])
def test_snoozing_takes_nothing(world: World, is_taken: bool) -> None:
    case_id = world.complain("c1")
    if is_taken:
        do(world, "igor", assignment.take, world.now)
    do(world, "igor", holding.snooze, world.now + timedelta(hours=1), world.now)
    assert world.case(case_id).assignee_id == (world.people["igor"] if is_taken else None)
    with db.transaction() as session:
        assert holding.wake(session, world.now + timedelta(hours=1)) == 1
    assert world.case(case_id).status is (CaseStatus.TAKEN if is_taken else CaseStatus.OPEN)
