"""What somebody wrote himself in a letter: without what he quotes and how he signs."""

import re
from typing import Any, Final

import lxml.etree
from lxml import html as lxml_html

from channels.reading import text as plain_text

MOST_LINES: Final = 5_000
_QUOTED: Final = re.compile(r"\s*>")
_DIVIDER: Final = re.compile(
    r"\s*[-_*]{2,}\s*(?:original message|исходное сообщение|исходное письмо|ursprüngliche nachricht|message d'origine)"
    r"\s*[-_*]{2,}\s*",
    re.IGNORECASE,
)
_WROTE: Final = re.compile(
    r"\b(?:wrote|writes|написал|написала|написали|пишет|писал|писала|schrieb|a écrit|escribió|ha scritto)\b[^\n]{0,80}:\s*\Z",
    re.IGNORECASE,
)
_HEAD_BEGINS: Final = re.compile(
    r"\s*(?:on|am|le|el|il|в|вс|пн|вт|ср|чт|пт|сб|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|\d)",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d{2}\b")
_OUTLOOK: Final = re.compile(r"\s*\*?(?:from|от|von|de)\s*:\*?\s*\S.*", re.IGNORECASE)
_OUTLOOK_NEXT: Final = re.compile(
    r"\s*\*?(?:sent|date|to|subject|отправлено|дата|кому|тема|gesendet|datum|an|betreff|envoyé|à|objet)\s*:\*?.*",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"--\s?")
_DEVICE: Final = re.compile(
    r"\s*(?:sent from my |sent from (?:outlook|mail|yahoo|gmail)|get outlook for |отправлено с |отправлено из |отправлено через "
    r"|von meinem .{1,40} gesendet|envoyé de mon )[^.!?\n]{0,80}[.!]?\s*",
    re.IGNORECASE,
)
_HEAD_LINES: Final = 4
_LONGEST_HEAD: Final = 400
_DROPPED: Final = (
    "//blockquote[@type='cite' or contains(@class,'gmail_quote') or contains(@class,'protonmail_quote')]",
    "//*[contains(concat(' ',@class,' '),' gmail_quote ') or contains(concat(' ',@class,' '),' gmail_quote_container ')]",
    "//*[contains(concat(' ',@class,' '),' gmail_attr ') or contains(concat(' ',@class,' '),' moz-cite-prefix ')]",
    "//*[contains(concat(' ',@class,' '),' yahoo_quoted ') or contains(concat(' ',@class,' '),' gmail_signature ')]",
    "//*[contains(concat(' ',@class,' '),' moz-signature ') or @id='Signature' or @id='ms-outlook-mobile-signature']",
    "//*[contains(concat(' ',@class,' '),' WordSection1 ')]//*[contains(@style,'border-top:solid #E1E1E1')]",
)
_END: Final = (
    "//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='mail-editor-reference-message-container']"
)


def own_words(text: str) -> str:
    """Plain text without quotations, the lines that lead to them, and the signature; all of it where nothing would be left."""
    lines = text.splitlines()[:MOST_LINES]
    kept = _without_signature(_without_quotes(lines))
    cut = "\n".join(kept).strip()
    return cut or text.strip()


def from_html(markup: str) -> str:
    """The text of a letter in HTML, without what its author quotes where the mail program marks that."""
    whole = plain_text.from_html(markup)
    try:
        tree = lxml_html.document_fromstring(markup[: plain_text.MAX_MARKUP].replace("\x00", ""))
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        return whole
    if not _drop_quotes(tree):
        return whole
    return plain_text.from_html(lxml_html.tostring(tree, encoding="unicode")) or whole


def _drop_quotes(tree: Any) -> bool:
    """Whether there were any."""
    found = [element for path in _DROPPED for element in tree.xpath(path)]
    for end in tree.xpath(_END):
        found += [end, *end.itersiblings()]
    for element in found:
        if element.getparent() is not None:
            element.drop_tree()
    return bool(found)


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if _QUOTED.match(line):
            number += 1
            continue
        length = _head_length(lines, number)
        if length and _is_quoted_next(lines, number + length):
            number += length
        elif length and any(one.strip() for one in kept):
            break  # Everything below is the letter that is answered, and carries no mark of its own.
        else:
            kept.append(line)
            number += 1
    return kept


def _head_length(lines: list[str], number: int) -> int:
    """How many lines lead to a quotation from here on: "On Monday, Anna <a@b.example> wrote:"; 0 where none do."""
    line = lines[number]
    if _DIVIDER.fullmatch(line):
        return 1
    following = next((one for one in lines[number + 1 : number + 3] if one.strip()), "")
    if _OUTLOOK.fullmatch(line) and _OUTLOOK_NEXT.fullmatch(following):
        return 1
    if not _HEAD_BEGINS.match(line):
        return 0
    joined = ""
    for length, one in enumerate(lines[number : number + _HEAD_LINES], start=1):
        if not one.strip():
            return 0
        joined = f"{joined} {one.strip()}"
        if one.rstrip().endswith(":"):
            is_head = bool(_CLOCK.search(joined)) and ("@" in joined or bool(_WROTE.search(joined)))
            return length if is_head and len(joined) < _LONGEST_HEAD else 0
    return 0


def _is_quoted_next(lines: list[str], number: int) -> bool:
    following = next((one for one in lines[number : number + 3] if one.strip()), "")
    return bool(_QUOTED.match(following))


def _without_signature(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line) and any(one.strip() for one in lines[:number]):
            lines = lines[:number]
            break
    while lines and (not lines[-1].strip() or _DEVICE.fullmatch(lines[-1])):
        lines = lines[:-1]
    return lines
