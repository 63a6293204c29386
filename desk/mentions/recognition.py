"""Which stored mention is what is seen now? Gives every sighting the id under which it is stored, or will be.

Names are looked up in the database, because a window of a feed or a page does not show what was seen before it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.mentions.sameness import Facts, is_same, is_unchanged
from desk.models import Author, Mention, Source

AT_ONCE: Final = 100
"""Families that are asked for in one query."""


def settle(session: Session, source: Source, sightings: Sequence[Any]) -> list[Any]:
    """The same sightings, each with the external id of its mention; their threads and parents follow.

    They have the shape of channels.contract.Sighting. Where the site's ids can be trusted, nothing is asked.
    """
    if not any(seen.twin_id or seen.former_ids for seen in sightings):
        return list(sightings)
    return _Batch(session, source, sightings).settled()


class _Batch:
    """Two things in one batch are never one mention, unless they are alike in everything: what is surely known is
    found first, then what was edited, and what is left is new."""

    def __init__(self, session: Session, source: Source, sightings: Sequence[Any]) -> None:
        self.session, self.source, self.sightings = session, source, sightings
        self.stored: dict[int, str] = {}
        self.taken: dict[str, str] = {}

    def settled(self) -> list[Any]:
        kept = self._rows(
            [each for seen in self.sightings for each in (seen.external_id, seen.twin_id) if each]
        )
        for number, seen in enumerate(self.sightings):
            if (found := _surely(seen, kept)) is not None and self._is_free(found, seen):
                self._take(number, seen, found)
        self._find_edited(kept)
        for number, seen in enumerate(self.sightings):
            if number not in self.stored:
                is_free = seen.external_id not in kept and self._is_free(seen.external_id, seen)
                self._take(number, seen, seen.external_id if is_free or not seen.twin_id else seen.twin_id)
        names, threads = {}, {}
        for number, seen in enumerate(self.sightings):
            stored = self.stored[number]
            if stored != seen.external_id:
                names[seen.external_id] = stored
            # An address names a conversation whose last post alone is shown: it stays, unless the address has changed.
            if stored in seen.former_ids or not seen.external_id.startswith("http"):
                threads[seen.external_id] = stored
        return [
            _renamed(seen, self.stored[number], names, threads) for number, seen in enumerate(self.sightings)
        ]

    def _is_free(self, external_id: str, seen: Any) -> bool:
        return self.taken.get(external_id, _own_key(seen)) == _own_key(seen)

    def _take(self, number: int, seen: Any, external_id: str) -> None:
        self.stored[number] = external_id
        self.taken[external_id] = _own_key(seen)

    def _find_edited(self, kept: dict[str, Facts]) -> None:
        open_ones = [
            (number, seen)
            for number, seen in enumerate(self.sightings)
            if number not in self.stored and (seen.twin_id or seen.former_ids)
        ]
        if not open_ones:
            return
        candidates, shared = self._candidates([seen for _, seen in open_ones], kept)
        shared |= _shared([*self.taken.values(), *(_own_key(seen) for _, seen in open_ones)])
        families: dict[str, list[str]] = {}
        for external_id in candidates:
            families.setdefault(external_id.partition("~")[0] + "~", []).append(external_id)
        for rule in (_is_unchanged, _is_edited):
            for number, seen in open_ones:
                if number in self.stored:
                    continue
                for external_id in _in_order(seen, candidates, families):
                    if self._is_free(external_id, seen) and rule(seen, candidates[external_id], shared):
                        self._take(number, seen, external_id)
                        break

    def _rows(self, ids: Iterable[str]) -> dict[str, Facts]:
        query = (
            sa.select(
                Mention.external_id, Mention.title, Mention.text, Mention.rating, Mention.url,
                Mention.published_at, Mention.is_date_known, Author.name,
            )
            .join(Author, Mention.author_id == Author.id, isouter=True)
            .where(Mention.source_id == self.source.id, Mention.external_id.in_(list(dict.fromkeys(ids))))
        )  # fmt: skip
        return {row.external_id: _facts_of_row(row) for row in self.session.execute(query)}

    def _candidates(
        self, unknown: Sequence[Any], kept: dict[str, Facts]
    ) -> tuple[dict[str, Facts], set[str]]:
        """What may be one of these under another id; and the families of which something is stored under its twin."""
        ids = [each for seen in unknown for each in (seen.external_id, *seen.former_ids)]
        # A name under which nothing is stored has hardly a twin.
        in_use = [seen for seen in unknown if seen.external_id in kept or seen.external_id == seen.twin_id]
        families = list(dict.fromkeys(_family(seen) for seen in in_use if seen.twin_id))
        times = list({seen.published_at for seen in in_use if seen.published_at})
        shared: set[str] = set()
        for start in range(0, len(families), AT_ONCE):
            members, stored = self._members(families[start : start + AT_ONCE], times)
            ids += members
            shared |= stored
        return self._rows(ids), shared

    def _begins(self, family: str) -> sa.ColumnElement[bool]:
        if self.session.get_bind().dialect.name == "sqlite":
            # SQLite compares bytes, and uses the index for a range alone.
            return sa.and_(Mention.external_id >= family, Mention.external_id < f"{family}\x7f")
        # The order of letters in PostgreSQL is a language's, which may pass over signs.
        return Mention.external_id.startswith(family)

    def _members(self, families: Sequence[str], times: Sequence[datetime]) -> tuple[list[str], set[str]]:
        """The mentions of these times that are stored under twins of these names; of a shared name others are no
        candidates. And the names of which any twin is stored."""
        of_families = (
            Mention.source_id == self.source.id,
            sa.or_(*(self._begins(each) for each in families)),
        )
        prefix = sa.func.substr(Mention.external_id, 1, len(families[0]))
        members = sa.select(Mention.external_id).where(*of_families, Mention.published_at.in_(times))
        return list(self.session.scalars(members)), set(
            self.session.scalars(sa.select(prefix).distinct().where(*of_families))
        )


def _surely(seen: Any, kept: dict[str, Facts]) -> str | None:
    if seen.twin_id in kept:
        return str(seen.twin_id)
    if seen.external_id in kept and (
        not seen.twin_id or is_unchanged(kept[seen.external_id], _facts_of(seen))
    ):
        return str(seen.external_id)
    return None


def _in_order(seen: Any, candidates: dict[str, Facts], families: dict[str, list[str]]) -> list[str]:
    family = families.get(_family(seen), []) if seen.twin_id else []
    return [
        each for each in dict.fromkeys((seen.external_id, *seen.former_ids, *family)) if each in candidates
    ]


def _is_unchanged(seen: Any, kept: Facts, _shared: set[str]) -> bool:
    return is_unchanged(kept, _facts_of(seen))


def _is_edited(seen: Any, kept: Facts, shared: set[str]) -> bool:
    is_shared = seen.external_id == seen.twin_id or _family(seen) in shared
    return bool(seen.twin_id) and is_same(kept, _facts_of(seen), is_name_shared=is_shared)


def _shared(keys: Iterable[str]) -> set[str]:
    """The families of which more than one is known, or one under its twin: their name is that of something else."""
    counts = Counter(key.partition("~")[0] + "~" for key in set(keys) if "~" in key)
    return {family for family, count in counts.items() if count > 1}


def _family(seen: Any) -> str:
    return str(seen.twin_id.partition("~")[0]) + "~"


def _own_key(seen: Any) -> str:
    return str(seen.twin_id or seen.external_id)


def _facts_of(seen: Any) -> Facts:
    author = seen.author.name if seen.author else None
    return Facts(seen.title, seen.text, author, seen.published_at, seen.url or "", seen.rating)


def _facts_of_row(row: Any) -> Facts:
    published_at = row.published_at if row.is_date_known else None
    return Facts(row.title, row.text, row.name, published_at, row.url, row.rating)


def _renamed(seen: Any, external_id: str, names: dict[str, str], threads: dict[str, str]) -> Any:
    thread, parent = threads.get(seen.thread, seen.thread), names.get(seen.parent, seen.parent)
    if (external_id, thread, parent) == (seen.external_id, seen.thread, seen.parent):
        return seen
    return replace(seen, external_id=external_id, thread=thread, parent=parent)
