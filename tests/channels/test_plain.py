"""Text, times and addresses from strangers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import dates, urls
from channels.reading import text as plain_text
from tests.channels.conftest import NOW


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>a<br>b</p><p>c &amp; d</p>", "a\nb\n\nc & d"),
        ("<style>p{}</style><script>x()</script>seen<!-- not -->", "seen"),
        ("I <3 you & me", "I <3 you & me"),
        ("1 &lt; 2", "1 < 2"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("&#x1F600;&nbsp;x", "😀 x"),
    ],
)
def test_html_becomes_what_a_reader_sees(markup: str, text: str) -> None:
    assert plain_text.from_html(markup) == text


def test_line_breaks_of_text_with_entities_or_inline_tags_stay() -> None:
    assert plain_text.from_either("one &amp; two\n\nthree") == "one & two\n\nthree"
    assert plain_text.from_either("one <b>two</b>\nthree") == "one two\nthree"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("stop &amp;#038; start, &amp;quot;сервис&amp;quot;", 'stop & start, "сервис"'),
        ("Зоя &amp;amp;amp; Ко", "Зоя & Ко"),
        ("R&D, AT&T; a&b", "R&D, AT&T; a&b"),
        ("?a=1&copy=2&notit=3 &notit;", "?a=1&copy=2&notit=3 &notit;"),
        ("&amp;lt;3 &lt;b&gt;", "<3 <b>"),
        ("&lt;p&gt;Escaped&lt;br /&gt;as a whole&lt;/p&gt;", "Escaped\nas a whole"),
        ("one\ntwo &amp; three", "one\ntwo & three"),
        ("&#0;&#x110000;&#55296;x", "\ufffd\ufffd\ufffdx"),
    ],
)
@pytest.mark.parametrize("read", [plain_text.from_html, plain_text.from_either])
def test_entities_are_read_however_often_they_were_escaped(
    read: Callable[[str], str], written: str, text: str
) -> None:
    assert read(written) == text


def test_control_characters_and_explicit_directions_go_and_marks_stay() -> None:
    assert plain_text.clean("a\x00b\x1bc\u202ed\u2066e\ud800f\u200bg") == "abcdefg"
    assert plain_text.clean("א\u200f!") == "א\u200f!"
    assert plain_text.clean("e\u0301") == "é"


@given(st.text())
def test_clean_is_stable_and_can_always_be_stored(text: str) -> None:
    once = plain_text.clean(text)
    assert plain_text.clean(once) == once
    assert "\x00" not in once.encode().decode()


@given(st.text(alphabet=st.sampled_from("<>&;ab/ \n'\"=!-p")))
def test_any_markup_can_be_read(text: str) -> None:
    assert "\x00" not in plain_text.from_either(text)
    assert len(plain_text.line(text)) <= 200


def test_a_million_characters_are_cut() -> None:
    text, was_cut = plain_text.shorten("x" * 1_000_000)
    assert (len(text), was_cut) == (20_000, True)
    assert plain_text.shorten("short") == ("short", False)


def test_same_text_after_a_site_has_beautified_it() -> None:
    assert plain_text.says_the_same('"Hi" -- we\'re on it...', "“Hi” — we’re on it…")
    assert plain_text.says_the_same(
        "10x20 :oops: www.lumen.example :D 8-)", "10×20 😳 http://www.lumen.example 😀 😎"
    )
    assert not plain_text.says_the_same("We are on it", "We are on it!!1")
    assert not plain_text.says_the_same(":D", ":P")
    assert not plain_text.says_the_same("👍", "👎")


def test_fingerprint_keeps_its_parts_apart() -> None:
    assert plain_text.fingerprint("a", "bc") != plain_text.fingerprint("ab", "c")
    assert plain_text.fingerprint("a  b", None) == plain_text.fingerprint("a b", "")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("ru-RU", "ru"), ("en_US", "en"), ("EN", "en"), ("", None), ("russian language", None), (7, None)],
)
def test_language_tag(tag: object, language: str | None) -> None:
    assert plain_text.language_tag(tag) == language


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-20T08:00:00+03:00", datetime(2026, 11, 20, 5, tzinfo=UTC)),
        ("2026-11-20T08:00:00Z", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("Thu, 19 Nov 2026 10:00:00 +0300", datetime(2026, 11, 19, 7, tzinfo=UTC)),
        ("12/11/2026", datetime(2026, 11, 12, tzinfo=UTC)),
        ("20 ноября 2026 г.", datetime(2026, 11, 20, tzinfo=UTC)),
        ("20 ноября 2026 10:30 МСК", datetime(2026, 11, 20, 7, 30, tzinfo=UTC)),
        ("November 3, 2026", datetime(2026, 11, 3, tzinfo=UTC)),
        ("3 days ago", datetime(2026, 11, 18, 12, tzinfo=UTC)),
        ("вчера", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("0001-01-01", None),
        ("Mon, 01 Jan 0001 00:00:00 +0300", None),
        ("0000-00-00 00:00:00", None),
        ("1989-12-31", None),
        ("29.02.2026", None),
        ("2026-11-24", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("99999999999999999999", None),
        ("yes", None),
        ("2026-11-01" * 50, None),
        (20261101, None),
        (None, None),
    ],
)
def test_dates_of_all_kinds(value: object, expected: datetime | None) -> None:
    assert dates.read(value, NOW) == expected


def test_dates_without_a_year_need_to_know_the_day() -> None:
    assert dates.read("вчера", None) is None
    assert dates.read("5 января", None) is None
    assert dates.read("20 ноября 2026", None) == datetime(2026, 11, 20, tzinfo=UTC)


@given(st.text(max_size=70))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    found = dates.read(text, NOW)
    assert found is None or dates.EARLIEST <= found <= NOW + dates.LEEWAY


def test_naive_moments_are_utc_and_others_become_it() -> None:
    east = timezone(timedelta(hours=3))
    assert dates.plausible(datetime(2026, 1, 1, 3, tzinfo=east), NOW) == datetime(2026, 1, 1, tzinfo=UTC)
    assert dates.plausible(datetime(2026, 1, 1), NOW) == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("/x?y#z", "https://base.example/x?y#z"),
        ("//b.example/x", "https://b.example/x"),
        ("https://a.example/тест путь", "https://a.example/тест%20путь"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("mailto:a@b.example", None),
        ("urn:x:1", None),
        ("https://user:pw@a.example/", None),
        ("https://[bad/", None),
        ("https://a.example:99999/", None),
        ("ftp:///x", None),
        ("http://a.example/" + "x" * 3_000, None),
        ("java\nscript:alert(1)", None),
        (None, None),
        ("  ", None),
    ],
)
def test_safe_url(url: object, expected: str | None) -> None:
    assert urls.safe_url(url, "https://base.example/p/") == expected


@given(st.text(max_size=80))
def test_safe_url_is_safe_and_stable(text: str) -> None:
    found = urls.safe_url(text, "https://base.example/p/")
    assert found is None or (found.startswith(("http://", "https://")) and urls.safe_url(found) == found)


def test_moving_to_https_is_not_leaving() -> None:
    assert urls.same_site("http://a.example/x", "https://A.example:443/y")
    assert not urls.same_site("http://a.example/", "http://a.example:8080/")
    assert not urls.same_site("http://a.example/", "http://b.example/")
