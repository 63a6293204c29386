"""Tables out of the bytes of a file that a person brings: CSV in any letters and with any delimiter, or a workbook."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

import charset_normalizer

from channels import errors
from channels.contract import Remark, Text
from channels.csv_file import columns as file_columns
from channels.csv_file import workbook
from channels.csv_file.columns import Heads
from channels.reading import text as plain_text

MAX_FILE: Final = 50_000_000
MAX_ROWS: Final = 500_000
MAX_FIELD: Final = 4_000_000
DELIMITERS: Final = (";", "\t", ",", "|")
HEAD_WITHIN: Final = 30
_SAMPLE: Final = 300_000
_LETTERS: Final = ("cp1251", "cp1252", "cp866", "koi8_r", "mac_cyrillic")
_NOT_ASCII = re.compile(rb"[^\n]{0,2000}[\x80-\xff][^\n]{0,2000}")
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[ \t]*\r?\n?\Z", re.IGNORECASE)

Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A head and what stands below it. `label` names the sheet of a workbook; rows come with their numbers.

    `may_lack_quote`: the quotation marks of the file do not pair, so that one of them may hold many rows together.
    """

    heads: Heads
    rows: Iterator[Numbered]
    label: str = ""
    may_lack_quote: bool = False

    @property
    def prefix(self) -> str:
        return f"sheet “{self.label}”, " if self.label else ""


def read(body: bytes, wanted: Mapping[str, str]) -> Iterator[Table | Remark]:
    """The tables of a file, and what has to be said about them.

    `wanted` says what columns hold, by the keys of their heads. Raises Unreadable for what is no table of ours, TooLarge.
    """
    if len(body) > MAX_FILE:
        raise errors.TooLarge(
            Text(
                f"The file is larger than {MAX_FILE // 1_000_000} MB.",
                f"Файл больше {MAX_FILE // 1_000_000} МБ.",
            )
        )
    if not body.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise errors.Unreadable(Text("The file is empty.", "Файл пуст."))
    workbook.demand_readable(body)
    if workbook.is_workbook(body):
        yield from _sheets(body, wanted)
    else:
        yield from _from_text(body, wanted)


def _sheets(body: bytes, wanted: Mapping[str, str]) -> Iterator[Table | Remark]:
    """Every sheet whose head we know. The others are named, so that nobody believes them read."""
    found, others, cause = 0, [], None
    for name, rows in workbook.sheets(body):
        try:
            table, skipped = _table(enumerate(rows, 1), wanted, label=plain_text.line(name, 60))
        except errors.Unreadable as error:
            others.append(name)
            cause = cause or error
            continue
        found += 1
        yield from _skipped(skipped, table.label)
        yield table
    if cause is not None and not found:
        raise cause
    for name in others:
        yield Remark(
            Text(
                f"The sheet “{plain_text.line(name, 60)}” was not read: none of its first {HEAD_WITHIN} rows names columns.",
                f"Лист «{plain_text.line(name, 60)}» не прочитан: среди первых {HEAD_WITHIN} строк нет заголовков столбцов.",
            )
        )
    if not found:
        raise errors.Unreadable(
            Text("The workbook has no sheet with anything in it.", "В книге нет ни одного листа с данными.")
        )


def _from_text(body: bytes, wanted: Mapping[str, str]) -> Iterator[Table | Remark]:
    letters, errors_in_letters = encoding(body)
    if errors_in_letters:
        yield Remark(
            Text(
                f"{errors_in_letters} places in the file are not valid {letters}; they are shown as \ufffd.",
                f"Мест, где буквы не в кодировке {letters}: {errors_in_letters}; они показаны как \ufffd.",
            )
        )
    lines, mark = _lines(body, letters, wanted)
    table, skipped = _table(_records(lines, mark), wanted)
    yield from _skipped(skipped, "")
    is_odd = not letters.startswith("utf-16") and body.count(b'"') % 2 == 1
    yield replace(table, may_lack_quote=is_odd)


def _skipped(lines: int, label: str) -> Iterator[Remark]:
    if lines:
        where = f"of the sheet “{label}” " if label else ""
        russian = f" листа «{label}»" if label else ""
        yield Remark(
            Text(
                f"The first {lines} lines {where}stand above the names of the columns and were not read.",
                f"Строк над заголовками столбцов{russian}: {lines}; они не прочитаны.",
            )
        )


def encoding(body: bytes) -> tuple[str, int]:
    """In which letters a file is written, and how many places of it are not in them.

    One bad byte does not turn a file in UTF-8 into another language: most of its letters decide.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", 0
    if silent := _utf_16_without_mark(body[:4_000]):
        return silent, 0
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        bad, good = _count(body)
        return (_single_byte(body), 0) if bad * 4 > good else ("utf-8-sig", bad)
    return "utf-8-sig", 0


def _count(body: bytes) -> tuple[int, int]:
    """Broken places and letters of several bytes, in UTF-8."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return bad, sum(not char.isascii() for char in text[:_SAMPLE]) - text[:_SAMPLE].count("\ufffd")


def _utf_16_without_mark(start: bytes) -> str | None:
    """In UTF-16 every delimiter and line end has a NUL byte, always on the same side."""
    sides = [position % 2 for position, byte in enumerate(start) if byte == 0]
    if len(sides) < 3 or len(set(sides)) != 1:
        return None
    return "utf-16-le" if sides[0] else "utf-16-be"


def _single_byte(body: bytes) -> str:
    """One of the letters of Russian and Western Excel, DOS and Mac; windows-1251 where they cannot be told apart."""
    said = (found[0] for found in islice(_NOT_ASCII.finditer(body), 50))
    best = charset_normalizer.from_bytes(b"\n".join(said), cp_isolation=list(_LETTERS)).best()
    return best.encoding if best is not None else "cp1251"


def _lines(body: bytes, letters: str, wanted: Mapping[str, str]) -> tuple[Iterator[str], str]:
    """The lines of the file with their line ends, and the mark between columns. Excel's own line about it is taken."""
    lines = io.TextIOWrapper(io.BytesIO(body), letters, errors="replace", newline="")
    first = next(lines, "")
    if said := _SEPARATOR_LINE.match(first):
        return _without_nul(lines), "\t" if said[1] == "\\" else said[1]
    mark = delimiter(body, letters, wanted)
    return _without_nul(chain([first.removeprefix("\ufeff")], lines)), mark


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    return (line.replace("\x00", "") for line in lines)


def delimiter(body: bytes, letters: str, wanted: Mapping[str, str]) -> str:
    """The mark by which the most columns are known; where none are, the one that parts the first lines the most."""
    text = body[:_SAMPLE].decode(letters, "replace").replace("\x00", "").removeprefix("\ufeff")
    return max(DELIMITERS, key=lambda mark: _worth(text, mark, wanted))


def _worth(text: str, mark: str, wanted: Mapping[str, str]) -> tuple[int, int]:
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), HEAD_WITHIN))
    except csv.Error:
        return 0, 0
    known = max(
        (heads.count for cells in rows if (heads := file_columns.read_heads(cells, wanted))), default=0
    )
    return known, max((len(cells) for cells in rows[:3]), default=0)


def _records(lines: Iterator[str], mark: str) -> Iterator[Numbered]:
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(lines, delimiter=mark)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise errors.Unreadable(
            Text(
                f"The file is not a table near its line {reader.line_num} ({error}).",
                f"Около строки {reader.line_num} файл не похож на таблицу ({error}).",
            )
        ) from error


def _table(records: Iterator[Numbered], wanted: Mapping[str, str], label: str = "") -> tuple[Table, int]:
    """The table below the best head among the first lines, and how many lines stand above it."""
    first = list(islice(records, HEAD_WITHIN))
    filled = [cells for _, cells in first if any(cell.strip() for cell in cells)]
    found = [
        (heads.count, -place)
        for place, (_, cells) in enumerate(first)
        if (heads := _heads(cells, wanted, is_first=cells is filled[0] if filled else False))
    ]
    if not found:
        raise errors.Unreadable(_no_head(filled, wanted))
    place = -max(found)[1]
    heads = file_columns.read_heads(first[place][1], wanted)
    assert heads is not None
    if lost := file_columns.missing(first[place][1], wanted):
        raise errors.Unreadable(
            Text(
                f"The file has no column “{lost[0]}”; it has: {file_columns.shown(heads.cells)}.",
                f"В файле нет столбца «{lost[0]}»; есть: {file_columns.shown(heads.cells)}.",
            )
        )
    above = sum(any(cell.strip() for cell in cells) for _, cells in first[:place])
    return Table(heads, _below(heads, chain(first[place + 1 :], records)), label), above


def _heads(cells: list[str], wanted: Mapping[str, str], *, is_first: bool) -> Heads | None:
    """Below the first line, a line of data may hold one cell that is also a head: one column does not make a head."""
    heads = file_columns.read_heads(cells, wanted)
    is_short = sum(bool(cell.strip()) for cell in cells) <= 3
    return heads if heads is not None and (heads.count > 1 or is_first or is_short) else None


def _no_head(filled: list[list[str]], wanted: Mapping[str, str]) -> Text:
    named = max(filled[:HEAD_WITHIN], key=len, default=[])
    said = Text(
        f"One of the first {HEAD_WITHIN} lines must name the columns, with “text” or “rating” among them;"
        f" it has: {file_columns.shown(named)}.",
        f"Одна из первых {HEAD_WITHIN} строк должна называть столбцы, среди них «text» или «rating»;"
        f" в ней: {file_columns.shown(named)}.",
    )
    more = Text(" What was said about the columns does not help.", " Сказанное о столбцах этому не помогает.")
    return said + more if wanted else said


def _below(heads: Heads, records: Iterator[Numbered]) -> Iterator[Numbered]:
    """The rows under a head. Where files were put together the head stands again, and is no review."""
    count = 0
    for number, cells in records:
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        if cells[0].strip() == heads.cells[0] and tuple(cell.strip() for cell in cells) == heads.cells:
            continue
        count += 1
        if count > MAX_ROWS:
            raise errors.TooLarge(
                Text(f"The file has more than {MAX_ROWS} rows.", f"В файле больше {MAX_ROWS} строк.")
            )
        yield number, cells
