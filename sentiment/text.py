"""[pure] Cleaning of hostile text and cutting of long ones into windows; must never raise on any string and never lose
more than invisible characters, repeats and the letters of an address."""

import html
import re
import unicodedata
from collections.abc import Iterator

# The longest run of one character that still carries meaning ("soooo", "!!!"); longer runs only make a text longer.
_LONGEST_RUN = 3
# Accents that may follow one letter. Normalizing sorts them, in time that grows with the square of their number, and
# thousands on one letter ("zalgo") are a picture; no script needs more than a few.
_MOST_ACCENTS = 8
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![\w@])@\w{2,}")
_RUN = re.compile(rf"(\S)\1{{{_LONGEST_RUN},}}")
_SPACE = re.compile(r"\s+")
# Format characters (zero width, direction), controls, surrogates and private use say nothing to a reader.
_SILENT = frozenset({"Cf", "Cs", "Co", "Cn"})
_LATIN_END = 0x024F
# Letters and signs that are read as they stand. Most texts hold nothing else, and need not be looked at letter by letter.
_PLAIN = re.compile(r"[\x20-\x7eЁА-яё«»—–“”„’]*")
# A tokenizer is quick on words and slow on one huge line; pieces of this many characters keep it linear.
_STRETCH = 20_000


def clean(text: str) -> str:
    """The text as the tokenizer reads it: lower case, one space between words, addresses replaced, emoji apart."""
    plain = unicodedata.normalize("NFKC", _plain(text)).lower().replace("ё", "е")
    if not is_plain(plain):
        plain = "".join(map(_spell, plain))
    return _SPACE.sub(" ", _RUN.sub(r"\1" * _LONGEST_RUN, plain)).strip()


def tidy(text: str) -> str:
    """The text as models of others expect it: case and letters as they stand, addresses and accounts replaced."""
    return _SPACE.sub(" ", _plain(text)).strip()


def _plain(text: str) -> str:
    # Once: what is escaped twice would take another look at the whole text for each time, and is seldom.
    plain = html.unescape(text) if "&" in text else text
    plain = _ADDRESS.sub(" http ", plain)
    plain = _ACCOUNT.sub(" @user ", plain)
    return plain if is_plain(plain) else "".join(visible(plain))


def is_plain(text: str) -> bool:
    """Whether there is nothing in it that `visible` or Unicode's normal forms would change."""
    return _PLAIN.fullmatch(text) is not None


def visible(text: str) -> Iterator[str]:
    """Without what nobody sees, and without accents piled up; what is left is normalized in linear time."""
    accents = 0
    for char in text:
        if char.isascii():
            accents = 0
            yield max(char, " ")
            continue
        category = unicodedata.category(char)
        # U+200D joins emoji into families; each part is a piece of its own, so it becomes a space.
        if category == "Cc" or char == "\u200d":
            yield " "
        elif category not in _SILENT:
            # Invisible characters between accents change nothing: they still pile up on one letter.
            accents = accents + 1 if category in ("Mn", "Mc") else 0
            if accents <= _MOST_ACCENTS:
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


def shares(ids: list[int], size: int, overlap: int) -> dict[tuple[int, ...], float]:
    """Every window with its share of the text by tokens; equal windows are one, so a repeated text is read once."""
    weights: dict[tuple[int, ...], int] = {}
    for window in map(tuple, windows(ids, size, overlap)):
        weights[window] = weights.get(window, 0) + max(1, len(window))
    whole = sum(weights.values())
    return {window: weight / whole for window, weight in weights.items()}


def stretches(text: str) -> Iterator[str]:
    """The text in pieces that a tokenizer reads in linear time, cut at a space where there is one."""
    start = 0
    while len(text) - start > _STRETCH:
        end = text.rfind(" ", start, start + _STRETCH)
        end = end if end > start else start + _STRETCH
        yield text[start:end]
        start = end
    yield text[start:]
