"""In which letters bytes are written: decided by the bytes themselves, with what header and document say as witnesses.

Servers send one charset for all their pages, generators copy declarations, and both lie; the bytes cannot. Text that
is not UTF-8 is practically never valid UTF-8, so that much of it settles the matter whatever was declared, and a bad byte
in it is one unreadable letter. For the older encodings a declaration counts, unless the letters make no words in it.
"""

import codecs
import re
from itertools import islice
from typing import Final

from charset_normalizer import from_bytes
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    to_unicode,
)

DEFAULT: Final = "utf-8"
_CYRILLIC: Final = ("cp1251", "koi8-r", "cp866", "iso8859-5")
"""Taken for one another and for Western ones, by servers as by people."""
_UNDECLARED: Final = (*_CYRILLIC, "cp1252")
_MULTIBYTE: Final = ("gb", "big5", "cp932", "cp949", "euc", "iso2022", "shift", "johab")
_MOST_WORDS: Final = 60
_ENOUGH: Final = 200_000
_FEW: Final = 4
_CLEARLY: Final = 0.1
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_WORDS = re.compile(rb"[^\x00-\x1f<>]{0,40}[\x80-\xff][^\x00-\x1f<>]{0,200}")


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a body, without a byte order mark; letters that cannot be read are U+FFFD."""
    text: str = to_unicode(body, encoding_of(body, content_type))
    return text.removeprefix("\ufeff")


def encoding_of(body: bytes, content_type: str = "") -> str:
    """The encoding of a body as Python names it, by its bytes, its declaration and its Content-Type header."""
    marked, _ = read_bom(body)
    if marked or (marked := _wide(body[:4_000])):
        return str(marked)
    declared = _declared(body, content_type)
    if _NOT_ASCII.search(body) is None:
        return declared[0] if declared else DEFAULT
    if _is_utf_8(body, is_declared=DEFAULT in declared):
        return DEFAULT
    return _older(body, [name for name in declared if name != DEFAULT])


def _declared(body: bytes, content_type: str) -> list[str]:
    """What the document and the header say, the document first: its author knew it, the server has one for all."""
    said = (html_body_declared_encoding(body), http_content_type_encoding(content_type))
    # Wide encodings are known by their zero bytes alone: a document that can be read this far is in none of them.
    return [str(name) for name in dict.fromkeys(said) if name and not name.startswith(("utf-16", "utf-32"))]


def _wide(start: bytes) -> str | None:
    """UTF-16 without its mark: markup, digits and spaces have a zero byte, always on the same side."""
    sides = [position % 2 for position, byte in enumerate(start) if byte == 0]
    if len(sides) < max(3, len(start) // 20) or min(sides.count(0), sides.count(1)) > len(sides) // 20:
        return None
    return "utf-16-le" if sides.count(1) > sides.count(0) else "utf-16-be"


def _is_utf_8(body: bytes, *, is_declared: bool) -> bool:
    text = body.decode(DEFAULT, "replace")
    unreadable = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    if not unreadable:
        return True
    readable = len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
    return readable >= unreadable or (is_declared and unreadable < _FEW and not readable)


def _older(body: bytes, declared: list[str]) -> str:
    """One of the encodings from before Unicode: the first that was declared and makes words as good as any other's."""
    if declared and _reads_by_rule(body, declared[0]):
        return declared[0]
    candidates = dict.fromkeys([*declared, *_CYRILLIC] if declared else _UNDECLARED)
    matches = from_bytes(_words_of(body), cp_isolation=list(candidates))
    best = matches.best()
    if best is None:
        return declared[0] if declared else DEFAULT
    found = {codecs.lookup(name).name: match for match in matches for name in match.could_be_from_charset}
    for name in declared:
        match = found.get(name)
        if match and match.chaos - best.chaos < _CLEARLY and best.coherence - match.coherence < _CLEARLY:
            return name
    return str(codecs.lookup(best.encoding).name)


def _reads_by_rule(body: bytes, name: str) -> bool:
    """Whether the bytes follow the rules of a multibyte encoding, which others do not by chance."""
    if not name.startswith(_MULTIBYTE):
        return False
    text: str = to_unicode(body[:_ENOUGH], name)
    return text.count("\ufffd") * 50 <= len(text) - len(text.encode("ascii", "ignore"))


def _words_of(body: bytes) -> bytes:
    """Words with letters beyond ASCII, enough of them to judge by."""
    return b"\n".join(found[0] for found in islice(_WORDS.finditer(body), _MOST_WORDS))
