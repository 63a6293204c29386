"""`otklik case`: who waits for an answer."""

import click

from desk.base import db
from desk.base.words import CaseStatus
from desk.cases import queue
from desk.mentions import conversation
from desk.models import Case, Reply
from webapp.cli import case_answering
from webapp.cli.common import as_json, require_database, show

SHOWN = 50


@click.group()
def case() -> None:
    """Who waits for an answer."""


case.add_command(case_answering.answer)


@case.command("list")
@as_json
@click.option(
    "--status", type=click.Choice([status.value for status in CaseStatus]), help="Only with this status."
)
@click.option("--limit", type=click.IntRange(1), help=f"At most so many; {SHOWN} in a table, all in JSON.")
def list_cases(is_json: bool, status: str | None, limit: int | None) -> None:
    """Cases in the order of the queue: unanswered first, earliest due time first. `reply_state`, `reply_url` and `proof` (who
    saw it: stranger, account, receipt) are those of the newest answer."""
    require_database()
    wanted = CaseStatus(status) if status is not None else None
    with db.snapshot() as session:
        found = queue.listed(session, wanted, limit or (None if is_json else SHOWN))
        answers = conversation.answers_by_case(session)
        rows = [_row(one, answers.get(one.id, [])) for one in found]
    show(
        rows,
        is_json,
        empty="No cases. One opens when a complaint or a question is tagged: otklik work --burst",
    )


def _row(found: Case, replies: list[Reply]) -> dict[str, object]:
    newest = replies[-1] if replies else None
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
        "reply_state": newest.state if newest else None,
        "reply_url": newest.url if newest else None,
        "proof": newest.proof if newest else None,
        "replies": [
            {"id": one.id, "state": one.state, "origin": one.origin, "url": one.url, "error": one.error}
            for one in replies
        ],
    }
