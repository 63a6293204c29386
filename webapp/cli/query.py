"""`otklik query`: what a brand's words find."""

import json
from typing import Any

import click

from desk.base import db
from desk.brands import brands
from desk.mentions import tryouts
from desk.mentions.tryouts import Tried, Tryout
from desk.queries.faults import QueryFault
from webapp.cli.common import as_json, require_database, show

SHOWN = 20


@click.group()
def query() -> None:
    """What a brand's words find (docs/queries.md)."""


@query.command("try")
@as_json
@click.argument("query")
@click.option("--brand", "brand_name", help="Only mentions of this brand; all by default.")
def try_query(query: str, is_json: bool, brand_name: str | None) -> None:
    """Which of the last 1,000 mentions match QUERY, and which would be lost against the query of their brand. JSON has all of them,
    each with the words that decided; a query that cannot be read is told with its position (exit code 1)."""
    require_database()
    try:
        with db.snapshot() as session:
            brand = brands.named(session, brand_name) if brand_name is not None else None
            found = tryouts.try_out(session, query, brand.id if brand else None)
    except QueryFault as fault:
        _tell(query, fault, is_json)
        raise SystemExit(1) from None
    if is_json:
        click.echo(json.dumps(_told(found), ensure_ascii=False, indent=2))
        return
    rows = [_row(one) for one in (*found.lost, *found.matching)][:SHOWN]
    show(rows, is_json=False, empty="Nothing matches.")
    click.echo(
        f"Looked at: {len(found.tried)}. Match: {len(found.matching)}. Would be lost: {len(found.lost)}."
        f" Would be found besides: {len(found.gained)}."
    )


def _tell(query: str, fault: QueryFault, is_json: bool) -> None:
    """In JSON both languages; else the query with a mark under what is meant."""
    if is_json:
        error = {
            "code": fault.code,
            "start": fault.start,
            "end": fault.end,
            "en": fault.said,
            "ru": fault.said.ru,
        }
        click.echo(json.dumps({"query": query, "error": error}, ensure_ascii=False, indent=2))
        return
    mark = " " * fault.start + "^" * max(fault.end - fault.start, 1)
    line = query.replace("\n", " ").replace("\t", " ")
    click.secho(f"otklik: {fault.said}\n  {line}\n  {mark}", fg="red", err=True)


def _told(found: Tryout) -> dict[str, Any]:
    return {
        "query": found.query,
        "looked_at": len(found.tried),
        "matching": len(found.matching),
        "lost": len(found.lost),
        "gained": len(found.gained),
        "mentions": [_mention(one) for one in found.tried],
    }


def _mention(one: Tried) -> dict[str, Any]:
    row, outcome = one.mention, one.outcome
    return {
        "id": row.id,
        "brand": row.brand_name,
        "source": row.source_id,
        "url": row.url or None,
        "published_at": row.published_at.isoformat(),
        "thread_title": row.thread_title,
        "title": row.title,
        "text": row.text,
        "is_match": outcome.is_match,
        "matched_before": one.was_match,
        "is_lost": one.is_lost,
        "decided_by": [
            {
                "field": passage.field,
                "start": passage.start,
                "end": passage.end,
                "word": getattr(row, passage.field)[passage.start : passage.end],
            }
            for passage in outcome.passages
        ],
        "missing": list(outcome.missing),
    }


def _row(one: Tried) -> dict[str, Any]:
    told = _mention(one)
    words = dict.fromkeys(each["word"] for each in told["decided_by"])
    why = ", ".join(words) or f"missing: {', '.join(told['missing'])}"
    return {
        "id": told["id"],
        "match": "lost" if one.is_lost else "new" if one.is_gained else "yes",
        "because": why,
        "text": f"{told['title']} {told['text']}".strip(),
    }
