"""The heads of review tools: each export gives what a person would read in it, and what is not used is named."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import errors
from channels.contract import Page, Place
from channels.csv_file import channel as csv_file
from channels.csv_file import columns as file_columns
from tests.channels.conftest import NOW, parse, remarks, saved, sightings
from tests.channels.test_file import URL, table


@pytest.mark.parametrize(
    "head",
    ["starRating", "Star_Rating", "STAR RATING", "star-rating", " Star  Rating: ", "\ufeffStar.Rating"],
)
def test_a_head_is_known_however_it_is_spelt(head: str) -> None:
    assert file_columns.key(head) == "star rating"


def test_yotpo() -> None:
    first, answer, second = sightings(parse("file", saved("file", "yotpo-export.csv")))
    assert (first.external_id, first.text, first.title, first.rating) == (
        "901",
        "The kettle leaks, badly",
        "Leaks",
        2.0,
    )
    assert (first.author and first.author.name, first.thread_title) == ("Ann P.", "Kettle")
    assert first.published_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert (answer.text, answer.parent, answer.is_by_brand) == ("Sorry! We will replace it.", "901", True)
    assert answer.published_at == datetime(2026, 11, 17, 9, tzinfo=UTC)
    assert (second.text, second.thread) == ("Love it", "902")


def test_judge_me_and_takeout() -> None:
    first, answer = sightings(parse("file", saved("file", "judgeme-export.csv")))
    assert (first.author and first.author.name, first.text) == ("Elsa V.", "Broken lid, no answer")
    assert first.published_at == datetime(2026, 3, 2, 10, 12, tzinfo=UTC)
    assert (answer.text, answer.is_by_brand) == ("We will call you", True)
    rude, reply = sightings(parse("file", saved("file", "takeout-words.csv")))
    assert (rude.rating, rude.text, rude.published_at) == (
        1.0,
        "Rude staff",
        datetime(2026, 11, 16, 10, tzinfo=UTC),
    )
    assert rude.edited_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert reply.text == "Sorry Nina"


def test_kudobuzz_says_published_and_means_yes_or_no() -> None:
    parts = parse("file", saved("file", "kudobuzz-sample.csv"))
    (seen,) = sightings(parts)
    assert (seen.text, seen.rating, seen.is_by_brand) == ("Broke in a day", 1.0, None)
    assert (seen.published_at, remarks(parts)) == (datetime(2026, 11, 16, 14, 16, 38, tzinfo=UTC), [])


def test_a_column_of_yes_and_no_is_neither_a_date_nor_an_answer() -> None:
    parts = table("text,published,reply\nbad,TRUE,no\ngood,FALSE,yes\n")
    assert [(seen.text, seen.published_at) for seen in sightings(parts)] == [("bad", None), ("good", None)]
    assert remarks(parts) == []


def test_pros_cons_and_comment_are_kept_with_their_labels() -> None:
    first, second = sightings(parse("file", saved("file", "pros-and-cons.csv")))
    assert (
        first.text == "Достоинства: Красивый\nНедостатки: Течёт и бьёт током\nКомментарий: Вернул в магазин"
    )
    assert (second.text, second.rating) == ("Недостатки: Сгорел через неделю", 1.0)


@pytest.mark.parametrize(
    ("head", "row", "text"),
    [
        ("pros,cons,comment,rating", "Light,Leaks,Sent back,2", "Pros: Light\nCons: Leaks\nComment: Sent back"),
        ("pros,cons,comment", ",,Only this", "Only this"),
        ("pros,cons,comment", "-,—,Only this", "Only this"),
        ("pros,cons,comment", "Light,-,", "Pros: Light"),
        ("Достоинства,Недостатки,Текст отзыва", "Лёгкий,Течёт,Вернул",
         "Достоинства: Лёгкий\nНедостатки: Течёт\nКомментарий: Вернул"),
        ("text,pros,cons,comment", "Bad kettle,Light,Leaks,Sent back",
         "Bad kettle\nPros: Light\nCons: Leaks\nComment: Sent back"),
        ("text,comment", "The same,The same", "The same"),
        ("text,comment", "Bad,Worse", "Bad\nComment: Worse"),
        ("language,pros,cons", "ru,Fine!,Bad", "Достоинства: Fine!\nНедостатки: Bad"),
        ("Достоинства,Недостатки", "Light,Leaks", "Pros: Light\nCons: Leaks"),
    ],
)  # fmt: skip
def test_parts_of_a_review(head: str, row: str, text: str) -> None:
    assert [seen.text for seen in sightings(table(f"{head}\n{row}\n"))] == [text]


def test_a_head_that_is_not_known_is_named_and_can_be_explained() -> None:
    text = "Datum;Meinung;Sterne;Wetter\n2026-11-16;Der Kessel leckt;2;Regen\n"
    parts = table(text)
    assert remarks(parts) == [f"{csv_file.UNKNOWN}“Meinung”, “Wetter”."]
    told = Place(URL, {"columns": "Meinung=text; wetter=-"})
    parts = table(text, told)
    assert (sightings(parts)[0].text, remarks(parts)) == ("Der Kessel leckt", [])
    page = Page(URL, 200, {}, text.encode(), fetched_at=NOW)
    assert (csv_file.unknown_heads(Place(URL), page), csv_file.unknown_heads(told, page)) == (
        ["Meinung", "Wetter"],
        [],
    )


def test_what_a_person_says_goes_before_what_is_known() -> None:
    text = "id,comment,review\n1,internal,what was said\n"
    assert sightings(table(text, Place(URL, {"columns": "comment=-"})))[0].text == "what was said"
    assert sightings(table(text, Place(URL, {"columns": "Comment=answer"})))[1].text == "internal"


@pytest.mark.parametrize("said", ["Meinung", "=text", "Meinung=words", "Meinung="])
def test_what_explains_nothing_is_refused(said: str) -> None:
    with pytest.raises(errors.Unreadable, match="Head=column"):
        table("Meinung;Sterne\na;2\n", Place(URL, {"columns": said}))


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(errors.Unreadable, match="no column “kommentar”; it has: Meinung, Sterne"):
        table("Meinung;Sterne\na;2\n", Place(URL, {"columns": "Kommentar=text"}))


def test_a_second_column_of_words_is_named_and_a_second_date_is_not() -> None:
    assert remarks(table("Отзыв;Текст;Дата;Создано\nа;б;2026-11-16;2026-11-16\n")) == [
        f"{csv_file.UNKNOWN}“Текст”."
    ]


def test_duplicate_heads() -> None:
    parts = table("id,text,text\n1,first,second\n")
    assert ([seen.text for seen in sightings(parts)], remarks(parts)) == (
        ["first"],
        [f"{csv_file.UNKNOWN}“text”."],
    )


def test_lines_above_the_head() -> None:
    parts = table(
        "Отзывы магазина «Заря»\nс 01.11.2026 по 16.11.2026\n\nДата;Автор;Оценка;Отзыв\n2026-11-16;Оля;2;Плохо\n"
    )
    (seen,) = sightings(parts)
    assert (seen.text, seen.rating, seen.author and seen.author.name) == ("Плохо", 2.0, "Оля")
    assert remarks(parts) == ["The first 2 lines stand above the names of the columns and were not read."]


def test_the_head_again_in_the_middle() -> None:
    assert [seen.text for seen in sightings(table("id,text\n1,a\nid,text\n2,b\n"))] == ["a", "b"]


@pytest.mark.parametrize("first", ["sep=;\r\n", "\ufeffsep=;\n", "SEP=;\n", '"sep=;"\n'])
def test_the_line_of_excel_about_its_delimiter(first: str) -> None:
    (seen,) = sightings(table(f'{first}Оценка;Текст отзыва\n2;"Не греет; верните, пожалуйста"\n'))
    assert (seen.text, seen.rating) == ("Не греет; верните, пожалуйста", 2.0)


def test_the_line_of_excel_names_a_tab() -> None:
    (seen,) = sightings(table("sep=\t\nОценка\tТекст\n2\tа, б; в\n"))
    assert seen.text == "а, б; в"


def test_more_cells_than_columns_are_said() -> None:
    parts = table("id,text,rating\n1,Bad, very bad,2\n2,Good,5,,\n")
    assert remarks(parts)[0] == "row 2: 1 cells more than there are columns; they were left out."
    assert not any(said.startswith("row 3") for said in remarks(parts))


def test_ratings_as_exports_write_them() -> None:
    words = ["FIVE", "★★☆☆☆", "4 из 5", "5 звёзд", "3,5", "0", "STAR_RATING_UNSPECIFIED", "", "-"]
    body = "id;text;rating\n" + "".join(f"{n};т{n};{word}\n" for n, word in enumerate(words))
    parts = table(body)
    assert [seen.rating for seen in sightings(parts)] == [5.0, 2.0, 4.0, 5.0, 3.5, None, None, None, None]
    assert remarks(parts) == []


@pytest.mark.parametrize(
    ("head", "rating"), [("Оценка (из 10)", 2.33), ("Rating (1-10)", 2.33), ("Оценка", 4.0)]
)
def test_a_scale_that_the_head_names(head: str, rating: float) -> None:
    assert sightings(table(f"id;text;{head}\n1;a;4\n"))[0].rating == rating


def test_ratings_above_five_leave_the_scale_unknown() -> None:
    body = "id,text,rating\n" + "".join(f"{n},t,{n}\n" for n in range(1, 11)) + "11,t,4/5\n"
    parts = table(body)
    assert [seen.rating for seen in sightings(parts)] == [1.0, *[None] * 9, 4.0]
    assert "5 of the first 11 ratings are above 5" in remarks(parts)[0]
    assert len(remarks(parts)) == 1
    told = sightings(table(body, Place(URL, {"best_rating": "10"})))
    assert told[9].rating == 5.0


def test_time_of_day_in_a_column_of_its_own() -> None:
    (seen,) = sightings(table("Дата;Время;Отзыв\n2026-11-16;10:30;Плохо\n"))
    assert seen.published_at == datetime(2026, 11, 16, 10, 30, tzinfo=UTC)
    (seen,) = sightings(table("time,text\n2026-11-16T10:30:00Z,Bad\n"))
    assert seen.published_at == datetime(2026, 11, 16, 10, 30, tzinfo=UTC)


def test_first_and_last_name() -> None:
    (seen,) = sightings(table("First Name,Last Name,text\nAnn,Pool,Bad\n"))
    assert seen.author and seen.author.name == "Ann Pool"


def test_reviews_of_one_product_are_conversations_of_their_own() -> None:
    first, second = sightings(table("id,product,text\n1,Kettle,Bad\n2,Kettle,Good\n"))
    assert (first.thread, second.thread, first.thread_title) == ("1", "2", "Kettle")


@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "koi8_r", "utf-8", "utf-16"])
def test_letters_of_russian_tables(encoding: str) -> None:
    body = "Дата;Имя;Оценка;Текст отзыва\n2026-11-16;Галя;2;Не греет, верните деньги\n".encode(encoding)
    parts = table(body)
    assert (sightings(parts)[0].text, remarks(parts)) == ("Не греет, верните деньги", [])


def test_letters_of_western_excel() -> None:
    (seen,) = sightings(
        table("id,author,text,rating\n1,Müller,Schlecht: zu spät geliefert,2\n".encode("cp1252"))
    )
    assert (seen.author and seen.author.name, seen.text) == ("Müller", "Schlecht: zu spät geliefert")


def test_one_bad_byte_changes_one_letter() -> None:
    body = "id;text\n1;Курьер нагрубил\n2;Хороший магазин\n".encode().replace("ь".encode(), b"\xff", 1)
    parts = table(body)
    assert [seen.text for seen in sightings(parts)] == ["Кур\ufffdер нагрубил", "Хороший магазин"]
    assert "1 places in the file are not valid utf-8" in remarks(parts)[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"%PDF-1.7", "PDF"),
        (b"\xef\xbb\xbf<html><table><tr><td>text</td></tr></table>", "web page"),
        (b'{"reviews": [{"text": "a"}]}', "JSON"),
        (b"Rar!\x1a\x07", "archive"),
    ],
)
def test_other_files_say_what_to_do(body: bytes, said: str) -> None:
    with pytest.raises(errors.Unreadable, match=f"{said}.*save it as XLSX or CSV"):
        table(body)


def test_dates_as_exports_write_them() -> None:
    (serial,) = sightings(parse("file", saved("file", "excel-serial-date.csv")))
    assert serial.published_at == datetime(2026, 11, 16, tzinfo=UTC)
    (script,) = sightings(parse("file", saved("file", "js-date.csv")))
    assert script.published_at == datetime(2026, 11, 16, 11, 30, tzinfo=UTC)


def test_other_dates_of_the_column_say_which_number_is_the_month() -> None:
    seen = sightings(table("id,date,text\n1,11/05/2026,a\n2,11/16/2026,b\n"))
    assert seen[0].published_at == datetime(2026, 11, 5, tzinfo=UTC)
    parts = table("id,date,text\n1,03/05/2026,a\n")
    assert sightings(parts)[0].published_at is None
    assert remarks(parts)[0].startswith("row 2, column published_at: “03/05/2026” ")
    (russian,) = sightings(table("Номер;Дата;Отзыв\n1;03/05/2026;а\n"))
    assert russian.published_at == datetime(2026, 5, 3, tzinfo=UTC)


def test_a_head_that_names_moscow_time() -> None:
    (seen,) = sightings(table("Дата (МСК);Отзыв\n16.11.2026 10:00;Плохо\n"))
    assert seen.published_at == datetime(2026, 11, 16, 7, tzinfo=UTC)


def test_play_console_in_utf_16() -> None:
    (first,) = sightings(parse("file", saved("file", "play-console-first.csv")))
    (second,) = sightings(parse("file", saved("file", "play-console-second.csv")))
    assert (first.language, first.rating, second.rating) == ("ru", 5.0, 1.0)
    assert second.published_at == datetime(2026, 11, 10, 9, tzinfo=UTC)
    assert second.edited_at == datetime(2026, 11, 16, 9, tzinfo=UTC)


def test_an_id_that_excel_rounded_is_no_id() -> None:
    parts = table("id;text\n1,23457E+17;a\n1,23457E+17;b\n-;c\n-;d\n")
    assert [seen.text for seen in sightings(parts)] == ["a", "b", "c", "d"]
    assert remarks(parts)[0] == "row 2, column external_id: “1,23457E+17” is a rounded number, not an id."


def test_a_first_line_with_one_known_head_is_a_head() -> None:
    parts = table("Meinung;Kommentar;Ort;Laden;Wetter\nx;Schlecht;y;z;w\n")
    assert [seen.text for seen in sightings(parts)] == ["Schlecht"]
    assert remarks(parts) == [f"{csv_file.UNKNOWN}“Meinung”, “Ort”, “Laden”, “Wetter”."]


def test_a_head_cannot_speak_to_the_terminal() -> None:
    with pytest.raises(errors.Unreadable) as caught:
        table("\x1b[31mred,\x07b\n1,2\n")
    assert str(caught.value).isprintable()
    assert remarks(table("text,\x1b[31mred\na,b\n"))[0].isprintable()


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "1",
            "5",
            "9",
            "-1",
            "1e309",
            "0",
            "TRUE",
            "16.11.2026",
            "46342",
            "03/04/2026",
            "★★★",
            "=1+1",
            '"',
            "\x00",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from([*file_columns.names(), "Дата (МСК)", "Оценка (из 10)", "?", "", "text"]), max_size=8
    ),
    st.lists(st.lists(CELLS, max_size=10), max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-16", "cp1251"]),
)
def test_no_table_is_more_than_sightings_remarks_or_an_error_of_the_family(
    head: list[str], rows: list[list[str]], mark: str, letters: str
) -> None:
    body = io.StringIO()
    csv.writer(body, delimiter=mark).writerows([head, *rows])
    assert_clear(body.getvalue().encode(letters, "replace"))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)), st.booleans())
def test_no_bytes_are_more_than_sightings_remarks_or_an_error_of_the_family(
    body: bytes, has_head: bool
) -> None:
    assert_clear(b"id,text,rating,date\n" + body if has_head else body)


def assert_clear(body: bytes) -> None:
    try:
        parts = table(body)
    except errors.ChannelError as error:
        assert str(error)
        return
    ids = [seen.external_id for seen in sightings(parts)]
    assert len(ids) == len(set(ids))
    for seen in sightings(parts):
        assert seen.rating is None or 1 <= seen.rating <= 5
        assert seen.text or seen.title or seen.rating is not None
