"""[pure] XML as generators by string concatenation write it, made well-formed: bare ampersands, HTML's entities, control characters.

One `R&D` would otherwise send a whole feed to a slower and coarser reader, which loses words.
"""

import re
from html.entities import html5
from typing import Final

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&amp;(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]\w{1,30}));")
_OF_XML: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))
_RAW = re.compile(r"<!\[CDATA\[|<!--")


def mend_xml(text: str) -> str:
    """The same text, well-formed as far as its characters go. CDATA and comments are left as they are."""
    text = _ILLEGAL.sub("", text)
    if "&" not in text:
        return text
    has_own_entities = "<!ENTITY" in text
    out: list[str] = []
    place = 0
    for start, end in _raw_parts(text):
        out += (_mended(text[place:start], has_own_entities), text[start:end])
        place = end
    return "".join((*out, _mended(text[place:], has_own_entities)))


def _raw_parts(text: str) -> list[tuple[int, int]]:
    """Where CDATA and comments stand. One that never ends reaches to the end, so that each place is met once."""
    found: list[tuple[int, int]] = []
    place = 0
    while opening := _RAW.search(text, place):
        close = "-->" if opening[0] == "<!--" else "]]>"
        end = text.find(close, opening.end())
        place = len(text) if end < 0 else end + len(close)
        found.append((opening.start(), place))
    return found


def _mended(text: str, has_own_entities: bool) -> str:
    # All are escaped and the references set free again: bare ones by the million then cost next to nothing.
    escaped = text.replace("&", "&amp;")
    return _REFERENCE.sub(lambda found: _reference(found, has_own_entities), escaped)


def _reference(found: re.Match[str], has_own_entities: bool) -> str:
    decimal, hexadecimal, name = found.groups()
    if name is None:
        number = int(decimal) if decimal else int(hexadecimal, 16)
        return "" if number > 0x10FFFF or _ILLEGAL.match(chr(number)) else f"&#{number};"
    if name in _OF_XML or has_own_entities:
        return f"&{name};"
    known = html5.get(f"{name};")
    return "".join(f"&#{ord(char)};" for char in known) if known else found[0]
