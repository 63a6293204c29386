"""`otklik case`: who waits for an answer."""

import click
import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from desk import db
from desk.models import Case
from desk.models.words import CaseStatus
from webapp.cli.ground import as_json, require_database, show

SHOWN = 50


@click.group()
def case() -> None:
    """Who waits for an answer."""


@case.command("list")
@as_json
@click.option(
    "--status", type=click.Choice([status.value for status in CaseStatus]), help="Only in this status."
)
@click.option("--limit", type=click.IntRange(1), help=f"At most so many; {SHOWN} in a table, all in JSON.")
def list_cases(is_json: bool, status: str | None, limit: int | None) -> None:
    """Cases as in the queue: unanswered first, oldest due first."""
    require_database()
    query = sa.select(Case).options(joinedload(Case.team), joinedload(Case.assignee))
    if status is not None:
        query = query.where(Case.status == CaseStatus(status))
    query = query.order_by(Case.stage, Case.due_at, Case.id).limit(limit or (None if is_json else SHOWN))
    with db.snapshot() as session:
        rows = [_row(found) for found in session.scalars(query)]
    show(rows, is_json, empty="No case is open: everything that asks for an answer has one.")


def _row(found: Case) -> dict[str, object]:
    return {
        "id": found.id,
        "mention_id": found.mention_id,
        "team": found.team.key,
        "status": found.status,
        "priority": found.priority,
        "due_at": found.due_at,
        "rule": found.rule_en,
        "assignee": found.assignee.email if found.assignee else None,
        "policy": found.policy,
        "messages": found.message_count,
    }
