"""What the site says of the brand's answers: ours are known again and move, others answer the mention."""

import pytest

from channels.contract import AnswerSeen
from desk.base import db
from desk.base.words import AnswerProof, CaseStatus, ReplyOrigin, ReplyState
from desk.models import Reply
from desk.pipeline import arrivals
from desk.replies import sending
from desk.replies.terms import Terms
from desk.sources import sources
from tests.world.desk import World

WORDS = "We are sorry. Fixed today."


def tell(world: World, *news: AnswerSeen) -> int:
    with db.transaction() as session:
        source = sources.load(session, world.source_id)
        return arrivals.record(session, source, [], world.now, answers=news).answers


@pytest.fixture
def held(complained: World) -> World:
    """Our answer is at the site's moderator, who gave it the id answer-1."""
    reply_id = complained.draft(WORDS)
    complained.approve(reply_id)
    assert complained.begin(reply_id) is not None
    complained.published(reply_id, is_pending=True)
    complained.later(hours=1)
    return complained


@pytest.mark.parametrize("seen", [{"external_id": "answer-1"}, {"text": "we are  sorry. Fixed today."}])
def test_a_held_answer_that_is_let_through_answers_its_case(held: World, seen):
    assert tell(held, AnswerSeen("m1", "held", **seen)) == 0
    assert tell(held, AnswerSeen("m1", "public", **seen)) == 1
    assert held.reply().state is ReplyState.PUBLISHED, (
        "by the word of the site; a stranger's look is still to come"
    )
    assert held.case().status is CaseStatus.ANSWERED
    assert tell(held, AnswerSeen("m1", "public", **seen)) == 1
    assert held.reply().state is ReplyState.VERIFIED, "met there by a later crawl"
    assert tell(held, AnswerSeen("m1", "public", **seen)) == 0
    assert held.events().count("answered") == 1


def test_a_rejected_answer_says_why_and_its_customer_waits(held: World):
    news = AnswerSeen("m1", "rejected", "answer-1", reason="Do not name other shops.")
    assert tell(held, news) == 1
    reply = held.reply()
    assert (reply.state, reply.error) == (ReplyState.REJECTED, "Do not name other shops.")
    assert held.case().status is CaseStatus.REOPENED
    assert tell(held, news) == 0


def test_a_removed_answer_opens_its_case(answered: World):
    tell(answered, AnswerSeen("m1", "public", "answer-1"))
    assert tell(answered, AnswerSeen("m1", "removed", "answer-1", reason="Complaint of a user")) == 1
    assert answered.reply().state is ReplyState.VANISHED
    assert answered.case().status is CaseStatus.REOPENED


def test_an_answer_that_came_back_leaves_its_customer_waiting(answered: World):
    tell(answered, AnswerSeen(None, "bounced", "answer-1", reason="550 no such user"))
    assert answered.case().status is CaseStatus.REOPENED
    assert answered.reply().error == "550 no such user"


def test_an_answer_that_was_written_elsewhere_answers_the_mention_once(complained: World):
    at = complained.later(minutes=30)
    complained.later(hours=2)
    news = AnswerSeen("m1", "public", "x7", text="Already on its way!", at=at)
    assert tell(complained, news) == 1
    mention, reply = complained.mention("m1"), complained.reply()
    assert (mention.answered_at, mention.answer_seen_at) == (at, complained.now)
    assert (reply.origin, reply.text, reply.state) == (
        ReplyOrigin.SITE,
        "Already on its way!",
        ReplyState.VERIFIED,
    )
    assert complained.case().status is CaseStatus.ANSWERED
    assert tell(complained, news) == 0
    assert complained.events().count("answered_on_site") == 1


@pytest.mark.parametrize("state", ["held", "accepted", "rejected", "removed", "bounced"])
def test_only_what_is_public_answers(complained: World, state):
    assert tell(complained, AnswerSeen("m1", state, "x7", text="Hello")) == 0
    assert complained.case().status is CaseStatus.OPEN


def test_news_of_nothing_that_we_know_change_nothing(complained: World):
    assert tell(complained, AnswerSeen("m99", "public", "x"), AnswerSeen(None, "public", text="x")) == 0


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_lost_answer_that_the_site_turns_out_to_have_is_accepted(complained: World, is_lost: bool):
    """As a copy of it that is met in the mailbox tells; of one that was taken anyway it is no news."""
    reply_id = complained.draft(WORDS)
    complained.approve(reply_id)
    mail = Terms((), AnswerProof.RECEIPT)
    assert complained.begin(reply_id) is not None
    with db.transaction() as session:
        reference = session.get_one(Reply, reply_id).reference
        if is_lost:
            sending.lost_track(session, reply_id, "It broke off.", complained.now, mail)
        else:
            sending.taken(
                session,
                reply_id,
                state="accepted",
                external_id="<x>",
                url=None,
                at=None,
                now=complained.now,
                terms=mail,
            )
    news = AnswerSeen(None, "accepted", "<x>", reference)
    assert tell(complained, news) == int(is_lost)
    assert tell(complained, news) == 0
    reply = complained.reply()
    assert (reply.state, reply.proof, reply.error) == (ReplyState.ACCEPTED, AnswerProof.RECEIPT, None)
    assert complained.case().status is CaseStatus.ANSWERED
    assert complained.events().count("accepted") == 1
