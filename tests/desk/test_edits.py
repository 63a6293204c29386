"""An author who edits after the answer has said something new: the case opens again, and nothing of the first is lost."""

from datetime import timedelta

import pytest

from desk.base import db
from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, Urgency
from desk.cases import assignment, handling
from tests.desk.rewriting import earlier, journal, review, rewrite
from tests.world.desk import World, ours, said


def test_an_edit_after_the_answer_opens_the_case_again_with_a_clock_of_its_own(answered: World) -> None:
    first = answered.mention("m1")
    decided = answered.case()
    edited_at = answered.later(days=2)
    rewrite(answered)
    answered.judge(urgency=Urgency.CRITICAL)
    case, mention, before = answered.case(), answered.mention("m1"), earlier(answered)
    assert (case.status, case.stage) == (CaseStatus.REOPENED, CaseStage.UNANSWERED)
    assert (case.waits_since, case.priority) == (edited_at, Urgency.CRITICAL)
    assert case.due_at > edited_at
    assert (mention.answered_at, mention.answer_wall_seconds) == (None, None)
    assert (before.answered_at, before.answer_wall_seconds) == (first.answered_at, 600)
    assert (case.first_answer_at, case.is_met) == (decided.first_answer_at, True), (
        "the old target stays decided"
    )
    assert journal(answered, "reworded") == [{"after_answer": True}]
    assert journal(answered, "reopened") == [{"why": "edited"}]


@pytest.mark.parametrize("rating", [3.0, 1.0])
def test_words_alone_and_stars_alone_are_enough(answered: World, rating: float) -> None:
    answered.later(days=2)
    rewrite(answered, "Not bad, but it took long." if rating < 3 else "And nobody helps.", rating)
    answered.judge()
    assert answered.case().stage is CaseStage.UNANSWERED


def test_a_closed_case_opens_again_as_well(asked: World) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id, closes_case=True)
    asked.begin(reply_id)
    asked.published(reply_id)
    assert asked.case().status is CaseStatus.CLOSED
    rewrite(asked)
    asked.judge()
    case = asked.case()
    assert (case.status, case.closed_at, case.close_reason) == (CaseStatus.REOPENED, None, None)


@pytest.mark.parametrize(
    "reason", [CloseReason.NO_ANSWER_NEEDED, CloseReason.DUPLICATE, CloseReason.NOT_FOR_US]
)
def test_so_does_one_that_was_closed_without_an_answer(asked: World, reason: CloseReason) -> None:
    with db.transaction() as session:
        handling.close(session, asked.case().id, asked.user(session, "anna"), reason, asked.now)
    asked.later(days=2)
    rewrite(asked, "NOT BAD, BUT IT TOOK LONG!!", 3.0)
    asked.judge()
    assert asked.case().status is CaseStatus.CLOSED, "the same letters are no news"
    rewrite(asked)
    asked.judge()
    case = asked.case()
    assert (case.status, case.waits_since, case.is_met) == (CaseStatus.REOPENED, asked.now, None)


@pytest.mark.parametrize(
    ("text", "rating"),
    [("Not bad, but it took long.", 5.0), ("not  bad but it took LONG", 3.0), ("Not bad, but it took long.", None), ("", 3.0)],
)  # fmt: skip
def test_what_says_nothing_new_leaves_it_answered(answered: World, text: str, rating: float | None) -> None:
    before = answered.mention("m1")
    answered.later(days=2)
    rewrite(answered, text, rating)
    answered.judge()
    assert answered.mention("m1").edit_count == 1
    assert answered.mention("m1").answered_at == before.answered_at
    assert answered.case().stage is CaseStage.ANSWERED


def test_thanks_by_an_edit_leave_it_answered(answered: World) -> None:
    before = answered.mention("m1")
    answered.later(days=2)
    rewrite(answered, "They have mended it, thank you!", 5.0)
    assert answered.mention("m1").answered_at is None, "until somebody has read it, nobody has answered it"
    answered.judge(Intent.PRAISE)
    mention = answered.mention("m1")
    assert (mention.answered_at, mention.answer_wall_seconds) == (before.answered_at, 600)
    assert answered.case().stage is CaseStage.ANSWERED
    answered.later(days=1)
    rewrite(answered, "It broke again.", 1.0)
    answered.judge()
    assert (answered.case().stage, answered.case().waits_since) == (CaseStage.UNANSWERED, answered.now)
    assert earlier(answered).answer_wall_seconds == 600


def test_the_sites_own_time_of_the_edit_starts_the_clock(answered: World) -> None:
    edited_at = answered.later(hours=5)
    answered.later(hours=3)
    rewrite(answered, edited_at=edited_at)
    answered.judge()
    assert answered.case().waits_since == edited_at


@pytest.mark.parametrize("off", [timedelta(days=-400), timedelta(days=400)])
def test_a_time_of_the_edit_that_cannot_be_true_does_not(answered: World, off: timedelta) -> None:
    answered.later(hours=8)
    rewrite(answered, edited_at=answered.now + off)
    answered.judge()
    assert answered.case().waits_since == answered.now


def test_an_edit_of_any_message_of_the_case_is_heard(asked: World) -> None:
    asked.later(minutes=1)
    asked.crawl(said("m2", "And the box was torn.", asked.now))
    asked.judge()
    assert asked.case().mention_id == asked.mention("m1").id
    asked.answer()
    asked.later(days=1)
    asked.crawl(said("m2", "And the box is on fire!", asked.mention("m2").published_at))
    asked.judge(urgency=Urgency.CRITICAL)
    case = asked.case()
    assert (case.status, case.priority, case.mention_id) == (
        CaseStatus.REOPENED,
        Urgency.CRITICAL,
        asked.mention("m2").id,
    )
    assert asked.mention("m1").answered_at is not None


def test_what_opened_no_case_opens_one_when_it_turns_into_a_complaint_and_its_clock_starts_then(
    world: World,
) -> None:
    world.crawl(review("Lovely!", world.now, 5.0))
    world.judge(Intent.PRAISE)
    world.later(days=90)
    rewrite(world)
    world.judge()
    assert (world.case().waits_since, world.case().due_at > world.now) == (world.now, True)


def test_what_was_answered_before_it_had_a_case_opens_one(world: World) -> None:
    world.crawl(review("It took long.", world.now), ours("a1", "Sorry.", world.now, parent="m1"))
    world.judge()
    assert world.cases() == []
    world.later(days=2)
    rewrite(world)
    world.judge()
    assert (world.case().waits_since, earlier(world).answered_at) == (
        world.now,
        world.now - timedelta(days=2),
    )


def test_what_was_edited_before_anybody_read_it_waits_since_it_was_published(world: World) -> None:
    published_at = world.now
    world.crawl(review("Hm.", published_at))
    world.later(minutes=5)
    rewrite(world)
    world.judge()
    assert world.case().waits_since == published_at


def test_two_wordings_by_turns_open_it_once(answered: World) -> None:
    for _ in range(3):
        answered.later(hours=1)
        rewrite(answered, "Not bad, but it took long. Read more: the whole of it.", 3.0)
        answered.judge()
        answered.later(hours=1)
        rewrite(answered, "Not bad, but it took long.", 3.0)
        answered.judge()
    assert answered.case().reopened_count == 1


def test_the_same_export_again_opens_nothing(answered: World) -> None:
    rewrite(answered)
    answered.judge()
    second = answered.draft("We send a new one.")
    answered.approve(second)
    answered.begin(second)
    answered.published(second, "answer-2")
    rewrite(answered)
    assert answered.judge() == 0
    assert answered.case().stage is CaseStage.ANSWERED


def test_an_edit_while_it_was_taken_raises_it_from_the_edit_on(asked: World) -> None:
    asked.later(hours=30)
    with db.transaction() as session:
        assignment.take(session, asked.case().id, asked.user(session, "igor"), asked.now)
    due_at = asked.case().due_at
    rewrite(asked)
    asked.judge(urgency=Urgency.CRITICAL)
    case = asked.case()
    assert (case.priority, case.news_at, case.assignee_id) == (
        Urgency.CRITICAL,
        asked.now,
        asked.people["igor"],
    )
    assert case.due_at <= due_at or due_at < asked.now
    assert journal(asked, "raised") == [{"was": "normal", "priority": "critical"}]


def test_a_thread_with_two_customers_knows_whose_words_changed(asked: World) -> None:
    asked.crawl(said("b1", "Mine is fine", asked.now, author="Bo"))
    asked.judge(Intent.PRAISE)
    asked.answer()
    asked.crawl(said("b1", "Mine burns too", asked.now, author="Bo"))
    asked.judge()
    first, second = asked.cases()
    assert (first.stage, second.stage) == (CaseStage.ANSWERED, CaseStage.UNANSWERED)
