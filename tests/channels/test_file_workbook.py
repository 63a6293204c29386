"""XLSX workbooks: real ones made by openpyxl, odd ones made by hand, hostile ones refused before they unpack."""

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import errors
from channels.contract import Parsed, Place, Remark, Sighting
from channels.csv_file import workbook
from tests import effort
from tests.channels.conftest import remarks, sightings
from tests.channels.test_file import table

HEAD = ["Дата", "Автор", "Оценка", "Текст отзыва"]


def book(*sheets: tuple[str, list[list[Any]]], hidden: str = "") -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden:
            sheet.sheet_state = "hidden"
    body = io.BytesIO()
    made.save(body)
    return body.getvalue()


def changed(body: bytes, **parts: bytes | None) -> bytes:
    """A workbook with some of its parts written anew, or (None) taken out; `sheet1` is the first sheet."""
    names = {
        {
            "sheet1": "xl/worksheets/sheet1.xml",
            "workbook": "xl/workbook.xml",
            "strings": "xl/sharedStrings.xml",
        }[k]: v
        for k, v in parts.items()
    }
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = names.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return made.getvalue()


def sheet(cells: str) -> bytes:
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return f"{start}{cells}</sheetData></worksheet>".encode()


def test_a_sheet_with_real_dates_numbers_and_empty_cells() -> None:
    rows = [
        HEAD,
        [datetime(2026, 11, 16, 10, 30), "Галя", 2, "Не греет;\nверните деньги"],
        [date(2026, 11, 15), None, 4.5, "Хорошо"],
        [None, None, None, None],
        ["14.11.2026", "Олег", "5 звёзд", None],
    ]
    first, second, third = sightings(table(book(("Отзывы", rows))))
    assert (first.text, first.rating) == ("Не греет;\nверните деньги", 2.0)
    assert first.published_at == datetime(2026, 11, 16, 10, 30, tzinfo=UTC)
    assert (second.published_at, second.rating, second.author) == (
        datetime(2026, 11, 15, tzinfo=UTC),
        4.5,
        None,
    )
    assert (third.text, third.rating) == ("", 5.0)


def test_several_sheets_are_read_and_the_others_are_named() -> None:
    parts = table(
        book(
            ("Отзывы", [HEAD, ["2026-11-16", "А", 1, "раз"]]),
            ("Сводка", [["Всего", 2]]),
            ("Архив", [["Выгрузка за год"], [], HEAD, ["2025-11-16", "Б", 9, "два"]]),
            ("Черновик", [HEAD, ["2025-11-16", "В", 1, "скрыто"]]),
            hidden="Черновик",
        )
    )
    assert [seen.text for seen in sightings(parts)] == ["раз", "два"]
    assert remarks(parts) == [
        "The first 1 lines of the sheet “Архив” stand above the names of the columns and were not read.",
        "sheet “Архив”, row 4, column rating: “9” is not a rating from 1 to 5.",
        "The sheet “Сводка” was not read: none of its first 30 rows names columns.",
    ]


def test_columns_that_a_person_explained_stand_in_one_of_the_sheets() -> None:
    body = book(("A", [["Meinung", "Sterne"], ["Leckt", 2]]), ("B", [["Wort", "Sterne"], ["x", 3]]))
    parts = table(body, Place("file:x", {"columns": "meinung=text"}))
    assert [seen.text for seen in sightings(parts)] == ["Leckt"]
    assert "“B” was not read" in remarks(parts)[-1]


def test_formulas_are_read_by_their_values_and_links_by_their_addresses() -> None:
    rows = sheet(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c><c r="B1" t="inlineStr"><is><t>url</t></is></c>'
        '<c r="C1" t="inlineStr"><is><t>author</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>CONCATENATE("ba","d")</f><v>bad</v></c>'
        '<c r="B2" t="str"><f>HYPERLINK("https://shop.example/r/1","open")</f><v>open</v></c>'
        '<c r="C2" t="e"><v>#N/A</v></c></row>'
    )
    (seen,) = sightings(table(changed(book(("A", [["x"]])), sheet1=rows)))
    assert (seen.text, seen.url, seen.author) == ("bad", "https://shop.example/r/1", None)


def test_a_sheet_that_lies_about_its_size() -> None:
    made = book(("A", [["id", "text"], [1, "a"], [2, "b"]]))
    body = changed(made, sheet1=zipfile.ZipFile(io.BytesIO(made)).read("xl/worksheets/sheet1.xml").replace(
        b'<dimension ref="A1:B3"', b'<dimension ref="A1"'))  # fmt: skip
    assert [seen.text for seen in sightings(table(body))] == ["a", "b"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
            "goes on beyond row|broken|names? the? columns",
        ),
        ('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>', "broken"),
        ('<row r="x"><c r="A1"><v>1</v></c></row>', "broken"),
        ('<row r="1"><c r="A1" t="s"><v>999999</v></c></row>', "broken"),
        ('<row r="1"><c r="A1" t="d"><v>never</v></c></row>', "broken|columns"),
        ("", "nothing in it|columns"),
    ],
)
def test_broken_sheets_are_one_clear_sentence(cells: str, said: str) -> None:
    with pytest.raises((errors.Unreadable, errors.TooLarge), match=said):
        table(changed(book(("A", [["x"]])), sheet1=sheet(cells)))


def test_entities_are_not_unfolded() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
        + sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>')
    )
    with pytest.raises(errors.Unreadable, match="broken"):
        table(changed(book(("A", [["x"]])), sheet1=bomb))


def test_a_sheet_of_very_many_columns_is_refused_and_not_cut() -> None:
    with pytest.raises(errors.TooLarge, match="more than 256 columns"):
        table(book(("A", [["text", *([None] * 300), "answer"], ["a", *([None] * 300), "b"]])))


def test_what_unpacks_to_many_times_its_size_is_not_opened() -> None:
    body = changed(book(("A", [["x"]])), sheet1=b" " * 20_000_000)
    assert len(body) < 100_000
    with pytest.raises(errors.TooLarge, match="many times its size"):
        table(body)


def test_what_unpacks_to_too_much_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 1_000)
    with pytest.raises(errors.TooLarge, match="save the sheet as CSV"):
        table(book(("A", [["text"], ["a"]])))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["mimetype", "content.xml"], "OpenDocument"),
        (["xl/workbook.bin"], "binary workbook"),
        (["reviews.csv"], "archive. Unpack it"),
    ],
)
def test_other_archives_say_what_to_do(names: list[str], said: str) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as made:
        for name in names:
            made.writestr(name, "x")
    with pytest.raises(errors.Unreadable, match=said):
        table(body.getvalue())


def test_a_workbook_that_is_cut_off_or_lacks_its_parts() -> None:
    whole = book(("A", [["text"], ["a"]]))
    for body in (whole[:200], whole[:-40], changed(whole, workbook=b"<x")):
        with pytest.raises(errors.Unreadable, match="broken"):
            table(body)
    with pytest.raises(errors.Unreadable, match="no sheet"):
        table(changed(whole, sheet1=None))


def test_formulas_that_were_typed_by_strangers_stay_text() -> None:
    (seen,) = sightings(table(book(("A", [["text"], ["'=cmd|' /C calc'!A0"]]))))
    assert "calc" in seen.text


WHOLE = book(("A", [HEAD, [datetime(2026, 11, 16), "Галя", 2, "Не греет"], ["x", "y", "z", "w"]]))


@settings(max_examples=effort.times(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_broken_byte_is_more_than_an_error_of_the_family(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(zipfile.ZipFile(io.BytesIO(WHOLE)).namelist()))
    content = bytearray(zipfile.ZipFile(io.BytesIO(WHOLE)).read(name))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(
            st.one_of(st.binary(max_size=4), st.sampled_from([b"999999999", b"-1", b'"', b"<", b"NaN"]))
        )
        content[place : place + data.draw(st.integers(0, 6))] = piece
        content = content or bytearray(b" ")
    body = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(body, "w") as new:
        for each in old.namelist():
            new.writestr(each, bytes(content) if each == name else old.read(each))
    assert_clear(body.getvalue())


@settings(max_examples=effort.times(40), deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.binary(max_size=8))
def test_no_broken_archive_is_more_than_an_error_of_the_family(place: int, piece: bytes) -> None:
    assert_clear(WHOLE[:place] + piece + WHOLE[place + len(piece) :])


def assert_clear(body: bytes) -> None:
    parts: list[Parsed] = []
    try:
        parts = table(body)  # type: ignore[assignment]
    except errors.ChannelError as error:
        assert str(error).endswith(".")
    assert all(isinstance(part, Sighting | Remark) for part in parts)
