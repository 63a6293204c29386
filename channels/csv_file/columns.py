"""Which column of a table holds what: the heads of columns.toml, and what a person said about one file."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from channels import errors
from channels.contract import Text
from channels.reading import text as plain_text

TABLE: Final = Path(__file__).with_name("columns.toml")
LEFT_OUT: Final = "-"
MOST_SHOWN: Final = 12
_CAMEL = re.compile(r"(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[\W_]+")
_ASIDE = re.compile(r"[(\[{,:/].*", re.DOTALL)
_SCALE = re.compile(r"(?:из|of|/|to|до|[-\u2013\u2014])\s*(10|100|20)(?!\d)")
# Without one of these a row says nothing, so a line that names none of them is not a head.
_SAYING: Final = ("text", "rating", "pros", "cons", "comment")


@dataclass(frozen=True, slots=True)
class Heads:
    """What the cells of a head line mean: for each cell a column of ours, or "" for one that is not used.

    `unknown` are the heads that Otklik does not know, `best` the best possible rating where its head names one.
    """

    names: tuple[str, ...]
    unknown: tuple[str, ...]
    best: float | None
    cells: tuple[str, ...]

    @property
    def count(self) -> int:
        return sum(name != "" for name in self.names)


@dataclass(frozen=True, slots=True)
class _Known:
    columns: Mapping[str, tuple[str, int]]
    tools: Sequence[tuple[frozenset[str], Mapping[str, tuple[str, int]]]]
    unused: frozenset[str]


def names() -> tuple[str, ...]:
    """The columns that a head can be said to hold."""
    return tuple(tomllib.loads(TABLE.read_text(encoding="utf-8"))["columns"])


@cache
def _known() -> _Known:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    tools = [
        (frozenset(tool.pop("known_by")), _places(tool))
        for tool in ({k: v for k, v in tool.items() if k != "name"} for tool in table.get("tools", []))
    ]
    return _Known(_places(table["columns"]), tools, frozenset(table["unused"]["heads"]))


def _places(lists: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, int]]:
    """For each head its column, and its place in the list: the smaller wins."""
    return {head: (column, place) for column, heads in lists.items() for place, head in enumerate(heads)}


def key(head: str) -> str:
    """A head without its case, its signs and its way to part words: `starRating`, `Star_Rating` and `STAR RATING` are one."""
    words = _CAMEL.sub(" ", head[:200].replace("\ufeff", ""))
    return " ".join(_SIGNS.sub(" ", words.casefold().replace("ё", "е")).split())


def wishes(lines: str) -> dict[str, str]:
    """What a person said, one `Head=column` a line or between semicolons, by the keys of the heads.

    Raises Unreadable for what says no such thing.
    """
    found: dict[str, str] = {}
    for line in filter(str.strip, lines.replace(";", "\n").splitlines()):
        head, sign, column = line.rpartition("=")
        column = column.strip().casefold().replace(" ", "_")
        if not sign or not head.strip() or column not in (*names(), LEFT_OUT):
            raise errors.Unreadable(
                Text(
                    f"“{line.strip()[:80]}” does not say what a column holds. Write Head=column, with one of the columns"
                    f" {', '.join(names())}, or Head={LEFT_OUT} for a column to leave out.",
                    f"«{line.strip()[:80]}» не говорит, что в столбце. Напишите Заголовок=столбец, где столбец — один из"
                    f" {', '.join(names())}, или Заголовок={LEFT_OUT}, чтобы пропустить столбец.",
                )
            )
        found[key(head) or head.strip()] = column
    return found


def written(said: Mapping[str, str]) -> str:
    """What was said as the settings of a source keep it, in one line: `wishes` reads it back."""
    return "; ".join(f"{head}={column}" for head, column in said.items())


def read_heads(cells: Sequence[str], wanted: Mapping[str, str]) -> Heads | None:
    """What a line of cells means as a head; None when it cannot be one."""
    keys = [key(cell) or cell.strip() for cell in cells]
    chosen: dict[str, tuple[int, int]] = {}
    meanings = [_meaning(cell, own, frozenset(keys), wanted) for cell, own in zip(cells, keys, strict=True)]
    for position, meaning in enumerate(meanings):
        if meaning and meaning[0] and (meaning[0] not in chosen or meaning[1] < chosen[meaning[0]][1]):
            chosen[meaning[0]] = (position, meaning[1])
    if not any(column in chosen for column in _SAYING):
        return None
    taken = {position: column for column, (position, _) in chosen.items()}
    unknown = (
        cell.strip()
        for position, (cell, meaning) in enumerate(zip(cells, meanings, strict=True))
        if cell.strip()
        and position not in taken
        and (meaning is None or _is_repeated(meaning, position, taken))
    )
    best = _scale(cells[chosen["rating"][0]]) if "rating" in chosen else None
    found = tuple(taken.get(position, "") for position in range(len(cells)))
    return Heads(found, tuple(unknown), best, tuple(cell.strip() for cell in cells))


def _meaning(
    cell: str, own: str, all_keys: frozenset[str], wanted: Mapping[str, str]
) -> tuple[str, int] | None:
    """The column, and how good a name for it the head is; an empty column for what is known to say nothing."""
    if own in wanted:
        return ("", 0) if wanted[own] == LEFT_OUT else (wanted[own], -1)
    known = _known()
    for form in dict.fromkeys((own, key(_ASIDE.sub("", cell)))):
        for heads, places in known.tools:
            if form in places and heads <= all_keys:
                return places[form]
        if form in known.columns:
            return known.columns[form]
        if form in known.unused:
            return ("", 0)
    return None


# Where a file has several heads of these, one of them says it all: a created and a published date, an id and a number.
_ONE_IS_ENOUGH: Final = (
    "external_id", "url", "author", "published_at", "time_of_day", "edited_at", "language", "thread", "product", "answered_at",
)  # fmt: skip


def _is_repeated(meaning: tuple[str, int], position: int, taken: Mapping[int, str]) -> bool:
    """Whether somebody's words stand in a column that another one pushed aside."""
    return bool(meaning[0]) and meaning[0] not in _ONE_IS_ENOUGH and position not in taken


def _scale(head: str) -> float | None:
    found = _SCALE.search(head.casefold())
    return float(found[1]) if found else None


def missing(cells: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    """Heads that a person spoke of and that the file does not have."""
    present = {key(cell) or cell.strip() for cell in cells}
    return [head for head in wanted if head not in present]


def shown(heads: Sequence[str]) -> str:
    """Heads as a sentence names them."""
    cut = [name for head in heads if (name := plain_text.line(head, 30))]
    more = f" and {len(cut) - MOST_SHOWN} more" if len(cut) > MOST_SHOWN else ""
    return (", ".join(cut[:MOST_SHOWN]) or "nothing") + more
