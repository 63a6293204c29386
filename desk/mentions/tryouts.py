"""What a query would do to the mentions that are there: which of them match, which would be lost against the query of their brand, and
why. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.brands import brands
from desk.mentions import mention_list
from desk.mentions.lexicon import LEXICON
from desk.mentions.mention_list import Filters, MentionRow
from desk.models import Source
from desk.queries import grammar
from desk.queries.faults import QueryFault
from desk.queries.matching import Matcher, Outcome, Said
from desk.queries.nodes import Node

LOOKED_AT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Tried:
    """`was_match` None: the query in force cannot be read, so nobody can compare."""

    mention: MentionRow
    outcome: Outcome
    was_match: bool | None
    is_filtered: bool
    """Whether its source is filtered by the query; elsewhere everything stays."""

    @property
    def is_lost(self) -> bool:
        return self.was_match is True and not self.outcome.is_match

    @property
    def is_gained(self) -> bool:
        return self.was_match is False and self.outcome.is_match


@dataclass(frozen=True, slots=True)
class Tryout:
    """Newest first."""

    query: str
    tried: Sequence[Tried]

    @property
    def matching(self) -> list[Tried]:
        return [one for one in self.tried if one.outcome.is_match]

    @property
    def lost(self) -> list[Tried]:
        return [one for one in self.tried if one.is_lost]

    @property
    def gained(self) -> list[Tried]:
        return [one for one in self.tried if one.is_gained]


def said_by(row: MentionRow) -> Said:
    return Said(row.text, title=row.title, thread_title=row.thread_title, language=row.language)


def try_out(session: Session, query: str, brand_id: int | None = None) -> Tryout:
    """The newest LOOKED_AT mentions, of one brand or of all, each against the query in force of its own brand. Raises
    QueryFault where the query that is tried cannot be read."""
    asked = [(query, grammar.parse(query))]
    numbers: dict[int, int] = {}
    for brand in brands.all_brands(session):
        if (node := _read(in_force := brands.query_of(brand))) is not None:
            numbers[brand.id] = len(asked)
            asked.append((in_force, node))
    filtered = set(session.scalars(sa.select(Source.id).where(Source.is_filtered)))
    matcher = Matcher(asked, LEXICON)
    tried: list[Tried] = []
    for row in _newest(session, Filters(brand_id=brand_id, is_filed=None)):
        reading = matcher.read(said_by(row))
        number = numbers.get(row.brand_id)
        was_match = reading.matches(number) if number is not None else None
        tried.append(Tried(row, reading.outcome(0), was_match, row.source_id in filtered))
    return Tryout(query, tried)


def _read(query: str) -> Node | None:
    try:
        return grammar.parse(query)
    except QueryFault:
        return None


def _newest(session: Session, filters: Filters) -> Sequence[MentionRow]:
    found: list[MentionRow] = []
    cursor: str | None = None
    while len(found) < LOOKED_AT:
        page = mention_list.page(session, filters, LOOKED_AT, cursor)
        found += page.rows
        if (cursor := page.next_cursor) is None:
            break
    return found[:LOOKED_AT]
