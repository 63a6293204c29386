"""Looking whether a correction or a withdrawal has arrived: for the new wording, or for the absence."""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base.wordings import plain
from desk.base.words import AnswerProof, ChangeKind, ChangeState, ReplyState
from desk.models import Case, Mention, Reply, ReplyChange, Source
from desk.replies import change_lifecycle, change_rows, change_sending, lifecycle, public_answers
from desk.replies.change_sending import LOOKED_FOR, Changing, gathered
from desk.replies.looks import LOOK_LEASE
from desk.replies.terms import USUAL, Terms
from desk.replies.verification import LOOKS_FOR_LOST

Found = Literal["done", "as_before", "cannot_tell"]
"""What a look found: the new wording, or nothing where there is to be none; the answer as it was; or neither can be told."""
LOOKS_AT_ONCE = 100


def due(session: Session, now: datetime) -> list[int]:
    query = sa.select(ReplyChange.id).where(
        ReplyChange.state.in_(LOOKED_FOR), ReplyChange.next_look_at <= now
    )
    return list(session.scalars(query.order_by(ReplyChange.next_look_at).limit(LOOKS_AT_ONCE)))


def claim(
    session: Session, change_id: int, now: datetime, terms_of: change_sending.TermsOf
) -> Changing | None:
    """Leases one look; None where somebody else has it. With the secrets of the source where only our account can look.
    Raises Invalid where those cannot be opened."""
    _case, reply, change = change_rows.locked(session, change_id)
    if change.state not in LOOKED_FOR or change.next_look_at is None or change.next_look_at > now:
        return None
    if change.state is ChangeState.TAKEN and _is_overtaken(reply, change):
        change.next_look_at = None
        return None
    change.next_look_at = now + LOOK_LEASE
    kind = session.get_one(Source, reply.source_id).kind
    return gathered(session, reply, change, is_stranger=terms_of(kind).proof is AnswerProof.STRANGER)


def _is_overtaken(reply: Reply, change: ReplyChange) -> bool:
    """What was withdrawn is being written anew: that it is to be absent is not looked for any longer."""
    return change.kind is ChangeKind.WITHDRAW and reply.state is not ReplyState.WITHDRAWN


def record(
    session: Session, change_id: int, found: Found, reason: str, now: datetime, terms: Terms = USUAL
) -> None:
    case, reply, change = change_rows.locked(session, change_id)
    if change.state not in (*LOOKED_FOR, ChangeState.NOT_SEEN):
        return
    if found == "done":
        _arrived(session, case, reply, change, now, terms)
        return
    change.looks += 1
    change.misses += found == "as_before"
    change.changed_at = now
    change_sending.plan(change, now, terms)
    if change.state is ChangeState.UNKNOWN:
        if change.misses >= LOOKS_FOR_LOST or (change.next_look_at is None and change.misses == change.looks):
            change_sending.lost(session, change_id, now, terms=terms)
        return
    if change.next_look_at is None and change.state is ChangeState.TAKEN:
        _not_seen(session, case, reply, change, found, reason, now, terms)


def _arrived(
    session: Session, case: Case, reply: Reply, change: ReplyChange, now: datetime, terms: Terms
) -> None:
    if change.state is ChangeState.UNKNOWN:
        change_sending.take(session, case, reply, change, now)
    change_lifecycle.check(change.state, ChangeState.SEEN)
    change.state, change.changed_at, change.seen_at = ChangeState.SEEN, now, now
    change.next_look_at = change.error_kind = change.error = None
    journal.write(session, "change_seen", now, case=case, reply=reply, kind=change.kind.value)
    change_sending.look_for_answer(reply, now, terms)


def _not_seen(
    session: Session,
    case: Case,
    reply: Reply,
    change: ReplyChange,
    found: Found,
    reason: str,
    now: datetime,
    terms: Terms,
) -> None:
    """The site said that it was done, and nobody could see it. An answer that still stands there answers again."""
    change_lifecycle.check(change.state, ChangeState.NOT_SEEN)
    change.state, change.next_look_at = ChangeState.NOT_SEEN, None
    change.error_kind, change.error = found, reason[:2000] or None
    said = change.kind.value
    journal.write(session, "change_not_seen", now, case=case, reply=reply, kind=said, found=found)
    still_stands = change.kind is ChangeKind.WITHDRAW and found == "as_before"
    if still_stands and reply.state is ReplyState.WITHDRAWN:
        public_answers.confirm(session, reply, external_id=None, url=None, now=now, proof=terms.seen_by)
    if reply.state in lifecycle.TO_LOOK_FOR and terms.looks_seconds:
        reply.next_look_at = now


def met(session: Session, source: Source, own: Mention, now: datetime, terms: Terms = USUAL) -> None:
    """A crawl or the site itself has shown an answer of ours with these words: a correction of which nobody knew has
    arrived."""
    for change_id, text in _looked_for(session, source, own.external_id, ChangeKind.CORRECT):
        if plain(text) == plain(own.text):
            record(session, change_id, "done", "", now, terms)


def gone(session: Session, source: Source, external_id: str, now: datetime, terms: Terms = USUAL) -> bool:
    """The site says that an answer of ours is gone. Whether we have taken it back ourselves."""
    found = _looked_for(session, source, external_id, ChangeKind.WITHDRAW)
    for change_id, _text in found:
        record(session, change_id, "done", "", now, terms)
    return bool(found)


def _looked_for(
    session: Session, source: Source, external_id: str, kind: ChangeKind
) -> list[tuple[int, str]]:
    states = (*LOOKED_FOR, ChangeState.NOT_SEEN)
    query = sa.select(ReplyChange.id, ReplyChange.text).join(Reply, Reply.id == ReplyChange.reply_id)
    query = query.where(Reply.source_id == source.id, Reply.external_id == external_id)
    query = query.where(ReplyChange.kind == kind, ReplyChange.state.in_(states)).order_by(ReplyChange.id)
    return [(row[0], row[1]) for row in session.execute(query)]
