"""Cleaning and windows: nothing raises, nothing a reader would see is lost."""

import unicodedata
from itertools import pairwise

import pytest

from sentiment.text import _spell, clean, is_plain, visible, windows


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("  Всё   ХОРОШО\n", "все хорошо"),
        ("see https://a.example/x?y now", "see http now"),
        ("@Shop_1 привет", "@user привет"),
        ("mail me: a@b.example", "mail me: a@b.example"),
        ("sooooooo", "sooo"),
        ("ну и ну))))))))", "ну и ну)))"),
        ("p\u200brice\ufeff", "price"),
        ("\ud83d alone", "alone"),
        ("good😍food", "good 😍 food"),
        ("👍🏽", "👍"),
        ("café", "cafe"),
        ("мой йогурт", "мой йогурт"),
        ("&lt;b&gt; &amp; co", "<b> & co"),
        ("a\x00b", "a b"),
        ("𝓖𝓸𝓸𝓭", "good"),
    ],
)
def test_clean(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


def test_cleaning_twice_changes_nothing_more() -> None:
    for text in ("Всё ОК 😍😍 https://a.example", "café @name!!!!!!", "\u0130stanbul"):
        assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 18, 19, 100])
def test_windows_cover_every_token_in_order(count: int) -> None:
    ids = list(range(count))
    cut = windows(ids, size=10, overlap=2)
    assert all(len(window) <= 10 for window in cut)
    covered = [number for window in cut for number in window]
    assert sorted(set(covered)) == ids
    for one, following in pairwise(cut):
        assert one[-2:] == following[:2]


def test_what_is_called_plain_is_read_as_it_stands_letter_by_letter() -> None:
    plain = [chr(code) for code in range(0x3000) if is_plain(chr(code))]
    assert len(plain) > 150
    for form in ("NFC", "NFKC", "NFD"):
        # й and ё alone come apart, and the cleaning composes them.
        apart = [char for char in plain if unicodedata.normalize(form, char) != char]
        assert set(apart) == ({*"йЙёЁ"} if form == "NFD" else set())
    assert "".join(visible("".join(plain))) == "".join(plain)
    assert list(map(_spell, plain)) == plain
    assert not any(map(is_plain, ("é", "\u200b", "и\u0306", "№", "…", "😀", "\n", "ў", "\ud800")))
