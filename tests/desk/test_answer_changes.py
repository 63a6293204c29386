"""Correcting an answer that the site has, and taking it back: who may, what the case becomes, what is found out later."""

from datetime import timedelta

import pytest

from channels.contract import AnswerSeen, Withdrawn
from desk.base import db
from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed
from desk.base.words import AnswerProof, CaseStatus, ChangeState, ReplyState
from desk.models import ReplyChange
from desk.operations import removal
from desk.pipeline import arrivals
from desk.replies import approvals, change_looks, change_sending, changes, drafts, looks, verification
from desk.replies.terms import Terms
from desk.sources import sources
from tests.world.desk import World, act, ours, said, write

WORDS = "We are sorry. Fixed today."
BETTER = "We are sorry. It was fixed yesterday."
SOCIAL = Terms((30, 600), AnswerProof.ACCOUNT)
RECEIPT = Terms((), AnswerProof.RECEIPT)


@pytest.fixture
def answered(complained: World) -> World:
    """Our answer has the id answer-1 on the site, and a stranger has seen it."""
    complained.later(hours=1)
    reply_id = complained.answer(WORDS)
    complained.later(minutes=1)
    write(verification.seen, reply_id, complained.now, external_id="answer-1", url=None)
    complained.later(hours=1)
    return complained


def correct(world: World, text: str = BETTER, who: str = "igor", **more: object) -> int:
    with db.transaction() as session:
        user = world.user(session, who)
        return changes.correct(session, world.reply().id, user, text, world.now, **more).id


def withdraw(world: World, who: str = "igor", **more: object) -> int:
    with db.transaction() as session:
        return changes.withdraw(session, world.reply().id, world.user(session, who), world.now, **more).id


def begin(world: World, change_id: int) -> change_sending.Changing | None:
    with db.transaction() as session:
        return change_sending.begin(session, change_id, world.now)


def state(change_id: int) -> ReplyChange:
    with db.snapshot() as session:
        return session.get_one(ReplyChange, change_id)


def step(world: World, act: object, change_id: int, who: str = "igor", **more: object) -> None:
    with db.transaction() as session:
        act(session, change_id, world.user(session, who), world.now, **more)  # type: ignore[operator]


def taken(world: World, change_id: int, terms: Terms = SOCIAL) -> None:
    assert begin(world, change_id) is not None
    write(change_sending.done, change_id, world.now, terms=terms)


def look(world: World, change_id: int, found: change_looks.Found, terms: Terms = SOCIAL) -> None:
    write(change_looks.record, change_id, world.now, found=found, reason="", terms=terms)


def test_a_correction_changes_the_words_and_nothing_that_was_answered(answered: World) -> None:
    before = answered.mention("m1")
    change_id = correct(answered)
    changing = begin(answered, change_id)
    assert changing is not None
    assert (changing.outgoing.text, changing.outgoing.external_id) == (BETTER, "answer-1")
    assert begin(answered, change_id) is None, "it is leased to one"
    write(change_sending.done, change_id, answered.later(seconds=5), terms=SOCIAL)
    reply, after = answered.reply(), answered.mention("m1")
    assert (reply.state, reply.text) == (ReplyState.VERIFIED, BETTER)
    assert (after.answered_at, after.answer_seen_at) == (before.answered_at, before.answer_seen_at)
    assert answered.case().status is CaseStatus.ANSWERED
    assert (state(change_id).state, state(change_id).before) == (ChangeState.TAKEN, WORDS)
    look(answered, change_id, "done")
    assert state(change_id).state is ChangeState.SEEN
    assert answered.reply().next_look_at == answered.now + looks.SECOND_LOOK
    assert answered.events()[-4:] == ["change_approved", "change_sending", "corrected", "change_seen"]


def test_a_crawl_that_meets_the_new_words_confirms_them_and_counts_no_second_answer(answered: World) -> None:
    answered.crawl(ours("answer-1", WORDS, answered.now - timedelta(hours=1), parent="m1"))
    change_id = correct(answered)
    taken(answered, change_id)
    answered.crawl(said("m2", "And my money?", answered.later(minutes=1), parent="answer-1"))
    answered.judge()
    assert answered.case().status is CaseStatus.REOPENED
    answered.later(minutes=5)
    assert (
        answered.crawl(ours("answer-1", BETTER, answered.now - timedelta(hours=1), parent="m1")).answers == 0
    )
    assert state(change_id).state is ChangeState.SEEN
    assert answered.mention("m2").answered_at is None, "a correction answers nothing more"
    stale = ours("answer-1", WORDS, answered.now - timedelta(hours=1), parent="m1")
    assert answered.crawl(stale).answers == 0, "a cache that shows the earlier words says nothing new either"
    assert answered.reply().text == BETTER


def test_a_withdrawn_answer_opens_its_case_again(answered: World) -> None:
    taken(answered, withdraw(answered))
    assert (answered.reply().state, answered.case().status) == (ReplyState.WITHDRAWN, CaseStatus.REOPENED)
    mention = answered.mention("m1")
    assert (mention.answered_at, mention.answer_seen_at, mention.answer_wall_seconds) == (None, None, None)
    assert answered.events()[-2:] == ["answer_withdrawn", "reopened"]
    assert answered.case().is_met is True, "the first answer stood there in time: that stays decided"


def test_a_case_that_another_answer_covers_stays_answered(answered: World) -> None:
    first = answered.reply().id
    with db.transaction() as session:
        user = answered.user(session, "igor")
        second = drafts.save_draft(session, answered.case().id, user, "And a voucher.", 99, answered.now)
        approvals.approve(session, second.id, user, answered.now)
    assert answered.begin(second.id) is not None
    answered.published(second.id, "answer-2")
    write(verification.seen, second.id, answered.now, external_id="answer-2", url=None)
    with db.transaction() as session:
        change = changes.withdraw(
            session, first, answered.user(session, "igor"), answered.later(minutes=1)
        ).id
    taken(answered, change)
    mention = answered.mention("m1")
    assert answered.case().status is CaseStatus.ANSWERED
    assert mention.answered_at == answered.reply().published_at, "it is answered by the one that stands"


def test_a_withdrawal_that_turns_out_to_be_none_answers_again(answered: World) -> None:
    change_id = withdraw(answered)
    taken(answered, change_id)
    for _ in range(len(SOCIAL.looks_seconds)):
        look(answered, change_id, "as_before")
    assert (state(change_id).state, answered.reply().state) == (ChangeState.NOT_SEEN, ReplyState.VERIFIED)
    assert (answered.case().status, answered.mention("m1").answered_at is None) == (
        CaseStatus.ANSWERED,
        False,
    )


def test_lists_that_are_older_than_a_withdrawal_bring_nothing_back(answered: World) -> None:
    taken(answered, withdraw(answered))
    answered.crawl(ours("answer-1", WORDS, answered.now - timedelta(hours=1), parent="m1"))
    with db.transaction() as session:
        source = sources.load(session, answered.source_id)
        seen = AnswerSeen("m1", "public", "answer-1", text=WORDS)
        assert arrivals.record(session, source, [], answered.now, answers=[seen], terms=SOCIAL).answers == 0
    assert (answered.reply().state, answered.case().status) == (ReplyState.WITHDRAWN, CaseStatus.REOPENED)


@pytest.mark.parametrize("way", ["tombstone", "news"])
def test_the_sites_word_that_it_is_gone_settles_a_withdrawal_that_was_cut_off(
    answered: World, way: str
) -> None:
    answered.crawl(ours("answer-1", WORDS, answered.now - timedelta(hours=1), parent="m1"))
    change_id = withdraw(answered)
    begin(answered, change_id)
    write(change_sending.lost_track, change_id, answered.now, error="cut", terms=SOCIAL)
    told = {"withdrawals": [Withdrawn("answer-1")]} if way == "tombstone" else {}
    news = {"answers": [AnswerSeen("m1", "removed", "answer-1")]} if way == "news" else {}
    with db.transaction() as session:
        source = sources.load(session, answered.source_id)
        arrivals.record(session, source, [], answered.now, terms=SOCIAL, **told, **news)
    assert (state(change_id).state, answered.reply().state) == (ChangeState.SEEN, ReplyState.WITHDRAWN)


@pytest.mark.parametrize(
    ("kind", "now_is"), [("correct", ReplyState.VERIFIED), ("withdraw", ReplyState.WITHDRAWN)]
)
def test_one_that_was_cut_off_is_looked_for_and_never_sent_again(
    answered: World, kind: str, now_is: object
) -> None:
    change_id = correct(answered) if kind == "correct" else withdraw(answered)
    begin(answered, change_id)
    assert answered.reply().next_look_at is None, "meanwhile a look for the answer itself would say nothing"
    later = answered.later(seconds=change_sending.STALE_SECONDS + 1)
    with db.transaction() as session:
        assert change_sending.recover(session, later) == 1
        assert change_sending.recover(session, later) == 0
        assert change_sending.to_send(session) == []
    assert state(change_id).state is ChangeState.UNKNOWN
    assert begin(answered, change_id) is None
    look(answered, change_id, "cannot_tell")
    look(answered, change_id, "done")
    assert (state(change_id).state, answered.reply().state) == (ChangeState.SEEN, now_is)


def test_one_that_never_arrived_has_failed_and_may_be_sent_again(answered: World) -> None:
    change_id = correct(answered)
    begin(answered, change_id)
    write(change_sending.lost_track, change_id, answered.now, error="cut")
    for _ in range(verification.LOOKS_FOR_LOST):
        look(answered, change_id, "as_before", Terms())
    assert (state(change_id).state, state(change_id).error_kind) == (ChangeState.FAILED, "lost")
    assert answered.reply().text == WORDS
    step(answered, changes.retry, change_id)
    taken(answered, change_id)
    assert answered.reply().text == BETTER


def test_where_nobody_can_look_a_person_decides(answered: World) -> None:
    done = correct(answered)
    begin(answered, done)
    write(change_sending.lost_track, done, answered.now, error="cut", terms=RECEIPT)
    assert state(done).next_look_at is None
    step(answered, changes.decide, done, is_done=True, terms=RECEIPT)
    assert (state(done).state, answered.reply().text) == (ChangeState.TAKEN, BETTER)
    lost = withdraw(answered)
    begin(answered, lost)
    with pytest.raises(IllegalStep):
        step(answered, changes.decide, lost, is_done=True)
    write(change_sending.lost_track, lost, answered.now, error="cut", terms=RECEIPT)
    step(answered, changes.decide, lost, is_done=False)
    assert (state(lost).state, answered.reply().state) == (ChangeState.FAILED, ReplyState.VERIFIED)


def test_what_a_lead_approved_changes_with_a_lead_alone(complained: World) -> None:
    reply_id = complained.draft(WORDS)
    with db.transaction() as session:
        drafts.ask_review(session, reply_id, complained.user(session, "igor"), complained.now)
    complained.approve(reply_id, "anna")
    complained.begin(reply_id)
    complained.published(reply_id)
    change_id = correct(complained)
    assert state(change_id).state is ChangeState.ASKED
    with pytest.raises(NotAllowed):
        step(complained, changes.approve, change_id)
    step(complained, changes.approve, change_id, "anna")
    assert state(change_id).state is ChangeState.APPROVED


def test_who_may_and_what_may_be_changed(answered: World) -> None:
    with pytest.raises(NotAllowed):
        correct(answered, who="maria")
    with pytest.raises(NotAllowed):
        withdraw(answered, who="boris")
    for empty in ("  ", WORDS, f"{WORDS}\r\n"):
        with pytest.raises(Invalid):
            correct(answered, empty)
    first = correct(answered, who="anna")
    with pytest.raises(Conflict) as caught:
        withdraw(answered)
    assert caught.value.code == "changing"
    taken(answered, first)
    with pytest.raises(Conflict) as caught:
        correct(answered, "Something else.")
    assert caught.value.code == "corrected", "he wrote below an older wording"
    with pytest.raises(Conflict) as caught:
        correct(answered, "Something else.", newest_seen=first, terms=Terms(edits=1))
    assert caught.value.code == "edits_spent"
    correct(answered, "Something else.", newest_seen=first, terms=Terms(edits=2))


def test_one_that_was_not_sent_yet_is_taken_back(answered: World) -> None:
    change_id = withdraw(answered)
    step(answered, changes.discard, change_id)
    assert begin(answered, change_id) is None
    assert (state(change_id).state, answered.reply().state) == (ChangeState.DISCARDED, ReplyState.VERIFIED)
    on_its_way = withdraw(answered)
    begin(answered, on_its_way)
    with pytest.raises(IllegalStep):
        step(answered, changes.discard, on_its_way)


def test_what_was_withdrawn_may_be_written_anew(answered: World) -> None:
    change_id = withdraw(answered)
    taken(answered, change_id)
    act(
        answered, lambda session, _case, user, now: drafts.edit_again(session, answered.reply().id, user, now)
    )
    assert answered.reply().state is ReplyState.DRAFT
    with db.transaction() as session:
        later = answered.later(hours=1)
        assert change_looks.claim(session, change_id, later, lambda _kind: SOCIAL) is None
    assert state(change_id).next_look_at is None


def test_an_answer_that_is_held_is_withdrawn_too(complained: World) -> None:
    reply_id = complained.draft(WORDS)
    complained.approve(reply_id)
    complained.begin(reply_id)
    complained.published(reply_id, is_pending=True)
    assert complained.case().status is CaseStatus.ON_HOLD
    taken(complained, withdraw(complained))
    assert (complained.reply().state, complained.case().status) == (ReplyState.WITHDRAWN, CaseStatus.TAKEN)
    assert complained.mention("m1").answer_sent_at is None


def test_a_source_that_goes_sends_no_change(answered: World) -> None:
    waits = correct(answered)
    with db.transaction() as session:
        removal.ask_source(session, answered.source_id, None, answered.now)
    assert (begin(answered, waits), state(waits).state) == (None, ChangeState.DISCARDED)


def test_a_source_is_not_removed_while_a_change_is_on_its_way_there(answered: World) -> None:
    begin(answered, withdraw(answered))
    with db.transaction() as session, pytest.raises(Conflict):
        removal.ask_source(session, answered.source_id, None, answered.now)
