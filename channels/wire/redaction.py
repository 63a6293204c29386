"""Secrets taken out of what people and logs are told, in whatever form a site or a library repeats them.

A secret is found as it is written, percent-encoded (once or more, in whole or in part), in HTML or JSON, escaped as Python
escapes it, in base64 (also inside a longer text, as in `user:password`), and cut off at the end of a text.
"""

import base64
import html.entities
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from channels.contract import Call, Text

SHORTEST: Final = 4
"""A secret of fewer letters is none: it would be found in every second word."""
HEAD: Final = 8
"""That much of a secret must stand before the place where a text was cut off for the rest to be known."""
TAKEN_OUT: Final = "[secret]"
_WORD = re.compile(r"[A-Za-z0-9_.~+=%-]{8,}")
_CUT = re.compile(r"\Z|…|\.\.\.")
_SHORTEST_CODE: Final = 5


class Redaction:
    """Knows the secrets of one place, and what `authorize` made of them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms: dict[str, _Form] = {}
        self.add(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Others, which took the place of those that ran out."""
        for secret in secrets:
            self._know(secret)

    def learn(self, before: Call, after: Call) -> None:
        """What a call bears since it was authorized is secret as well: signed tokens, codes."""
        known = set(_WORD.findall(_flat(before)))
        for word in _WORD.findall(_flat(after)):
            if word not in known:
                self._forms.setdefault(word, _Form.of(word))

    def redact(self, text: str) -> str:
        for form in self._forms.values():
            text = form.without(text)
        return text

    def redact_text(self, told: Text) -> Text:
        return Text(self.redact(told.en), self.redact(told.ru))

    def is_in(self, call: Call) -> bool:
        """Whether the call would show a secret to whoever gets it."""
        text = _flat(call)
        return any(form.is_in(text) for form in self._forms.values())

    def _know(self, secret: str) -> None:
        for part in _parts(secret):
            for written in (part, *_codes(part)):
                self._forms.setdefault(written, _Form.of(written))


def _flat(call: Call) -> str:
    body = (call.body or b"").decode("utf-8", "replace")
    return "\n".join([call.url, *call.headers.values(), body])


def _parts(secret: str) -> Iterator[str]:
    """The secret itself; of a key file also its values, and the lines of a key."""
    whole = secret.strip()
    if len(whole) >= SHORTEST:
        yield whole
    if whole.startswith("{"):
        yield from (value for value in _values(whole) if len(value) >= 2 * HEAD)
    if "\n" in whole:
        yield from (line.strip() for line in whole.splitlines() if len(line.strip()) >= 2 * HEAD)


def _values(text: str) -> Iterator[str]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return
    for value in found.values() if isinstance(found, dict) else ():
        if isinstance(value, str):
            yield from _parts(value)


def _codes(secret: str) -> Iterator[str]:
    """What of its base64 does not depend on what stands before and behind it; three ways to fall on the letters."""
    data = secret.encode("utf-8", "replace")
    for offset in range(3):
        code = base64.b64encode(bytes(offset) + data).decode("ascii")
        begins, ends = -(-offset * 8 // 6), (offset + len(data)) * 8 // 6
        core = code[begins:ends]
        if len(core) >= _SHORTEST_CODE:
            yield core
            yield core.translate(str.maketrans("+/", "-_"))


@dataclass(frozen=True, slots=True)
class _Form:
    """One way in which a secret is written; each of its letters may be encoded in any way."""

    letters: str
    head: re.Pattern[str]

    @classmethod
    def of(cls, letters: str) -> "_Form":
        return cls(letters, re.compile("".join(_any_form(char) for char in letters[:HEAD])))

    def is_in(self, text: str) -> bool:
        return any(is_whole for _start, _end, is_whole in self._found(text))

    def without(self, text: str) -> str:
        kept, behind = [], 0
        for start, end, is_whole in self._found(text):
            if start >= behind and (is_whole or _CUT.match(text, end)):
                kept += [text[behind:start], TAKEN_OUT]
                behind = end
        return "".join([*kept, text[behind:]])

    def _found(self, text: str) -> Iterator[tuple[int, int, bool]]:
        """Where it begins, how far it goes on, and whether that is all of it."""
        at = 0
        while (found := self.head.search(text, at)) is not None:
            end, is_whole = self._follow(text, found.start())
            yield found.start(), end, is_whole
            at = max(end, at + 1) if is_whole else found.start() + 1

    def _follow(self, text: str, start: int) -> tuple[int, bool]:
        """All readings at once: "&amp;" is an ampersand, or one with four letters behind it."""
        ends = {start}
        for char in self.letters:
            further = {found.end() for at in ends for form in _forms(char) if (found := form.match(text, at))}
            if not further:
                return max(ends), False
            ends = further
        return max(ends), True


@cache
def _forms(char: str) -> list[re.Pattern[str]]:
    return [re.compile(form) for form in _written(char)]


def _any_form(char: str) -> str:
    return f"(?:{'|'.join(_written(char))})"


def _written(char: str) -> list[str]:
    """All that a letter is made into on its way: %41, &#65;, \\u0041, \\x41, or left as it is."""
    if char.isspace():
        return [r"(?:\s|\+|%(?:25)*(?:20|09|0[AaDd])|&nbsp;|&#160;|\\[nrt])*"]
    data = char.encode("utf-8", "replace")
    units = char.encode("utf-16-be", "replace")
    code = ord(char)
    forms = [
        re.escape(char),
        rf"\\{re.escape(char)}",
        "(?i:" + "".join(f"%(?:25)*{byte:02x}" for byte in data) + ")",
        "(?i:" + "".join(rf"\\x{byte:02x}" for byte in data) + ")",
        "(?i:" + "".join(rf"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + ")",
        rf"(?i:\\x{code:02x}|\\u{code:04x}|\\U{code:08x}|&#0*{code};|&#x0*{code:x};)",
    ]
    if name := html.entities.codepoint2name.get(code):
        forms.append(f"&{name};")
    return forms


def scrub(error: BaseException, redaction: Redaction) -> None:
    """Takes the secrets out of an error's words, and of those of the errors behind it."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.args = tuple(_clean(part, redaction) for part in one.args)
        waiting += [one.__cause__, one.__context__]


def _clean(part: object, redaction: Redaction) -> object:
    if isinstance(part, str):
        return redaction.redact(part)
    if isinstance(part, Text):
        return redaction.redact_text(part)
    if isinstance(part, bytes):
        return redaction.redact(part.decode("utf-8", "replace")).encode()
    return part
