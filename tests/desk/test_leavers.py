"""Whoever does not answer any more holds no case: what he had is free, what opens again does not come back to him."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.errors import Conflict, DeskError, NotAllowed
from desk.base.words import CaseStage, CaseStatus, ReplyState
from desk.cases import assignment, handling, holding
from desk.models import Case, Journal, User
from desk.operations import schema
from desk.pipeline import staff
from desk.replies import draft_list, drafts
from tests.world import rows
from tests.world.desk import World, act, said
from tests.world.rows import NOON


@pytest.fixture
def world(complained: World) -> World:
    return complained


def leave(world: World, who: str = "igor", by: str | None = "anna") -> None:
    with db.transaction() as session:
        staff.deactivate(session, world.people[who], world.user(session, by) if by else None, world.now)


def step(world: World, event: str) -> Journal:
    with db.snapshot() as session:
        return session.scalars(
            sa.select(Journal).where(Journal.event == event).order_by(Journal.id.desc())
        ).first()  # type: ignore[return-value]


@pytest.mark.parametrize("by", ["anna", None])
def test_what_he_had_taken_goes_back_to_its_team(world: World, by: str | None) -> None:
    act(world, assignment.take)
    leave(world, by=by)
    case = world.case()
    assert (case.status, case.assignee_id, case.team.key) == (CaseStatus.OPEN, None, "service")
    row = step(world, "released")
    assert row.user_id == (world.people[by] if by else None)
    assert row.facts == {"why": "left", "whose": world.people["igor"]}


def test_what_he_had_snoozed_is_awake_again(world: World) -> None:
    act(world, assignment.take, "igor")
    act(world, holding.snooze, "igor", world.now + timedelta(days=9))
    leave(world)
    case = world.case()
    assert (case.status, case.stage, case.snoozed_until) == (CaseStatus.OPEN, CaseStage.UNANSWERED, None)


def test_what_had_been_opened_again_stays_so(world: World) -> None:
    world.answer()
    act(world, handling.reopen)
    leave(world)
    assert (world.case().status, world.case().assignee_id) == (CaseStatus.REOPENED, None)


def test_what_he_had_answered_comes_back_to_the_team_when_the_customer_writes(world: World) -> None:
    world.answer()
    leave(world)
    assert world.case().assignee_id == world.people["igor"], "he has answered it, and that stays"
    world.later(days=1)
    world.crawl(said("m2", "Broke again.", world.now))
    world.judge()
    case = world.case()
    assert (case.status, case.assignee_id, case.news_at) == (CaseStatus.REOPENED, None, None)


def test_so_it_does_when_a_colleague_opens_it_again(world: World) -> None:
    world.answer()
    leave(world)
    act(world, handling.reopen, "maria")
    assert world.case().assignee_id is None


def test_whoever_only_reads_from_now_on_holds_nothing_either(world: World) -> None:
    act(world, assignment.take)
    with db.transaction() as session:
        anna = world.user(session, "anna")
        change = {"name": "igor", "roles": ["agent"], "team_key": "marketing", "by": anna, "now": world.now}
        staff.change(session, world.people["igor"], **change)
    assert world.case().assignee_id == world.people["igor"], "another team takes no case from him"
    with db.transaction() as session:
        staff.change(session, world.people["igor"], name="igor", roles=["analyst"], team_key=None)
    assert world.case().assignee_id is None
    assert step(world, "released").facts["why"] == "reads_only"


def test_nobody_can_give_him_one(world: World) -> None:
    leave(world)
    with pytest.raises(Conflict) as refused, db.transaction() as session:
        assignment.assign(
            session, world.case().id, world.user(session, "anna"), world.user(session, "igor"), world.now
        )
    assert (refused.value.code, refused.value.facts["by"]) == ("gone", "igor")
    with pytest.raises(NotAllowed), db.transaction() as session:
        assignment.assign(
            session, world.case().id, world.user(session, "anna"), world.user(session, "boris"), world.now
        )
    assert world.case().assignee_id is None


def test_his_draft_is_there_for_whoever_goes_on(world: World) -> None:
    act(world, assignment.take)
    draft = world.draft("We are looking into it.")
    with db.snapshot() as session:
        assert draft_list.left_behind(session, world.case().id) == [], "he is still at work"
    with pytest.raises(DeskError), db.transaction() as session:
        drafts.edit_again(session, draft, world.user(session, "maria"), world.now)
    leave(world)
    with db.snapshot() as session:
        assert [left.text for left in draft_list.left_behind(session, world.case().id)] == [
            "We are looking into it."
        ]
    with db.transaction() as session:
        taken = drafts.edit_again(session, draft, world.user(session, "maria"), world.now)
        assert (taken.user_id, taken.state) == (world.people["maria"], ReplyState.DRAFT)
    with db.snapshot() as session:
        assert draft_list.left_behind(session, world.case().id) == []


def test_of_giving_him_a_case_and_shutting_him_out_at_the_same_moment_none_leaves_him_with_it(
    world: World,
) -> None:
    for number in range(6):
        world.crawl(said(f"x{number}", "Broken.", world.now, thread=f"x{number}"))
    world.judge()
    ids, start = [case.id for case in world.cases()], threading.Barrier(3)

    def give() -> None:
        start.wait()
        for case_id in ids:
            try:
                with db.transaction() as session:
                    igor, anna = world.user(session, "igor"), world.user(session, "anna")
                    assignment.assign(session, case_id, anna, igor, world.now)
            except Conflict:
                return

    def shut_out() -> None:
        start.wait()
        leave(world)

    threads = [threading.Thread(target=give), threading.Thread(target=shut_out)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    assert {case.assignee_id for case in world.cases()} == {None}


def test_cases_of_those_who_had_left_before_this_version_are_free(database: None) -> None:
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        gone, here = rows.user(session, active=False), rows.user(session)
        reader = rows.user(session)
        here.roles = [
            role
            for role in session.scalars(sa.select(User.roles.property.mapper.class_))
            if role.name == "agent"
        ]
        for owner, status in (
            (gone, CaseStatus.TAKEN), (gone, CaseStatus.ON_HOLD), (gone, CaseStatus.REOPENED),
            (gone, CaseStatus.ANSWERED), (here, CaseStatus.TAKEN), (reader, CaseStatus.TAKEN), (None, CaseStatus.OPEN),
        ):  # fmt: skip
            rows.case(
                session, rows.mention(session, source), status=status, assignee_id=owner.id if owner else None
            )
        people = (gone.id, here.id)
    schema.downgrade("0008")
    schema.upgrade()
    with db.snapshot() as session:
        found = [
            (case.status, case.assignee_id) for case in session.scalars(sa.select(Case).order_by(Case.id))
        ]
        told = session.scalars(sa.select(Journal).where(Journal.event == "released")).all()
    assert found == [
        (CaseStatus.OPEN, None),
        (CaseStatus.OPEN, None),
        (CaseStatus.REOPENED, None),
        (CaseStatus.ANSWERED, people[0]),
        (CaseStatus.TAKEN, people[1]),
        (CaseStatus.OPEN, None),
        (CaseStatus.OPEN, None),
    ]
    assert len(told) == 4
    assert all(row.facts["why"] == "left" and row.at > NOON - timedelta(days=9999) for row in told)
