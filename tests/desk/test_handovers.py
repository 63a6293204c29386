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
from tests.desk import rows
from tests.webapp.stage import Stage, build


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
def stage(people: dict[str, int]) -> Stage:
    return build(rows.NOON, people)


def told(stage: Stage) -> dict[str, list[int]]:
    with db.snapshot() as session:
        return {
            name: [case.id for case in handovers.told(session, session.get_one(User, user_id))]
            for name, user_id in stage.people.items()
        }


def hand_over(session: Session, case_id: int, user: User, stage: Stage, note: str = "") -> Case:
    return assignment.hand_over(session, case_id, user, "marketing", note, stage.now)


def do(stage: Stage, who: str, step: Callable[..., object], *more: object) -> None:
    with db.transaction() as session:
        step(session, stage.case_of("c1"), session.get_one(User, stage.people[who]), *more)


def see(stage: Stage, who: str) -> None:
    do(stage, who, lambda session, case_id, user: news.see_handover(cases.locked(session, case_id), user))


def test_the_team_is_told_until_one_of_it_has_opened_the_case(stage: Stage) -> None:
    case_id = stage.complain("c1")
    do(stage, "igor", hand_over, stage, "Это про рекламу")
    assert told(stage) == {"igor": [], "olga": [case_id], "petr": [case_id], "lena": []}
    with db.snapshot() as session:
        note = handovers.note_of(session, session.get_one(Case, case_id))
        assert note is not None and note.text == "Это про рекламу"
    for who in ("igor", "lena"):
        see(stage, who)
    assert stage.case(case_id).is_handover_new is True
    version = stage.case(case_id).version
    see(stage, "olga")
    assert told(stage) == {"igor": [], "olga": [], "petr": [], "lena": []}
    assert stage.case(case_id).version == version  # so that whoever handed it over can still take that back


def test_the_person_who_got_it_is_told_and_nobody_else(stage: Stage) -> None:
    case_id = stage.complain("c1")
    with db.transaction() as session:
        lena, petr = (session.get_one(User, stage.people[name]) for name in ("lena", "petr"))
        assignment.assign(session, case_id, lena, petr, stage.now)
    assert told(stage) == {"igor": [], "olga": [], "petr": [case_id], "lena": []}


def test_who_takes_it_himself_is_told_nothing(stage: Stage) -> None:
    stage.complain("c1")
    do(stage, "igor", assignment.take, stage.now)
    do(
        stage,
        "igor",
        lambda session, case_id, user: assignment.assign(session, case_id, user, user, stage.now),
    )
    assert told(stage)["igor"] == []


@pytest.mark.parametrize("step", [assignment.take, assignment.release])
def test_a_step_of_those_who_got_it_ends_the_news(stage: Stage, step: Callable[..., object]) -> None:
    stage.complain("c1")
    do(stage, "igor", hand_over, stage)
    do(stage, "petr", step, stage.now)
    assert not any(told(stage).values())


def test_taken_back_nobody_is_told(stage: Stage) -> None:
    case_id = stage.complain("c1")
    with db.transaction() as session:
        igor = session.get_one(User, stage.people["igor"])
        with undo.kept(session, [case_id], "handed_over", igor, stage.now) as step:
            hand_over(session, case_id, igor, stage)
    see(stage, "petr")
    with db.transaction() as session:
        undo.take_back(session, str(step.token), session.get_one(User, stage.people["igor"]), stage.now)
    assert not any(told(stage).values())
    assert stage.case(case_id).handed_at is None


def test_a_corrected_tag_does_not_take_it_from_the_team_that_a_person_chose(stage: Stage) -> None:
    case_id = stage.complain("c1")
    before = stage.case(case_id).team_id
    do(stage, "igor", hand_over, stage)
    with db.transaction() as session:
        petr = session.get_one(User, stage.people["petr"])
        triage.correct(session, stage.case(case_id).mention_id, petr, stage.now, sentiment=Sentiment.NEUTRAL)
    assert stage.case(case_id).team_id != before


def test_a_rule_still_moves_what_nobody_handed_over(stage: Stage) -> None:
    case_id = stage.complain("c1")
    before = stage.case(case_id).team_id
    with db.transaction() as session:
        igor = session.get_one(User, stage.people["igor"])
        triage.correct(
            session,
            stage.case(case_id).mention_id,
            igor,
            stage.now,
            intent=Intent.QUESTION,
            sentiment=Sentiment.NEUTRAL,
        )
    assert stage.case(case_id).team_id != before


@pytest.mark.parametrize("is_taken", [True, False])
def test_snoozing_takes_nothing(stage: Stage, is_taken: bool) -> None:
    case_id = stage.complain("c1")
    if is_taken:
        do(stage, "igor", assignment.take, stage.now)
    do(stage, "igor", holding.snooze, stage.now + timedelta(hours=1), stage.now)
    assert stage.case(case_id).assignee_id == (stage.people["igor"] if is_taken else None)
    with db.transaction() as session:
        assert holding.wake(session, stage.now + timedelta(hours=1)) == 1
    assert stage.case(case_id).status is (CaseStatus.TAKEN if is_taken else CaseStatus.OPEN)
