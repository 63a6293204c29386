"""The queue as people see it: unanswered first, oldest due first. Reads only; three queries a page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from desk.base import counting, pagination
from desk.base.errors import Invalid, NotFound
from desk.base.wordings import is_name_of
from desk.base.words import CaseStage, CaseStatus, Intent, ReplyState, Sentiment, Urgency
from desk.mentions import search
from desk.models import Author, Brand, Case, Journal, Mention, Reply, Source, Team, User
from desk.models.reply import PROBLEMS

TABS = ("all", "open", "unassigned", "mine", "on_hold", "problems", "answered", "closed")
COUNTED_TABS = ("open", "unassigned", "mine", "on_hold", "problems")
TEAM_TAB = "team:"
MOST_COUNTED = 1_000
MOST_ROWS = 500
EXCERPT = 400
SOON_SHARE = 0.25
NUMBER = re.compile(r"\s*[#№]?\s*([0-9]{1,9})\s*")

UNSENT = (ReplyState.DRAFT, ReplyState.DISCARDED)
# What is done is looked back at from its newest end; what waits, from its oldest.
NEWEST_FIRST = ("answered", "closed")
STAGES = {"on_hold": CaseStage.ON_HOLD, "answered": CaseStage.ANSWERED, "closed": CaseStage.CLOSED}


@dataclass(frozen=True)
class Filters:
    """`tab` is one of TABS or "team:<key>"; `team` is a team's key, `channel` a kind of source. None is any."""

    tab: str = "open"
    team: str | None = None
    brand_id: int | None = None
    channel: str | None = None
    sentiment: Sentiment | None = None
    intent: Intent | None = None
    language: str | None = None
    status: CaseStatus | None = None
    assignee_id: int | None = None
    text: str = ""

    @property
    def is_narrowed(self) -> bool:
        """By anything but the list and the words."""
        chosen = (
            self.team,
            self.brand_id,
            self.channel,
            self.sentiment,
            self.intent,
            self.language,
            self.status,
        )
        return any(one is not None for one in chosen)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """All that a row of the queue shows. `reply_state` is that of the newest answer that is more than a draft."""

    id: int
    version: int
    status: CaseStatus
    stage: CaseStage
    priority: Urgency
    intent: Intent
    sentiment: Sentiment
    language: str | None
    is_uncertain: bool
    message_count: int
    reopened_count: int
    opened_at: datetime
    waits_since: datetime
    due_at: datetime
    snoozed_until: datetime | None
    sent_at: datetime | None
    answered_at: datetime | None
    is_met: bool | None
    policy: str
    rule_en: str
    rule_ru: str
    source_kind: str
    source_id: int
    source_title: str
    brand_id: int
    brand_name: str
    team_id: int
    team_key: str
    team_en: str
    team_ru: str
    assignee_id: int | None
    assignee_name: str | None
    author_name: str | None
    mention_id: int
    url: str
    title: str
    excerpt: str
    rating: float | None
    thread_title: str
    is_abusive: bool | None
    reply_state: ReplyState | None
    handed_at: datetime | None
    is_handover_new: bool | None
    handed_by: str | None
    own_names: Sequence[str]
    news_at: datetime | None

    @property
    def uses_own_name(self) -> bool:
        """Whoever wrote it calls himself what the brand is called, and is not the brand."""
        return is_name_of(self.author_name, self.own_names)

    def time_left(self, now: datetime) -> timedelta:
        """Negative when it is overdue."""
        return self.due_at - now

    def is_unanswered(self) -> bool:
        """Nobody has answered it in public yet."""
        return self.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD)

    def is_running(self) -> bool:
        """Its clock: it stands still while an answer that was handed over is awaited in public."""
        return self.is_unanswered() and self.sent_at is None

    def is_overdue(self, now: datetime) -> bool:
        return self.is_running() and self.due_at <= now

    def is_soon(self, now: datetime) -> bool:
        """Less than a quarter of its time is left."""
        whole = self.due_at - self.waits_since
        return self.is_running() and timedelta(0) < self.time_left(now) < whole * SOON_SHARE


@dataclass(frozen=True)
class QueuePage:
    """`counts` of the tabs stop at MOST_COUNTED + 1, which reads "999+"; `next_cursor` None ends the list."""

    rows: Sequence[QueueRow]
    counts: dict[str, int]
    next_cursor: str | None


def page(
    session: Session,
    filters: Filters,
    user_id: int | None,
    now: datetime,
    limit: int = 50,
    after: str | None = None,
) -> QueuePage:
    """Raises Invalid for an unknown tab or a damaged cursor."""
    del now  # The order does not depend on it; rows are asked about it one by one.
    limit = max(1, min(limit, MOST_ROWS))
    ids = sa.select(Case.id).where(*_conditions(session, filters, user_id), *_behind(filters, after))
    here = ids.order_by(*_order(filters)).limit(limit + 1).subquery()
    query = _rows(here, Case.id == here.c.id).order_by(*_order(filters))
    rows = [QueueRow(*row) for row in session.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = pagination.mark(last.stage.value, last.due_at, last.id) if last else None
    return QueuePage(rows[:limit], counts(session, user_id, filters.brand_id), cursor)


def row(session: Session, case_id: int) -> QueueRow:
    """Raises NotFound."""
    found = session.execute(_rows(sa.select(sa.literal(1)).subquery(), Case.id == case_id)).one_or_none()
    if found is None:
        raise NotFound(f"There is no case {case_id}.")
    return QueueRow(*found)


def counts(session: Session, user_id: int | None, brand_id: int | None = None) -> dict[str, int]:
    """How many cases each tab holds, of one brand or of all."""
    teams = session.scalars(sa.select(Team.key).order_by(Team.id)).all()
    tabs = (*COUNTED_TABS, *(f"{TEAM_TAB}{key}" for key in teams))
    found = session.execute(_counting(tabs, brand_id is not None), {"user_id": user_id, "brand_id": brand_id})
    return dict(zip(tabs, found.one(), strict=True))


def version(session: Session) -> int:
    """Grows with everything that happens to any case."""
    return session.scalar(sa.select(sa.func.max(Journal.id))) or 0


def _rows(here: sa.FromClause, is_here: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The page is cut out first and stands first: PostgreSQL plans only eight joins freely, in the order of writing."""
    columns, assignee = _columns()
    return (
        sa.select(*columns)
        .select_from(here)
        .join(Case, is_here)
        .join(Mention, Mention.id == Case.mention_id)
        .join(Source, Source.id == Case.source_id)
        .join(Brand, Brand.id == Case.brand_id)
        .join(Team, Team.id == Case.team_id)
        .outerjoin(assignee, assignee.id == Case.assignee_id)
        .outerjoin(Author, Author.id == Case.author_id)
    )


# Putting these together takes SQLAlchemy longer than the database needs to answer them, so each is built once; what
# changes from reader to reader is bound.
@cache
def _columns() -> tuple[list[Any], Any]:
    assignee = aliased(User)
    newest = sa.select(Reply.state).where(Reply.case_id == Case.id, Reply.state.not_in(UNSENT))
    case = "id version status stage priority intent sentiment language is_uncertain message_count reopened_count opened_at"
    case += " waits_since due_at snoozed_until sent_at answered_at is_met policy rule_en rule_ru source_kind"
    columns: list[Any] = [getattr(Case, name) for name in case.split()]
    columns += [Source.id, Source.title, Brand.id, Brand.name, Team.id, Team.key, Team.name_en, Team.name_ru]
    columns += [assignee.id, assignee.name, Author.name, Mention.id, Mention.url, Mention.title]
    columns += [
        sa.func.substr(Mention.text, 1, EXCERPT),
        Mention.rating,
        Mention.thread_title,
        Mention.is_abusive,
    ]
    giver = aliased(User)
    columns += [
        newest.order_by(Reply.id.desc()).limit(1).scalar_subquery(),
        Case.handed_at,
        Case.is_handover_new,
        sa.select(giver.name).where(giver.id == Case.handed_by_id).scalar_subquery(),
        Brand.own_names,
        Case.news_at,
    ]
    return columns, assignee


def _order(filters: Filters) -> list[sa.ColumnElement[Any]]:
    return [
        key.desc() if filters.tab in NEWEST_FIRST else key.asc() for key in (Case.stage, Case.due_at, Case.id)
    ]


def _behind(filters: Filters, after: str | None) -> list[sa.ColumnElement[bool]]:
    """Nothing, or the condition that a row comes after that cursor."""
    if after is None:
        return []
    stage, due_at, case_id = pagination.position(after, (str, datetime, int))
    if stage not in {one.value for one in CaseStage}:
        raise Invalid("This address of a next page is damaged: start again from the first page.", "after")
    here = sa.tuple_(
        sa.literal(stage, Case.stage.type), sa.literal(due_at, Case.due_at.type), sa.literal(case_id)
    )
    keys = sa.tuple_(Case.stage, Case.due_at, Case.id)
    return [keys < here if filters.tab in NEWEST_FIRST else keys > here]


def _conditions(session: Session, filters: Filters, user_id: int | None) -> list[sa.ColumnElement[bool]]:
    wanted: list[tuple[Any, Any]] = [
        (Case.brand_id, filters.brand_id),
        (Case.source_kind, filters.channel),
        (Case.sentiment, filters.sentiment),
        (Case.intent, filters.intent),
        (Case.language, filters.language),
        (Case.status, filters.status),
        (Case.assignee_id, filters.assignee_id),
    ]
    conditions = [column == value for column, value in wanted if value is not None]
    if filters.team is not None:
        conditions.append(_is_of_team(filters.team))
    if filters.text.strip():
        conditions.append(_says(session, filters.text))
    return [*conditions, *_of_tab(filters.tab, sa.literal(user_id, Case.id.type))]


def _of_tab(tab: str, user_id: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
    match tab:
        case "all":
            return []
        case "open":
            return [Case.stage < CaseStage.CLOSED]
        case "unassigned":
            return [Case.stage == CaseStage.UNANSWERED, Case.assignee_id.is_(None)]
        case "mine":
            return [Case.stage.in_((CaseStage.UNANSWERED, CaseStage.ON_HOLD)), Case.assignee_id == user_id]
        case "problems":
            return [Case.stage < CaseStage.CLOSED, Case.id.in_(_with_problems())]
        case "on_hold" | "answered" | "closed":
            return [Case.stage == STAGES[tab]]
        case _ if tab.startswith(TEAM_TAB):
            return [Case.stage == CaseStage.UNANSWERED, _is_of_team(tab.removeprefix(TEAM_TAB))]
    raise Invalid("There is no tab %(tab)s.", "tab", tab=repr(tab))


def _says(session: Session, text: str) -> sa.ColumnElement[bool]:
    """Any message of the case contains it, or its notes and answers do; or it is the number of the case."""
    messages, cases = search.few(session, text), search.few(session, text, search.CASES)
    number = _number(text)
    if messages is not None and cases is not None:
        said = sa.select(Mention.case_id).where(Mention.id.in_(messages))
        known = [*cases, *([number] if number is not None else [])]
        return Case.id.in_(said.union(sa.select(Case.id).where(Case.id.in_(known))) if known else said)
    said_there = Mention.__table__.alias()
    found = search.matching(session, text)
    return sa.or_(
        sa.exists().where(said_there.c.case_id == Case.id, (said_there.c.id + 0).in_(found)),
        (Case.id + 0).in_(search.matching(session, text, search.CASES)),
        Case.id == number,
    )


def _number(text: str) -> int | None:
    """The number that was typed, and nothing else: "17", "#17", "№ 17"."""
    found = NUMBER.fullmatch(text)
    return int(found[1]) if found else None


def _is_of_team(key: str) -> sa.ColumnElement[bool]:
    return Case.team_id == sa.select(Team.id).where(Team.key == key).scalar_subquery()


@cache
def _with_problems() -> sa.Select[Any]:
    """Cases whose newest answer needs a person: an older refusal is history once a later one went out."""
    later = aliased(Reply)
    has_later = sa.exists().where(
        later.case_id == Reply.case_id, later.id > Reply.id, later.state.not_in(UNSENT)
    )
    return sa.select(Reply.case_id).where(sa.text(f"replies.{PROBLEMS}"), ~has_later)


@cache
def _counting(tabs: tuple[str, ...], is_of_brand: bool) -> sa.Select[Any]:
    of_brand = [Case.brand_id == sa.bindparam("brand_id")] if is_of_brand else []
    columns: list[Any] = [
        counting.up_to(MOST_COUNTED, Case, *_of_tab(tab, sa.bindparam("user_id")), *of_brand) for tab in tabs
    ]
    return sa.select(*columns)


def listed(session: Session, status: CaseStatus | None = None, limit: int | None = None) -> list[Case]:
    """As in the queue: unanswered first, oldest due first. With their teams and people."""
    query = sa.select(Case).options(joinedload(Case.team), joinedload(Case.assignee))
    if status is not None:
        query = query.where(Case.status == status)
    return list(session.scalars(query.order_by(Case.stage, Case.due_at, Case.id).limit(limit)))
