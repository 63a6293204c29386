"""Packed bodies: what the bytes are counts, whatever the header says, and never more than the limit."""

import gzip
import os
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import errors
from channels.reading.packing import unpack

TEXT = ("<rss>Заказ везут второй день & never came</rss>\n" * 300).encode()
LIMIT = 1_000_000


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


PACKED = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "gzip with rubbish behind it": gzip.compress(TEXT) + b"\x00\x00\r\n",
    "two gzip files in a row": gzip.compress(TEXT[:500]) + gzip.compress(TEXT[500:]),
    "doubled gzip": gzip.compress(gzip.compress(TEXT)),
    "zlib": zlib.compress(TEXT),
    "raw deflate": raw_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "br in gzip": gzip.compress(brotli.compress(TEXT)),
}
HEADERS = [
    "",
    "gzip",
    "x-gzip",
    "GZIP",
    "deflate",
    "br",
    "gzip, gzip",
    "br, gzip",
    "identity",
    "utf-8",
    "none",
    ",",
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("name", PACKED)
def test_body_is_unpacked_whatever_the_header_says(name: str, header: str) -> None:
    assert unpack(PACKED[name], header, LIMIT) == TEXT


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"x^2 is no zlib",
        "Кириллица\x0b с мусором".encode("cp1251") * 20,
        "<?xml?>Текст".encode("utf-16"),
        "<?xml?>Текст".encode("utf-16-le"),
        b"\x1f\x8b\x08",
        b"\x1f\x8b\x08 not gzip at all",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    ],
    ids=["empty", "letter", "x^2", "cp1251", "utf-16", "utf-16-le", "sign alone", "sign and words", "png"],
)
def test_what_is_not_packed_stays_as_it_is(body: bytes, header: str) -> None:
    assert unpack(body, header, LIMIT) == body


def test_body_that_breaks_off_gives_what_came() -> None:
    packed = gzip.compress(os.urandom(50_000).hex().encode())
    found = unpack(packed[: len(packed) // 2], "gzip", LIMIT)
    assert 20_000 < len(found) < 100_000
    assert found.isalnum()


BOMB = b"x" * (3 * LIMIT)


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(BOMB),
        zlib.compress(BOMB),
        raw_deflate(BOMB),
        brotli.compress(BOMB),
        gzip.compress(gzip.compress(BOMB)),
        gzip.compress(BOMB[:LIMIT]) * 3,
    ],
    # By name: packed bytes hold the time, and the processes of one run must call a test the same.
    ids=["gzip", "zlib", "raw deflate", "br", "doubled gzip", "three in a row"],
)
@pytest.mark.parametrize("header", ["", "gzip"])
def test_bomb_is_not_unpacked(packed: bytes, header: str) -> None:
    with pytest.raises(errors.TooLarge, match="1 MB"):
        unpack(packed, header, LIMIT)


def test_a_great_many_small_files_end() -> None:
    assert len(unpack(gzip.compress(b"") * 20_000 + gzip.compress(b"a"), "gzip", LIMIT)) < LIMIT


@given(st.binary(), st.sampled_from(HEADERS))
def test_no_bytes_break_it(body: bytes, header: str) -> None:
    assert isinstance(unpack(body, header, LIMIT), bytes)


@given(st.text(), st.sampled_from(HEADERS))
def test_text_is_never_taken_for_packed(text: str, header: str) -> None:
    body = ("<p>" + text).encode("utf-8", "replace")
    assert unpack(body, header, LIMIT) == body
