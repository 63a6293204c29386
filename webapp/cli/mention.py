"""`otklik mention`: what people said."""

from itertools import islice

import click

from desk.base import db
from desk.mentions import mention_list
from desk.mentions.mention_list import MentionRow
from webapp.cli.common import as_json, require_database, show

SHOWN = 50


@click.group()
def mention() -> None:
    """What people said in public."""


@mention.command("list")
@as_json
@click.option("--source", "source_id", type=int, help="Only from this source.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"At most so many, newest first; {SHOWN} in a table, all in JSON."
)
@click.option(
    "--own", "is_own", is_flag=True, help="What the brand itself wrote, instead of what was said to it."
)
def list_mentions(is_json: bool, source_id: int | None, limit: int | None, is_own: bool) -> None:
    """Mentions, newest first."""
    require_database()
    filters = mention_list.Filters(source_id=source_id, with_own=is_own, is_filed=None)
    with db.snapshot() as session:
        found = (one for one in mention_list.every(session, filters) if one.is_own is is_own)
        rows = [_row(one) for one in islice(found, limit or (None if is_json else SHOWN))]
    show(rows, is_json, empty="No mentions yet. To crawl now: otklik crawl")


def _row(found: MentionRow) -> dict[str, object]:
    return {
        "id": found.id,
        "source": found.source_id,
        "external_id": found.external_id,
        "url": found.url or None,
        "author": found.author_name,
        "text": f"{found.title}\n{found.text}".strip() if found.kind != "comment" else found.text,
        "language": found.language,
        "rating": found.rating,
        "sentiment": found.sentiment,
        "intent": found.intent,
        "urgency": found.urgency,
        "published_at": found.published_at,
        "answered": found.is_answered,
        "edits": found.edit_count,
        "folder": found.folder,
    }
