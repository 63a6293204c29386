"""The sources by what commands, checks and detection ask of all of them. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import Arrival
from desk.models import Source


@dataclass(frozen=True, slots=True)
class Listed:
    """What a command has to know to name a source. Read without the rest of the row, which may be damaged."""

    id: int
    title: str
    kind: str
    state: str
    is_crawled: bool


def listed(session: Session) -> list[Listed]:
    state, arrives = (sa.type_coerce(column, sa.String) for column in (Source.state, Source.arrives))
    columns = Source.id, Source.title, Source.kind, state, arrives == Arrival.CRAWL.value
    return [Listed(*row) for row in session.execute(sa.select(*columns).order_by(Source.id))]


def is_any(session: Session) -> bool:
    return session.scalar(sa.select(Source.id).limit(1)) is not None


def all_sources(session: Session) -> list[Source]:
    return list(session.scalars(sa.select(Source).order_by(Source.id)))


def hosts_by_kind(session: Session) -> dict[str, set[str]]:
    """The sites that sources of each kind lead to."""
    found: dict[str, set[str]] = {}
    for kind, url in session.execute(sa.select(Source.kind, Source.url)):
        found.setdefault(kind, set()).add(urlsplit(url).netloc.casefold())
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A source by what no damage makes unreadable."""

    id: int
    kind: str
    url: str


def named(session: Session, source_ids: Sequence[int]) -> list[Named]:
    """Reads nothing else of the rows: one of them that is damaged must not stop all others."""
    query = sa.select(Source.id, Source.kind, Source.url).where(Source.id.in_(source_ids))
    return [Named(row[0], row[1], str(row[2])) for row in session.execute(query.order_by(Source.id))]
