"""The author, or the site, took back what was said: its case closes by itself, and nobody is told that we failed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, wakeups
from desk.base.words import STANDS, CaseStage, CaseStatus, CloseReason, MentionState
from desk.cases import cases, handling, needs
from desk.mentions import intake
from desk.models import Case, Mention, Reply, Source
from desk.replies import lifecycle

OPEN = (CaseStage.UNANSWERED, CaseStage.ON_HOLD)


class WithdrawalSeen(Protocol):
    """channels.contract.Withdrawn has this shape."""

    @property
    def external_id(self) -> str: ...
    @property
    def at(self) -> datetime | None: ...


def find(session: Session, source: Source, gone: WithdrawalSeen) -> Mention | None:
    """The mention that is gone, with its case locked before it; None where it is not known, or known to be gone."""
    wanted = sa.select(Mention.id, Mention.case_id).where(
        Mention.source_id == source.id,
        Mention.external_id == intake.key(gone.external_id),
        Mention.withdrawn_at.is_(None),
    )
    if (row := session.execute(wanted).first()) is None:
        return None
    if row.case_id is not None:
        cases.locked(session, row.case_id)
    query = sa.select(Mention).where(Mention.id == row.id).with_for_update(of=Mention)
    return session.scalar(query.execution_options(populate_existing=True))


def withdraw(session: Session, mention: Mention, at: datetime | None, now: datetime) -> None:
    """Of the customer's words; what of our own answers is gone is desk/pipeline/outcomes.py."""
    mention.withdrawn_at = bounds.between(at, mention.published_at, now)
    case = session.get(Case, mention.case_id) if mention.case_id else None
    journal.write(session, "author_withdrew", now, case=case, mention=mention)
    if case is None:
        return
    cases.touch(case, now)
    session.flush()
    # Another message of his that still waits keeps the case open, and what is being sent is told as usual.
    is_over = needs.still_asks(session, case) is None and not _is_answer_under_way(session, case)
    if case.stage in OPEN and mention.answered_at is None and is_over:
        handling.close(session, case.id, None, CloseReason.WITHDRAWN, now)


def restore(session: Session, mentions: Sequence[Mention], now: datetime) -> None:
    """It stands there again: it is read like anything new, and its case is open where it was closed for that."""
    for mention in mentions:
        mention.withdrawn_at = None
        if mention.is_own:
            continue
        mention.state, mention.claimed_until = MentionState.NEW, None
        case = session.get(Case, mention.case_id) if mention.case_id else None
        if case and case.status is CaseStatus.CLOSED and case.close_reason is CloseReason.WITHDRAWN:
            handling.reopen(session, case.id, None, now, why="restored")
        wakeups.send(session, "tag")


def _is_answer_under_way(session: Session, case: Case) -> bool:
    given = lifecycle.ON_ITS_WAY | STANDS
    sent = sa.select(Reply.id).where(Reply.case_id == case.id, Reply.state.in_(given))
    return session.scalar(sent.limit(1)) is not None
