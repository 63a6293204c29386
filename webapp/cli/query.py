"""`otklik query`: what a brand's words find."""

import json
from typing import Any

import click

import channels
from desk.base import db
from desk.base.errors import Invalid
from desk.brands import brands
from desk.mentions import tryouts
from desk.mentions.tryouts import Tried, Tryout
from desk.queries import grammar, searches
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


@query.command("searches")
@as_json
@click.argument("query")
@click.option("--kind", required=True, help="Of which channel (otklik source kinds).")
def list_searches(query: str, is_json: bool, kind: str) -> None:
    """How the search of a site is asked for QUERY: lines that together find all that it means."""
    if kind not in channels.KINDS or (search := channels.channel(kind).about.search) is None:
        raise Invalid(f"The channel {kind} has no search that could be asked.", "kind")
    try:
        found = searches.asked(grammar.parse(query), search)
    except QueryFault as fault:
        _tell(query, fault, is_json)
        raise SystemExit(1) from None
    if is_json:
        told = {"query": query, "kind": kind, "lines": found.lines, "is_whole": found.is_whole}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for line in found.lines:
        click.echo(line)
    if not found.is_whole:
        click.echo("A part of the query cannot be asked for there.", err=True)


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
        "is_filtered": one.is_filtered,
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
