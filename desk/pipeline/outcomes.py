"""What a site tells of answers of the brand: that one stands there, is held, was rejected, came back. Found by a crawl, or
sent to us."""

from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.wordings import plain
from desk.base.words import AnswerProof, ReplyOrigin, ReplyState
from desk.cases import lifecycle
from desk.mentions import intake
from desk.models import Mention, Reply, Source
from desk.replies import public_answers, verification
from desk.replies.terms import USUAL, Terms

_OURS = lifecycle.TO_LOOK_FOR | {
    ReplyState.SENDING,
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


def note(session: Session, source: Source, outcome: Outcome, now: datetime, terms: Terms = USUAL) -> bool:
    """Whether anything changed: an answer of ours moves to the state that it has there, and one that was written elsewhere
    answers its mention. The same news again changes nothing."""
    asked = _asked(session, source, outcome)
    reply = _meant(session, source, outcome)
    if reply is None:
        return (
            outcome.state == "public"
            and asked is not None
            and _answered_elsewhere(session, asked, outcome, now)
        )
    if reply.state is ReplyState.SENDING:
        return False  # The job that sends it will write down what it learns.
    before = reply.state
    _take_note(session, reply, outcome, now, terms)
    return reply.state is not before


def removed(session: Session, source: Source, own: Mention, now: datetime) -> None:
    """What the brand itself had written there is gone: if it was an answer, its customer waits again."""
    ours = sa.select(Reply).where(Reply.source_id == source.id, Reply.external_id == own.external_id)
    for reply in session.scalars(ours.order_by(Reply.id)).all():
        verification.removed(session, reply.id, "", now)


def _asked(session: Session, source: Source, outcome: Outcome) -> Mention | None:
    if not outcome.parent:
        return None
    is_it = Mention.source_id == source.id, Mention.external_id == intake.key(outcome.parent), ~Mention.is_own
    return session.scalar(sa.select(Mention).where(*is_it))


def _answered_elsewhere(session: Session, asked: Mention, outcome: Outcome, now: datetime) -> bool:
    return public_answers.answered_elsewhere(
        session,
        asked,
        now,
        text=outcome.text or "",
        external_id=_key(outcome),
        url=outcome.url,
        at=outcome.at,
    )


def _key(outcome: Outcome) -> str | None:
    return intake.key(outcome.external_id) if outcome.external_id else None


def _take_note(session: Session, reply: Reply, outcome: Outcome, now: datetime, terms: Terms) -> None:
    match outcome.state:
        case "public" if reply.state is not ReplyState.VERIFIED:
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
        case "removed" if reply.published_at is None:
            verification.rejected(session, reply.id, outcome.reason, now, terms)
        case "removed":
            verification.removed(session, reply.id, outcome.reason, now)


def _meant(session: Session, source: Source, outcome: Outcome) -> Reply | None:
    """Newest first: an answer that was sent anew is the one that stands there. By its id also one that was written there."""
    of_source = sa.select(Reply).where(Reply.source_id == source.id, Reply.state.in_(_OURS))
    ours = of_source.where(Reply.origin != ReplyOrigin.SITE)
    if (key := _key(outcome)) is not None and not outcome.reference:
        by_id = of_source.where(Reply.external_id == key).order_by(Reply.id.desc())
        if (found := session.scalars(by_id).first()) is not None:
            return found
    for column, value in ((Reply.reference, outcome.reference), (Reply.external_id, key)):
        if value and (
            found := session.scalars(ours.where(column == value).order_by(Reply.id.desc())).first()
        ):
            return found
    if not outcome.text or not outcome.parent:
        return None
    to_parent = ours.join(Mention, Mention.id == Reply.mention_id).where(
        Mention.external_id == intake.key(outcome.parent)
    )
    wanted = plain(outcome.text)
    replies = session.scalars(to_parent.order_by(Reply.id.desc()))
    return next((reply for reply in replies if plain(reply.text) == wanted), None)
