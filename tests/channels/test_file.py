"""CSV files as people make them: any letters, any delimiter, some bad rows."""

from datetime import UTC, datetime

import pytest

from channels import channel, errors
from channels.contract import Collects, Page, Place, Reads
from tests.channels.conftest import NOW, parse, remarks, saved, sightings

URL = "https://otklik.example/import/x.csv"


def table(text: str | bytes, place: Place | None = None) -> list[object]:
    body = text if isinstance(text, bytes) else text.encode()
    return list(parse("file", Page(URL, 200, {"content-type": "text/csv"}, body, fetched_at=NOW), place))


def test_is_never_visited() -> None:
    assert isinstance(channel("file"), Reads)
    assert not isinstance(channel("file"), Collects)


def test_rows_of_an_english_file() -> None:
    parts = parse("file", saved("file", "reviews.csv"))
    first, answer, second, third = sightings(parts)
    assert first.text == 'It broke, and\nnobody "cared".'
    assert (first.external_id, first.url, first.rating, first.kind) == (
        "r-1",
        "https://store.example/r/1",
        2.0,
        "review",
    )
    assert first.published_at == datetime(2026, 11, 18, 7, tzinfo=UTC)
    assert (answer.text, answer.parent, answer.is_by_brand) == ("We are sorry.", "r-1", True)
    assert answer.published_at == datetime(2026, 11, 19, tzinfo=UTC)
    assert (second.rating, third.published_at) == (None, None)


def test_what_is_wrong_is_said_by_row_and_column() -> None:
    assert remarks(parse("file", saved("file", "reviews.csv"))) == [
        "row 3, column rating: “9” is not a rating from 1 to 5.",
        "row 3, column url: “not an address” is not a web address.",
        "row 4, column published_at: “29.02.2026” is no day of the calendar.",
        "row 6, column external_id: the same mention stands in an earlier row.",
    ]


def test_russian_file_in_windows_1251_with_semicolons() -> None:
    first, second, answer = sightings(parse("file", saved("file", "otzyvy-cp1251.csv")))
    assert first.text == "Долго везли\nи не извинились"
    assert first.published_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (second.rating, second.published_at) == (4.5, datetime(2026, 11, 19, tzinfo=UTC))
    assert (answer.text, answer.parent) == ("Спасибо, Пётр!", second.external_id)
    assert len(second.external_id) == 32


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_letters_and_delimiters(encoding: str, mark: str) -> None:
    text = mark.join(["Автор", "Отзыв"]) + "\r\n" + mark.join(["Анна", '"Ёлки, палки; и «всё»"']) + "\r\n"
    (seen,) = sightings(table(text.encode(encoding)))
    assert (seen.author and seen.author.name, seen.text) == ("Анна", "Ёлки, палки; и «всё»")


def test_made_id_is_the_same_when_the_file_comes_again() -> None:
    text = "author,text,date\nAnn,Bad,2026-11-01\n"
    assert (
        sightings(table(text))[0].external_id
        == sightings(table("author,text,date\nX,New,2026-11-02\nAnn,Bad,2026-11-01\n"))[1].external_id
    )


def test_rating_on_another_scale() -> None:
    parts = table("text,rating\na,10\nb,1\nc,7/10\nd,5.5\n", Place(URL, {"best_rating": "10"}))
    assert [seen.rating for seen in sightings(parts)] == [5.0, 1.0, 3.67, 3.0]


def test_nul_bytes_formulas_and_markup_are_text() -> None:
    (seen,) = sightings(table(b"text,author\n=cmd|' /C calc'!A0 <b>b</b>\x00,<i>Ann</i>\n"))
    assert seen.text == "=cmd|' /C calc'!A0 b"
    assert seen.author and seen.author.name == "Ann"


def test_row_shorter_and_longer_than_the_header() -> None:
    assert [seen.text for seen in sightings(table("text,author\nshort\nlong,Ann,extra,extra\n"))] == [
        "short",
        "long",
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "empty"),
        ("\ufeff", "empty"),
        ("a,b,c\n1,2,3\n", "it has: a, b, c"),
        ("just some words", "name the columns"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This is a picture"),
    ],
)
def test_file_that_is_no_table_of_mentions(body: str | bytes, said: str) -> None:
    with pytest.raises(errors.Unreadable, match=said):
        table(body)


def test_header_alone_gives_nothing() -> None:
    assert table("text,author\n") == []


def test_file_over_the_limit() -> None:
    with pytest.raises(errors.TooLarge, match="50 MB"):
        table(b"text\n" + b"x" * 50_000_000)


def test_a_thousand_bad_rows_do_not_make_a_thousand_remarks() -> None:
    said = remarks(table("text,rating\n" + "a,bad\n" * 1_000))
    assert len(said) == 201
    assert said[-1].endswith("more remarks about rows are not shown.")


def test_million_characters_in_a_cell() -> None:
    parts = table("text\n" + "word " * 200_000 + "\n")
    assert len(sightings(parts)[0].text) <= 20_000
    assert "row 2, column text: longer than" in remarks(parts)[0]


def test_open_quote_swallows_the_rest_and_says_so() -> None:
    parts = table('text\n"never closed\nnext\n')
    assert [seen.text for seen in sightings(parts)] == ["never closed\nnext"]
    assert "a quotation mark in the file is not closed" in remarks(parts)[0]
    assert remarks(table('text\n5" screen\nnext\n')) == []


def test_line_ends_of_old_machines() -> None:
    assert [seen.text for seen in sightings(table("id,text\r1,a\r2,b\r"))] == ["a", "b"]
