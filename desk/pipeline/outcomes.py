"""What the site says became of an answer of the brand: ours moves to the state that it has there, and one that was written
elsewhere answers the mention."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.wordings import plain
from desk.base.words import AnswerProof, ReplyOrigin, ReplyState
from desk.cases import cases
from desk.mentions import intake
from desk.models import Mention, Reply, Source
from desk.replies import change_looks, change_rows, lifecycle, public_answers, replies, verification
from desk.replies.terms import USUAL, Terms


class AnswerNews(Protocol):
    """channels.contract.AnswerSeen has this shape and explains each field."""

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


def note(session: Session, source: Source, news: AnswerNews, now: datetime, terms: Terms = USUAL) -> bool:
    """Whether anything changed by it: the same news again is none. `terms`: those of the source's channel."""
    asked = _asked(session, source, news)
    reply = _of_ours(session, source, asked, news)
    if reply is None:
        if news.state != "public" or asked is None:
            return False
        return public_answers.answered_elsewhere(
            session,
            asked,
            now,
            text=news.text or "",
            external_id=_key(news),
            url=news.url,
            at=news.at,
            proof=terms.seen_by,
        )
    cases.locked(session, reply.case_id)
    reply = replies.locked(session, reply.id)
    if reply.state is ReplyState.SENDING or change_rows.is_being_sent(session, reply.id):
        return False  # The job that sends it will write down what it learns.
    if news.state == "removed" and change_looks.gone(session, source, reply.external_id or "", now, terms):
        return True
    if reply.state is ReplyState.WITHDRAWN:
        return False  # Lists are older than what we have taken back; the looks decide.
    before = reply.state
    _STEPS.get(news.state, _leave)(session, reply, news, now, terms)
    return reply.state is not before


def removed(session: Session, source: Source, own: Mention, now: datetime, terms: Terms = USUAL) -> None:
    """What the brand itself had written there is gone: if it was an answer, its customer waits again."""
    if change_looks.gone(session, source, own.external_id, now, terms):
        return
    ours = sa.select(Reply).where(Reply.source_id == source.id, Reply.external_id == own.external_id)
    for reply in session.scalars(ours.order_by(Reply.id)).all():
        if change_rows.is_being_sent(session, reply.id):
            continue  # The job that takes it back will write down what it learns.
        verification.removed(session, reply.id, "", now)


def _asked(session: Session, source: Source, news: AnswerNews) -> Mention | None:
    if not news.parent:
        return None
    known = Mention.source_id == source.id, Mention.external_id == intake.key(news.parent), ~Mention.is_own
    return session.scalar(sa.select(Mention).where(*known))


def _of_ours(session: Session, source: Source, asked: Mention | None, news: AnswerNews) -> Reply | None:
    """By our reference, else by the site's id, else by its words among the answers to that mention. Newest first: an answer
    that was sent anew is the one that stands there."""
    of_source = sa.select(Reply).where(Reply.source_id == source.id).order_by(Reply.id.desc())
    if news.reference:
        by_reference = of_source.where(Reply.reference == news.reference)
        if (reply := session.scalars(by_reference.limit(1)).first()) is not None:
            return reply
    if (external_id := _key(news)) is not None:
        by_id = of_source.where(Reply.external_id == external_id)
        if (reply := session.scalars(by_id.limit(1)).first()) is not None:
            return reply
    if not news.text or asked is None:
        return None
    wanted = plain(news.text)
    nameless = of_source.where(
        Reply.mention_id == asked.id,
        Reply.origin != ReplyOrigin.SITE,
        Reply.state.not_in((ReplyState.DRAFT, ReplyState.APPROVED, ReplyState.DISCARDED)),
    )
    return next((reply for reply in session.scalars(nameless) if plain(reply.text) == wanted), None)


def _key(news: AnswerNews) -> str | None:
    return intake.key(news.external_id) if news.external_id else None


def _public(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    if terms.seen_by is AnswerProof.ACCOUNT:
        if reply.state is not ReplyState.VERIFIED:
            verification.seen(
                session,
                reply.id,
                external_id=_key(news),
                url=news.url,
                now=now,
                shown_at=news.at,
                proof=AnswerProof.ACCOUNT,
            )
        return
    reply.external_id, reply.url = reply.external_id or _key(news), reply.url or news.url
    if reply.published_at is None and ReplyState.PUBLISHED in lifecycle.REPLY_STEPS[reply.state]:
        verification.released(session, reply.id, now, terms)
    else:
        public_answers.confirm(
            session, reply, external_id=_key(news), url=news.url, now=now, shown_at=news.at
        )


def _held(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    """A send of which nobody knew whether it had arrived: a moderator has it."""
    if reply.state is ReplyState.UNKNOWN:
        reply.external_id = reply.external_id or _key(news)
        verification.held(session, reply.id, now, terms)


def _rejected(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    if reply.published_at is None or terms.seen_by is AnswerProof.ACCOUNT:
        verification.rejected(session, reply.id, news.reason, now, terms)
    else:
        verification.removed(session, reply.id, news.reason, now)


def _bounced(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    verification.bounced(session, reply.id, news.reason, now, terms)


def _removed(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    del terms
    verification.removed(session, reply.id, news.reason, now)


def _accepted(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    """Of a send of which nobody knew whether it had arrived; of any other it says no more than the receipt did."""
    del terms
    reply.external_id = reply.external_id or _key(news)
    verification.arrived(session, reply.id, now)


def _leave(session: Session, reply: Reply, news: AnswerNews, now: datetime, terms: Terms) -> None:
    """Words of a later version of the contract."""


_Step = Callable[[Session, Reply, AnswerNews, datetime, Terms], None]
_STEPS: dict[str, _Step] = {
    "public": _public,
    "held": _held,
    "accepted": _accepted,
    "rejected": _rejected,
    "removed": _removed,
    "bounced": _bounced,
}
