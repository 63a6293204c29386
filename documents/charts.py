"""Charts as SVG. They hold no colour of their own: the page's variables paint them, light or dark.

An SVG is inlined into a page, so it may contain nothing that was not made here: only numbers, dates and our own
labels go in, and the engine (documents/drawing.py) escapes those.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date
from markupsafe import Markup

WIDTH, HEIGHT = 520, 200
DAILY_UP_TO, WEEKLY_UP_TO = 100, 800
SHOWN_LABELS = 8
INK, LINE = "#010101", "#010102"
FONT_SIZE = 12


@dataclass(frozen=True, slots=True)
class Layer:
    """One part of a stacked bar. `color` is the name of a variable of the style sheet, without its dashes."""

    title: str
    color: str
    values: Sequence[int]


def stacked(days: Sequence[date], values: Sequence[Sequence[int]], locale: str) -> dict[str, Any]:
    """What the engine is asked to draw, in the words of Vega-Lite 6: bars, one a day (a week or a month for long periods),
    the first of the layers at the bottom."""
    starts = [_bucket(day, len(days)) for day in days]
    rows = [
        {"start": start, "layer": number, "count": count}
        for number, layer in enumerate(values)
        for start, count in _summed(starts, layer).items()
    ]
    return _spec(rows, len(values), list(dict.fromkeys(starts)), locale, len(days))


def painted(svg: str, layers: Sequence[Layer], description: str) -> str:
    """What the engine drew, with the colours of the page, and a word for those who hear it."""
    paints = {INK: "var(--muted)", LINE: "var(--line)"}
    paints |= {_placeholder(number): f"var(--{layer.color})" for number, layer in enumerate(layers)}
    for placeholder, paint in paints.items():
        svg = svg.replace(placeholder, paint)
    # Its own labels would be read out number by number; the table under the chart says the same in order.
    svg = re.sub(r' (?:aria-[a-z]+|role|class)="[^"]*"', "", svg)
    head = Markup('<svg class="chart" role="img" aria-label="{}"').format(description)
    return f"{head}{svg.removeprefix('<svg')}"


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
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json",
        "config": _look(),
        "data": {"values": rows},
        "mark": {"type": "bar", "strokeWidth": 0},
        "width": WIDTH,
        "height": HEIGHT,
        "encoding": {
            "x": _across(starts, locale, days),
            "y": {
                "field": "count",
                "type": "quantitative",
                "title": None,
                "stack": "zero",
                "axis": {"tickCount": 4, "format": "d", "tickMinStep": 1, "domain": False},
            },
            "color": {
                "field": "layer",
                "type": "ordinal",
                "legend": None,
                "scale": {"domain": list(range(layers)), "range": [_placeholder(n) for n in range(layers)]},
            },
            "order": {"field": "layer", "type": "ordinal"},
        },
    }


def _across(starts: list[str], locale: str, days: int) -> dict[str, Any]:
    ticks = starts[:: max(1, -(-len(starts) // SHOWN_LABELS))]
    labels = {start: _label(date.fromisoformat(start), locale, days) for start in ticks}
    return {
        "field": "start",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": starts, "paddingInner": 0.15},
        "axis": {
            "values": ticks,
            "labelExpr": f"({json.dumps(labels, ensure_ascii=False)})[datum.value]",
            "labelAngle": 0,
            "labelOverlap": True,
            "ticks": False,
        },
    }


def _look() -> dict[str, Any]:
    axis = {
        "labelColor": INK,
        "gridColor": LINE,
        "domainColor": LINE,
        "labelFontSize": FONT_SIZE,
        "labelFont": "sans-serif",
    }
    view = {"continuousWidth": 300, "continuousHeight": 300, "stroke": None}
    return {"background": "transparent", "view": view, "axis": axis, "font": "sans-serif"}


def _label(day: date, locale: str, days: int) -> str:
    return str(format_date(day, "d MMM" if days <= WEEKLY_UP_TO else "LLL y", locale=locale))


def _placeholder(number: int) -> str:
    return f"#0102{number + 16:02x}"
