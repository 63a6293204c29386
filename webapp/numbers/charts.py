"""The charts of the numbers page, drawn by an engine that lives beside the pages."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from markupsafe import Markup

from documents import charts
from webapp.helper_process import HelperProcess

ENGINE = HelperProcess("documents.drawing:svg")


def stacked(days: Sequence[date], layers: Sequence[charts.Layer], locale: str, description: str) -> Markup:
    """Raises helper_process.Broken where the engine cannot draw now."""
    svg = _drawn(tuple(days), tuple(tuple(layer.values) for layer in layers), locale)
    return Markup(charts.painted(svg, layers, description))  # noqa: S704 -- numbers and dates alone went in


def wake() -> None:
    """Lets the engine start, which takes half a second, while the numbers are still being counted."""
    ENGINE.wake()


@lru_cache(maxsize=32)
def _drawn(days: tuple[date, ...], values: tuple[tuple[int, ...], ...], locale: str) -> str:
    """The same numbers are drawn once."""
    return str(ENGINE.ask(charts.stacked(days, values, locale)))
