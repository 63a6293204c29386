"""A sighting becomes a mention, once; a later wording becomes a revision; the brand's own words become answers."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from desk import answers, bell, cases, edits, journal, recognition, search, whose
from desk.models import Author, Case, Mention, Source
from desk.whose import AuthorSeen
from desk.wordings import Wording
from desk.words import MentionState

LONGEST_TEXT = 50_000
LONGEST_KEY = 255


class Seen(Protocol):
    """What a channel reports; channels.contract.Sighting has this shape and explains each field."""

    @property
    def external_id(self) -> str: ...
    @property
    def url(self) -> str: ...
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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch came to: mentions never seen before, wordings that changed, those known already, own answers."""

    new: int = 0
    edited: int = 0
    known: int = 0
    answers: int = 0

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(
            self.new + other.new,
            self.edited + other.edited,
            self.known + other.known,
            self.answers + other.answers,
        )


def record(session: Session, source: Source, sightings: Sequence[Seen], now: datetime) -> Recorded:
    """Stores a batch; the same batch again changes nothing. Rings "tag" when somebody must be judged."""
    batch = {key(seen.external_id): seen for seen in recognition.settle(session, source, sightings)}
    if not batch:
        return Recorded()
    known = _known(session, source, batch)
    fresh = _insert(session, source, {k: seen for k, seen in batch.items() if k not in known}, now)
    changed = [row.id for row in known.values() if _hash(batch[row.external_id]) != row.content_hash]
    learned = [row.id for row in known.values() if _is_told_otherwise(row, batch[row.external_id])]
    for mention in _locked(session, learned):
        whose.learn(session, source, mention, not mention.is_own, now)
    edited = _locked(session, changed)
    for mention in edited:
        _note_edit(session, mention, batch[mention.external_id], now)
    if touched := [row.id for row in fresh] + changed + learned:
        search.index(session, touched)
        bell.ring(session, "tag")
    own = _mentions(session, [row.id for row in fresh if row.is_own])
    own += [mention for mention in _mentions(session, sorted({*changed, *learned})) if mention.is_own]
    own += answers.waiting_for_parent(
        session, source, [row.external_id for row in fresh if not row.is_own], now
    )
    covered = sum(answers.cover(session, source, mention, now) for mention in own)
    return Recorded(len(fresh), len(edited), len(known) - len(edited), covered)


def key(external_id: str) -> str:
    """The id as it is stored: one too long for the column is replaced by its hash."""
    clean = external_id.strip()
    if len(clean) <= LONGEST_KEY:
        return clean
    return "sha256:" + hashlib.sha256(clean.encode("utf-8", "replace")).hexdigest()


def content_hash(title: str, text: str, rating: float | None) -> str:
    return hashlib.sha256(f"{title}\0{text}\0{rating}".encode("utf-8", "replace")).hexdigest()


def place_of(source: Source) -> str:
    """Authors are shared between sources of one site."""
    return (urlsplit(source.url).hostname or source.kind)[:LONGEST_KEY]


def _is_told_otherwise(row: sa.Row[int, str, str, bool], seen: Seen) -> bool:
    """Whether the channel knows now that it is ours, or not ours, of which the opposite is written down."""
    return seen.is_by_brand is not None and seen.is_by_brand is not row.is_own


def _known(session: Session, source: Source, batch: Iterable[str]) -> dict[str, sa.Row[int, str, str, bool]]:
    """Only what tells whether something is new: most of a batch is known, and whole mentions are heavy."""
    query = sa.select(Mention.id, Mention.external_id, Mention.content_hash, Mention.is_own).where(
        Mention.source_id == source.id, Mention.external_id.in_(list(batch))
    )
    return {row.external_id: row for row in session.execute(query)}


def _mentions(session: Session, ids: Sequence[int]) -> list[Mention]:
    query = sa.select(Mention).where(Mention.id.in_(ids)).order_by(Mention.id)
    return list(session.scalars(query)) if ids else []


def _locked(session: Session, ids: Sequence[int]) -> list[Mention]:
    """Their cases first, as everybody does who changes both."""
    if not ids:
        return []
    theirs = sa.select(Mention.case_id).where(Mention.id.in_(ids), Mention.case_id.is_not(None))
    session.execute(sa.select(Case.id).where(Case.id.in_(theirs)).order_by(Case.id).with_for_update())
    query = sa.select(Mention).where(Mention.id.in_(ids)).order_by(Mention.id).with_for_update(of=Mention)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _author_key(author: AuthorSeen) -> str:
    return key(author.external_id or f"name:{author.name.casefold()}")


def _authors(session: Session, source: Source, batch: Iterable[Seen]) -> dict[str, int]:
    place = place_of(source)
    seen = {_author_key(s.author): s.author for s in batch if s.author is not None}
    if not seen:
        return {}
    rows = [
        {
            "place": place,
            "external_id": k,
            "name": _clip(a.name, 200),
            "url": _clip(a.url, 2000) if a.url else None,
        }
        for k, a in seen.items()
    ]
    session.execute(_insert_new(session, Author, ["place", "external_id"]), rows)
    query = sa.select(Author.external_id, Author.id).where(
        Author.place == place, Author.external_id.in_(list(seen))
    )
    return dict(session.execute(query).all())


def _insert(
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
    is_own = whose.is_own(seen.is_by_brand, seen.author, own_names, place_of(source))
    thread = key(seen.thread) if seen.thread else key(seen.parent) if seen.parent else external_id
    return {
        "source_id": source.id,
        "brand_id": source.brand_id,
        "author_id": authors.get(_author_key(seen.author)) if seen.author else None,
        "external_id": external_id,
        "url": _clip(seen.url, 2000),
        "form": seen.kind,
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
        "revision_count": 0,
        "is_own": is_own,
        "needs_look": False,
        # What the brand said itself is not judged.
        "state": MentionState.JUDGED if is_own else MentionState.NEW,
    }


def _note_edit(session: Session, mention: Mention, seen: Seen, now: datetime) -> None:
    title, text = _wording(seen)
    if _hash(seen) == mention.content_hash:
        return  # Another crawl of the same source was faster.
    earlier = edits.note(session, mention, Wording(title, text, seen.rating), seen.edited_at, now)
    mention.title, mention.text, mention.rating, mention.content_hash = title, text, seen.rating, _hash(seen)
    mention.edited_at = seen.edited_at or now
    mention.revision_count += 1
    if mention.is_own:
        return
    mention.state, mention.claimed_until = MentionState.NEW, None
    if earlier.said_at is not None and mention.case_id is not None:
        case = cases.load(session, mention.case_id)
        cases.touch(case, now)
        journal.write(
            session, "reworded", now, case=case, mention=mention, after_answer=earlier.answered_at is not None
        )


def _wording(seen: Seen) -> tuple[str, str]:
    return _clip(seen.title, 2000), _clip(seen.text, LONGEST_TEXT)


def _hash(seen: Seen) -> str:
    return content_hash(*_wording(seen), seen.rating)


def _clip(text: str, longest: int) -> str:
    # PostgreSQL refuses NUL in text, and neither database stores half a surrogate pair.
    return text.replace("\0", "")[:longest].encode("utf-8", "replace").decode()
