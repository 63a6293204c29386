"""The sheets of an Excel workbook (.xlsx) as rows of text. What a workbook may unpack to is bounded before it is opened."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import lxml.etree

from channels import errors
from channels.contract import Text
from channels.reading import text as plain_text

MAX_UNPACKED: Final = 300_000_000
MAX_PARTS: Final = 2_000
MAX_COLUMNS: Final = 256
MAX_LINES: Final = 1_048_576
_MANY_TIMES: Final = 200
_SMALL_PART: Final = 5_000_000
_LINK = re.compile(r'=\s*HYPERLINK\(\s*"([^"]{1,2000})"', re.IGNORECASE)
# Whatever openpyxl raises over a broken workbook: it has no family of errors of its own.
_BROKEN: Final = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, EOFError, SyntaxError, lxml.etree.LxmlError, zipfile.BadZipFile,
    zlib.error, NotImplementedError, RecursionError, ArithmeticError, AssertionError, RuntimeError,
)  # fmt: skip
_ERRORS: Final = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")
_OTHER_FILES: Final = (
    (
        b"\xd0\xcf\x11\xe0",
        Text(
            "an old Excel file (.xls), or one with a password",
            "файл Excel старого формата (.xls) или защищённый паролем",
        ),
    ),
    (b"%PDF", Text("a PDF file", "файл PDF")),
    (b"\x89PNG", Text("a picture", "картинка")),
    (b"\xff\xd8\xff", Text("a picture", "картинка")),
    (b"Rar!", Text("an archive", "архив")),
    (b"7z\xbc\xaf", Text("an archive", "архив")),
    (b"\x1f\x8b", Text("an archive", "архив")),
)
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|head|meta|div)\b", re.IGNORECASE)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[{\[])")


def is_workbook(body: bytes) -> bool:
    return body.startswith(b"PK\x03\x04")


def demand_readable(body: bytes) -> None:
    """Raises Unreadable, with what to do, for a file that is neither text nor a workbook that we read."""
    kind = next((words for start, words in _OTHER_FILES if body.startswith(start)), None)
    if kind is None and _WEB_PAGE.match(body[:2_000]):
        kind = Text(
            "a web page or XML, whatever its name ends in",
            "веб-страница или XML, какое бы ни было расширение",
        )
    if kind is None and _JSON.match(body[:2_000]):
        kind = Text.alike("JSON")
    if kind is not None:
        raise errors.Unreadable(
            Text(
                f"This is {kind.en}. Open it in a spreadsheet and save it as XLSX or CSV.",
                f"Это {kind.ru}. Откройте файл в редакторе таблиц и сохраните как XLSX или CSV.",
            )
        )


def sheets(body: bytes) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """The name and the rows of each visible sheet; formulas by the value that Excel kept for them.

    Raises TooLarge and Unreadable, also while rows are read.
    """
    import openpyxl  # with numpy it takes 17 MB, and pages load this module for the name of its channel

    has_formulas = _demand_bearable(body)
    try:
        with warnings.catch_warnings():
            # What a workbook lacks of styles and validation is nothing to us.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
            written = openpyxl.load_workbook(io.BytesIO(body), read_only=True) if has_formulas else None
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    yield sheet.title, _rows(sheet, written[sheet.title] if written is not None else None)
    except _BROKEN as error:
        raise _broken(error) from error


def _broken(error: Exception) -> errors.ChannelError:
    return errors.Unreadable(
        Text(
            f"The workbook is broken ({type(error).__name__}). Open it in a spreadsheet and save it again.",
            f"Книга повреждена ({type(error).__name__}). Откройте её в редакторе таблиц и сохраните заново.",
        )
    )


def _demand_bearable(body: bytes) -> bool:
    """Raises before anything is unpacked; returns whether a sheet may hold formulas."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        parts = archive.infolist()
    except _BROKEN as error:
        raise _broken(error) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise errors.Unreadable(_other_archive(names))
    for part in parts:
        if part.file_size > _SMALL_PART and part.file_size > _MANY_TIMES * max(1, part.compress_size):
            raise errors.TooLarge(
                Text(
                    "The workbook unpacks to many times its size, and was not opened.",
                    "При распаковке книга увеличивается во много раз; она не открыта.",
                )
            )
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise errors.TooLarge(
            Text(
                f"The workbook unpacks to more than {MAX_UNPACKED // 1_000_000} MB; save the sheet as CSV.",
                f"В распакованном виде книга больше {MAX_UNPACKED // 1_000_000} МБ; сохраните лист как CSV.",
            )
        )
    return any(_holds_formula(archive, part) for part in parts if part.filename.startswith("xl/worksheets/"))


def _other_archive(names: set[str]) -> Text:
    if "content.xml" in names and "mimetype" in names:
        return Text(
            "This is an OpenDocument file. Save it as XLSX or CSV.",
            "Это файл OpenDocument. Сохраните его как XLSX или CSV.",
        )
    if "xl/workbook.bin" in names:
        return Text(
            "This is a binary workbook (.xlsb). Save it as XLSX or CSV.",
            "Это двоичная книга (.xlsb). Сохраните её как XLSX или CSV.",
        )
    return Text(
        "This is an archive. Unpack it, and import the table that lies in it.",
        "Это архив. Распакуйте его и импортируйте таблицу из него.",
    )


def _holds_formula(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(part) as sheet:
            rest = b""
            while chunk := sheet.read(1_000_000):
                if b"<f>" in rest + chunk or b"<f " in rest + chunk:
                    return True
                rest = chunk[-3:]
    except _BROKEN as error:
        raise _broken(error) from error
    return False


def _rows(sheet: Any, written: Any | None) -> Iterator[list[str]]:
    # Some writers claim that a sheet is one cell large; what stands in it counts.
    sheet.reset_dimensions()
    values = sheet.iter_rows(values_only=True)
    if written is not None:
        written.reset_dimensions()
        formulas = written.iter_rows(values_only=True)
    number = 0
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                row = next(values, None)
                formula = next(formulas, ()) if written is not None else ()
        except _BROKEN as error:
            raise _broken(error) from error
        number += 1
        if row is None:
            return
        if number > MAX_LINES:
            raise errors.TooLarge(
                Text(
                    f"The sheet “{plain_text.line(sheet.title, 60)}” goes on beyond row {MAX_LINES}.",
                    f"Лист «{plain_text.line(sheet.title, 60)}» длиннее {MAX_LINES} строк.",
                )
            )
        if any(value is not None for value in row[MAX_COLUMNS:]):
            raise errors.TooLarge(
                Text(
                    f"The sheet “{plain_text.line(sheet.title, 60)}” has more than {MAX_COLUMNS} columns. Keep those with the "
                    "reviews and import it again.",
                    f"На листе «{plain_text.line(sheet.title, 60)}» больше {MAX_COLUMNS} столбцов. Оставьте те, где отзывы, и импортируйте снова.",
                )
            )
        yield [
            _text(value, formula[place] if place < len(formula) else None) for place, value in enumerate(row)
        ]


def _text(value: Any, formula: Any = None) -> str:
    """A cell as text: dates as ISO 8601, whole numbers without a point, errors and missing values as nothing.

    A link that is a formula is its address.
    """
    if isinstance(formula, str) and (link := _LINK.match(formula)):
        return link[1]
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in _ERRORS else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return "" if isinstance(value, timedelta) else str(value)
