"""What a newer model's verdict may change, and what it may not."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.words import CaseStatus, CloseReason, Intent, Sentiment, Urgency
from desk.cases import assignment, cases, handling
from desk.models import Case, Journal, Mention, Rule, Team, Verdict
from desk.pipeline import reclassification, triage
from desk.pipeline.reclassification import Outcome
from desk.pipeline.triage import Unjudged
from desk.replies import sending
from desk.routing import rulebook
from desk.verdicts.star_ratings import Judgement
from tests.world.desk import World, ours, said


def give(
    world: World, intent: Intent, urgency: Urgency = Urgency.NORMAL, *only: str, wording: int = 0, **more: Any
) -> Outcome:
    """The newer model says the same of every mention, or of those that are named."""
    tone = Sentiment.POSITIVE if intent is Intent.PRAISE else Sentiment.NEGATIVE
    values = {"backend": "test", "model_revision": "2", "is_abusive": False, "abuse_probability": 0.9} | more
    judgement = Judgement("en", tone, intent, urgency, 0.9, 0.9, 0.9, 0.9, **values)
    with db.transaction() as session:
        query = sa.select(Mention).where(~Mention.is_own).order_by(Mention.id)
        found = [one for one in session.scalars(query) if not only or one.external_id in only]
        pairs = [(Unjudged(one.id, one.text, one.rating, one.language, wording), judgement) for one in found]
        return reclassification.apply_second_verdicts(session, pairs, world.now)


def complaint(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    world.judge()


def test_a_changed_tag_is_told_by_the_journal_and_an_equal_one_is_not(world: World) -> None:
    complaint(world)
    assert give(world, Intent.COMPLAINT) == Outcome(judged=1)
    assert world.events() == ["opened"]
    assert give(world, Intent.QUESTION, model_revision="3") == Outcome(judged=1, changed=1)
    assert world.events() == ["opened", "judged_again", "rerouted"]
    with db.snapshot() as session:
        row = session.scalars(sa.select(Journal).where(Journal.event == "judged_again")).one()
        assert row.facts == {"was_intent": "complaint", "intent": "question"}
        assert [one.model_revision for one in session.scalars(sa.select(Verdict).order_by(Verdict.id))] == [
            "1",
            "2",
            "3",
        ]


def test_an_untouched_case_goes_where_the_rules_send_it_now(world: World) -> None:
    complaint(world)
    before = world.case()
    give(world, Intent.COMPLAINT, Urgency.CRITICAL)
    case = world.case()
    assert (case.priority, case.team.key) == (Urgency.CRITICAL, "service")
    assert case.due_at < before.due_at
    assert case.policy.startswith("Minutes")
    assert "Critical complaint" in case.rule_en
    give(world, Intent.QUESTION)
    case = world.case()
    assert (case.priority, case.team.key, case.intent) == (Urgency.NORMAL, "marketing", Intent.QUESTION)


def test_a_missed_target_stays_missed(world: World) -> None:
    complaint(world)
    world.later(days=5)
    with db.transaction() as session:
        assert handling.mark_breaches(session, world.now) == 1
    before = world.case()
    give(world, Intent.COMPLAINT, Urgency.CRITICAL)
    case = world.case()
    assert case.priority is Urgency.CRITICAL
    assert (case.policy, case.due_at, case.is_met) == (before.policy, before.due_at, False)


def test_a_target_that_is_overdue_stays_before_anybody_has_noted_it(world: World) -> None:
    complaint(world)
    before = world.case()
    world.later(days=5)
    give(world, Intent.QUESTION)
    case = world.case()
    assert case.team.key == "marketing"
    assert (case.policy, case.due_at, case.is_met) == (before.policy, before.due_at, None)
    with db.transaction() as session:
        assert handling.mark_breaches(session, world.now) == 1


@pytest.mark.parametrize("is_noted", [True, False])
def test_a_missed_target_is_not_moved_by_another_message_either(world: World, is_noted: bool) -> None:
    world.crawl(said("m1", "Hello?", world.now), said("m2", "Well", world.now))
    world.judge(Intent.QUESTION)
    before = world.case()
    world.later(days=5)
    with db.transaction() as session:
        assert not is_noted or handling.mark_breaches(session, world.now) == 1
    give(world, Intent.COMPLAINT, Urgency.CRITICAL, "m2")
    case = world.case()
    assert (case.team.key, case.priority) == ("service", Urgency.CRITICAL)
    assert (case.policy, case.due_at) == (before.policy, before.due_at)


def test_a_message_that_joins_does_not_move_a_missed_target(world: World) -> None:
    world.crawl(said("m1", "Hm.", world.now))
    world.judge(Intent.OTHER)
    world.crawl(said("m2", "Where is it?", world.now))
    world.judge(Intent.QUESTION)
    before = world.case()
    world.later(days=5)
    give(world, Intent.COMPLAINT, Urgency.CRITICAL, "m1")
    case = world.case()
    assert (case.message_count, case.priority) == (2, Urgency.CRITICAL)
    assert (case.policy, case.due_at) == (before.policy, before.due_at)


def test_a_case_that_somebody_writes_an_answer_to_stays_where_it_is(world: World) -> None:
    complaint(world)
    world.draft("We are so")
    before = world.case()
    assert before.assignee_id is None
    give(world, Intent.QUESTION)
    case = world.case()
    assert (case.team.key, case.due_at, case.intent) == ("service", before.due_at, Intent.QUESTION)


def test_the_sentence_is_that_of_the_team_the_case_has(world: World) -> None:
    complaint(world)
    before = world.case()
    with db.transaction() as session:
        rule = session.get_one(Rule, before.rule_id)
        marketing = session.scalars(sa.select(Team.id).where(Team.key == "marketing")).one()
        rulebook.change(
            session, rule.id, name_en=rule.name_en, name_ru=rule.name_ru, conditions=rule.conditions,
            team_id=marketing, policy_name=rule.policy_name,
        )  # fmt: skip
    assert give(world, Intent.COMPLAINT, is_uncertain=True) == Outcome(judged=1, changed=1)
    case = world.case()
    assert case.team.key == "service"
    assert (case.rule_en, case.rule_ru) == (before.rule_en, before.rule_ru)
    assert world.events() == ["opened", "judged_again"]


def test_a_taken_case_is_told_but_stays_where_it_is(world: World) -> None:
    complaint(world)
    with db.transaction() as session:
        assignment.take(session, world.case().id, world.user(session, "igor"), world.now)
    before = world.case()
    give(world, Intent.QUESTION, Urgency.CRITICAL)
    case = world.case()
    assert case.intent is Intent.QUESTION
    for name in ("team_id", "assignee_id", "priority", "policy", "due_at", "status", "version"):
        assert getattr(case, name) == getattr(before, name), name
    assert world.events()[-1] == "judged_again"


def test_a_case_that_a_person_handed_over_is_not_pulled_back(world: World) -> None:
    complaint(world)
    with db.transaction() as session:
        igor = world.user(session, "igor")
        assignment.hand_over(session, world.case().id, igor, "marketing", "yours", world.now)
    assert world.case().assignee_id is None
    give(world, Intent.COMPLAINT, Urgency.CRITICAL)
    case = world.case()
    assert (case.team.key, case.priority) == ("marketing", Urgency.NORMAL)


def test_no_case_is_closed_by_a_machine(world: World) -> None:
    complaint(world)
    give(world, Intent.PRAISE)
    case = world.case()
    assert (case.status, case.intent, case.close_reason) == (CaseStatus.OPEN, Intent.PRAISE, None)


def test_a_closed_case_is_not_opened_by_a_machine(world: World) -> None:
    world.crawl(said("m1", "Hm.", world.now))
    world.judge(Intent.OTHER)
    world.crawl(said("m2", "Where is it?", world.now))
    world.judge(Intent.QUESTION)
    with db.transaction() as session:
        igor = world.user(session, "igor")
        handling.close(session, world.case().id, igor, CloseReason.NO_ANSWER_NEEDED, world.now)
    assert give(world, Intent.COMPLAINT, Urgency.HIGH, "m1").opened == 0
    case = world.case()
    assert (case.status, case.message_count) == (CaseStatus.CLOSED, 2)
    assert world.mention("m1").case_id == case.id


def test_a_weightier_message_of_an_untouched_case_takes_it_along(world: World) -> None:
    world.crawl(said("m1", "Hello?", world.now), said("m2", "Well", world.now))
    world.judge(Intent.QUESTION)
    give(world, Intent.COMPLAINT, Urgency.HIGH, "m2")
    case = world.case()
    assert (case.team.key, case.priority) == ("service", Urgency.HIGH)
    assert case.mention_id == world.mention("m2").id


@pytest.mark.parametrize("intent", [Intent.QUESTION, Intent.PRAISE])
def test_a_case_falls_no_lower_than_the_most_urgent_message_that_waits(world: World, intent: Intent) -> None:
    weighty_and_weightier(world)
    give(world, intent, Urgency.NORMAL, "m2")
    case = world.case()
    assert (case.mention_id, case.intent) == (world.mention("m1").id, Intent.COMPLAINT)
    assert (case.team.key, case.priority, case.status) == ("service", Urgency.HIGH, CaseStatus.OPEN)
    assert case.policy.startswith("Today")
    assert case.due_at == world.now + timedelta(hours=4)
    assert "Urgent complaint" in case.rule_en
    assert world.events()[-2:] == ["judged_again", "rerouted"]


def test_what_has_an_answer_keeps_no_case_up(world: World) -> None:
    weighty_and_weightier(world)
    with db.transaction() as session:
        session.get_one(Mention, world.mention("m1").id).answered_at = world.now
    give(world, Intent.QUESTION, Urgency.NORMAL, "m2")
    case = world.case()
    assert (case.mention_id, case.team.key) == (world.mention("m2").id, "marketing")


def weighty_and_weightier(world: World) -> None:
    world.crawl(said("m1", "You charged me twice!", world.now))
    world.judge(Intent.COMPLAINT, Urgency.HIGH)
    world.crawl(said("m2", "It smells of gas!", world.now))
    world.judge(Intent.COMPLAINT, Urgency.CRITICAL)
    case = world.case()
    assert (case.mention_id, case.priority) == (world.mention("m2").id, Urgency.CRITICAL)


def test_a_recent_mention_may_open_a_case_and_an_old_one_may_not(world: World) -> None:
    world.crawl(
        said("new", "Hm.", world.now - timedelta(days=6), author="Bo", thread="t2"),
        said("old", "Hm.", world.now - timedelta(days=8), author="Cy", thread="t3"),
    )
    world.judge(Intent.OTHER)
    assert world.cases() == []
    assert give(world, Intent.COMPLAINT) == Outcome(judged=2, changed=2, opened=1)
    assert world.case().mention_id == world.mention("new").id
    assert world.mention("old").intent is Intent.COMPLAINT


def test_what_has_a_public_answer_opens_nothing(world: World) -> None:
    world.crawl(said("m1", "Hm.", world.now))
    world.judge(Intent.OTHER)
    world.crawl(ours("a1", "Thank you.", world.later(minutes=5), parent="m1"))
    assert give(world, Intent.COMPLAINT).opened == 0


def test_a_persons_word_stays_in_force(world: World) -> None:
    complaint(world)
    with db.transaction() as session:
        triage.correct(
            session, world.mention("m1").id, world.user(session, "igor"), world.now, intent=Intent.QUESTION
        )
    assert give(world, Intent.PRAISE, Urgency.CRITICAL, is_abusive=True) == Outcome(judged=1)
    mention = world.mention("m1")
    assert (mention.intent, mention.urgency) == (Intent.QUESTION, Urgency.NORMAL)
    assert mention.is_abusive, "people are not asked about it, so the model's word counts"


def test_what_was_edited_meanwhile_or_broke_the_model_keeps_what_it_has(world: World) -> None:
    complaint(world)
    assert give(world, Intent.PRAISE, wording=7) == Outcome()
    assert give(world, Intent.PRAISE, backend=reclassification.NOBODY) == Outcome()
    world.crawl(said("m1", "It broke again.", world.now))
    assert give(world, Intent.PRAISE, wording=1) == Outcome(), "it waits for its first verdict"
    assert world.mention("m1").intent is Intent.COMPLAINT


def test_the_first_word_on_abuse_is_no_change_of_tags(world: World) -> None:
    complaint(world)
    assert world.mention("m1").is_abusive is None
    assert give(world, Intent.COMPLAINT, is_abusive=True, abuse_probability=0.8) == Outcome(judged=1)
    assert world.mention("m1").is_abusive
    with db.snapshot() as session:
        newest = session.scalars(sa.select(Verdict).order_by(Verdict.id.desc())).first()
        assert (newest.is_abusive, newest.abuse_probability) == (True, 0.8)
        assert (
            session.scalars(sa.select(Case)).one().team_id
            == session.scalars(sa.select(Team.id).where(Team.key == "service")).one()
        )


def correct(world: World) -> None:
    with db.transaction() as session:
        igor = world.user(session, "igor")
        triage.correct(session, world.mention("m1").id, igor, world.now, urgency=Urgency.HIGH)


@pytest.mark.parametrize(
    "change", [lambda world: give(world, Intent.QUESTION), correct], ids=["model", "person"]
)
def test_whoever_sends_and_whoever_tags_wait_for_each_other_but_not_for_ever(
    world: World, change: Callable[[World], object]
) -> None:
    complaint(world)
    reply_id = world.draft()
    world.approve(reply_id)
    assert world.begin(reply_id)
    with ThreadPoolExecutor(1) as pool:
        with db.transaction() as session:
            cases.locked(session, world.case().id)
            tagging = pool.submit(change, world)
            _wait_until_held_up(tagging)
            sending.taken(
                session, reply_id, external_id="a1", url=None, state="public", at=None, now=world.now
            )  # fmt: skip
        tagging.result(60)
    case, mention = world.case(), world.mention("m1")
    assert (case.status, mention.answered_at) == (CaseStatus.ANSWERED, world.now)
    assert (mention.intent, mention.urgency) != (Intent.COMPLAINT, Urgency.NORMAL)


def _wait_until_held_up(other: "Future[object]") -> None:
    """SQLite lets one write at a time, so there is nothing to wait for."""
    if db.engine().dialect.name == "sqlite":
        return
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    ends = time.monotonic() + 60
    while not other.done():
        with db.snapshot() as session:
            if session.scalar(query):
                return
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.01)
