"""`otklik mention`: what people said."""

import click
import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from desk import db
from desk.models import Mention
from webapp.cli.ground import as_json, require_database, show

SHOWN = 50


@click.group()
def mention() -> None:
    """What people said in public."""


@mention.command("list")
@as_json
@click.option("--source", "source_id", type=int, help="Only of this source.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"At most so many, newest first; {SHOWN} in a table, all in JSON."
)
@click.option(
    "--own", "is_own", is_flag=True, help="What the brand itself wrote, instead of what was said to it."
)
def list_mentions(is_json: bool, source_id: int | None, limit: int | None, is_own: bool) -> None:
    """Mentions, newest first."""
    require_database()
    query = sa.select(Mention).where(Mention.is_own == is_own).options(joinedload(Mention.author))
    if source_id is not None:
        query = query.where(Mention.source_id == source_id)
    query = query.order_by(Mention.published_at.desc(), Mention.id.desc()).limit(
        limit or (None if is_json else SHOWN)
    )
    with db.snapshot() as session:
        rows = [_row(found) for found in session.scalars(query)]
    show(rows, is_json, empty="Nothing was collected yet. Crawl now: otklik crawl")


def _row(found: Mention) -> dict[str, object]:
    return {
        "id": found.id,
        "source": found.source_id,
        "external_id": found.external_id,
        "url": found.url,
        "author": found.author.name if found.author else None,
        "text": f"{found.title}\n{found.text}".strip() if found.form != "comment" else found.text,
        "language": found.language,
        "rating": found.rating,
        "sentiment": found.sentiment,
        "kind": found.kind,
        "urgency": found.urgency,
        "published_at": found.published_at,
        "answered": found.answered_at is not None,
        "revisions": found.revision_count,
    }
