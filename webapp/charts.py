"""Charts as SVG, drawn on the server. They hold no colour of their own: the page's variables paint them, light or dark.

An SVG is inlined into the page, so it may contain nothing that was not made here: only numbers, dates and our own
labels go in, and the renderer escapes those.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

import altair as alt
import vl_convert
from babel.dates import format_date
from markupsafe import Markup

WIDTH, HEIGHT = 520, 200
DAILY_UP_TO, WEEKLY_UP_TO = 100, 800
ROWS = "rows"
SHOWN_LABELS = 8
INK, LINE = "#010101", "#010102"
FONT_SIZE = 12
# The renderer is one engine with one thread of its own; callers take turns.
TURN = Lock()


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of a stacked bar. `color` is the name of a variable of the style sheet, without its dashes."""

    title: str
    color: str
    values: Sequence[int]


def stacked(days: Sequence[date], layers: Sequence[Layer], locale: str, description: str) -> Markup:
    """Bars, one a day (a week or a month for long periods), the first layer at the bottom."""
    svg = _drawn(tuple(days), tuple(tuple(layer.values) for layer in layers), locale)
    return Markup(_painted(svg, layers, description))  # noqa: S704 -- numbers and dates alone went in


def warm() -> None:
    """Starts the engine, which takes seconds, before the first reader waits for it."""
    _drawn((date(2026, 1, 1),), ((1,),), "en")


@lru_cache(maxsize=128)
def _drawn(days: tuple[date, ...], values: tuple[tuple[int, ...], ...], locale: str) -> str:
    """The same numbers are drawn once."""
    starts = [_bucket(day, len(days)) for day in days]
    rows = [
        {"start": start, "layer": number, "count": count}
        for number, layer in enumerate(values)
        for start, count in _summed(starts, layer).items()
    ]
    spec = _spec(rows, len(values), list(dict.fromkeys(starts)), locale, len(days))
    with TURN:
        return str(vl_convert.vegalite_to_svg(json.dumps(spec)))


def _bucket(day: date, days: int) -> str:
    if days <= DAILY_UP_TO:
        return day.isoformat()
    if days <= WEEKLY_UP_TO:
        return (day - timedelta(days=day.weekday())).isoformat()
    return day.replace(day=1).isoformat()


def _summed(starts: Sequence[str], values: Sequence[int]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for start, value in zip(starts, values, strict=True):
        sums[start] = sums.get(start, 0) + value
    return sums


def _spec(
    rows: list[dict[str, Any]], layers: int, starts: list[str], locale: str, days: int
) -> dict[str, Any]:
    ticks = starts[:: max(1, -(-len(starts) // SHOWN_LABELS))]
    labels = {start: _label(date.fromisoformat(start), locale, days) for start in ticks}
    names = json.dumps(labels, ensure_ascii=False)
    x = alt.X(
        "start:O",
        title=None,
        scale=alt.Scale(domain=starts, paddingInner=0.15),
        axis=alt.Axis(
            values=ticks, labelExpr=f"({names})[datum.value]", labelAngle=0, labelOverlap=True, ticks=False
        ),
    )
    y = alt.Y(
        "count:Q",
        title=None,
        stack="zero",
        axis=alt.Axis(tickCount=4, format="d", tickMinStep=1, domain=False),
    )
    color = alt.Color(
        "layer:O",
        legend=None,
        scale=alt.Scale(domain=list(range(layers)), range=[_placeholder(number) for number in range(layers)]),
    )
    chart = (
        alt.Chart(alt.NamedData(name=ROWS))
        .mark_bar(strokeWidth=0)
        .encode(x=x, y=y, color=color, order="layer:O")
    )
    drawn: dict[str, Any] = chart.properties(width=WIDTH, height=HEIGHT).configure(**_look()).to_dict()
    # Given beside the chart: Altair would copy every row through checks of its own, and takes no more than 5,000.
    return {**drawn, "datasets": {ROWS: rows}}


def _look() -> dict[str, Any]:
    axis = {
        "labelColor": INK,
        "gridColor": LINE,
        "domainColor": LINE,
        "labelFontSize": FONT_SIZE,
        "labelFont": "sans-serif",
    }
    return {"background": "transparent", "view": {"stroke": None}, "axis": axis, "font": "sans-serif"}


def _label(day: date, locale: str, days: int) -> str:
    return str(format_date(day, "d MMM" if days <= WEEKLY_UP_TO else "LLL y", locale=locale))


def _placeholder(number: int) -> str:
    return f"#0102{number + 16:02x}"


def _painted(svg: str, layers: Sequence[Layer], description: str) -> str:
    paints = {INK: "var(--muted)", LINE: "var(--line)"}
    paints |= {_placeholder(number): f"var(--{layer.color})" for number, layer in enumerate(layers)}
    for placeholder, paint in paints.items():
        svg = svg.replace(placeholder, paint)
    # Its own labels would be read out number by number; the table under the chart says the same in order.
    svg = re.sub(r' (?:aria-[a-z]+|role|class)="[^"]*"', "", svg)
    head = Markup('<svg class="chart" role="img" aria-label="{}"').format(description)
    return f"{head}{svg.removeprefix('<svg')}"
