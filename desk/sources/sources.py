"""A source: added, paused, resumed and stopped by people; what it remembers for its channel."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, damage, settings, vault, wakeups
from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.sentences import Sentence
from desk.base.words import Arrival, SourceState
from desk.models import Brand, Source, User
from desk.sources import own_ids as ids

LONGEST_LANGUAGE, LONGEST_NAME = 16, 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
DAMAGED = Sentence(
    "What the database keeps of this source is damaged. Nothing was read or sent; what was collected is safe. Check the"
    " settings on the source's page and save them.",
    "То, что база хранит об этом источнике, повреждено. Ничего не прочитано и не отправлено, собранное цело. Проверьте"
    " настройки на странице источника и сохраните их.",
)
OWN_NAMES_DAMAGED = Sentence(
    "The names under which the brand writes are damaged in the database, so its own posts cannot be told from others."
    " Nothing was read or sent; what was collected is safe. Enter the names again under Settings, brand.",
    "Имена, под которыми пишет бренд, повреждены в базе: его сообщения не отличить от чужих. Ничего не прочитано и не"
    " отправлено, собранное цело. Введите имена заново в настройках бренда.",
)


def add(
    session: Session,
    brand: Brand,
    kind: str,
    url: str,
    *,
    title: str,
    now: datetime,
    settings_values: Mapping[str, Any] | None = None,
    secrets: Mapping[str, str] | None = None,
    language: str | None = None,
    interval_seconds: int | None = None,
    accepts_replies: bool = True,
    is_filtered: bool = False,
    own_ids: Sequence[str] = (),
    arrives: Arrival = Arrival.CRAWL,
) -> Source:
    """A source due at once; `arrives` and `is_filtered` are what its channel says of itself. Raises Conflict if the brand listens there already,
    Invalid for an empty address, for an interval that is none, and for ids that cannot be kept."""
    if not url.strip():
        raise Invalid("The address is empty.", "url")
    known = sa.select(Source).where(Source.brand_id == brand.id, Source.kind == kind, Source.url == url)
    if (existing := session.scalar(known)) is not None:
        raise Conflict(
            f"{brand.name} already listens there as source {existing.id}.", "exists", id=existing.id
        )
    source = Source(
        brand=brand,
        kind=kind,
        arrives=arrives,
        url=url,
        title=(title or url)[:200],
        settings=dict(settings_values or {}),
        secrets=vault.lock(secrets or {}),
        cursor={},
        language=read_language(language),
        accepts_replies=accepts_replies,
        is_filtered=is_filtered,
        own_ids=ids.read(own_ids),
        interval_seconds=bounds.interval(
            settings.current().crawl_interval_seconds if interval_seconds is None else interval_seconds
        ),
        created_at=now,
        next_crawl_at=now,
    )
    session.add(source)
    session.flush()
    wakeups.send(session, "crawl")
    return source


def address_of_named(kind: str, title: str) -> str:
    """What stands for the address of a source that has none: by its name one is told from another."""
    return f"{kind}:{' '.join(title.split()).casefold()[:LONGEST_NAME]}"


def read_language(code: str | None) -> str | None:
    """A code such as ru or pt-BR, or None where the text tells it. Raises Invalid."""
    if not code:
        return None
    if len(code) > LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(code):
        raise Invalid("A language must be a code such as ru or en.", "language")
    return code


def load(session: Session, source_id: int) -> Source:
    """Raises NotFound."""
    if (source := session.get(Source, source_id)) is None:
        raise NotFound(f"There is no source {source_id}.")
    return source


def demand_whole(source: Source) -> None:
    """Raises Damaged where what is stored of it cannot be read: by a guess it would be read, or answered, in a wrong way."""
    for value in (source.settings, source.cursor, source.own_ids):
        damage.demand_whole(value, "settings", DAMAGED)
    damage.demand_whole(source.brand.own_names, "own_names", OWN_NAMES_DAMAGED)


def is_whole(source: Source) -> bool:
    values = source.settings, source.cursor, source.own_ids, source.brand.own_names
    return not any(map(damage.is_damaged, values))


def remember(session: Session, source_id: int, values: Mapping[str, Any]) -> None:
    """Merges into the cursor that the channel will be given next time."""
    source = session.get_one(Source, source_id)
    source.cursor = {**source.cursor, **values}


def pause(session: Session, source_id: int, user: User | None, now: datetime) -> Source:
    source = load(session, source_id)
    source.state = SourceState.PAUSED
    _tell_site(session, source, now)
    journal.write(session, "source_paused", now, user=user, brand_id=source.brand_id, source=source.id)
    return source


def _tell_site(session: Session, source: Source, now: datetime) -> None:
    """A site that sends by itself is told to begin or to stop (desk/sources/subscriptions.py)."""
    if source.push_nonce is not None:
        source.subscribe_at, source.subscribe_tries = now, 0
        wakeups.send(session, "subscribe")


def stop_for_good(source: Source, now: datetime) -> None:
    """It is being removed: nothing is read there any more, and nothing is sent."""
    source.removing_at, source.state, source.accepts_replies = now, SourceState.PAUSED, False
    if source.push_nonce is not None:
        source.subscribe_at, source.subscribe_tries = now, 0


def resume(session: Session, source_id: int, user: User | None, now: datetime) -> Source:
    """Also brings back a source that was given up as gone. Raises Conflict for one that is being removed."""
    source = load(session, source_id)
    if source.removing_at is not None:
        raise Conflict("This source is being removed; add its address again.", "removing")
    source.state, source.failures = SourceState.ACTIVE, 0
    _tell_site(session, source, now)
    source.next_crawl_at = bounds.soonest(source.last_crawl_at, now)
    journal.write(session, "source_resumed", now, user=user, brand_id=source.brand_id, source=source.id)
    wakeups.send(session, "crawl")
    return source
