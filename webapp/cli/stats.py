"""`otklik stats`: the numbers of the page for leadership, on the terminal and for scripts."""

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

import channels
from desk import metrics
from desk.base import db, settings
from desk.brands import brands
from desk.metrics import Overview, Period, Report, Scope, Share, Times
from desk.people import users
from webapp.cli.common import as_json, now, require_database

DAYS = 30


@click.command()
@as_json
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    default=DAYS,
    show_default=True,
    help="The last so many days, today included.",
)
@click.option(
    "--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="First day instead, in the brand's zone."
)
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Last day, included; today by default.")
@click.option("--brand", "brand_name", help="Only this brand.")
@click.option("--channel", type=click.Choice(sorted(channels.KINDS)), help="Only this kind of source.")
@click.option("--team", type=click.Choice(["service", "marketing"]), help="Only cases of this team.")
def stats(
    is_json: bool, days: int, first: datetime | None, last: datetime | None, brand_name: str | None,
    channel: str | None, team: str | None,
) -> None:  # fmt: skip
    """Response rate, first answer, response targets met and backlog. docs/metrics.md defines each."""
    require_database()
    with db.snapshot() as session:
        brand = brands.named(session, brand_name) if brand_name else None
        known = [brand] if brand else brands.all_brands(session)
        zone = ZoneInfo(known[0].calendar.time_zone if known else settings.current().time_zone)
        team_id = next((one.id for one in users.teams(session) if one.key == team), None)
        scope = Scope(brand.id if brand else None, team_id, channel)
        found = metrics.report(session, _period(zone, days, first, last), scope, now())
    if is_json:
        click.echo(json.dumps(_summary(found), ensure_ascii=False, indent=2, default=str))
    else:
        _print(found)


def _period(zone: ZoneInfo, days: int, first: datetime | None, last: datetime | None) -> Period:
    today: date = now().astimezone(zone).date()
    end = last.date() if last else today
    return Period.of_days(first.date() if first else end - timedelta(days=days - 1), end, zone)


def _summary(found: Report) -> dict[str, Any]:
    return {
        "period": {"start": found.period.start, "end": found.period.end, "zone": str(found.period.zone)},
        **_figures(found.overview),
        "backlog": asdict(found.backlog),
        "sentiment_by_day": [asdict(day) for day in found.sentiment_by_day],
        "answered_by_day": [asdict(day) for day in found.answered_by_day],
        **{
            name: [{"key": line.key, "name": line.name_en, **_figures(line.overview)} for line in lines]
            for name, lines in (
                ("by_channel", found.by_channel), ("by_team", found.by_team), ("by_brand", found.by_brand),
            )
        },
    }  # fmt: skip


def _figures(overview: Overview) -> dict[str, Any]:
    return {
        "mentions": overview.mentions,
        "response_rate": _share(overview.answered, "answered"),
        "answered_in_time": _share(overview.in_time, "in_time"),
        "confirmed_by_site": _share(overview.confirmed, "confirmed"),
        "accepted_only": _share(overview.receipt_only, "accepted"),
        "sent_not_verified": _share(overview.sent_unverified, "sent"),
        "never_answered_share": {
            **_share(overview.never_answered, "never_answered"),
            "literature": metrics.NEVER_ANSWERED_IN_LITERATURE,
        },
        "first_response": {
            "wall": _times(overview.first_answer_wall),
            "business": _times(overview.first_answer_business),
            "since_collected": _times(overview.first_answer_collected),
        },
        "unanswered": asdict(overview.unanswered),
        "sla_attainment": {**_share(overview.target, "met"), "pending": overview.target_pending},
    }


def _share(share: Share, hits: str) -> dict[str, Any]:
    return {
        "value": share.value, hits: share.hits, "of": share.n, "low": share.low, "high": share.high,
        "left_out": dict(share.left_out), "definition": metrics.DEFINITIONS[share.key].text_en,
    }  # fmt: skip


def _times(times: Times) -> dict[str, Any]:
    return {**asdict(times), "definition": metrics.DEFINITIONS[times.key].text_en}


def _print(found: Report) -> None:
    overview = found.overview
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("Answered in public", _percent(overview.answered))
    table.add_row("Answered within the response target", _percent(overview.in_time))
    table.add_row("Confirmed by the site to our account", _percent(overview.confirmed))
    table.add_row("Accepted, cannot be checked", _percent(overview.receipt_only))
    table.add_row("Sent, not seen in public yet", _percent(overview.sent_unverified))
    table.add_row(
        "Never answered (30 days and older)", f"{_percent(overview.never_answered)}; 28 % in the literature"
    )
    table.add_row("First answer, wall clock", _spans(overview.first_answer_wall))
    table.add_row("First answer, business hours", _spans(overview.first_answer_business))
    table.add_row(
        "Response targets met", f"{_percent(overview.target)}, {overview.target_pending} not decided yet"
    )
    table.add_row("Waiting now", f"{found.backlog.n}, of them {found.backlog.overdue} overdue")
    table.add_row("Left out of the response rate", _left_out(overview.answered) or "nothing")
    Console(width=110, highlight=False).print(table)
    click.echo(
        f"{found.period.start:%Y-%m-%d} to {found.period.end - timedelta(seconds=1):%Y-%m-%d}, {found.period.zone}"
    )


def _left_out(share: Share) -> str:
    """Why, and how many, a reason a line."""
    return "\n".join(f"{metrics.LEFT_OUT[reason][0]}: {count}" for reason, count in share.left_out.items())


def _percent(share: Share) -> str:
    if share.value is None:
        return "nothing to count"
    return f"{share.value:.0%} ({share.hits} of {share.n}; 95 %: {share.low:.0%} to {share.high:.0%})"


def _spans(times: Times) -> str:
    if times.median_seconds is None or times.p90_seconds is None:
        return "nothing to count"
    return f"median {_span(times.median_seconds)}, p90 {_span(times.p90_seconds)} (n={times.n})"


def _span(seconds: float) -> str:
    return str(timedelta(seconds=int(seconds)))
