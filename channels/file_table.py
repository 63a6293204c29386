"""A table out of the bytes of a CSV file: its letters, its delimiter, its header, its rows with their numbers."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

from channels import errors

MAX_FILE: Final = 50_000_000
MAX_ROWS: Final = 500_000
MAX_FIELD: Final = 4_000_000
DELIMITERS: Final = (";", "\t", ",", "|")

COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "external_id": ("external_id", "id", "review id", "номер", "ид", "идентификатор", "код отзыва", "id отзыва"),
    "url": ("url", "link", "review link", "address", "ссылка", "адрес", "ссылка на отзыв"),
    "author": ("author", "author name", "name", "user", "reviewer", "автор", "имя", "пользователь", "покупатель"),
    "rating": ("rating", "stars", "star rating", "score", "mark", "оценка", "рейтинг", "звёзды", "звезды", "балл"),
    "title": ("title", "subject", "review title", "заголовок", "тема"),
    "text": ("text", "review", "body", "comment", "message", "review text", "content", "текст", "отзыв",
             "текст отзыва", "комментарий", "сообщение"),
    "published_at": ("published_at", "created_at", "date", "created", "published", "time", "review submit date and time",
                     "дата", "дата отзыва", "дата публикации", "создано", "опубликовано"),
    "language": ("language", "lang", "reviewer language", "язык"),
    "answer": ("answer", "reply", "response", "owner_reply", "developer reply text", "ответ", "ответ компании",
               "текст ответа"),
    "answered_at": ("answered_at", "reply date", "answer date", "developer reply date and time", "дата ответа"),
    "thread": ("thread", "topic", "product", "item", "тема обсуждения", "ветка", "товар"),
}  # fmt: skip
_KNOWN: Final = {name: column for column, names in COLUMNS.items() for name in names}

Row = dict[str, str]


def decode(body: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or, as Excel in Russia writes it, windows-1251. NUL bytes are dropped."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = body.decode("utf-16", "replace")
    elif silent := _utf_16_without_mark(body[:4_000]):
        text = body.decode(silent, "replace")
    else:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = body.decode("cp1251", "replace")
    return text.replace("\x00", "").removeprefix("\ufeff")


def _utf_16_without_mark(start: bytes) -> str | None:
    """In UTF-16 every delimiter and line end has a NUL byte, always on the same side."""
    sides = [position % 2 for position, byte in enumerate(start) if byte == 0]
    if len(sides) < 3 or len(set(sides)) != 1:
        return None
    return "utf-16-le" if sides[0] else "utf-16-be"


def rows(text: str) -> Iterator[tuple[int, Row]]:
    """Each row by our names of columns, with the number of the line on which a person finds it.

    Raises Unreadable for a file without a header that we know, TooLarge for one without end.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text))
    csv.field_size_limit(MAX_FIELD)
    try:
        names = header(next(reader, []))
        for count, cells in enumerate(reader, 1):
            if count > MAX_ROWS:
                raise errors.TooLarge(f"The file has more than {MAX_ROWS} rows.")
            if any(cell.strip() for cell in cells):
                yield (
                    count + 1,
                    {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name},
                )
    except csv.Error as error:
        raise errors.Unreadable(
            f"The file is not a table near its line {reader.line_num} ({error})."
        ) from error


def delimiter(text: str) -> str:
    """The mark that stands most often in the header line, outside of quotes."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    bare = "".join(first[:10_000].split('"')[::2])
    best = max(DELIMITERS, key=bare.count)
    return best if bare.count(best) else ","


def header(cells: list[str]) -> list[str]:
    """Our names for the columns; empty for those that we do not know. The first of two equal ones wins."""
    names: list[str] = []
    for cell in cells:
        name = _KNOWN.get(" ".join(cell.replace("\ufeff", "").strip().casefold().split()), "")
        names.append("" if name in names else name)
    if "text" not in names and "rating" not in names:
        found = ", ".join(cell.strip()[:30] for cell in cells[:12]) or "nothing"
        raise errors.Unreadable(
            f"The first line must name the columns, with “text” or “rating” among them; it has: {found}."
        )
    return names
