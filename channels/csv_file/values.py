"""What the cells of a table mean: a row by our names of columns, its whole text, its scale of ratings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import chain, islice
from typing import Final
from zoneinfo import ZoneInfo

from channels.contract import Text
from channels.csv_file.columns import Heads
from channels.csv_file.tables import Numbered, Table
from channels.reading import dates, ratings
from channels.reading import text as plain_text

Row = dict[str, str]
SAMPLE: Final = 1_000
_FLAGS: Final = frozenset(
    ["true", "false", "yes", "no", "да", "нет", "y", "n", "on", "off", "истина", "ложь", "0", "1", "+", "-"]
)
# Where every cell says yes or no, the column tells whether there is a date or an answer, not which.
_NEVER_FLAGS: Final = (
    "published_at",
    "edited_at",
    "answered_at",
    "answer",
    "author",
    "url",
    "title",
    "time_of_day",
)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_EMPTY_WORDS: Final = frozenset(["-", "–", "—", ".", "n/a", "none", "null", "nan", "#н/д"])
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+\Z")
_LETTER = re.compile(r"[^\W_]")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00)?\Z")
_DATES: Final = ("published_at", "edited_at", "answered_at")
_MOSCOW = re.compile(r"\b(?:мск|msk)\b|москв", re.IGNORECASE)
_LABELS: Final = {
    "ru": {"pros": "Достоинства", "cons": "Недостатки", "comment": "Комментарий"},
    "en": {"pros": "Pros", "cons": "Cons", "comment": "Comment"},
}
_IN_RUSSIAN: Final = ("ru", "uk", "be", "kk", "bg")


def with_sample(table: Table) -> tuple[list[Sequence[str]], Iterator[Numbered]]:
    """The first rows to judge the columns by, and all rows."""
    first = list(islice(table.rows, SAMPLE))
    return [cells for _, cells in first], chain(first, table.rows)


def row(names: Sequence[str], cells: Sequence[str]) -> Row:
    return {name: value for name, cell in zip(names, cells, strict=False) if name and (value := cell.strip())}


def is_rounded(external_id: str) -> bool:
    """Whether a spreadsheet has rounded an id."""
    return _ROUNDED.match(external_id) is not None


def says_something(cell: str) -> bool:
    return _LETTER.search(cell) is not None


def without_flags(names: Sequence[str], sample: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names without those of columns that hold only yes and no where a date or words should stand."""
    return tuple(
        "" if name in _NEVER_FLAGS and _is_flag(place, sample) else name for place, name in enumerate(names)
    )


def _is_flag(place: int, sample: Sequence[Sequence[str]]) -> bool:
    values = {cells[place].strip().casefold() for cells in sample if place < len(cells)} - {""}
    return bool(values) and values <= _FLAGS


def whole_text(row: Row, language: str | None) -> str:
    """All that was said in a row. Where pros and cons stand apart, each part has its label in the text's language."""
    parts = {name: _said(row.get(name, "")) for name in ("text", "pros", "cons", "comment")}
    if parts["comment"] and (not parts["text"] or parts["comment"] == parts["text"]):
        parts["text"], parts["comment"] = "", parts["comment"]
    elif parts["text"] and not parts["comment"] and (parts["pros"] or parts["cons"]):
        parts["text"], parts["comment"] = "", parts["text"]
    if not parts["text"] and not parts["pros"] and not parts["cons"]:
        return parts["comment"]
    labels = _LABELS["ru" if _is_russian(language, parts.values()) else "en"]
    lines = [f"{labels[name]}: {parts[name]}" for name in ("pros", "cons", "comment") if parts[name]]
    return "\n".join([parts["text"], *lines] if parts["text"] else lines)


def _said(cell: str) -> str:
    text = plain_text.from_either(cell)
    return "" if text.casefold() in _EMPTY_WORDS else text


def _is_russian(language: str | None, texts: Iterable[str]) -> bool:
    if language:
        return language in _IN_RUSSIAN
    return any(_CYRILLIC.search(text) for text in texts)


def with_time(value: str, time_of_day: str) -> str:
    """A date with the time of day from the column beside it; the time alone is a date only by itself."""
    if not value or not _CLOCK.search(time_of_day):
        return value or time_of_day
    day = _MIDNIGHT.sub("", value)
    return value if _CLOCK.search(day) else f"{day} {time_of_day}"


# A column of ratings says the same few things again and again.
@lru_cache(maxsize=1_000)
def is_unrated(value: str) -> bool:
    return ratings.means_none(value)


@lru_cache(maxsize=1_000)
def _rated(value: str, best: float, *, is_doubtful: bool) -> float | None:
    found = ratings.from_text(value, best=best)
    return None if is_doubtful and found != ratings.from_text(value, best=best * 2) else found


@dataclass(frozen=True, slots=True)
class Scale:
    """How ratings of a table are read. With a doubtful best value only those that name their own scale are known."""

    best: float = 5.0
    is_doubtful: bool = False
    remarks: tuple[Text, ...] = ()

    def read(self, value: str) -> float | None:
        return _rated(value, self.best, is_doubtful=self.is_doubtful)


def scale(told: str, heads: Heads, sample: Sequence[Sequence[str]]) -> Scale:
    """The best rating as a person said it, else as the head does, else 5; and whether the ratings contradict that."""
    told = told.strip()
    if told.isdecimal() and len(told) < 5 and int(told) > 1:
        return Scale(float(told))
    if heads.best is not None:
        return Scale(heads.best)
    if "rating" not in heads.names:
        return Scale()
    place = heads.names.index("rating")
    values = [cells[place] for cells in sample if place < len(cells) and not ratings.means_none(cells[place])]
    over = sum(_is_over(value) for value in values)
    if over < 2 or over * 10 < len(values):
        return Scale()
    doubt = Text(
        f"{over} of the first {len(values)} ratings are above 5: the scale is not known, and ratings were left out."
        " Say what the best possible rating is.",
        f"Из первых {len(values)} оценок выше 5 — {over}: шкала неизвестна, оценки не учтены."
        " Скажите, какая оценка наивысшая.",
    )
    return Scale(is_doubtful=True, remarks=(doubt,))


@dataclass(frozen=True, slots=True)
class Dates:
    """How dates of a table are read: in which order day and month stand, and in which zone where they name none."""

    now: datetime | None
    is_day_first: bool | None = None
    zone: tzinfo | None = None

    def read(self, value: str) -> datetime | None:
        return dates.read(value, self.now, is_day_first=self.is_day_first, zone=self.zone, has_serials=True)

    def complaint(self, value: str) -> Text:
        return dates.complaint(
            value, self.now, is_day_first=self.is_day_first, zone=self.zone, has_serials=True
        )


def reader_of_dates(
    heads: Heads, sample: Sequence[Sequence[str]], now: datetime | None, language: str | None
) -> Dates:
    """By the dates of the first rows, else by the language of the source or of the heads."""
    places = [place for place, name in enumerate(heads.names) if name in _DATES]
    values = (cells[place].strip() for cells in sample for place in places if place < len(cells))
    spoken = language or ("ru" if any(_CYRILLIC.search(cell) for cell in heads.cells) else None)
    is_moscow = any(_MOSCOW.search(heads.cells[place]) for place in places)
    return Dates(now, dates.day_order(values, now, spoken), ZoneInfo("Europe/Moscow") if is_moscow else None)


def _is_over(value: str) -> bool:
    """A number above five without a scale of its own."""
    return ratings.from_text(value, best=5) is None and ratings.from_text(value, best=100) is not None
