"""A sighting becomes the row of a mention, once; a later wording is kept as an edit. What follows for cases and answers is
decided in desk/pipeline/arrivals.py."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk.base.wordings import Wording
from desk.base.words import Arrival, MentionState
from desk.mentions import details, edits
from desk.mentions.authorship import AuthorSeen, is_own
from desk.models import Author, EarlierWording, Mention, Source

LONGEST_TEXT = 50_000
LONGEST_KEY = 255


class Seen(details.DetailsSeen, Protocol):
    """What a channel reports; channels.contract.Sighting has this shape and explains each field."""

    @property
    def external_id(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def author(self) -> AuthorSeen | None: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def edited_at(self) -> datetime | None: ...
    @property
    def rating(self) -> float | None: ...
    @property
    def language(self) -> str | None: ...
    @property
    def thread(self) -> str | None: ...
    @property
    def thread_title(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def is_by_brand(self) -> bool | None: ...
    @property
    def twin_id(self) -> str: ...
    @property
    def former_ids(self) -> tuple[str, ...]: ...


def known(session: Session, source: Source, batch: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """Only what tells whether something is new: most of a batch is known, and whole mentions are heavy."""
    query = sa.select(
        Mention.id, Mention.external_id, Mention.content_hash, Mention.is_own, Mention.withdrawn_at,
        Mention.handle, Mention.facts, Mention.attachments, Mention.reach, Mention.is_machine,
        Mention.can_be_answered,
    ).where(Mention.source_id == source.id, Mention.external_id.in_(list(batch)))  # fmt: skip
    return {row.external_id: row for row in session.execute(query)}


def refresh(session: Session, row: sa.Row[Any], seen: Seen) -> None:
    """What the site tells beside the words follows it, without being an edit: likes, a photo more, whether it may be
    answered, and what the next answer needs."""
    told = details.stored(seen)
    if any(getattr(row, name) != value for name, value in told.items()):
        session.execute(sa.update(Mention).where(Mention.id == row.id).values(told))


def insert(
    session: Session, source: Source, batch: dict[str, Seen], now: datetime
) -> Sequence[sa.Row[int, str, bool]]:
    if not batch:
        return []
    authors = _authors(session, source, batch.values())
    own_names = source.brand.own_names
    rows = [_row(source, k, seen, authors, own_names, now) for k, seen in batch.items()]
    # Another crawl of the same source may have been faster: the unique key decides, and its row stays.
    statement = _insert_new(session, Mention, ["source_id", "external_id"])
    return session.execute(statement.returning(Mention.id, Mention.external_id, Mention.is_own), rows).all()


def reword(session: Session, mention: Mention, seen: Seen, now: datetime) -> EarlierWording | None:
    """The wording that was seen takes the place of the one that stands, which is kept. None, and nothing changed, where
    another crawl of the same source was faster."""
    title, text = _wording(seen)
    if hash_of(seen) == mention.content_hash:
        return None
    earlier = edits.note(session, mention, Wording(title, text, seen.rating), seen.edited_at, now)
    mention.title, mention.text, mention.rating = title, text, seen.rating
    mention.content_hash = hash_of(seen)
    mention.edited_at = seen.edited_at or now
    mention.edit_count += 1
    if not mention.is_own:
        mention.state, mention.claimed_until = MentionState.NEW, None
    return earlier


def key(external_id: str) -> str:
    """The id as it is stored: one too long for the column is replaced by its hash."""
    clean = external_id.strip()
    if len(clean) <= LONGEST_KEY:
        return clean
    return "sha256:" + hashlib.sha256(clean.encode("utf-8", "replace")).hexdigest()


def content_hash(title: str, text: str, rating: float | None) -> str:
    return hashlib.sha256(f"{title}\0{text}\0{rating}".encode("utf-8", "replace")).hexdigest()


def hash_of(seen: Seen) -> str:
    return content_hash(*_wording(seen), seen.rating)


def site_of(source: Source) -> str:
    """Authors are shared between sources of one site. What sends by itself and has no address is a site of its own: the ids
    of two such systems have nothing to do with one another."""
    of_its_own = f"{source.kind}:{source.id}" if source.arrives is Arrival.PUSH else source.kind
    return (urlsplit(source.url).hostname or of_its_own)[:LONGEST_KEY]


def _author_key(author: AuthorSeen) -> str:
    return key(author.external_id or f"name:{author.name.casefold()}")


def _authors(session: Session, source: Source, batch: Iterable[Seen]) -> dict[str, int]:
    site = site_of(source)
    seen = {_author_key(s.author): s.author for s in batch if s.author is not None}
    if not seen:
        return {}
    rows = [
        {
            "site": site,
            "external_id": k,
            "name": _clip(a.name, 200),
            "url": _clip(a.url, 2000) if a.url else None,
        }
        for k, a in seen.items()
    ]
    session.execute(_insert_new(session, Author, ["site", "external_id"]), rows)
    query = sa.select(Author.external_id, Author.id).where(
        Author.site == site, Author.external_id.in_(list(seen))
    )
    return dict(session.execute(query).all())


def _insert_new(
    session: Session, model: type[Author | Mention], unique: list[str]
) -> sqlite.Insert | postgresql.Insert:
    # Into the table and not the model: objects for rows that nobody looks at would cost more than the rows.
    table = model.metadata.tables[model.__tablename__]
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing(index_elements=unique)
    return postgresql.insert(table).on_conflict_do_nothing(index_elements=unique)


def _row(
    source: Source,
    external_id: str,
    seen: Seen,
    authors: dict[str, int],
    own_names: Sequence[str],
    now: datetime,
) -> dict[str, object]:
    title, text = _wording(seen)
    is_ours = is_own(seen.is_by_brand, seen.author, own_names, site_of(source), source.own_ids)
    thread = key(seen.thread) if seen.thread else key(seen.parent) if seen.parent else external_id
    return {
        "source_id": source.id,
        "brand_id": source.brand_id,
        "author_id": authors.get(_author_key(seen.author)) if seen.author else None,
        "external_id": external_id,
        "url": _clip(seen.url or "", 2000),
        "kind": seen.kind,
        "title": title,
        "text": text,
        "rating": seen.rating,
        "language": seen.language[:16] if seen.language else source.language,
        "thread": thread,
        "thread_title": _clip(seen.thread_title, 2000),
        "parent": key(seen.parent) if seen.parent else None,
        # A site's clock may run ahead of ours; nothing was said after it was collected.
        "published_at": min(seen.published_at, now) if seen.published_at else now,
        "is_date_known": seen.published_at is not None,
        "collected_at": now,
        "edited_at": seen.edited_at,
        "content_hash": content_hash(title, text, seen.rating),
        "edit_count": 0,
        "is_own": is_ours,
        "is_uncertain": False,
        # What the brand said itself is not judged.
        "state": MentionState.JUDGED if is_ours else MentionState.NEW,
        **details.stored(seen),
    }


def _wording(seen: Seen) -> tuple[str, str]:
    return _clip(seen.title, 2000), _clip(seen.text, LONGEST_TEXT)


def _clip(text: str, longest: int) -> str:
    # PostgreSQL refuses NUL in text, and neither database stores half a surrogate pair.
    return text.replace("\0", "")[:longest].encode("utf-8", "replace").decode()
