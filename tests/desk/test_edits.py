"""An author who edits after the answer has said something new: the case opens again, and nothing of the first is lost."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from desk import answers, cases, db, looks, mentions, replies, second_verdicts, sending, triage
from desk import metrics as report
from desk.errors import Conflict
from desk.evidence import Judgement
from desk.metrics.figures import Period, Scope
from desk.models import Journal, Reply, Revision
from desk.models.words import (
    CaseStage,
    CaseStatus,
    CloseReason,
    Kind,
    MentionState,
    ReplyState,
    Sentiment,
    Urgency,
)
from tests.desk.loop import World, build, ours, said


@pytest.fixture
def world(database: None, now: datetime) -> World:
    return build(now)


def review(text: str, at: datetime, rating: float | None = 3.0, **more: object):  # type: ignore[no-untyped-def]
    return said("m1", text, at, kind="review", rating=rating, **more)


@pytest.fixture
def asked(world: World) -> World:
    """A review that waits for its answer since `world.now`."""
    world.crawl(review("Not bad, but it took long.", world.now))
    world.judge_all()
    return world


@pytest.fixture
def answered(asked: World) -> World:
    asked.later(minutes=10)
    asked.answer()
    return asked


def rewrite(
    world: World, text: str = "UPD: it caught fire!", rating: float | None = 1.0, **more: object
) -> None:
    world.crawl(review(text, world.mention("m1").published_at, rating, **more))


def earlier(world: World) -> Revision:
    with db.snapshot() as session:
        return session.scalars(sa.select(Revision).order_by(Revision.id.desc())).first()  # type: ignore[return-value]


def journal(world: World, event: str) -> list[dict[str, object]]:
    with db.snapshot() as session:
        query = sa.select(Journal.facts).where(Journal.event == event)
        return list(session.scalars(query.order_by(Journal.id)))


def test_an_edit_after_the_answer_opens_the_case_again_with_a_clock_of_its_own(answered: World) -> None:
    first = answered.mention("m1")
    decided = answered.case()
    edited_at = answered.later(days=2)
    rewrite(answered)
    answered.judge_all(urgency=Urgency.CRITICAL)
    case, mention, before = answered.case(), answered.mention("m1"), earlier(answered)
    assert (case.status, case.stage) == (CaseStatus.REOPENED, CaseStage.UNANSWERED)
    assert (case.waits_since, case.priority) == (edited_at, Urgency.CRITICAL)
    assert case.due_at > edited_at
    assert (mention.answered_at, mention.answer_wall_seconds) == (None, None)
    assert (before.answered_at, before.answer_wall_seconds) == (first.answered_at, 600)
    assert (case.first_answer_at, case.is_met) == (decided.first_answer_at, True), (
        "the old promise stays decided"
    )
    assert journal(answered, "reworded") == [{"after_answer": True}]
    assert journal(answered, "reopened") == [{"why": "edited"}]


@pytest.mark.parametrize("rating", [3.0, 1.0])
def test_words_alone_and_stars_alone_are_enough(answered: World, rating: float) -> None:
    answered.later(days=2)
    rewrite(answered, "Not bad, but it took long." if rating < 3 else "And nobody helps.", rating)
    answered.judge_all()
    assert answered.case().stage is CaseStage.UNANSWERED


def test_a_closed_case_opens_again_as_well(asked: World) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id, closes_case=True)
    asked.begin(reply_id)
    asked.published(reply_id)
    assert asked.case().status is CaseStatus.CLOSED
    rewrite(asked)
    asked.judge_all()
    case = asked.case()
    assert (case.status, case.closed_at, case.close_reason) == (CaseStatus.REOPENED, None, None)


@pytest.mark.parametrize(
    "reason", [CloseReason.NO_ANSWER_NEEDED, CloseReason.DUPLICATE, CloseReason.NOT_FOR_US]
)
def test_so_does_one_that_was_closed_without_an_answer(asked: World, reason: CloseReason) -> None:
    with db.transaction() as session:
        cases.close(session, asked.case().id, asked.user(session, "anna"), reason, asked.now)
    asked.later(days=2)
    rewrite(asked, "NOT BAD, BUT IT TOOK LONG!!", 3.0)
    asked.judge_all()
    assert asked.case().status is CaseStatus.CLOSED, "the same letters are no news"
    rewrite(asked)
    asked.judge_all()
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
    answered.judge_all()
    assert answered.mention("m1").revision_count == 1
    assert answered.mention("m1").answered_at == before.answered_at
    assert answered.case().stage is CaseStage.ANSWERED


def test_thanks_by_an_edit_leave_it_answered(answered: World) -> None:
    before = answered.mention("m1")
    answered.later(days=2)
    rewrite(answered, "They have mended it, thank you!", 5.0)
    assert answered.mention("m1").answered_at is None, "until somebody has read it, nobody has answered it"
    answered.judge_all(Kind.PRAISE)
    mention = answered.mention("m1")
    assert (mention.answered_at, mention.answer_wall_seconds) == (before.answered_at, 600)
    assert answered.case().stage is CaseStage.ANSWERED
    answered.later(days=1)
    rewrite(answered, "It broke again.", 1.0)
    answered.judge_all()
    assert (answered.case().stage, answered.case().waits_since) == (CaseStage.UNANSWERED, answered.now)
    assert earlier(answered).answer_wall_seconds == 600


def test_the_later_answer_settles_it_again(answered: World) -> None:
    answered.later(days=2)
    rewrite(answered)
    answered.judge_all()
    answered.later(hours=1)
    second = answered.draft("We send a new one today.")
    answered.approve(second)
    answered.begin(second)
    answered.published(second, "answer-2")
    mention = answered.mention("m1")
    assert answered.case().status is CaseStatus.ANSWERED
    assert mention.answer_wall_seconds == 3600, "since the edit"
    assert earlier(answered).answer_wall_seconds == 600, "since it was published"


def test_an_answer_on_the_site_settles_it_too_also_by_a_rewritten_answer(answered: World) -> None:
    answered.crawl(ours("answer-1", "We are sorry. Fixed today.", answered.now, parent="m1"))
    answered.later(days=2)
    rewrite(answered)
    answered.judge_all()
    at = answered.later(hours=1)
    # The one place for an answer that many sites have: the brand writes the new one over the old one.
    answered.crawl(
        ours("answer-1", "We are sorry for the fire. A new one is on its way.", answered.now, parent="m1")
    )
    assert (answered.case().status, answered.mention("m1").answered_at) == (CaseStatus.ANSWERED, at)
    assert answered.mention("m1").answer_wall_seconds == 3600


def test_the_sites_own_time_of_the_edit_starts_the_clock(answered: World) -> None:
    edited_at = answered.later(hours=5)
    answered.later(hours=3)
    rewrite(answered, edited_at=edited_at)
    answered.judge_all()
    assert answered.case().waits_since == edited_at


@pytest.mark.parametrize("off", [timedelta(days=-400), timedelta(days=400)])
def test_a_time_of_the_edit_that_cannot_be_true_does_not(answered: World, off: timedelta) -> None:
    answered.later(hours=8)
    rewrite(answered, edited_at=answered.now + off)
    answered.judge_all()
    assert answered.case().waits_since == answered.now


def test_an_answer_on_the_site_after_the_edit_that_is_noticed_with_it_has_answered_it(asked: World) -> None:
    start = asked.now
    asked.later(hours=5)
    edited = review("UPD: it caught fire!", start, 1.0, edited_at=start + timedelta(hours=1))
    asked.crawl(edited, ours("a1", "A new one is on its way.", start + timedelta(hours=2), parent="m1"))
    asked.judge_all()
    assert asked.case().stage is CaseStage.ANSWERED


def test_an_answer_before_the_edit_that_is_noticed_with_it_has_answered_the_earlier_words(
    asked: World,
) -> None:
    start = asked.now
    asked.later(hours=5)
    edited = review("UPD: it caught fire!", start, 1.0, edited_at=start + timedelta(hours=3))
    asked.crawl(edited, ours("a1", "Patience, please.", start + timedelta(hours=2), parent="m1"))
    asked.judge_all()
    assert asked.case().stage is CaseStage.UNANSWERED
    assert asked.mention("m1").answered_at is None
    assert earlier(asked).answer_wall_seconds == 7200


def test_an_approved_answer_is_stopped_by_an_edit(asked: World) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id)
    rewrite(asked)
    assert asked.begin(reply_id) is None
    assert (asked.reply().state, asked.reply().error_kind) == (ReplyState.DRAFT, "thread_changed")


def test_a_draft_that_was_begun_before_the_edit_is_not_approved_unread(asked: World) -> None:
    reply_id = asked.draft()
    rewrite(asked)
    with pytest.raises(Conflict) as refused:
        asked.approve(reply_id)
    assert refused.value.code == "thread_changed"
    asked.approve(asked.draft("Now that I have read it: sorry!"))
    assert asked.reply().state is ReplyState.APPROVED


def test_an_edit_of_the_same_letters_stops_no_answer(asked: World) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id)
    rewrite(asked, "Not bad, BUT it took long", 3.0)
    assert asked.begin(reply_id) is not None


@pytest.mark.parametrize("is_pending", [False, True])
def test_an_answer_that_was_being_sent_answers_the_earlier_words(asked: World, is_pending: bool) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id)
    assert asked.begin(reply_id) is not None
    rewrite(asked)
    asked.judge_all(urgency=Urgency.CRITICAL)
    asked.later(minutes=1)
    asked.published(reply_id, is_pending=is_pending)
    assert asked.case().stage is CaseStage.UNANSWERED
    assert asked.mention("m1").answered_at is None
    assert earlier(asked).answered_at == asked.now


@pytest.mark.parametrize("is_pending", [False, True])
def test_an_answer_that_is_seen_only_after_the_edit_was_given_to_the_earlier_words(
    asked: World, is_pending: bool
) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id)
    asked.begin(reply_id)
    asked.published(reply_id, is_pending=is_pending)
    rewrite(asked)
    asked.judge_all()
    asked.later(minutes=5)
    with db.transaction() as session:
        looks.seen(session, reply_id, external_id="answer-1", url=None, now=asked.now)
    assert earlier(asked).answer_seen_at == asked.now
    assert asked.mention("m1").answered_at is None
    assert asked.case().stage is CaseStage.UNANSWERED


def test_an_answer_that_vanishes_is_taken_from_the_words_that_it_answered(answered: World) -> None:
    first = answered.reply()
    answered.later(days=2)
    rewrite(answered)
    answered.judge_all()
    with db.transaction() as session:
        case = cases.locked(session, answered.case().id)
        answers.unsettle(session, session.get_one(Reply, first.id), case)
    assert (earlier(answered).answered_at, earlier(answered).answer_wall_seconds) == (None, None)


def test_an_edit_of_any_message_of_the_case_is_heard(asked: World) -> None:
    asked.later(minutes=1)
    asked.crawl(said("m2", "And the box was torn.", asked.now))
    asked.judge_all()
    assert asked.case().mention_id == asked.mention("m1").id
    asked.answer()
    asked.later(days=1)
    asked.crawl(said("m2", "And the box is on fire!", asked.mention("m2").published_at))
    asked.judge_all(urgency=Urgency.CRITICAL)
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
    world.judge_all(Kind.PRAISE)
    world.later(days=90)
    rewrite(world)
    world.judge_all()
    assert (world.case().waits_since, world.case().due_at > world.now) == (world.now, True)


def test_what_was_answered_before_it_had_a_case_opens_one(world: World) -> None:
    world.crawl(review("It took long.", world.now), ours("a1", "Sorry.", world.now, parent="m1"))
    world.judge_all()
    assert world.cases() == []
    world.later(days=2)
    rewrite(world)
    world.judge_all()
    assert (world.case().waits_since, earlier(world).answered_at) == (
        world.now,
        world.now - timedelta(days=2),
    )


def test_what_was_edited_before_anybody_read_it_waits_since_it_was_published(world: World) -> None:
    published_at = world.now
    world.crawl(review("Hm.", published_at))
    world.later(minutes=5)
    rewrite(world)
    world.judge_all()
    assert world.case().waits_since == published_at


def test_a_persons_word_about_the_earlier_words_does_not_silence_the_new_ones(asked: World) -> None:
    with db.transaction() as session:
        igor = asked.user(session, "igor")
        triage.correct(
            session, asked.mention("m1").id, igor, asked.now, kind=Kind.PRAISE, sentiment=Sentiment.POSITIVE
        )
    assert asked.case().status is CaseStatus.CLOSED
    rewrite(asked)
    asked.judge_all(urgency=Urgency.CRITICAL)
    assert asked.mention("m1").kind is Kind.COMPLAINT
    assert asked.case().status is CaseStatus.REOPENED
    judgement = Judgement(
        "en", Sentiment.NEGATIVE, Kind.COMPLAINT, Urgency.HIGH, 0.9, 0.9, 0.9, 0.9, backend="t"
    )
    waiting = triage.Waiting(asked.mention("m1").id, "", 1.0, "en", 1)
    with db.transaction() as session:
        second_verdicts.give(session, [(waiting, judgement)], asked.now)
    assert asked.mention("m1").urgency is Urgency.HIGH, "nor does it when a newer model reads them"


def test_a_person_who_tags_the_new_words_before_the_model_has_heard_them(answered: World) -> None:
    rewrite(answered)
    with db.transaction() as session:
        triage.correct(
            session,
            answered.mention("m1").id,
            answered.user(session, "igor"),
            answered.now,
            kind=Kind.COMPLAINT,
        )
    assert (answered.case().status, answered.mention("m1").state) == (
        CaseStatus.REOPENED,
        MentionState.JUDGED,
    )
    assert answered.judge_all() == 0


def test_an_edit_during_the_edits_judgement_is_read_again(answered: World) -> None:
    rewrite(answered, "Hm, well.", 3.0)
    with db.transaction() as session:
        [read] = triage.claim(session, answered.now, 10)
    rewrite(answered)
    praise = Judgement("en", Sentiment.POSITIVE, Kind.PRAISE, Urgency.LOW, backend="t")
    with db.transaction() as session:
        triage.judge(session, read.mention_id, praise, answered.now, wording=read.wording)
    answered.judge_all()
    assert answered.case().status is CaseStatus.REOPENED
    assert [step["after_answer"] for step in journal(answered, "reworded")] == [True, False]


def test_two_wordings_by_turns_open_it_once(answered: World) -> None:
    for _ in range(3):
        answered.later(hours=1)
        rewrite(answered, "Not bad, but it took long. Read more: the whole of it.", 3.0)
        answered.judge_all()
        answered.later(hours=1)
        rewrite(answered, "Not bad, but it took long.", 3.0)
        answered.judge_all()
    assert answered.case().reopened_count == 1


def test_the_same_export_again_opens_nothing(answered: World) -> None:
    rewrite(answered)
    answered.judge_all()
    second = answered.draft("We send a new one.")
    answered.approve(second)
    answered.begin(second)
    answered.published(second, "answer-2")
    rewrite(answered)
    assert answered.judge_all() == 0
    assert answered.case().stage is CaseStage.ANSWERED


def test_an_edit_while_it_was_taken_raises_it_from_the_edit_on(asked: World) -> None:
    asked.later(hours=30)
    with db.transaction() as session:
        cases.take(session, asked.case().id, asked.user(session, "igor"), asked.now)
    due_at = asked.case().due_at
    rewrite(asked)
    asked.judge_all(urgency=Urgency.CRITICAL)
    case = asked.case()
    assert (case.priority, case.news_at, case.assignee_id) == (
        Urgency.CRITICAL,
        asked.now,
        asked.users["igor"],
    )
    assert case.due_at <= due_at or due_at < asked.now
    assert journal(asked, "raised") == [{"was": "normal", "priority": "critical"}]


def test_a_thread_with_two_customers_knows_whose_words_changed(asked: World) -> None:
    asked.crawl(said("b1", "Mine is fine", asked.now, author="Bo"))
    asked.judge_all(Kind.PRAISE)
    asked.answer()
    asked.crawl(said("b1", "Mine burns too", asked.now, author="Bo"))
    asked.judge_all()
    first, second = asked.cases()
    assert (first.stage, second.stage) == (CaseStage.ANSWERED, CaseStage.UNANSWERED)


def test_replies_know_nothing_of_edits_before_this_version(asked: World) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id)
    with db.transaction() as session:
        session.get_one(Reply, reply_id).edit_seen = None
    assert asked.begin(reply_id) is not None
    with db.transaction() as session:
        assert replies.load(session, reply_id).state is ReplyState.SENDING
        assert sending.recover(session, asked.now) == 0


def test_the_numbers_of_the_first_wait_stay_what_they_were(answered: World) -> None:
    with db.transaction() as session:
        looks.seen(session, answered.reply().id, external_id="answer-1", url=None, now=answered.now)

    def figures() -> tuple[object, ...]:
        period = Period.of_days(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("Europe/Moscow"))
        with db.snapshot() as session:
            found = report.overview(session, period, Scope(), answered.now)
            listed = [
                row.id for row in mentions.page(session, mentions.Filters(is_counted=True, is_seen=True)).rows
            ]
        first = found.first_answer_wall
        return (
            found.answered.hits,
            found.in_time.hits,
            first.median_seconds,
            found.unanswered.n,
            found.promise.n,
            listed,
        )

    before = figures()
    assert before[:5] == (1, 1, 600, 0, 1)
    answered.later(days=2)
    rewrite(answered)
    answered.judge_all()
    assert figures() == before
    with db.snapshot() as session:
        assert report.backlog(session, Scope(), answered.now).n == 1, "it waits, and the backlog says so"
        waiting = mentions.page(session, mentions.Filters(is_answered=False)).rows
        assert [row.external_id for row in waiting] == ["m1"]
    answered.later(days=20)
    second = answered.draft("We send a new one.")
    answered.approve(second)
    answered.begin(second)
    answered.published(second, "answer-2")
    assert figures() == before
