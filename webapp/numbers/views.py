"""The page for leadership: how many people got a public answer, how soon, and who still waits. Reads only."""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from desk import metrics
from desk.base import logs, settings
from desk.base.errors import Invalid
from desk.brands import brands, calendars
from desk.metrics import Line, Period, Report, Scope, tables
from desk.models import Brand
from desk.people import users
from documents import sheets
from documents.charts import Layer
from webapp.helper_process import Broken
from webapp.numbers import charts
from webapp.request import clock, languages, transaction, typed
from webapp.wording import channels as channel_words
from webapp.wording import numbers as number_words

bp = Blueprint("numbers", __name__, url_prefix="/numbers")

DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
USUAL = "30"

log = logs.logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says. `name` is one of DAYS, month, last_month or custom."""

    name: str
    period: Period
    scope: Scope

    @property
    def first(self) -> date:
        return self.period.days[0]

    @property
    def last(self) -> date:
        return self.period.days[-1]


@bp.get("")
def index() -> ResponseReturnValue:
    session, now = transaction.session(), clock.now()
    asked, mistake = _asked(request.args)
    charts.wake()
    report = metrics.report(session, asked.period, asked.scope, now)
    before = metrics.overview(session, asked.period.previous(), asked.scope, now)
    return render_template(
        "numbers/index.html",
        asked=asked,
        mistake=mistake,
        report=report,
        now_is=report.overview,
        before=before,
        older=_older(asked, report),
        answered_chart=_answered(report),
        tone_chart=_tone(report),
        figures=number_words,
        definitions=metrics.DEFINITIONS,
        left_out=metrics.LEFT_OUT,
        link=_mentions_link(asked),
        literature=metrics.NEVER_ANSWERED_IN_LITERATURE,
        here=_here,
        queue_link=_queue_link,
        bands=number_words.bands(),
        channel_of=lambda line: channel_words.name(line.key),
        name_of=_name,
        **_choices(),
    )


@bp.get("/<any(table, days):what>.csv")
def sheet(what: str) -> ResponseReturnValue:
    """What the page shows, for a spreadsheet."""
    asked, _mistake = _asked(request.args)
    report = metrics.report(transaction.session(), asked.period, asked.scope, clock.now())
    asked_for = request.args.get("language") or languages.language()
    locale: Literal["en", "ru"] = "ru" if asked_for == "ru" else "en"
    table = tables.figures(report, locale) if what == "table" else tables.days(report, locale)
    name = f"otklik-{what}-{asked.first}-{asked.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    body = sheets.csv_file(table.head, table.rows, locale)
    return Response(body, mimetype="text/csv; charset=utf-8", headers=headers)


def _asked(args: Mapping[str, str]) -> tuple[Asked, str]:
    """The period and scope of the form; a period that cannot be is replaced by the usual one, and said."""
    found = brands.all_brands(transaction.session())
    brand = next((one for one in found if str(one.id) == args.get("brand")), None)
    team = next((one for one in users.teams(transaction.session()) if one.key == args.get("team")), None)
    scope = Scope(brand.id if brand else None, team.id if team else None, args.get("channel") or None)
    zone = _zone(brand, found)
    today = clock.now().astimezone(zone).date()
    name = args.get("period", USUAL)
    try:
        return Asked(name, Period.of_days(*_days(name, args, today), zone), scope), ""
    except (ValueError, OverflowError, Invalid):
        period = Period.of_days(*_days(USUAL, {}, today), zone)
        return Asked(USUAL, period, scope), _(
            "The period is not valid: it must end on or after its first day and be at most ten years long."
        )


def _days(name: str, args: Mapping[str, str], today: date) -> tuple[date, date]:
    """First and last day. Raises ValueError for what is no period."""
    first_of_month = today.replace(day=1)
    if name in DAYS:
        return today - timedelta(days=DAYS[name] - 1), today
    if name == "month":
        return first_of_month, today
    if name == "last_month":
        last = first_of_month - timedelta(days=1)
        return last.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])
    if name == "custom":
        since, until = typed.day(args.get("since")), typed.day(args.get("until"))
        if since and until:
            return since, until
    raise ValueError(name)


def _zone(brand: Brand | None, found: list[Brand]) -> ZoneInfo:
    """The brand's; of several brands, the one they share, else that of the settings."""
    zones = {one.calendar.time_zone for one in ([brand] if brand else found)}
    return calendars.read_zone(zones.pop() if len(zones) == 1 else settings.current().time_zone)


def _older(asked: Asked, report: Report) -> tuple[date, date, metrics.Share] | None:
    """Nothing of a young period is thirty days old yet; then the ninety days before are shown, and named."""
    if report.overview.never_answered.n:
        return None
    today = clock.now().astimezone(asked.period.zone).date()
    first, last = today - timedelta(days=120), today - timedelta(days=31)
    period = Period.of_days(first, last, asked.period.zone)
    return (
        first,
        last,
        metrics.overview(transaction.session(), period, asked.scope, clock.now()).never_answered,
    )


def _answered(report: Report) -> dict[str, Any]:
    days = report.answered_by_day
    layers = [
        Layer(_("answered in time"), "chart-in-time", [day.in_time for day in days]),
        Layer(_("answered late"), "chart-late", [day.late for day in days]),
        Layer(_("sent, not seen yet"), "chart-sent", [day.sent for day in days]),
        Layer(_("not answered"), "chart-never", [day.unanswered for day in days]),
    ]
    return _chart(_("Answers by day"), "answered_by_day", report, layers)


def _tone(report: Report) -> dict[str, Any]:
    days = report.sentiment_by_day
    layers = [
        Layer(_("negative"), "chart-negative", [day.negative for day in days]),
        Layer(_("neutral"), "chart-neutral", [day.neutral for day in days]),
        Layer(_("positive"), "chart-positive", [day.positive for day in days]),
    ]
    return _chart(_("Sentiment by day"), "sentiment_by_day", report, layers)


def _chart(title: str, key: str, report: Report, layers: list[Layer]) -> dict[str, Any]:
    days = report.period.days
    sums = ", ".join(f"{layer.title} {sum(layer.values)}" for layer in layers)
    description = _(
        "%(title)s, %(first)s to %(last)s: %(sums)s. The table below has every day.",
        title=title,
        first=format_date(days[0], "long"),
        last=format_date(days[-1], "long"),
        sums=sums,
    )
    is_empty = not any(sum(layer.values) for layer in layers)
    svg = None if is_empty else _drawn(days, layers, description)
    rows = list(zip(days, *(layer.values for layer in layers), strict=True))
    return {"title": title, "key": key, "svg": svg, "is_empty": is_empty, "layers": layers, "rows": rows}


def _drawn(days: Sequence[date], layers: list[Layer], description: str) -> Markup | None:
    """None where the engine cannot draw now: the numbers are known all the same, and stand in the table."""
    try:
        return charts.stacked(days, layers, languages.language(), description)
    except Broken as error:
        log.warning("chart_not_drawn", engine=str(error))
        return None


def _mentions_link(asked: Asked) -> Any:
    """Where a number's own mentions are listed: the same period, scope and count."""
    session = transaction.session()
    keys = {team.id: team.key for team in users.teams(session)}
    base = {
        "brand": asked.scope.brand_id,
        "channel": asked.scope.channel,
        "team": keys.get(asked.scope.team_id or 0),
    }
    times = {"since": asked.first.isoformat(), "until": asked.last.isoformat(), "zone": asked.period.zone.key}

    def link(line: tuple[str, Any] | None = None, **more: str) -> str:
        narrowed = dict(base)
        if line is not None:
            by, key = line
            narrowed[by] = keys.get(key) if by == "team" else key
        values = {**narrowed, **times, **more}
        return _address("mentions.index", values)

    return link


def _queue_link(by: str, key: str | int | None) -> str:
    """The queue has no list of exactly these; it shows the unanswered ones first."""
    if by == "team":
        key = next((team.key for team in users.teams(transaction.session()) if team.id == key), None)
    return _address("queue.index", {"tab": "open", by: key})


def _name(line: Line) -> str:
    if line.key is None:
        return str(_("No team"))
    return line.name_ru if languages.language() == "ru" else line.name_en


def _here(endpoint: str = "numbers.index", **changes: Any) -> str:
    return _address(endpoint, {**request.args, **changes})


def _address(endpoint: str, values: Mapping[str, Any]) -> str:
    """Empty values are left out of it."""
    kept: dict[str, Any] = {name: value for name, value in values.items() if value not in (None, "")}
    return url_for(endpoint, **kept)


def _choices() -> dict[str, Any]:
    is_russian = languages.language() == "ru"
    return {
        "periods": [
            ("7", _("7 days")),
            ("30", _("30 days")),
            ("90", _("90 days")),
            ("365", _("a year")),
            ("month", _("this month")),
            ("last_month", _("last month")),
            ("custom", _("from … to …")),
        ],
        "brands": [(brand.id, brand.name) for brand in brands.all_brands(transaction.session())],
        "teams": [
            (one.key, one.name_ru if is_russian else one.name_en)
            for one in users.teams(transaction.session())
        ],
        "channels": channel_words.names(),
    }
