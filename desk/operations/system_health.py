"""How the desk itself is: what waits, what fails, how full the disk is. Cheap enough to be asked every few seconds."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import counting, db, settings
from desk.base.words import Arrival, CaseStage, MentionState, ReplyState, SourceState
from desk.models import Case, Mention, Reply, Source, Verdict
from desk.operations import damages, schema_version
from desk.operations.damages import Damage
from desk.replies import lifecycle

MOST_COUNTED = 10_000
_PROBLEMS = sorted(lifecycle.PROBLEMS)


@dataclass(frozen=True, slots=True)
class Vitals:
    """`to_*` are rows that wait for a process; they and `problems` stop at the bound they were counted with + 1, which reads
    "more than 10,000". `database_bytes` is None where the database does not tell."""

    to_tag: int
    to_crawl: int
    to_send: int
    to_look: int
    oldest_unjudged_at: datetime | None
    failing_sources: int
    problems: dict[ReplyState, int]
    model: str | None
    model_used_at: datetime | None
    database: str
    database_bytes: int | None
    disk_free_bytes: int
    disk_bytes: int
    damages: tuple[Damage, ...] = ()


def measure(session: Session, now: datetime, most: int | None = MOST_COUNTED) -> Vitals:
    """`most` None counts everything, however long that takes."""
    model, used_at = _model(session)
    disk = shutil.disk_usage(_existing_home())
    *counts, oldest = session.execute(_counting(most), {"now": now}).one()
    to_tag, to_crawl, to_send, to_look, failing, *problems = counts
    return Vitals(
        to_tag=to_tag, to_crawl=to_crawl, to_send=to_send, to_look=to_look,
        oldest_unjudged_at=oldest, failing_sources=failing,
        problems={state: n for state, n in zip(_PROBLEMS, problems, strict=True) if n},
        model=model, model_used_at=used_at,
        database=session.get_bind().dialect.name, database_bytes=_size(session),
        disk_free_bytes=disk.free, disk_bytes=disk.total, damages=tuple(damages.of_brands(session)),
    )  # fmt: skip


def unanswered_cases(session: Session, now: datetime) -> dict[str, int]:
    """How many cases have no public answer, and how many of them are past their time. All of them are counted, so it
    takes the longer the more there are; for watchers that need the number itself."""
    query = sa.select(sa.func.count(), sa.func.count(sa.case((Case.due_at < now, 1))))
    found = session.execute(query.where(Case.stage == CaseStage.UNANSWERED)).one()
    return {"open_cases": found[0], "overdue_cases": found[1]}


def database_problem(session: Session) -> str | None:
    """What keeps the desk from reading its rows, in one sentence without addresses; None: nothing does."""
    try:
        is_current = schema_version.is_current(session.connection())
    except (sa.exc.SQLAlchemyError, OSError) as error:
        return f"The database cannot be read ({type(error).__name__})."
    return None if is_current else "The database is not up to date: run `otklik db upgrade`."


@cache
def _counting(most: int | None) -> sa.Select[Any]:
    """One query, in the order in which `measure` takes it apart."""
    now = sa.bindparam("now", type_=Source.next_crawl_at.type)
    is_listening, is_new = Source.state == SourceState.ACTIVE, Mention.state == MentionState.NEW
    to_look = Reply.state.in_(lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED})
    oldest = sa.select(Mention.collected_at).where(is_new).order_by(Mention.id).limit(1)
    columns: list[Any] = [
        counting.up_to(most, Mention, is_new),
        counting.up_to(
            most, Source, is_listening, Source.next_crawl_at <= now, Source.arrives == Arrival.CRAWL
        ),
        counting.up_to(most, Reply, Reply.state.in_((ReplyState.APPROVED, ReplyState.SENDING))),
        counting.up_to(most, Reply, to_look, Reply.next_look_at <= now),
        counting.up_to(most, Source, is_listening, Source.failures > 0),
        *(counting.up_to(most, Reply, Reply.state == state) for state in _PROBLEMS),
        oldest.scalar_subquery(),
    ]
    return sa.select(*columns)


def _model(session: Session) -> tuple[str | None, datetime | None]:
    """What the newest verdict of a machine says of its maker."""
    query = sa.select(Verdict).where(Verdict.by == "model").order_by(Verdict.id.desc()).limit(1)
    newest = session.scalar(query)
    return (f"{newest.backend} {newest.model_revision}", newest.made_at) if newest else (None, None)


def _size(session: Session) -> int | None:
    if session.get_bind().dialect.name == "postgresql":
        return session.scalar(sa.select(sa.func.pg_database_size(sa.func.current_database())))
    path = db.engine().url.database
    return _file_bytes(path) if path else None


def _file_bytes(path: str) -> int:
    main = Path(path)
    files = [main, main.with_name(main.name + "-wal")]
    return sum(file.stat().st_size for file in files if file.exists())


def _existing_home() -> str:
    home = settings.current().home.resolve()
    while not home.exists():
        home = home.parent
    return str(home)
