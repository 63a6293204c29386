"""An edit meets an answer: one that is under way, one that was given, one that comes later; and what the numbers say."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import metrics as report
from desk.base import db
from desk.base.errors import Conflict
from desk.base.words import CaseStage, CaseStatus, Intent, MentionState, ReplyState, Sentiment, Urgency
from desk.cases import cases
from desk.mentions import mention_list
from desk.metrics.statistics import Period, Scope
from desk.models import Reply
from desk.pipeline import reclassification, triage
from desk.replies import marks, replies, sending, verification
from desk.verdicts.star_ratings import Judgement
from tests.desk.rewriting import earlier, journal, review, rewrite
from tests.world.desk import World, ours


def test_the_later_answer_settles_it_again(answered: World) -> None:
    answered.later(days=2)
    rewrite(answered)
    answered.judge()
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
    answered.judge()
    at = answered.later(hours=1)
    # The one place for an answer that many sites have: the brand writes the new one over the old one.
    answered.crawl(
        ours("answer-1", "We are sorry for the fire. A new one is on its way.", answered.now, parent="m1")
    )
    assert (answered.case().status, answered.mention("m1").answered_at) == (CaseStatus.ANSWERED, at)
    assert answered.mention("m1").answer_wall_seconds == 3600


def test_an_answer_on_the_site_after_the_edit_that_is_noticed_with_it_has_answered_it(asked: World) -> None:
    start = asked.now
    asked.later(hours=5)
    edited = review("UPD: it caught fire!", start, 1.0, edited_at=start + timedelta(hours=1))
    asked.crawl(edited, ours("a1", "A new one is on its way.", start + timedelta(hours=2), parent="m1"))
    asked.judge()
    assert asked.case().stage is CaseStage.ANSWERED


def test_an_answer_before_the_edit_that_is_noticed_with_it_has_answered_the_earlier_words(
    asked: World,
) -> None:
    start = asked.now
    asked.later(hours=5)
    edited = review("UPD: it caught fire!", start, 1.0, edited_at=start + timedelta(hours=3))
    asked.crawl(edited, ours("a1", "Patience, please.", start + timedelta(hours=2), parent="m1"))
    asked.judge()
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
    asked.judge(urgency=Urgency.CRITICAL)
    asked.later(minutes=1)
    asked.published(reply_id, is_pending=is_pending)
    assert asked.case().stage is CaseStage.UNANSWERED
    assert asked.mention("m1").answered_at is None
    # What the site holds for moderation answers nothing before it is public.
    assert earlier(asked).answered_at == (None if is_pending else asked.now)


@pytest.mark.parametrize("is_pending", [False, True])
def test_an_answer_that_is_seen_only_after_the_edit_was_given_to_the_earlier_words(
    asked: World, is_pending: bool
) -> None:
    reply_id = asked.draft()
    asked.approve(reply_id)
    asked.begin(reply_id)
    asked.published(reply_id, is_pending=is_pending)
    rewrite(asked)
    asked.judge()
    asked.later(minutes=5)
    with db.transaction() as session:
        verification.seen(session, reply_id, external_id="answer-1", url=None, now=asked.now)
    assert earlier(asked).answer_seen_at == asked.now
    assert asked.mention("m1").answered_at is None
    assert asked.case().stage is CaseStage.UNANSWERED


def test_an_answer_that_vanishes_is_taken_from_the_words_that_it_answered(answered: World) -> None:
    first = answered.reply()
    answered.later(days=2)
    rewrite(answered)
    answered.judge()
    with db.transaction() as session:
        case = cases.locked(session, answered.case().id)
        marks.mark_unanswered(session, session.get_one(Reply, first.id), case)
    assert (earlier(answered).answered_at, earlier(answered).answer_wall_seconds) == (None, None)


def test_a_persons_word_about_the_earlier_words_does_not_silence_the_new_ones(asked: World) -> None:
    with db.transaction() as session:
        igor = asked.user(session, "igor")
        triage.correct(
            session,
            asked.mention("m1").id,
            igor,
            asked.now,
            intent=Intent.PRAISE,
            sentiment=Sentiment.POSITIVE,
        )
    assert asked.case().status is CaseStatus.CLOSED
    rewrite(asked)
    asked.judge(urgency=Urgency.CRITICAL)
    assert asked.mention("m1").intent is Intent.COMPLAINT
    assert asked.case().status is CaseStatus.REOPENED
    judgement = Judgement(
        "en", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.HIGH, 0.9, 0.9, 0.9, 0.9, backend="t"
    )
    waiting = triage.Unjudged(asked.mention("m1").id, "", 1.0, "en", 1)
    with db.transaction() as session:
        reclassification.apply_second_verdicts(session, [(waiting, judgement)], asked.now)
    assert asked.mention("m1").urgency is Urgency.HIGH, "nor does it when a newer model reads them"


def test_a_person_who_tags_the_new_words_before_the_model_has_heard_them(answered: World) -> None:
    rewrite(answered)
    with db.transaction() as session:
        triage.correct(
            session,
            answered.mention("m1").id,
            answered.user(session, "igor"),
            answered.now,
            intent=Intent.COMPLAINT,
        )
    assert (answered.case().status, answered.mention("m1").state) == (
        CaseStatus.REOPENED,
        MentionState.JUDGED,
    )
    assert answered.judge() == 0


def test_an_edit_during_the_edits_judgement_is_read_again(answered: World) -> None:
    rewrite(answered, "Hm, well.", 3.0)
    with db.transaction() as session:
        [read] = triage.claim(session, answered.now, 10)
    rewrite(answered)
    praise = Judgement("en", Sentiment.POSITIVE, Intent.PRAISE, Urgency.LOW, backend="t")
    with db.transaction() as session:
        triage.judge(session, read.mention_id, praise, answered.now, wording=read.wording)
    answered.judge()
    assert answered.case().status is CaseStatus.REOPENED
    assert [step["after_answer"] for step in journal(answered, "reworded")] == [True, False]


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
        verification.seen(session, answered.reply().id, external_id="answer-1", url=None, now=answered.now)

    def figures() -> tuple[object, ...]:
        period = Period.of_days(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("Europe/Moscow"))
        with db.snapshot() as session:
            found = report.overview(session, period, Scope(), answered.now)
            listed = [
                row.id
                for row in mention_list.page(
                    session, mention_list.Filters(is_counted=True, is_seen=True)
                ).rows
            ]
        first = found.first_answer_wall
        return (
            found.answered.hits,
            found.in_time.hits,
            first.median_seconds,
            found.unanswered.n,
            found.target.n,
            listed,
        )

    before = figures()
    assert before[:5] == (1, 1, 600, 0, 1)
    answered.later(days=2)
    rewrite(answered)
    answered.judge()
    assert figures() == before
    with db.snapshot() as session:
        assert report.backlog(session, Scope(), answered.now).n == 1, "it waits, and the backlog says so"
        waiting = mention_list.page(session, mention_list.Filters(is_answered=False)).rows
        assert [row.external_id for row in waiting] == ["m1"]
    answered.later(days=20)
    second = answered.draft("We send a new one.")
    answered.approve(second)
    answered.begin(second)
    answered.published(second, "answer-2")
    assert figures() == before
