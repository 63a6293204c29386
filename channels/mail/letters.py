"""A letter as it came, read into plain values: whatever its headers, letters and parts are like."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses
from typing import Any, Final

from channels.contract import Attachment
from channels.mail import quotes
from channels.reading import letters as letters_of
from channels.reading import text as plain_text

MOST_HEAD: Final = 20_000
MOST_PARTS: Final = 200
MOST_ATTACHMENTS: Final = 50
MOST_REFERENCES: Final = 40
_ID: Final = re.compile(r"<[^<>\s]{1,900}>")
_KINDS: Final = {"image": "image", "video": "video", "audio": "audio"}
_NOT_READ: Final = (ValueError, LookupError, TypeError, AttributeError, HeaderParseError, AssertionError)
"""What the standard library raises for headers that break its expectations."""


@dataclass(frozen=True, slots=True)
class Person:
    """`address` is in lower case, and empty where the header names none."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain values of one letter. `references` are ids from the oldest on; `text` is what its author wrote himself, `whole`
    with all that he quotes; `markup` is its HTML, if it has any."""

    message: Message
    id: str
    subject: str
    sender: Person
    reply_to: Person
    references: tuple[str, ...]
    answers: str
    text: str
    whole: str
    markup: str
    attachments: tuple[Attachment, ...]

    def head(self, name: str) -> str:
        return head(self.message, name)


def read(body: bytes) -> Letter:
    message = message_from_bytes(body)
    plain, markup = _body(message)
    whole = plain or plain_text.from_html(markup)
    own = quotes.own_words(plain) if plain else quotes.own_words(quotes.from_html(markup))
    answers = _ids(head(message, "In-Reply-To"))
    return Letter(
        message=message,
        id=next(iter(_ids(head(message, "Message-ID"))), ""),
        subject=plain_text.line(head(message, "Subject"), 300),
        sender=_person(message, "From"),
        reply_to=_person(message, "Reply-To"),
        references=_references(message),
        answers=answers[0] if answers else next(iter(reversed(_references(message))), ""),
        text=plain_text.clean(own),
        whole=plain_text.clean(whole),
        markup=markup,
        attachments=tuple(_attachments(message)),
    )


def head(message: Message, name: str) -> str:
    """The first header of that name on one line, in letters; empty where there is none."""
    wanted = name.lower()
    found = next((value for key, value in message.raw_items() if key.lower() == wanted), "")
    return _decoded(_lettered(str(found)[:MOST_HEAD], message))


def heads(message: Message) -> set[str]:
    """The names of its headers, in lower case."""
    return {key.lower() for key, _value in message.raw_items()}


def _lettered(raw: str, message: Message) -> str:
    """A header on one line. Bare bytes in it are in the letters of the letter itself, unless they say otherwise."""
    line = re.sub(r"\r?\n(?=[ \t])", "", raw)
    if not any("\udc80" <= char <= "\udcff" for char in line):
        return line
    charset = next((found for part in _parts(message) if (found := _charset(part))), "")
    return letters_of.decode(line.encode("ascii", "surrogateescape"), f"text/plain; charset={charset}")


def _decoded(line: str) -> str:
    """Words in RFC 2047's form as the letters they mean."""
    try:
        parts = decode_header(line)
    except _NOT_READ:
        return " ".join(line.split())
    said = "".join(
        part
        if isinstance(part, str)
        else letters_of.decode(part, f"text/plain; charset={charset or 'utf-8'}")
        for part, charset in parts
    )
    return " ".join(said.split())


def _person(message: Message, name: str) -> Person:
    """Addresses are told apart before names are decoded: a name may hold commas."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")[
        :MOST_HEAD
    ]
    raw = re.sub(r"\r?\n(?=[ \t])", "", raw)
    if any("\udc80" <= char <= "\udcff" for char in raw):
        raw = letters_of.decode(raw.encode("ascii", "surrogateescape"))
    for shown, address in getaddresses([raw]):
        if "@" in address:
            return Person(plain_text.line(_decoded(shown)), plain_text.line(address, 254).lower())
    return Person(plain_text.line(_decoded(raw)))


def _ids(value: str) -> list[str]:
    return list(dict.fromkeys(_ID.findall(value)))


def _references(message: Message) -> tuple[str, ...]:
    found = _ids(head(message, "References")) or _ids(head(message, "In-Reply-To"))[:1]
    if len(found) > MOST_REFERENCES:
        found = [found[0], *found[1 - MOST_REFERENCES :]]
    return tuple(found)


def _body(message: Message) -> tuple[str, str]:
    """Its plain text and its HTML. Of alternatives the plain one is the text, unless it says nothing."""
    plain: list[str] = []
    markup: list[str] = []
    for part in _shown(message):
        said = _text_of(part)
        if part.get_content_subtype() == "html":
            markup.append(said)
        elif said.strip():
            plain.append(_unflowed(said) if _is_flowed(part) else said)
    return plain_text.clean("\n\n".join(plain)), "\n".join(markup)


def _shown(message: Message) -> Iterator[Message]:
    """The parts that a mail program shows as the text of the letter."""
    for part in _parts(message):
        is_known = part.get_content_subtype() in ("plain", "html") or part is message
        if part.get_content_maintype() == "text" and is_known and not _is_attachment(part):
            yield part


def _parts(message: Message) -> Iterator[Message]:
    """Every part with a body of its own, in order; not those of letters that lie within this one."""
    waiting = [message]
    for _count in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            waiting.extend(reversed([one for one in inner if isinstance(one, Message)]))
        else:
            yield part


def _is_attachment(part: Message) -> bool:
    return _disposition(part) == "attachment" or bool(_file_name(part))


def _disposition(part: Message) -> str:
    return head(part, "Content-Disposition").partition(";")[0].strip().lower()


def _file_name(part: Message) -> str:
    try:
        found: Any = part.get_filename("")
        named = collapse_rfc2231_value(found)
    except _NOT_READ:
        return ""
    return plain_text.line(_decoded(str(named)[:1_000]))


def payload(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except _NOT_READ:
        return b""
    return found if isinstance(found, bytes) else b""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset(""))
    except _NOT_READ:
        return ""


def _text_of(part: Message) -> str:
    charset = _charset(part)
    body = payload(part)[: plain_text.MAX_MARKUP]
    return letters_of.decode(body, f"text/plain; charset={charset}" if charset else "")


def _parameter(part: Message, name: str) -> str:
    try:
        return str(part.get_param(name, "")).lower()
    except _NOT_READ:
        return ""


def _is_flowed(part: Message) -> bool:
    return _parameter(part, "format") == "flowed"


def _unflowed(said: str) -> str:
    """Lines that a mail program broke by itself end with a space (RFC 3676)."""
    lines: list[str] = []
    is_open = False
    for line in said.splitlines():
        flows = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if is_open and not line.startswith(">") and line != "-- ":
            lines[-1] += line
        else:
            lines.append(line)
        is_open = flows
    return "\n".join(lines)


def _attachments(message: Message) -> Iterator[Attachment]:
    """Files by name and size. Nothing of them is kept or opened."""
    count = 0
    for part in _parts(message):
        is_text = part.get_content_maintype() == "text" and not _is_attachment(part)
        if is_text or part.get_content_maintype() == "multipart" or count >= MOST_ATTACHMENTS:
            continue
        if head(part, "Content-ID") and _disposition(part) == "inline" and not _file_name(part):
            continue  # A picture of the layout, as in the signatures of companies.
        count += 1
        kind: Any = _KINDS.get(part.get_content_maintype(), "file")
        size = None if part.is_multipart() else len(payload(part))
        yield Attachment(kind, None, _file_name(part) or _inner_subject(part), size)


def _inner_subject(part: Message) -> str:
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and inner:
        return plain_text.line(head(inner[0], "Subject")) if isinstance(inner[0], Message) else ""
    return ""
