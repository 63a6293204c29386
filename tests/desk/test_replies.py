"""From a draft to a verified public answer, and every way in which that fails."""

from datetime import timedelta

import pytest

from desk.base import db
from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed
from desk.base.words import CaseStatus, CloseReason, ReplyOrigin, ReplyState
from desk.replies import approvals, drafts, looks, sending, verification
from tests.world.desk import World, ours, said, write


@pytest.fixture
def world(complained: World) -> World:
    complained.later(hours=1)
    return complained


def test_the_whole_way_to_a_verified_answer(world: World) -> None:
    reply_id = world.answer()
    assert (world.reply().state, world.case().status) == (ReplyState.PUBLISHED, CaseStatus.ANSWERED)
    mention = world.mention("m1")
    assert (mention.answered_at, mention.answer_seen_at) == (world.now, None)
    world.later(minutes=10)
    write(verification.seen, reply_id, world.now, external_id="answer-1", url="https://shop.example/a#1")
    assert world.reply().state is ReplyState.VERIFIED
    assert world.mention("m1").answer_seen_at == world.now
    assert [e for e in world.events() if e not in ("opened", "taken")] == [
        "approved", "sending", "published", "answered", "verified",
    ]  # fmt: skip


def test_a_crawl_that_sees_our_answer_verifies_it_by_its_id(world: World) -> None:
    world.answer()
    world.later(minutes=5)
    world.crawl(ours("answer-1", "We are sorry. Fixed today.", world.now, parent="m1"))
    assert world.reply().state is ReplyState.VERIFIED
    assert world.mention("m1").answer_seen_at == world.now


def test_a_crawl_recognises_an_answer_posted_by_hand_by_its_text(world: World) -> None:
    reply_id = world.draft("We are sorry — «fixed» today…")
    with db.transaction() as session:
        approvals.post_by_hand(session, reply_id, world.user(session, "igor"), world.now)
    assert (world.reply().origin, world.reply().state) == (ReplyOrigin.BY_HAND, ReplyState.PUBLISHED)
    assert world.mention("m1").answer_seen_at is None
    world.later(minutes=5)
    world.crawl(ours("a9", 'We are sorry - "fixed"   today...', world.now, parent="m1"))
    assert (world.reply().state, world.reply().external_id) == (ReplyState.VERIFIED, "a9")


def test_publish_and_close(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id, closes_case=True)
    world.begin(reply_id)
    world.published(reply_id)
    assert (world.case().status, world.case().close_reason) == (CaseStatus.CLOSED, CloseReason.ANSWERED)


def test_one_draft_a_person_and_an_empty_one_is_thrown_away(world: World) -> None:
    first = world.draft("Hello")
    assert world.draft("Hello again") == first
    with db.transaction() as session:
        assert (
            drafts.save_draft(session, world.case().id, world.user(session, "igor"), " ", 1, world.now)
            is None
        )
    assert world.reply().state is ReplyState.DISCARDED


def test_a_send_is_stopped_when_the_thread_changed_while_he_wrote(world: World) -> None:
    reply_id = world.draft()
    world.crawl(said("m2", "It also burnt.", world.now))
    with pytest.raises(Conflict) as refused:
        world.approve(reply_id)
    assert (refused.value.code, refused.value.facts["newest"]) == ("thread_changed", world.mention("m2").id)
    assert world.reply().state is ReplyState.DRAFT


def test_a_send_is_stopped_when_the_thread_changed_after_the_approval(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.crawl(said("m2", "It also burnt.", world.now))
    assert world.begin(reply_id) is None
    assert (world.reply().state, world.reply().error_kind) == (ReplyState.DRAFT, "thread_changed")


def test_our_own_published_answer_is_no_change_of_the_thread(world: World) -> None:
    world.answer()
    world.crawl(ours("answer-1", "We are sorry. Fixed today.", world.now, parent="m1"))
    reply_id = world.draft("One more thing.")
    world.approve(reply_id)
    assert world.reply().state is ReplyState.APPROVED


def test_two_agents_cannot_both_answer(world: World) -> None:
    mine, hers = world.draft(who="igor"), world.draft("Something else", who="maria")
    world.approve(mine)
    with pytest.raises(Conflict) as refused:
        world.approve(hers, who="maria")
    assert refused.value.code == "already_sent"


def test_a_case_that_a_colleague_took_is_not_answered_past_him(world: World) -> None:
    from desk.cases import assignment

    hers = world.draft(who="maria")
    with db.transaction() as session:
        assignment.take(session, world.case().id, world.user(session, "igor"), world.now)
    with pytest.raises(Conflict) as refused:
        world.approve(hers, who="maria")
    assert refused.value.code == "taken"


def test_what_waits_for_approval_is_approved_by_a_lead_only(world: World) -> None:
    reply_id = world.draft()
    with db.transaction() as session:
        drafts.ask_review(session, reply_id, world.user(session, "igor"), world.now)
    with pytest.raises(NotAllowed):
        world.approve(reply_id)
    world.approve(reply_id, who="anna")
    assert world.reply().approver_id == world.people["anna"]


def test_an_empty_answer_is_refused(world: World) -> None:
    with db.transaction() as session:
        case = world.case()
        draft = drafts.save_draft(
            session, case.id, world.user(session, "igor"), "x", case.mention_id, world.now
        )
        assert draft is not None
        draft.text = " "
    with pytest.raises(Invalid):
        world.approve(draft.id)


def test_exactly_one_caller_may_send(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    first, second = world.begin(reply_id), world.begin(reply_id)
    assert first is not None
    assert second is None
    assert (first.target_external_id, first.text) == ("m1", "We are sorry. Fixed today.")


def test_a_refused_answer_keeps_the_sites_words_and_can_be_tried_again(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    write(sending.failed, reply_id, world.now, kind="refused", error="Comments are closed.")
    assert (world.reply().state, world.reply().error) == (ReplyState.FAILED, "Comments are closed.")
    assert world.case().status is CaseStatus.TAKEN
    with db.transaction() as session:
        approvals.retry(session, reply_id, world.user(session, "igor"), world.now)
    assert world.begin(reply_id) is not None


def test_a_send_that_was_cut_off_is_looked_up_and_never_repeated(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    with db.transaction() as session:
        assert sending.recover(session, world.now) == 0
    with db.transaction() as session:
        assert sending.recover(session, world.later(minutes=3)) == 1
    assert world.reply().state is ReplyState.UNKNOWN
    with db.snapshot() as session:
        assert sending.to_send(session) == []
        assert [out.reply_id for out in looks.due(session, world.now)] == [reply_id]
    with pytest.raises(IllegalStep), db.transaction() as session:
        approvals.retry(session, reply_id, world.user(session, "igor"), world.now)


def test_a_lost_answer_that_is_found_counts_from_when_it_was_sent(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    sent_at = world.now
    write(sending.lost_track, reply_id, world.later(minutes=1), error="timed out")
    write(verification.seen, reply_id, world.later(minutes=1), external_id="a1", url=None)
    assert (world.reply().state, world.reply().published_at) == (ReplyState.VERIFIED, sent_at)
    assert world.case().status is CaseStatus.ANSWERED


def test_a_lost_answer_that_is_nowhere_may_be_sent_again_after_three_looks(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    write(sending.lost_track, reply_id, world.now, error="timed out")
    for _ in range(verification.LOOKS_FOR_LOST):
        write(verification.not_seen, reply_id, world.later(minutes=5), reason="not there")
    assert (world.reply().state, world.reply().error_kind) == (ReplyState.FAILED, "lost")
    with db.transaction() as session:
        approvals.retry(session, reply_id, world.user(session, "igor"), world.now)


def test_a_late_result_of_a_lost_send_changes_nothing(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    write(sending.lost_track, reply_id, world.now, error="timed out")
    world.published(reply_id)
    assert world.reply().state is ReplyState.UNKNOWN


def test_an_answer_that_never_becomes_visible_reopens_the_case(world: World) -> None:
    reply_id = world.answer()
    for _ in range(6):
        write(verification.not_seen, reply_id, world.later(hours=1), reason="not there")
    assert (world.reply().state, world.case().status) == (ReplyState.VANISHED, CaseStatus.REOPENED)
    assert world.mention("m1").answered_at is None


def test_once_not_seen_is_not_removed(world: World) -> None:
    reply_id = world.answer()
    write(verification.not_seen, reply_id, world.later(minutes=1), reason="not there")
    assert (world.reply().state, world.case().status) == (ReplyState.PUBLISHED, CaseStatus.ANSWERED)
    assert world.reply().next_look_at > world.now


def test_when_the_page_does_not_tell_nothing_is_concluded(world: World) -> None:
    reply_id = world.answer()
    for _ in range(6):
        write(verification.could_not_tell, reply_id, world.later(hours=1), reason="503")
    assert (world.reply().state, world.case().status) == (ReplyState.CANNOT_TELL, CaseStatus.ANSWERED)


def test_an_answer_held_for_moderation_is_not_public_yet(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    world.published(reply_id, is_pending=True)
    assert world.reply().state is ReplyState.PENDING
    assert world.mention("m1").answer_seen_at is None
    write(verification.seen, reply_id, world.later(hours=2), external_id="answer-1", url=None)
    assert world.reply().state is ReplyState.VERIFIED


def test_a_verified_answer_that_is_removed_later_reopens_the_case(world: World) -> None:
    reply_id = world.answer()
    write(verification.seen, reply_id, world.later(minutes=1), external_id="answer-1", url=None)
    write(verification.not_seen, reply_id, world.later(days=1), reason="gone")
    assert (world.reply().state, world.case().status) == (ReplyState.VANISHED, CaseStatus.REOPENED)
    world.crawl(said("m1", "It broke.", world.now - timedelta(days=2)))
    write(verification.seen, reply_id, world.later(minutes=1), external_id="answer-1", url=None)
    assert (world.reply().state, world.case().status) == (ReplyState.VERIFIED, CaseStatus.ANSWERED)


def test_one_send_at_a_time_per_source(world: World) -> None:
    mine = world.draft()
    world.approve(mine)
    world.begin(mine)
    world.crawl(said("b1", "Mine too.", world.now, author="Bo", thread="t2"))
    world.judge()
    second = world.cases()[1]
    with db.transaction() as session:
        other = drafts.save_draft(
            session, second.id, world.user(session, "maria"), "Hello Bo", world.mention("b1").id, world.now
        )
        assert other is not None
        approvals.approve(session, other.id, world.user(session, "maria"), world.now)
    assert world.begin(other.id) is None
    world.published(mine)
    assert world.begin(other.id) is not None
