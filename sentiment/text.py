"""Cleaning of hostile text and cutting of long ones into windows; must never raise on any string and never lose
more than invisible characters, repeats and the letters of an address."""

import html
import re
import unicodedata
from collections.abc import Iterator

# The longest run of one character that still carries meaning ("soooo", "!!!"); longer runs only make a text longer.
_LONGEST_RUN = 3
# unescape() looks at the whole text; a doubly escaped text is read twice, never more.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![\w@])@\w{2,}")
_RUN = re.compile(rf"(\S)\1{{{_LONGEST_RUN},}}")
_SPACE = re.compile(r"\s+")
# Format characters (zero width, direction), controls, surrogates and private use say nothing to a reader.
_SILENT = frozenset({"Cf", "Cs", "Co", "Cn"})
_LATIN_END = 0x024F


def clean(text: str) -> str:
    """The text as the tokenizer reads it: lower case, one space between words, addresses replaced, emoji apart."""
    plain = html.unescape(text) if "&" in text else text
    plain = _ADDRESS.sub(" http ", plain)
    plain = _ACCOUNT.sub(" @user ", plain)
    plain = unicodedata.normalize("NFKC", "".join(_visible(plain))).lower().replace("ё", "е")
    if not plain.isascii():
        plain = "".join(map(_spell, plain))
    return _SPACE.sub(" ", _RUN.sub(r"\1" * _LONGEST_RUN, plain)).strip()


def _visible(text: str) -> Iterator[str]:
    for char in text:
        if char.isascii():
            yield max(char, " ")
            continue
        category = unicodedata.category(char)
        # U+200D joins emoji into families; each part is a piece of its own, so it becomes a space.
        if category == "Cc" or char == "\u200d":
            yield " "
        elif category not in _SILENT:
            yield char


def _spell(char: str) -> str:
    """Latin letters lose their accents (the English vocabulary has none); й and emoji are left whole."""
    code = ord(char)
    if code < 0x80:
        return char
    if code <= _LATIN_END:
        base = unicodedata.normalize("NFD", char)[0]
        return base if base.isalpha() else char
    if 0xFE00 <= code <= 0xFE0F or 0x1F3FB <= code <= 0x1F3FF:
        return ""
    if unicodedata.category(char) == "So":
        return f" {char} "
    return char


def windows(ids: list[int], size: int, overlap: int) -> list[list[int]]:
    """Pieces of at most `size`, each beginning `overlap` before the end of the last, so that none is left out."""
    if len(ids) <= size:
        return [ids]
    step = size - overlap
    return [ids[start : start + size] for start in range(0, max(len(ids) - overlap, 1), step)]
