"""How the desk itself is: what waits, what fails, how full the disk is. Cheap enough to be asked every few seconds."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import db, lifecycle, schema, settings
from desk.models import Case, Mention, Reply, Source, Verdict
from desk.words import CaseStage, MentionState, ReplyState, SourceState


@dataclass(frozen=True, slots=True)
class Vitals:
    """`to_*` are rows that wait for a process; `database_bytes` is None where the database does not tell."""

    to_tag: int
    to_crawl: int
    to_send: int
    to_look: int
    oldest_unjudged_at: datetime | None
    failing_sources: int
    problems: dict[ReplyState, int]
    open_cases: int
    overdue_cases: int
    model: str | None
    model_used_at: datetime | None
    database: str
    database_bytes: int | None
    disk_free_bytes: int
    disk_bytes: int


def measure(session: Session, now: datetime) -> Vitals:
    model, used_at = _model(session)
    disk = shutil.disk_usage(_existing_home())
    is_listening = Source.state == SourceState.ACTIVE
    unanswered = Case.stage == CaseStage.UNANSWERED
    to_look = Reply.state.in_(lifecycle.TO_LOOK_FOR | {ReplyState.VANISHED})
    return Vitals(
        to_tag=_count(session, Mention.state == MentionState.NEW),
        to_crawl=_count(session, is_listening, Source.next_crawl_at <= now, Source.kind != "file"),
        to_send=_count(session, Reply.state.in_((ReplyState.APPROVED, ReplyState.SENDING))),
        to_look=_count(session, to_look, Reply.next_look_at <= now),
        oldest_unjudged_at=session.scalar(
            sa.select(Mention.collected_at).where(Mention.state == MentionState.NEW).order_by(Mention.id).limit(1)
        ),
        failing_sources=_count(session, is_listening, Source.failures > 0),
        problems=_problems(session),
        open_cases=_count(session, unanswered),
        overdue_cases=_count(session, unanswered, Case.due_at < now),
        model=model, model_used_at=used_at,
        database=session.get_bind().dialect.name, database_bytes=_size(session),
        disk_free_bytes=disk.free, disk_bytes=disk.total,
    )  # fmt: skip


def database_problem() -> str | None:
    """What keeps the desk from reading its rows, in one sentence without addresses; None is good news."""
    try:
        return None if schema.is_current() else "The database is not up to date: run `otklik db upgrade`."
    except (sa.exc.SQLAlchemyError, OSError) as error:
        return f"The database cannot be read ({type(error).__name__})."


def _count(session: Session, first: sa.ColumnElement[bool], *more: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).where(first, *more)) or 0


def _problems(session: Session) -> dict[ReplyState, int]:
    query = (
        sa.select(Reply.state, sa.func.count())
        .where(Reply.state.in_(lifecycle.PROBLEMS))
        .group_by(Reply.state)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _model(session: Session) -> tuple[str | None, datetime | None]:
    """What the newest verdict of a machine says of its maker."""
    query = sa.select(Verdict).where(Verdict.by == "model").order_by(Verdict.id.desc()).limit(1)
    newest = session.scalar(query)
    return (f"{newest.backend} {newest.revision}", newest.made_at) if newest else (None, None)


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
