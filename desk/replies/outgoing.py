"""An answer on its way, gathered from its rows: what is needed to send it, or to look for it, outside any transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from desk.base import damage as damage_of
from desk.base.errors import Damaged, Invalid
from desk.base.sentences import Sentence
from desk.base.words import ReplyOrigin, ReplyState
from desk.models import Mention, Reply, Source
from desk.replies import replies
from desk.sources import places, sources
from desk.sources.places import Place

HANDLE_DAMAGED = Sentence(
    "What the site needs to find the message is damaged in the database, so an answer could reach somebody else. Nothing was"
    " sent; what was collected is safe. It is repaired when the message is read from the site again.",
    "В базе повреждено то, по чему площадка находит сообщение, и ответ мог бы уйти другому. Ничего не отправлено, собранное"
    " цело. Запись восстановится, когда сообщение снова будет прочитано с площадки.",
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One answer with all that is needed to send it or look for it, so that no transaction stays open meanwhile.
    `damage`: why the site must not be asked, where what is stored of its source cannot be read."""

    reply_id: int
    source_id: int
    kind: str
    place: Place
    target_external_id: str
    target_url: str
    target_thread: str | None
    text: str
    reference: str
    sends: int
    is_unknown: bool
    target_title: str = ""
    target_handle: Mapping[str, Any] = field(default_factory=dict)
    external_id: str | None = None
    public_url: str | None = None
    is_held: bool = False
    damage: str | None = None


def gather(session: Session, reply: Reply, *, is_stranger: bool = False) -> Outgoing:
    """`is_stranger`: without the source's secrets. Raises Invalid where they are wanted and cannot be opened."""
    source = sources.load(session, reply.source_id)
    asked = session.get_one(Mention, reply.mention_id)
    damage = _damage(source, asked)
    place = Place(source.url) if damage else places.place_of(session, source, is_stranger=is_stranger)
    return Outgoing(
        reply_id=reply.id,
        source_id=source.id,
        kind=source.kind,
        place=place,
        target_external_id=asked.external_id,
        target_url=asked.url,
        target_thread=asked.thread,
        text=reply.text,
        reference=reply.reference,
        sends=reply.sends,
        is_unknown=reply.state is ReplyState.UNKNOWN,
        target_title=asked.title,
        target_handle=dict(asked.handle or {}),
        external_id=reply.external_id,
        public_url=reply.url,
        is_held=reply.accepted_at is not None
        and reply.published_at is None
        and reply.origin is ReplyOrigin.OTKLIK,
        damage=damage,
    )


def demand_whole(source: Source, asked: Mention) -> None:
    """Raises Damaged where an answer could go to nobody, or to somebody else."""
    sources.demand_whole(source)
    damage_of.demand_whole(asked.handle, "handle", HANDLE_DAMAGED)


def _damage(source: Source, asked: Mention) -> str | None:
    try:
        demand_whole(source, asked)
    except Damaged as error:
        return str(error)
    return None


def gather_with_secrets(session: Session, reply_id: int) -> Outgoing | None:
    """For asking the site in our own name; None where the stored credentials cannot be opened."""
    reply = replies.load(session, reply_id)
    try:
        return gather(session, reply)
    except Invalid:
        return None
