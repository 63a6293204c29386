"""Bytes become the text their author wrote, whatever header and document say about them."""

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import letters
from tests.channels.conftest import page_of, parse, remarks, sightings

RUSSIAN = "Курьер нагрубил, заказ мятый, деньги не вернули. Ёж и щука. Не возвращает деньги за утюг."
SHORT = "Хороший магазин, но щётки нет"
GERMAN = "Schön wäre es gewesen, für 5 € mehr! Grüße aus Köln, der Lüfter läßt sich nicht öffnen."
FRENCH = "Le café était froid, déjà payé, très déçu. Où est le gérant ?"
POLISH = "Źle zapakowane, nie działa. Proszę o zwrot pieniędzy, żałuję zakupu, ścianka pękła."


ITEM = "<item><title>R&D, M&M</title><guid>1</guid><description>{}</description></item>"


def page(text: str, declared: str = "") -> str:
    meta = f'<meta charset="{declared}">' if declared else ""
    return f"<!doctype html><html><head>{meta}<title>t</title></head><body><p>{text}</p></body></html>"


def feed(text: str, declared: str = "") -> str:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    return f"{prolog}<rss><channel><item><description>{text}</description></item></channel></rss>"


def head(charset: str) -> str:
    return f"text/html; charset={charset}" if charset else "text/html"


@pytest.mark.parametrize("wrap", [page, feed])
@pytest.mark.parametrize("text", [RUSSIAN, SHORT])
@pytest.mark.parametrize(
    ("header", "declared"),
    product(["", "utf-8", "windows-1251", "iso-8859-1", "koi8-r", "gibberish"], ["", "utf-8", "windows-1251", "koi8-r"]),
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "cp866", "iso-8859-5"])
def test_russian_is_read_against_every_wrong_witness(encoding, header, declared, text, wrap) -> None:
    body = wrap(text, declared).encode(encoding)
    assert letters.decode(body, head(header)) == wrap(text, declared)


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("header", ["", "utf-8", "utf-16", "windows-1251"])
@pytest.mark.parametrize("text", [RUSSIAN, GERMAN, "中文评论"])
def test_utf_16_with_and_without_its_mark(text, header, encoding, mark) -> None:
    body = (("\ufeff" if mark else "") + feed(text, "utf-16")).encode(encoding)
    assert letters.decode(body, head(header)) == feed(text, "utf-16")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"), (FRENCH, "iso-8859-1"), (POLISH, "iso-8859-2"), (POLISH, "cp1250"), ("中文评论，很差" * 3, "gb2312"),
        ("とても悪いです。返金して" * 3, "shift_jis"), ("とても悪いです。返金して" * 3, "euc-jp"), ("매우 나쁜 서비스" * 3, "euc-kr"),
        ("Ціна зависока, їжа несмачна, є питання", "koi8-u"), ("Το προϊόν χάλασε αμέσως", "iso-8859-7"),
        ("Ürün çok kötü, şikâyetçiyim, değiştirin", "windows-1254"),
    ],
)  # fmt: skip
def test_declared_encoding_counts_where_it_makes_words(text, encoding) -> None:
    for header, declared in ((encoding, ""), ("", encoding), (encoding, encoding), ("utf-8", encoding)):
        body = page(text, declared).encode(encoding)
        assert letters.decode(body, head(header)) == page(text, declared)


@pytest.mark.parametrize(
    ("header", "declared"), product(["", "utf-8", "windows-1251", "koi8-r"], ["", "utf-8"])
)
@pytest.mark.parametrize("bad", [b"\xd0", b"\xff", b"\x98", b"\xe2\x80", b"\xf0\x9f\x91"])
@pytest.mark.parametrize("text", [RUSSIAN, "Хороший магази", "👍"])
def test_one_bad_byte_is_one_bad_letter(text, bad, header, declared) -> None:
    before, after = feed(f"{text}|", declared).encode("utf-8").split(b"|")
    found = letters.decode(before + bad + after, head(header))
    assert found == feed(f"{text}\ufffd", declared)


def test_one_bad_byte_among_ascii_is_one_bad_letter_where_utf_8_is_declared() -> None:
    assert letters.decode(b"<p>It\x92s broken", "text/html; charset=utf-8") == "<p>It\ufffds broken"


def test_page_of_ascii_is_in_what_it_declares() -> None:
    """A form is filled in in the encoding of its page."""
    assert letters.encoding_of(b'<meta charset="windows-1251"><form>', "text/html") == "cp1251"
    assert letters.encoding_of(b"<form>", "text/html; charset=koi8-r") == "koi8-r"
    assert letters.encoding_of(b"<form>", "text/html") == "utf-8"
    assert letters.encoding_of(b"") == "utf-8"


def test_a_few_zero_bytes_are_not_utf_16() -> None:
    body = page(RUSSIAN).encode() + b"\x00 \x00"
    assert letters.encoding_of(body) == "utf-8"


@given(st.binary(), st.text())
def test_any_bytes_become_text(body, header) -> None:
    assert isinstance(letters.decode(body, header), str)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x00"), min_size=1))
def test_valid_utf_8_is_always_read_as_such(text) -> None:
    body = b"<p>" + text.encode()
    assert letters.decode(body, "text/html; charset=windows-1251") in (
        f"<p>{text}",
        body.decode("cp1251", "replace"),
    )
    if not text.isascii():
        assert letters.decode(body, "text/html; charset=windows-1251") == f"<p>{text}"


@pytest.mark.parametrize(
    ("encoding", "header", "declared"),
    [
        ("windows-1251", "text/xml; charset=utf-8", "windows-1251"),
        ("windows-1251", "text/xml", "utf-8"),
        ("koi8-r", "text/xml", "koi8-r"),
        ("koi8-r", "application/rss+xml; charset=windows-1251", "koi8-r"),
        ("utf-16", "text/xml", "utf-16"),
        ("utf-16-le", "text/xml", "utf-16"),
        ("utf-8", "text/xml; charset=windows-1251", "windows-1251"),
    ],
)
def test_feed_in_letters_of_all_kinds(encoding, header, declared) -> None:
    xml = f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel>{ITEM.format(RUSSIAN)}</channel></rss>'
    parts = parse("rss", page_of(xml.encode(encoding), content_type=header))
    assert [(seen.title, seen.text) for seen in sightings(parts)] == [("R&D, M&M", RUSSIAN)]
    assert remarks(parts) == []


def test_feed_with_one_bad_byte_and_what_xml_forbids() -> None:
    item = ITEM.format(RUSSIAN + "|&nbsp;&#0;x\x0b")
    xml = f'<?xml version="1.0"?><rss version="2.0"><channel>{item}</channel></rss>'
    parts = parse("rss", page_of(xml.encode().replace(b"|", b"\xd0"), content_type="text/xml"))
    assert [seen.text for seen in sightings(parts)] == [f"{RUSSIAN}\ufffd x"]
    assert remarks(parts) == []


def test_json_answer_with_a_bad_byte_or_another_encoding_is_still_json() -> None:
    for body, header in (
        ('{"said": "Ёж|"}'.encode().replace(b"|", b"\xd0"), "application/json"),
        ('{"said": "Ёж\ufffd"}'.encode("utf-16"), "application/json"),
        ("\ufeff" + '{"said": "Ёж\ufffd"}', "application/json"),
    ):
        data = body if isinstance(body, bytes) else body.encode()
        assert json.loads(letters.decode(data, header)) == {"said": "Ёж\ufffd"}
