"""All mentions as people and scripts read them: newest first, filtered, page by page. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import pagination
from desk.base.errors import NotFound
from desk.base.wordings import is_name_of
from desk.base.words import STAGE_OF, CaseStatus, FiledBy, Folder, Intent, MentionState, Sentiment, Urgency
from desk.mentions import search
from desk.mentions.answerable import is_answerable, is_seen
from desk.models import Author, Brand, Case, Mention, Source, SourceTally, Team

MOST_ROWS = 500
FEW = 1_000


@dataclass(frozen=True)
class Filters:
    """None is any. `team` is the key of the team that has the mention's case, `channel` a kind of source; since and
    until bound the time of publication, half-open. `is_answered`: the words that stand there now are; False: no answer
    at all, for what was handed over and is awaited in public is neither. `is_seen`: an answer was seen in public, be it
    to earlier words; `is_counted`: part of the response rate (desk/metrics). What the brand wrote itself is left out
    unless asked for, and so is what is in a folder: `is_filed` None takes both, `folder` that one alone."""

    brand_id: int | None = None
    source_id: int | None = None
    channel: str | None = None
    team: str | None = None
    sentiment: Sentiment | None = None
    intent: Intent | None = None
    language: str | None = None
    status: CaseStatus | None = None
    author_id: int | None = None
    is_answered: bool | None = None
    is_seen: bool | None = None
    is_counted: bool | None = None
    is_uncertain: bool | None = None
    is_abusive: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    with_own: bool = False
    is_filed: bool | None = False
    folder: Folder | None = None


@dataclass(frozen=True, slots=True)
class MentionRow:
    id: int
    brand_id: int
    brand_name: str
    source_id: int
    source_title: str
    source_kind: str
    external_id: str
    url: str
    kind: str
    author_id: int | None
    author_name: str | None
    title: str
    text: str
    rating: float | None
    language: str | None
    thread_title: str
    published_at: datetime
    is_date_known: bool
    collected_at: datetime
    edited_at: datetime | None
    edit_count: int
    is_own: bool
    state: MentionState
    sentiment: Sentiment | None
    intent: Intent | None
    urgency: Urgency | None
    is_uncertain: bool
    is_abusive: bool | None
    answered_at: datetime | None
    answer_seen_at: datetime | None
    answer_sent_at: datetime | None
    answer_proof: str | None
    folder: Folder | None
    filed_by: FiledBy | None
    case_id: int | None
    case_status: CaseStatus | None
    team_key: str | None
    own_names: Sequence[str]

    @property
    def uses_own_name(self) -> bool:
        """Its author calls himself what the brand is called, and by what the site tells he is not the brand."""
        return not self.is_own and is_name_of(self.author_name, self.own_names)

    @property
    def is_answered(self) -> bool:
        """Somebody of the brand answered in public, whether or not the answer has been seen there yet."""
        return self.answered_at is not None


@dataclass(frozen=True)
class MentionPage:
    rows: Sequence[MentionRow]
    next_cursor: str | None


def page(session: Session, filters: Filters, limit: int = 50, after: str | None = None) -> MentionPage:
    """One query, two with full text. Raises Invalid for a damaged cursor."""
    limit = max(1, min(limit, MOST_ROWS))
    newest_first = (Mention.published_at.desc(), Mention.id.desc())
    ids = _ids(filters).where(*_conditions(session, filters), *_behind(after))
    here = ids.order_by(*newest_first).limit(limit + 1).subquery()
    query = _rows(here, Mention.id == here.c.id).order_by(*newest_first)
    rows = [MentionRow(*row) for row in session.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    return MentionPage(rows[:limit], pagination.mark(last.published_at, last.id) if last else None)


def every(session: Session, filters: Filters) -> Iterator[MentionRow]:
    """All of them, read page by page, so that a year of mentions never lies in memory at once."""
    cursor: str | None = None
    while True:
        found = page(session, filters, MOST_ROWS, cursor)
        yield from found.rows
        if (cursor := found.next_cursor) is None:
            return


def row(session: Session, mention_id: int) -> MentionRow:
    """Raises NotFound."""
    found = session.execute(
        _rows(sa.select(sa.literal(1)).subquery(), Mention.id == mention_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no mention {mention_id}.")
    return MentionRow(*found)


def load(session: Session, mention_id: int) -> Mention:
    """The row itself, where one mention is looked at. Raises NotFound."""
    if (found := session.get(Mention, mention_id)) is None:
        raise NotFound(f"There is no mention {mention_id}.")
    return found


def others_of(session: Session, mention: MentionRow, limit: int = 10) -> Sequence[MentionRow]:
    """What else the same author said to the same brand, newest first."""
    if mention.author_id is None:
        return []
    same = Filters(author_id=mention.author_id, brand_id=mention.brand_id, is_filed=None)
    return [other for other in page(session, same, limit + 1).rows if other.id != mention.id][:limit]


def languages(session: Session, brand_id: int | None = None) -> Sequence[str]:
    """The languages there are, for the filter: one look into the index for each, from the first to the next one."""
    known = _languages()
    query = sa.select(known.c.code).where(known.c.code != "").order_by(known.c.code)
    if brand_id is not None:
        query = query.where(sa.exists().where(Mention.language == known.c.code, Mention.brand_id == brand_id))
    return session.scalars(query).all()


@cache
def _languages() -> sa.CTE:
    first = sa.select(sa.func.min(Mention.language).label("code")).cte("known", recursive=True)
    following = sa.select(sa.func.min(Mention.language)).where(Mention.language > first.c.code)
    return first.union_all(sa.select(following.scalar_subquery()).where(first.c.code.is_not(None)))


def _rows(here: sa.FromClause, is_here: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The page is cut out first and stands first: PostgreSQL plans only eight joins freely, in the order of writing."""
    return (
        sa.select(*_columns())
        .select_from(here)
        .join(Mention, is_here)
        .join(Source, Source.id == Mention.source_id)
        .join(Brand, Brand.id == Mention.brand_id)
        .outerjoin(Author, Author.id == Mention.author_id)
        .outerjoin(Case, Case.id == Mention.case_id)
        .outerjoin(Team, Team.id == Case.team_id)
    )


@cache
def _columns() -> list[Any]:
    """In the order of MentionRow. Built once, because that takes longer than the query."""
    mention = (
        "title text rating language thread_title published_at is_date_known collected_at edited_at edit_count"
    )
    mention += " is_own state sentiment intent urgency is_uncertain is_abusive answered_at answer_seen_at answer_sent_at"
    mention += " answer_proof folder filed_by"
    first: list[Any] = [Mention.id, Brand.id, Brand.name, Source.id, Source.title, Source.kind]
    first += [Mention.external_id, Mention.url, Mention.kind, Author.id, Author.name]
    return [
        *first,
        *(getattr(Mention, name) for name in mention.split()),
        Case.id,
        Case.status,
        Team.key,
        Brand.own_names,
    ]


def _ids(filters: Filters) -> sa.Select[Any]:
    """From the mentions alone wherever that does: a joined table is one more where a database may begin to look."""
    query = sa.select(Mention.id)
    if filters.is_counted is None:
        return query
    return query.outerjoin(Source, Source.id == Mention.source_id).outerjoin(Case, Case.id == Mention.case_id)


def _behind(after: str | None) -> list[sa.ColumnElement[bool]]:
    if after is None:
        return []
    published_at, mention_id = pagination.position(after, (datetime, int))
    here = sa.tuple_(sa.literal(published_at, Mention.published_at.type), sa.literal(mention_id))
    return [sa.tuple_(Mention.published_at, Mention.id) < here]


def _conditions(session: Session, filters: Filters) -> list[sa.ColumnElement[bool]]:
    listed_by: list[tuple[Any, Any]] = [
        (Mention.brand_id, filters.brand_id),
        (Mention.source_id, filters.source_id),
        (Mention.sentiment, filters.sentiment),
        (Mention.intent, filters.intent),
        (Mention.language, filters.language),
    ]
    conditions = [column == value for column, value in listed_by if value is not None]
    if filters.author_id is not None:
        # An author has few mentions: nowhere else should the database begin to look.
        conditions = [_unindexed(column) == value for column, value in listed_by if value is not None]
        conditions.append(Mention.author_id == filters.author_id)
    if not filters.with_own:
        conditions.append(Mention.is_own == sa.false())
    conditions += [*_of_time(filters), *_of_channel(session, filters), *_of_case(session, filters)]
    if filters.is_uncertain is not None:
        # In the very words of the index of those few.
        uncertain = sa.text("mentions.is_uncertain")
        conditions.append(uncertain if filters.is_uncertain else ~Mention.is_uncertain)
    if filters.is_abusive is not None:
        # Likewise; what was never asked about insults nobody.
        abusive = sa.text("mentions.is_abusive")
        conditions.append(abusive if filters.is_abusive else Mention.is_abusive.is_not(True))
    if filters.is_answered is not None:
        is_without = Mention.answered_at.is_(None) & Mention.answer_sent_at.is_(None)
        conditions.append(Mention.answered_at.is_not(None) if filters.is_answered else is_without)
    if filters.is_seen is not None:
        conditions.append(is_seen() if filters.is_seen else ~is_seen())
    if filters.is_counted is not None:
        counted = is_answerable()
        conditions.append(counted if filters.is_counted else ~counted)
    conditions += _of_folder(filters)
    if filters.text.strip():
        conditions.append(search.condition(session, filters.text, Mention.id))
    return conditions


def _of_folder(filters: Filters) -> list[Any]:
    if filters.folder is not None:
        return [sa.text("mentions.folder IS NOT NULL"), Mention.folder == filters.folder]
    if filters.is_filed is None:
        return []
    # In the very words of the index of those few.
    return [sa.text("mentions.folder IS NOT NULL") if filters.is_filed else Mention.folder.is_(None)]


def _unindexed(column: Any) -> Any:
    """The same value, which no index offers."""
    return sa.func.coalesce(column, column)


def _of_channel(session: Session, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Those of few mentions are gathered from their sources; among many the next one is never far."""
    if filters.channel is None:
        return []
    query = sa.select(Source.id, sa.func.coalesce(SourceTally.mentions, 0)).where(
        Source.kind == filters.channel
    )
    found = session.execute(query.outerjoin(SourceTally, SourceTally.source_id == Source.id)).all()
    if not found:
        return [sa.false()]
    are_few = sum(row[1] for row in found) <= FEW
    # Else the database might gather, and sort, all that these sources ever had.
    return [(Mention.source_id if are_few else _unindexed(Mention.source_id)).in_([row[0] for row in found])]


def _of_case(session: Session, filters: Filters) -> list[sa.ColumnElement[bool]]:
    """Likewise by the team and the status of the case."""
    wanted: list[sa.ColumnElement[bool]] = []
    if filters.team is not None:
        team_id = session.scalar(sa.select(Team.id).where(Team.key == filters.team))
        wanted.append(Case.team_id == team_id)
    if filters.status is not None:
        wanted += [Case.status == filters.status, Case.stage == STAGE_OF[filters.status]]
    if not wanted:
        return []
    few = session.scalars(sa.select(Case.id).where(*wanted).limit(FEW + 1)).all()
    if len(few) <= FEW:
        return [Mention.case_id.in_(few) if few else sa.false()]
    # A subquery of one value is asked row by row, in the order of the list.
    its = sa.select(sa.and_(*wanted)).where(Case.id == Mention.case_id).scalar_subquery()
    return [its]


def _of_time(filters: Filters) -> list[sa.ColumnElement[bool]]:
    since = [Mention.published_at >= filters.since] if filters.since else []
    until = [Mention.published_at < filters.until] if filters.until else []
    return [*since, *until]
