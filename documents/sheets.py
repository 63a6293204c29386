"""Tables as CSV that a spreadsheet of the reader's language opens rightly. No cell may be taken for a formula by it."""

import csv
from collections.abc import Iterable, Sequence
from datetime import timedelta
from io import StringIO
from typing import Literal

Cell = str | int | float | timedelta | None
"""A float is a share of 1, of which a spreadsheet shows so many per cent. None is unknown, and stays empty."""
Locale = Literal["en", "ru"]
# A Russian Excel takes a comma for the decimal sign, and so wants another one between the cells.
DELIMITERS: dict[Locale, str] = {"en": ",", "ru": ";"}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
# It tells Excel that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Cell]], locale: Locale) -> bytes:
    """UTF-8 with a byte order mark, the lines ended by CR LF."""
    text = StringIO(BYTE_ORDER_MARK)
    text.seek(0, 2)
    writer = csv.writer(text, delimiter=DELIMITERS[locale])
    writer.writerow(head)
    writer.writerows([_shown(cell, locale) for cell in row] for row in rows)
    return text.getvalue().encode()


def _shown(cell: Cell, locale: Locale) -> str | int | None:
    if isinstance(cell, float):
        return _percent(cell, locale)
    if isinstance(cell, timedelta):
        return _span(cell)
    # A text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers.
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _percent(share: float, locale: Locale) -> str:
    """0.8 as 80.0%: a spreadsheet takes that for the number 0.8."""
    shown = f"{100 * share:.1f}%"
    return shown.replace(".", ",") if locale == "ru" else shown


def _span(span: timedelta) -> str:
    """An hour and a half as 1:30:00: a spreadsheet takes that for a span and reckons with it."""
    whole = round(span.total_seconds())
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
