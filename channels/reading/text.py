"""[pure] From whatever a site wrote to plain text that is safe to keep: no markup, no control characters, no endless text.

Plain text may still hold `<` and `&` as characters: whoever shows it must escape it.
"""

import html
import re
import unicodedata
from hashlib import sha256
from html.entities import html5
from typing import Final

import html_text
import lxml.etree

from channels.reading import smileys

MAX_TEXT: Final = 20_000
MAX_NAME: Final = 200
MAX_KEY: Final = 255
MAX_MARKUP: Final = 2_000_000
"""Markup longer than this is cut before it is parsed: its text would be cut in any case."""

# Text in the usual letters and signs, on one line, is what most sites send, and needs no cleaning.
_SIMPLE = re.compile(
    r"[ !-%'-;=-~\u00ab\u00bb\u0401\u0410-\u044f\u0451\u2013\u2014\u2018-\u201e\u2026\u20bd\u2116]*"
)
_TAG = re.compile(r"<(?:[a-zA-Z/!][^<>]*)>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([a-zA-Z][a-zA-Z0-9]{1,31}));")
_MOST_LAYERS: Final = 4
_BLOCK = re.compile(r"<(?:p|br|div|li|tr|h[1-6]|blockquote)\b", re.IGNORECASE)
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_NOT_LETTERS = re.compile(r"[\W_]+")
_SMILEY = re.compile(r":[a-z]{2,12}:|(?:[:;=]-?[DPOXdpox]|8-?[)O])(?![^\W_])")
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_.].*)?\s*$")
_SCHEME = re.compile(r"\b(?:https?|ftp)://")
# Explicit directions (embeddings, overrides, isolates) can reorder the page around a text and hide what
# it says. Arabic and Hebrew read well without them, by the implicit rules of Unicode, so they go.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069\ufeff\u2060\u200b]"
)


def clean(text: str) -> str:
    """Plain text with paragraph breaks kept, other white space folded and what cannot be shown removed."""
    if _is_clean(text):
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n").replace("\u2028", "\n")
    text = text.replace("\u2029", "\n\n").replace("\t", " ")
    text = _UNWANTED.sub("", unicodedata.normalize("NFC", text))
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _is_clean(text: str) -> bool:
    return "  " not in text and _SIMPLE.fullmatch(text) is not None


def unescaped(text: str) -> str:
    """Entities as the characters they mean, also where a site has escaped them more than once."""
    for _ in range(_MOST_LAYERS):
        before, text = text, _ENTITY.sub(_character, text)
        if text == before:
            break
    return text


def _character(found: re.Match[str]) -> str:
    return html5.get(f"{found[1]};", found[0]) if found[1] else html.unescape(found[0])


def from_html(markup: str) -> str:
    """The text a reader would see; scripts and styles are gone, blocks become paragraphs, drawn smileys stay."""
    markup = _UNWANTED.sub("", markup[:MAX_MARKUP])
    if not _TAG.search(markup):
        written = unescaped(markup)
        # Markup that was escaped as a whole, which its author never saw as such.
        return _seen_in(written) if _BLOCK.search(written) else clean(written)
    return _seen_in(markup)


def _seen_in(markup: str) -> str:
    try:
        tree = html_text.parse_html(f"<div>{markup}</div>")
        smileys.write_out(tree)
        return clean(unescaped(html_text.extract_text(tree)))
    except (lxml.etree.LxmlError, AssertionError, ValueError, RecursionError):
        # What no parser can read is still shown to people: as text, with the tags cut out.
        return clean(unescaped(_TAG.sub(" ", markup)))


def from_either(text: str) -> str:
    """For fields that should hold plain text and often hold HTML, or at least its entities."""
    if _is_clean(text := text[:MAX_MARKUP]):
        return text.strip()
    if not _TAG.search(text):
        text = unescaped(text)
        return _seen_in(text) if _BLOCK.search(text) else clean(text)
    # Where no tag breaks lines, the line breaks of the text are meant.
    return from_html(text if _BLOCK.search(text) else text.replace("\n", "<br>"))


def line(text: str, length: int = MAX_NAME) -> str:
    """One line: a name, a title."""
    flat = " ".join(from_either(text[: length * 20]).split())
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"


def shorten(text: str) -> tuple[str, bool]:
    """The text within MAX_TEXT characters, and whether something was cut off."""
    if len(text) <= MAX_TEXT:
        return text, False
    return text[: MAX_TEXT - 1].rstrip() + "…", True


def letters(text: str) -> str:
    """What is left of a text when a site has changed its quotes, dashes, spaces and smileys."""
    kept = _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())
    return kept or "".join(text.split())


def says_the_same(one: str, other: str) -> bool:
    """Also where a site draws pictures for smileys with letters in them, writes 4×4 for 4x4, or completes a link."""
    return letters(one) == letters(other) or letters(_bare(one)) == letters(_bare(other)) != ""


def _bare(text: str) -> str:
    return _SMILEY.sub("", _SCHEME.sub("", unescaped(text))).replace("×", "x")


def fingerprint(*parts: str | None) -> str:
    """A stable id for what has none of its own."""
    joined = "\x1f".join(" ".join((part or "").split()) for part in parts)
    return sha256(joined.encode("utf-8", "replace")).hexdigest()[:32]


def key(own: str) -> str:
    """An id as it may be stored: one that is too long is replaced by its fingerprint."""
    return own if len(own) <= MAX_KEY else fingerprint(own)


def language_tag(tag: object) -> str | None:
    """The language part of a tag such as `ru-RU` or `en_US.UTF-8`, lower case; None when it is no tag."""
    found = _LANGUAGE.match(tag[:40]) if isinstance(tag, str) else None
    return found[1].lower() if found else None
