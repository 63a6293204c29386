"""A table as a file that a spreadsheet of the reader's language opens rightly."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.sheets import FORMULA_SIGNS, Cell, Locale, csv_file


def cells(*row: Cell, locale: Locale = "en") -> list[str]:
    text = csv_file(["head"], [row], locale).decode("utf-8-sig")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";" if locale == "ru" else ","))[1]


def test_excel_is_told_that_it_is_utf_8() -> None:
    assert csv_file(["Всё"], [], "ru") == b"\xef\xbb\xbf" + "Всё\r\n".encode()


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-2", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cells(text) == [f"'{text}"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_text_is_a_formula_and_none_is_lost(text: str) -> None:
    (shown,) = cells(text, "beside it")[:1]
    assert not shown.startswith(FORMULA_SIGNS)
    assert shown.removeprefix("'") == text.removeprefix("'")


def test_numbers_stay_numbers() -> None:
    assert cells(-1, 0, None, "слово") == ["-1", "0", "", "слово"]


def test_shares_and_spans_are_what_a_spreadsheet_reckons_with() -> None:
    row = (0.8, 0.0, timedelta(seconds=5400), timedelta(days=2, seconds=1), timedelta(seconds=59.6))
    assert cells(*row) == ["80.0%", "0.0%", "1:30:00", "48:00:01", "0:01:00"]
    assert cells(*row, locale="ru")[:3] == ["80,0%", "0,0%", "1:30:00"]
