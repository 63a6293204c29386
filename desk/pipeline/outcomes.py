"""What a site tells of answers of the brand: that one stands there, is held, was rejected, came back. Found by a crawl, or
sent to us."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.wordings import plain
from desk.base.words import AnswerProof, ReplyOrigin, ReplyState
from desk.cases import lifecycle
from desk.models import Mention, Reply, Source
from desk.replies import verification
from desk.replies.terms import USUAL, Terms

_OURS = lifecycle.TO_LOOK_FOR | {
    ReplyState.ACCEPTED,
    ReplyState.REJECTED,
    ReplyState.BOUNCED,
    ReplyState.VANISHED,
    ReplyState.FAILED,
}


class Outcome(Protocol):
    """As channels.contract.AnswerSeen: `parent` is the external id of the answered mention; the answer is known by
    `reference`, else by `external_id`, else by `text`."""

    @property
    def parent(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def reference(self) -> str | None: ...
    @property
    def text(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def at(self) -> datetime | None: ...
    @property
    def reason(self) -> str: ...


def record(
    session: Session, source: Source, outcomes: Sequence[Outcome], now: datetime, terms: Terms = USUAL
) -> int:
    """How many of them told something of an answer that was written here. The same news twice changes nothing."""
    count = 0
    for outcome in outcomes:
        reply = _meant(session, source, outcome)
        if reply is not None:
            _take_note(session, reply, outcome, now, terms)
            count += 1
    return count


def _take_note(session: Session, reply: Reply, outcome: Outcome, now: datetime, terms: Terms) -> None:
    match outcome.state:
        case "public":
            verification.seen(
                session,
                reply.id,
                external_id=outcome.external_id,
                url=outcome.url,
                now=now,
                shown_at=outcome.at,
                proof=AnswerProof.ACCOUNT if terms.proof is AnswerProof.RECEIPT else terms.proof,
            )
        case "held" if reply.state is ReplyState.UNKNOWN:
            verification.held(session, reply.id, now, terms)
        case "rejected":
            verification.rejected(session, reply.id, outcome.reason, now, terms)
        case "bounced":
            verification.bounced(session, reply.id, outcome.reason, now, terms)
        case "removed" if reply.published_at is not None:
            verification.removed(session, reply.id, outcome.reason, now)


def _meant(session: Session, source: Source, outcome: Outcome) -> Reply | None:
    ours = sa.select(Reply).where(
        Reply.source_id == source.id, Reply.state.in_(_OURS), Reply.origin != ReplyOrigin.SITE
    )
    for column, value in ((Reply.reference, outcome.reference), (Reply.external_id, outcome.external_id)):
        if value and (
            found := session.scalars(ours.where(column == value).order_by(Reply.id.desc())).first()
        ):
            return found
    if not outcome.text or not outcome.parent:
        return None
    to_parent = ours.join(Mention, Mention.id == Reply.mention_id).where(
        Mention.external_id == outcome.parent
    )
    wanted = plain(outcome.text)
    replies = session.scalars(to_parent.order_by(Reply.id.desc()))
    return next((reply for reply in replies if plain(reply.text) == wanted), None)
