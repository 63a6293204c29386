"""Answers that nobody can read yet: held for moderation, or posted by hand. They answer nothing before they are seen."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import metrics
from desk.base import db
from desk.base.errors import IllegalStep
from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, ReplyState, Urgency
from desk.cases import handling, queue
from desk.models import Case
from desk.replies import approvals, drafts, sending, verification
from tests.world.desk import World, ours, said, write

PERIOD = metrics.Period.of_days(date(2026, 11, 1), date(2026, 12, 31), ZoneInfo("Europe/Moscow"))


@pytest.fixture
def world(complained: World) -> World:
    complained.later(hours=1)
    return complained


def held(world: World, **more: bool) -> int:
    reply_id = world.draft()
    world.approve(reply_id, **more)
    world.begin(reply_id)
    world.published(reply_id, is_pending=True)
    return reply_id


def by_hand(world: World, **more: bool) -> int:
    reply_id = world.draft()
    with db.transaction() as session:
        approvals.post_by_hand(session, reply_id, world.user(session, "igor"), world.now, **more)
    return reply_id


def see(world: World, reply_id: int, **more: datetime) -> None:
    write(verification.seen, reply_id, world.now, external_id="answer-1", url=None, **more)


def use_up_looks(world: World, reply_id: int, look=verification.not_seen) -> None:  # type: ignore[no-untyped-def]
    for _ in range(6):
        write(look, reply_id, world.later(minutes=1), reason="It is not on the page.")


def breaches(world: World) -> int:
    with db.transaction() as session:
        return handling.mark_breaches(session, world.now)


def is_in(world: World, tab: str, who: str = "igor") -> bool:
    with db.snapshot() as session:
        rows = queue.page(session, queue.Filters(tab=tab), world.people[who], world.now).rows
    return world.case().id in [row.id for row in rows]


def figures(world: World) -> metrics.Overview:
    with db.snapshot() as session:
        return metrics.overview(session, PERIOD, metrics.Scope(), world.now)


def set_due(world: World, **after: float) -> datetime:
    with db.transaction() as session:
        case = session.get_one(Case, world.case().id)
        case.due_at = world.now + timedelta(**after)
        return case.due_at


@pytest.mark.parametrize("hand_over", [held, by_hand])
def test_it_waits_visibly_and_counts_nowhere_as_answered(world: World, hand_over) -> None:  # type: ignore[no-untyped-def]
    hand_over(world)
    case, mention, now_is = world.case(), world.mention("m1"), figures(world)
    assert (case.status, case.stage, case.sent_at) == (CaseStatus.ON_HOLD, CaseStage.ON_HOLD, world.now)
    assert (case.answered_at, case.first_answer_at, case.is_met) == (None, None, None)
    assert (mention.answered_at, mention.answer_sent_at) == (None, world.now)
    assert (now_is.answered.hits, now_is.in_time.hits, now_is.sent_unverified.hits) == (0, 0, 1)
    assert (now_is.target.n, now_is.target_pending, now_is.unanswered.n) == (0, 1, 0)
    assert is_in(world, "on_hold")
    assert is_in(world, "mine")
    assert not is_in(world, "answered")
    assert "answered" not in world.events()


def test_the_journal_does_not_say_that_the_site_accepted_what_a_person_posted(world: World) -> None:
    by_hand(world)
    assert world.events()[-1] == "posted_by_hand"
    assert "published" not in world.events()


@pytest.mark.parametrize("hand_over", [held, by_hand])
def test_no_target_is_missed_while_it_is_awaited(world: World, hand_over) -> None:  # type: ignore[no-untyped-def]
    set_due(world, minutes=5)
    hand_over(world)
    world.later(hours=3)
    assert breaches(world) == 0
    with db.snapshot() as session:
        assert not queue.row(session, world.case().id).is_overdue(world.now)


def test_posted_by_hand_counts_from_when_the_person_said_so(world: World) -> None:
    set_due(world, minutes=5)
    reply_id, posted_at = by_hand(world), world.now
    world.later(hours=3)
    see(world, reply_id)
    case, mention = world.case(), world.mention("m1")
    assert (case.status, case.is_met, case.answered_at, case.sent_at) == (
        CaseStatus.ANSWERED,
        True,
        posted_at,
        None,
    )
    assert (mention.answered_at, mention.answer_seen_at, mention.answer_sent_at) == (
        posted_at,
        world.now,
        None,
    )
    assert figures(world).answered.hits == 1


def test_posted_by_hand_counts_from_the_sites_own_time_where_it_shows_one(world: World) -> None:
    due_at = set_due(world, minutes=5)
    by_hand(world)
    shown_at = world.later(minutes=10)
    world.later(hours=1)
    world.crawl(ours("a9", "We are sorry. Fixed today.", shown_at, parent="m1"))
    assert (world.reply().state, world.reply().published_at) == (ReplyState.VERIFIED, shown_at)
    assert (world.case().is_met, shown_at > due_at) == (False, True)


def test_a_site_that_shows_days_only_does_not_say_when(world: World) -> None:
    reply_id, posted_at = by_hand(world), world.now
    midnight = world.now.astimezone(ZoneInfo("Europe/Moscow")).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    world.later(days=1)
    see(world, reply_id, shown_at=midnight + timedelta(days=1))
    assert world.reply().published_at == posted_at


def test_what_was_held_counts_from_when_it_was_seen_in_public(world: World) -> None:
    set_due(world, minutes=5)
    reply_id = held(world)
    handed_in_at = world.now
    world.later(hours=3)
    see(world, reply_id, shown_at=handed_in_at)
    assert (world.case().status, world.case().is_met) == (CaseStatus.ANSWERED, False)
    assert world.reply().published_at == world.mention("m1").answered_at == world.now


def test_held_and_public_in_time_meets_the_target(world: World) -> None:
    set_due(world, hours=5)
    reply_id = held(world)
    world.later(hours=3)
    world.crawl(ours("answer-1", "We are sorry. Fixed today.", world.now - timedelta(hours=3), parent="m1"))
    assert (world.reply().id, world.reply().state, world.case().is_met) == (
        reply_id,
        ReplyState.VERIFIED,
        True,
    )


@pytest.mark.parametrize("look", [verification.not_seen, verification.could_not_tell])
def test_held_to_the_last_look_is_not_gone_but_needs_somebody(world: World, look) -> None:  # type: ignore[no-untyped-def]
    set_due(world, minutes=5)
    reply_id = held(world)
    use_up_looks(world, reply_id, look)
    reply, case = world.reply(), world.case()
    assert (reply.state, reply.error_kind, reply.next_look_at) == (ReplyState.CANNOT_TELL, "not_public", None)
    assert (case.status, case.reopened_count, case.sent_at) == (CaseStatus.TAKEN, 0, None)
    assert "vanished" not in world.events()
    assert is_in(world, "problems")
    assert world.mention("m1").answer_sent_at is None
    assert breaches(world) == 1
    # It may still come, and then it counts.
    see(world, reply_id)
    assert (world.reply().state, world.case().status, world.case().is_met) == (
        ReplyState.VERIFIED, CaseStatus.ANSWERED, False,
    )  # fmt: skip


@pytest.mark.parametrize("look", [verification.not_seen, verification.could_not_tell])
def test_posted_by_hand_and_never_seen_comes_back(world: World, look) -> None:  # type: ignore[no-untyped-def]
    set_due(world, minutes=5)
    reply_id = by_hand(world)
    use_up_looks(world, reply_id, look)
    reply, case = world.reply(), world.case()
    assert (reply.state, reply.error_kind) == (ReplyState.CANNOT_TELL, "not_seen")
    assert (case.status, case.assignee_id) == (CaseStatus.REOPENED, world.people["igor"])
    assert is_in(world, "problems")
    world.later(minutes=1)
    assert breaches(world) == 1


def test_a_breach_is_taken_back_when_the_site_shows_that_there_was_none(world: World) -> None:
    due_at = set_due(world, minutes=5)
    reply_id = by_hand(world)
    use_up_looks(world, reply_id)
    breaches(world)
    assert world.case().is_met is False
    shown_at = due_at - timedelta(minutes=2)
    world.later(days=2)
    see(world, reply_id, shown_at=shown_at)
    assert (world.case().is_met, world.case().answered_at) == (True, shown_at)


def test_a_rejected_answer_reopens_the_case_with_the_sites_words(world: World) -> None:
    reply_id = held(world)
    write(verification.rejected, reply_id, world.later(hours=1), reason="No links, please.")
    reply, case = world.reply(), world.case()
    assert (reply.state, reply.error_kind, reply.error) == (
        ReplyState.REJECTED,
        "rejected",
        "No links, please.",
    )
    assert (case.status, case.is_met, case.sent_at) == (CaseStatus.REOPENED, None, None)
    assert (reply.next_look_at, is_in(world, "problems")) == (None, True)
    with pytest.raises(IllegalStep), db.transaction() as session:
        approvals.retry(session, reply_id, world.user(session, "igor"), world.now)
    with db.transaction() as session:
        drafts.edit_again(session, reply_id, world.user(session, "igor"), world.now)
    reply = world.reply()
    assert (reply.state, reply.accepted_at, reply.external_id) == (ReplyState.DRAFT, None, None)


def test_a_moderator_who_changes_his_mind_is_believed(world: World) -> None:
    reply_id = held(world)
    write(verification.rejected, reply_id, world.later(hours=1), reason="")
    world.crawl(ours("answer-1", "We are sorry. Fixed today.", world.later(hours=1), parent="m1"))
    assert (world.reply().id, world.reply().state) == (reply_id, ReplyState.VERIFIED)
    assert world.case().status is CaseStatus.ANSWERED


def test_only_what_was_held_can_be_rejected(world: World) -> None:
    reply_id = world.answer()
    write(verification.rejected, reply_id, world.later(hours=1), reason="spam")
    assert (world.reply().state, world.case().status) == (ReplyState.PUBLISHED, CaseStatus.ANSWERED)


def test_what_the_site_released_counts_from_then_though_strangers_cannot_look(world: World) -> None:
    reply_id = held(world, closes_case=True)
    write(verification.released, reply_id, world.later(hours=1))
    reply = world.reply()
    assert (reply.state, reply.published_at, reply.looks) == (ReplyState.PUBLISHED, world.now, 0)
    assert (world.case().status, world.case().is_met) == (CaseStatus.CLOSED, True)
    write(verification.released, reply_id, world.later(hours=1))
    assert world.reply().published_at < world.now


@pytest.mark.parametrize("hand_over", [held, by_hand])
def test_publish_and_close_closes_only_what_is_public(world: World, hand_over) -> None:  # type: ignore[no-untyped-def]
    reply_id = hand_over(world, closes_case=True)
    assert world.case().status is CaseStatus.ON_HOLD
    see(world, reply_id)
    assert (world.case().status, world.case().close_reason) == (CaseStatus.CLOSED, CloseReason.ANSWERED)


def test_a_person_may_close_what_he_posted_and_it_still_comes_back_when_it_stays_unseen(world: World) -> None:
    reply_id = by_hand(world)
    with db.transaction() as session:
        handling.close(session, world.case().id, world.user(session, "igor"), CloseReason.ANSWERED, world.now)
    assert (world.case().is_met, figures(world).target.n) == (None, 0)
    use_up_looks(world, reply_id)
    assert world.case().status is CaseStatus.REOPENED


def test_closed_by_a_person_and_seen_later_is_decided_then(world: World) -> None:
    reply_id = by_hand(world)
    with db.transaction() as session:
        handling.close(session, world.case().id, world.user(session, "igor"), CloseReason.ANSWERED, world.now)
    world.later(hours=1)
    see(world, reply_id)
    assert (world.case().status, world.case().is_met) == (CaseStatus.CLOSED, True)


def test_pressed_by_mistake_it_is_a_draft_again_and_the_clock_runs_on(world: World) -> None:
    reply_id = by_hand(world)
    with db.transaction() as session:
        drafts.edit_again(session, reply_id, world.user(session, "igor"), world.later(minutes=1))
    assert (world.reply().state, world.reply().origin) == (ReplyState.DRAFT, "otklik")
    assert (world.case().status, world.case().sent_at) == (CaseStatus.TAKEN, None)
    assert world.mention("m1").answer_sent_at is None


def test_what_the_site_holds_cannot_be_taken_back_here(world: World) -> None:
    reply_id = held(world)
    with pytest.raises(IllegalStep), db.transaction() as session:
        drafts.edit_again(session, reply_id, world.user(session, "igor"), world.now)


def test_thanks_meanwhile_do_not_keep_the_case_open(world: World) -> None:
    reply_id = by_hand(world)
    world.crawl(said("m2", "Thank you for looking into it.", world.later(minutes=5)))
    world.judge(Intent.PRAISE)
    world.later(minutes=5)
    see(world, reply_id)
    assert world.case().status is CaseStatus.ANSWERED


def test_a_new_complaint_meanwhile_is_not_answered_by_what_was_said_before_it(world: World) -> None:
    due_at = set_due(world, minutes=90)
    reply_id = by_hand(world)
    world.crawl(said("m2", "Now it burns.", world.later(hours=1)))
    world.judge()
    world.later(hours=1)
    see(world, reply_id)
    case = world.case()
    assert case.stage is CaseStage.UNANSWERED
    assert world.mention("m2").answered_at is None
    assert world.mention("m1").answer_seen_at == world.now
    assert (case.is_met, case.waits_since) == (True, world.mention("m2").published_at)
    assert case.due_at > due_at


def test_what_its_author_edits_meanwhile_is_not_answered_by_the_old_answer(world: World) -> None:
    reply_id = by_hand(world)
    world.later(minutes=5)
    world.crawl(said("m1", "It broke. Now it burns too!", world.now - timedelta(hours=1)))
    world.judge(urgency=Urgency.CRITICAL)
    assert (world.case().status, world.mention("m1").answer_sent_at) == (CaseStatus.TAKEN, None)
    world.later(hours=1)
    see(world, reply_id)
    assert world.case().stage is CaseStage.UNANSWERED
    assert world.mention("m1").answered_at is None


def test_an_answer_that_vanished_before_anybody_saw_it_has_met_no_target(world: World) -> None:
    reply_id = world.answer()
    assert world.case().is_met is True
    use_up_looks(world, reply_id)
    case = world.case()
    assert (world.reply().state, case.status) == (ReplyState.VANISHED, CaseStatus.REOPENED)
    assert (case.is_met, case.first_answer_at) == (None, None)


def test_looks_that_could_not_tell_do_not_make_a_cut_off_send_a_lost_one(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    world.begin(reply_id)
    write(sending.lost_track, reply_id, world.now, error="timed out")
    for _ in range(2):
        write(verification.could_not_tell, reply_id, world.later(minutes=1), reason="503")
    write(verification.not_seen, reply_id, world.later(minutes=1), reason="not there")
    assert (world.reply().state, world.reply().misses) == (ReplyState.UNKNOWN, 1)


def test_approved_twice_at_once_goes_out_once(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id)
    with pytest.raises(IllegalStep):
        world.approve(reply_id, who="anna")
    assert world.begin(reply_id) is not None
    assert world.begin(reply_id) is None
