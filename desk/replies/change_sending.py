"""What the worker writes down around one correction or withdrawal. It is not repeatable: `sending` is committed before the call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, leases, wakeups
from desk.base.errors import Damaged, Invalid
from desk.base.sentences import Sentence
from desk.base.words import STANDS, AnswerProof, CaseStage, ChangeKind, ChangeState, ReplyState
from desk.base.work import Pending
from desk.cases import cases, handling, holding, needs
from desk.mentions import search
from desk.models import Case, Mention, Reply, ReplyChange, Source, User
from desk.replies import change_lifecycle, change_rows, lifecycle, looks, marks, replies
from desk.replies.outgoing import Outgoing, demand_whole, gather
from desk.replies.sending import STALE_SECONDS, Complaint
from desk.replies.terms import USUAL, Terms
from desk.sources import sources, turns

TermsOf = Callable[[str], Terms]
"""The terms of a channel by its kind; desk knows no channels, so they are handed over."""
LOOKED_FOR = (ChangeState.UNKNOWN, ChangeState.TAKEN)
NOT_THERE = Sentence(
    "The site does not have this answer any more, so there is nothing to change. Nothing was sent.",
    "Этого ответа на площадке больше нет, менять нечего. Ничего не отправлено.",
)
CUT_OFF = Sentence(
    "The process that was sending it stopped. Looking on the site first.",
    "Процесс отправки оборвался. Сначала проверим на площадке.",
)
AS_BEFORE = Sentence(
    "Looked on the site: there it is as before. It can be sent again.",
    "Проверка на площадке: там всё по-прежнему. Можно отправить снова.",
)


@dataclass(frozen=True, slots=True)
class Changing:
    """One change with all that is needed to send it or to look for it. `outgoing.text` is the wording that is to stand there;
    of a withdrawal, the one that is not to stand there any more."""

    change_id: int
    kind: ChangeKind
    outgoing: Outgoing


def waiting(session: Session, now: datetime) -> Pending:
    """Approved changes and due looks; and those that somebody is sending."""
    of = sa.select(ReplyChange.id)
    is_due = sa.and_(ReplyChange.state.in_(LOOKED_FOR), ReplyChange.next_look_at <= now)
    free = of.where(sa.or_(ReplyChange.state == ChangeState.APPROVED, is_due))
    return leases.pending(session, free, of.where(ReplyChange.state == ChangeState.SENDING))


def to_send(session: Session, limit: int = 1000) -> list[int]:
    """Approved changes: the oldest of each source, then the next of each."""
    query = sa.select(ReplyChange.id, Reply.source_id).join(Reply, Reply.id == ReplyChange.reply_id)
    query = query.where(ReplyChange.state == ChangeState.APPROVED)
    found = session.execute(query.order_by(ReplyChange.approved_at, ReplyChange.id).limit(limit))
    return turns.in_turns([(row[0], row[1]) for row in found])


def begin(
    session: Session, change_id: int, now: datetime, complaint: Complaint | None = None
) -> Changing | None:
    """Approved -> sending, for exactly one caller. None when it is not ours to send now: another has it, something else is
    being sent to that source, or it cannot be sent at all (then it has failed and says why)."""
    source_id = replies.load(session, change_rows.load(session, change_id).reply_id).source_id
    # The source row is the lock that keeps one send at a time per source.
    session.execute(sa.select(Source.id).where(Source.id == source_id).with_for_update())
    if is_sending(session, [source_id]):
        return None
    case, reply, change = change_rows.locked(session, change_id)
    source = sources.load(session, source_id)
    if change.state is not ChangeState.APPROVED or source.removing_at is not None:
        return None
    if reply.state not in STANDS:
        _fail(session, case, reply, change, "not_found", NOT_THERE, now)
        return None
    if complaint is not None and change.kind is ChangeKind.CORRECT:
        said = complaint(source.kind, source.cursor, change.text)
        if said is not None:
            _fail(session, case, reply, change, "too_long", said, now)
            return None
    return _set_out(session, case, reply, change, source, now)


def _set_out(
    session: Session, case: Case, reply: Reply, change: ReplyChange, source: Source, now: datetime
) -> Changing | None:
    try:
        demand_whole(source, session.get_one(Mention, reply.mention_id))
        changing = gathered(session, reply, change)
    except (Damaged, Invalid) as error:
        kind = "damaged" if isinstance(error, Damaged) else "unauthorized"
        _fail(session, case, reply, change, kind, error.said, now)
        return None
    change_lifecycle.check(change.state, ChangeState.SENDING)
    change.state, change.sending_at, change.changed_at = ChangeState.SENDING, now, now
    # The looks for the answer itself are called off: until this is settled they would say nothing.
    reply.next_look_at = None
    journal.write(session, "change_sending", now, case=case, reply=reply, kind=change.kind.value)
    return changing


def gathered(session: Session, reply: Reply, change: ReplyChange, *, is_stranger: bool = False) -> Changing:
    """Raises Invalid where secrets are wanted and cannot be opened."""
    outgoing = gather(session, reply, is_stranger=is_stranger)
    text = change.text if change.kind is ChangeKind.CORRECT else reply.text
    return Changing(change.id, change.kind, replace(outgoing, text=text))


def is_sending(session: Session, source_ids: Sequence[int]) -> bool:
    """Whether an answer or a change of one is on its way to one of these sources."""
    answers = sa.select(Reply.id).where(Reply.source_id.in_(source_ids), Reply.state == ReplyState.SENDING)
    if session.scalar(answers.limit(1)) is not None:
        return True
    of_them = sa.select(ReplyChange.id).join(Reply, Reply.id == ReplyChange.reply_id)
    sending = of_them.where(ReplyChange.state == ChangeState.SENDING, Reply.source_id.in_(source_ids))
    return session.scalar(sending.limit(1)) is not None


def done(
    session: Session,
    change_id: int,
    now: datetime,
    *,
    external_id: str | None = None,
    url: str | None = None,
    at: datetime | None = None,
    terms: Terms = USUAL,
    user: User | None = None,
) -> None:
    """The site has done it, by its own word or by that of a person who has looked. Whether it can be seen there is looked
    up, where anybody can look."""
    case, reply, change = change_rows.locked(session, change_id)
    if change.state not in (ChangeState.SENDING, ChangeState.UNKNOWN):
        return  # A slow call that came back after it was given up as lost: the look decides.
    take(session, case, reply, change, now, external_id=external_id, url=url, user=user)
    change.done_at = bounds.between(at, change.sending_at, now)
    plan(change, now, terms)
    if change.next_look_at is None:
        look_for_answer(reply, now, terms)


def take(
    session: Session,
    case: Case,
    reply: Reply,
    change: ReplyChange,
    now: datetime,
    *,
    external_id: str | None = None,
    url: str | None = None,
    user: User | None = None,
) -> None:
    """What it means for the answer and its case."""
    change_lifecycle.check(change.state, ChangeState.TAKEN)
    change.state, change.changed_at, change.done_at = ChangeState.TAKEN, now, now
    change.error_kind = change.error = None
    change.looks = change.misses = 0
    reply.external_id, reply.url = (external_id or "")[:255] or reply.external_id, url or reply.url
    if change.kind is ChangeKind.CORRECT:
        change.before, reply.text, reply.changed_at = reply.text, change.text, now
        journal.write(session, "corrected", now, case=case, reply=reply, user=user)
    else:
        change.before = reply.text
        _take_back(session, case, reply, now, user)
    search.index_case(session, case.id)
    cases.touch(case, now)


def _take_back(session: Session, case: Case, reply: Reply, now: datetime, user: User | None) -> None:
    """It answers nothing any more; what another answer of the case covers stays answered by that one."""
    if ReplyState.WITHDRAWN not in lifecycle.REPLY_STEPS[reply.state]:
        return  # It has vanished, or was made a draft again meanwhile: nothing of it is left to take back.
    marks.give_up(session, reply, case)
    reply.state, reply.changed_at, reply.next_look_at = ReplyState.WITHDRAWN, now, None
    reply.error_kind = reply.error = None
    journal.write(session, "answer_withdrawn", now, case=case, reply=reply, user=user)
    session.flush()
    if reply.published_at is not None:
        marks.mark_unanswered(session, reply, case)
        _answer_by_others(session, reply, case, now)
        session.flush()
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        if needs.still_asks(session, case) is not None:
            handling.reopen(session, case.id, None, now, why="answer_withdrawn")
    elif case.stage is CaseStage.ON_HOLD and case.snoozed_until is None and case.sent_at is None:
        holding.come_back(case, now)


def _answer_by_others(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """Once this one is gone: what the other answers of the case cover is answered by them."""
    others = sa.select(Reply).where(
        Reply.case_id == case.id,
        Reply.id != reply.id,
        Reply.state.in_(STANDS),
        Reply.published_at.is_not(None),
    )
    for other in session.scalars(others.order_by(Reply.published_at, Reply.id)).all():
        is_seen = other.proof is AnswerProof.STRANGER
        marks.mark_answered_by_reply(
            session, other, case, now, seen_at=other.verified_at if is_seen else None, proof=other.proof
        )


def failed(
    session: Session, change_id: int, kind: str, error: str, now: datetime, terms: Terms = USUAL
) -> None:
    """The site surely did not do it; `error` is its own words. The answer stands as before."""
    case, reply, change = change_rows.locked(session, change_id)
    if change.state is ChangeState.SENDING:
        _fail(session, case, reply, change, kind, error, now)
        look_for_answer(reply, now, terms)


def lost(
    session: Session, change_id: int, now: datetime, user: User | None = None, terms: Terms = USUAL
) -> None:
    """It was cut off, and has not arrived."""
    case, reply, change = change_rows.locked(session, change_id)
    if change.state is ChangeState.UNKNOWN:
        _fail(session, case, reply, change, "lost", AS_BEFORE, now, user)
        look_for_answer(reply, now, terms)


def _fail(
    session: Session,
    case: Case,
    reply: Reply,
    change: ReplyChange,
    kind: str,
    error: str,
    now: datetime,
    user: User | None = None,
) -> None:
    change_lifecycle.check(change.state, ChangeState.FAILED)
    change.state, change.changed_at, change.next_look_at = ChangeState.FAILED, now, None
    change.error_kind, change.error = kind[:40], error[:2000]
    said, why = change.kind.value, change.error_kind
    journal.write(session, "change_failed", now, case=case, reply=reply, user=user, kind=said, error=why)


def lost_track(session: Session, change_id: int, error: str, now: datetime, terms: Terms = USUAL) -> None:
    """Nobody knows whether the site has done it. It is looked up there; where nobody can look, a person decides."""
    case, reply, change = change_rows.locked(session, change_id)
    if change.state is not ChangeState.SENDING:
        return
    change_lifecycle.check(change.state, ChangeState.UNKNOWN)
    change.state, change.changed_at, change.looks, change.misses = ChangeState.UNKNOWN, now, 0, 0
    change.error_kind, change.error = "unknown", error[:2000]
    change.next_look_at = now if terms.looks_seconds else None
    journal.write(session, "change_lost_track", now, case=case, reply=reply, kind=change.kind.value)
    wakeups.send(session, "change")


def hold_back(session: Session, source_id: int, now: datetime) -> None:
    """What was approved for this source and has not left yet is taken back, because the source is being removed."""
    waits = sa.select(ReplyChange).join(Reply, Reply.id == ReplyChange.reply_id)
    waits = waits.where(Reply.source_id == source_id, ReplyChange.state == ChangeState.APPROVED)
    for change in session.scalars(waits.with_for_update(of=ReplyChange)):
        change_lifecycle.check(change.state, ChangeState.DISCARDED)
        change.state, change.changed_at = ChangeState.DISCARDED, now


def recover(
    session: Session,
    now: datetime,
    terms_of: TermsOf = lambda _kind: USUAL,
    stale_seconds: int = STALE_SECONDS,
) -> int:
    """Whatever a killed worker left in `sending` becomes unknown; returns how many."""
    cut_off = now - timedelta(seconds=stale_seconds)
    query = sa.select(ReplyChange.id, Source.kind).join(Reply, Reply.id == ReplyChange.reply_id)
    query = query.join(Source, Source.id == Reply.source_id)
    query = query.where(ReplyChange.state == ChangeState.SENDING, ReplyChange.sending_at <= cut_off)
    stale = [(row[0], row[1]) for row in session.execute(query)]
    for change_id, kind in stale:
        lost_track(session, change_id, CUT_OFF, now, terms_of(kind))
    return len(stale)


def plan(change: ReplyChange, now: datetime, terms: Terms) -> None:
    """Sets the next look by the number of looks so far; None when there will be no more."""
    waits = looks.waits_of(terms)
    is_left = change.looks < len(waits)
    change.next_look_at = now + timedelta(seconds=waits[change.looks]) if is_left else None


def look_for_answer(reply: Reply, now: datetime, terms: Terms) -> None:
    """The looks for the answer itself go on, now that nothing is being done to it."""
    if reply.state in lifecycle.TO_LOOK_FOR and terms.looks_seconds:
        is_verified = reply.state is ReplyState.VERIFIED
        reply.next_look_at = now + looks.SECOND_LOOK if is_verified else now
