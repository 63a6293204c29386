"""[pure] JSON-LD as sites write it: what PHP, JavaScript and people who write JSON by hand make of it, read in one pass.

Strict JSON is read as such. Else strings end where the grammar around them says so, escapes are JavaScript's, and
what stands around the data is skipped. What had to be guessed, and what breaks off, is said by the result.
"""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

MAX_LENGTH: Final = 2_000_000
MAX_DEPTH: Final = 200
MAX_ROOTS: Final = 500
UNFINISHED: Final = "@unfinished"
"""Stands in objects in whose middle the text breaks off: half a review would look like an edit when it comes whole."""

_START = re.compile(r"""\{(?=\s*(?:["'“”„‘][@\w]|[@\w$]+\s*:|\}))|\[(?=\s*[{\[\]"])""")
_SLASHED = re.compile(r"""\s{0,99}[\[{]\s{0,99}[\[{]?\s{0,99}\\["']""")
_LEADING = re.compile(r"(?:\s|\ufeff|//|/\*|\*/|<!--|<!\[CDATA\[)*")
_TRAILING = re.compile(r"(?:[\s;,}\])>*-]|//[^\n]*|/\*.*?(?:\*/|\Z)|/)*", re.DOTALL)
_GAP = re.compile(r"(?:[\s,;\ufeff]|//[^\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z))*", re.DOTALL)
_SPACE = re.compile(r"\s*")
_COMMA = re.compile(r"\s*,[\s,]*")
_QUOTES: Final = {'"': '"', "'": "'", "“": "”“″", "”": "”“″", "„": "“”", "‘": "’‘"}
_KEY = re.compile(r"""["'“”„‘]?[@\w$:./-]{1,60}["'”“″’‘]?\s*:(?!//)""")
_NAME = re.compile(r"[@\w$:./ -]{1,100}")
_BARE_NAME = re.compile(r"[@A-Za-z_$][\w$-]*")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])")
_DECIMAL_COMMA = re.compile(r"-?\d{1,3},\d{1,3}(?=\s*(?:,\s*[\"'“]|\}))")
_BARE = re.compile(r"[^,{}\[\]\n\"]*")
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|(\r?\n)|(.))", re.DOTALL
)
_SIMPLE: Final = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": " ", "v": " ", "0": ""}
_WORDS: Final = {"true": True, "True": True, "false": False, "False": False}
_NOTHING: Final = frozenset(("null", "undefined", "None", "NaN", ""))


@dataclass(frozen=True, slots=True)
class Read:
    """All top-level values of one block. `is_guessed`: some of it may have been meant otherwise."""

    values: list[Any]
    is_guessed: bool = False
    is_cut: bool = False


def read(source: str) -> Read:
    """The data of one block. Raises ValueError where there is none that could be read."""
    try:
        return Read(_unpacked(_loads(source)))
    except (ValueError, RecursionError):
        pass
    if len(source) > MAX_LENGTH:
        raise ValueError("too long to be mended")
    if _SLASHED.match(source):
        source = _unescaped(source)
    if '"' not in source and "&quot;" in source:
        source = html.unescape(source)
    return _Reader(source).read()


def _unpacked(data: Any) -> list[Any]:
    """JSON that was written as JSON twice is a string that holds it."""
    if isinstance(data, str) and _START.match(data.lstrip()):
        data = _loads(data)
    return [data]


def _loads(source: str) -> Any:
    return json.loads(source, strict=False, object_pairs_hook=_joined)


def _joined(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; loops that write "review" again for every review mean a list."""
    found = dict(pairs)
    if len(found) < len(pairs):
        found = {}
        for name, value in pairs:
            _put(found, name, value)
    return found


def _put(holder: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, dict) and (before := holder.get(name)) and isinstance(before, (dict, list)):
        holder[name] = [*before, value] if isinstance(before, list) else [before, value]
    else:
        holder[name] = value


@dataclass
class _Reader:
    """Goes through the text once; containers that are open stand on a stack, with the key that waits for a value."""

    text: str
    place: int = 0
    is_guessed: bool = False
    stack: list[Any] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def read(self) -> Read:
        values: list[Any] = []
        leading = _LEADING.match(self.text)
        start = _START.search(self.text, leading.end() if leading else 0)
        while start is not None and len(values) < MAX_ROOTS:
            self.place = start.start()
            root, is_whole = self._container()
            if root or is_whole:
                values.append(root)
            if not is_whole:
                return self._result(values, is_cut=True)
            self._skip(_TRAILING)
            self.is_guessed = self.is_guessed or self.place < len(self.text)
            start = _START.search(self.text, self.place)
        return self._result(values, is_cut=start is not None)

    def _result(self, values: list[Any], *, is_cut: bool) -> Read:
        if not values:
            raise ValueError("no data")
        return Read(values, self.is_guessed, is_cut)

    def _container(self) -> tuple[Any, bool]:
        """One value and all in it, and whether it came to its end. What cannot be read ends it."""
        root = self._open()
        try:
            while self.stack:
                self._skip(_GAP)
                if self.place >= len(self.text):
                    break
                self._step(self.text[self.place])
        except ValueError:
            pass
        for holder in self.stack:
            if isinstance(holder, dict) and holder:
                holder[UNFINISHED] = True
        return root, not self.stack

    def _step(self, char: str) -> None:
        if char in "}]":
            self._close(char)
        elif isinstance(self.stack[-1], dict) and self.keys[-1] is None:
            self._key(char)
        elif char in "{[":
            self._open()
        else:
            self._add(self._scalar(char))

    def _open(self) -> Any:
        if len(self.stack) >= MAX_DEPTH:
            raise ValueError("too deep")
        holder: Any = {} if self.text[self.place] == "{" else []
        self.place += 1
        if self.stack:
            self._add(holder)
        self.stack.append(holder)
        self.keys.append(None)
        return holder

    def _close(self, char: str) -> None:
        self.place += 1
        wanted = dict if char == "}" else list
        if not any(isinstance(holder, wanted) for holder in self.stack[-3:]):
            self.is_guessed = True
            return
        while not isinstance(self.stack.pop(), wanted):
            self.keys.pop()
            self.is_guessed = True
        self.keys.pop()

    def _add(self, value: Any) -> None:
        holder = self.stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        else:
            _put(holder, str(self.keys[-1]), value)
            self.keys[-1] = None

    def _key(self, char: str) -> None:
        name = self._string(char) if char in _QUOTES else self._bare_name()
        self._skip(_SPACE)
        if self.place >= len(self.text):
            return
        if not self.text.startswith(":", self.place) or not _NAME.fullmatch(name):
            raise ValueError("a name without a value")
        self.place += 1
        self.keys[-1] = name
        self._skip(_SPACE)
        if self.text[self.place : self.place + 1] in (",", "}"):
            self._add(None)

    def _bare_name(self) -> str:
        found = _BARE_NAME.match(self.text, self.place)
        if found is None:
            raise ValueError("no name where one is due")
        self.place = found.end()
        return found[0]

    def _scalar(self, char: str) -> Any:
        """A string, or a number as it is written, or one of the words; anything else is unknown."""
        if char in _QUOTES:
            return self._string(char)
        is_in_object = isinstance(self.stack[-1], dict)
        number = (_DECIMAL_COMMA.match(self.text, self.place) if is_in_object else None) or _NUMBER.match(
            self.text, self.place
        )
        if number:
            self.place = number.end()
            return number[0]
        bare = _BARE.match(self.text, self.place)
        word = bare[0].strip() if bare else ""
        self.place = max(self.place + 1, bare.end() if bare else 0)
        self.is_guessed = self.is_guessed or word not in {*_WORDS, *_NOTHING}
        return _WORDS.get(word)

    def _string(self, opening: str) -> str:
        """Up to the quote after which the grammar goes on; others are meant as they stand."""
        closing = re.compile(rf"\\.|[{_QUOTES[opening]}]", re.DOTALL)
        start = self.place + 1
        for found in closing.finditer(self.text, start):
            if found[0][0] == "\\":
                continue
            if self._ends(found.end()):
                self.place = found.end()
                return _unescaped(self.text[start : found.start()])
            self.is_guessed = True
        self.place = len(self.text)
        return ""

    def _ends(self, place: int) -> bool:
        """Whether the grammar goes on there. Looks no further than the next name, so that no text is read often."""
        space = _SPACE.match(self.text, place)
        place = space.end() if space else place
        following = self.text[place : place + 1]
        if isinstance(self.stack[-1], list):
            return following in ("", ",", "]") or bool(_START.match(self.text, place))
        if self.keys[-1] is None:
            return following == ":"
        if comma := _COMMA.match(self.text, place):
            following = self.text[comma.end() : comma.end() + 1]
            place = comma.end()
        has_list = following == "]" and len(self.stack) > 1 and isinstance(self.stack[-2], list)
        is_comment = self.text.startswith(("//", "/*", "<!--"), place)
        return following in ("", "}") or has_list or is_comment or bool(_KEY.match(self.text, place))

    def _skip(self, gap: re.Pattern[str]) -> None:
        found = gap.match(self.text, self.place)
        self.place = found.end() if found else self.place


def _unescaped(text: str) -> str:
    """A string of JavaScript: \\' and \\$ are the sign itself, \\x27 its number, a line's end after \\ is none."""
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    # The two halves of an emoji become one character, and half of one becomes a sign for the unreadable.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(found: re.Match[str]) -> str:
    four, two, braced, line_end, other = found.groups()
    digits = four or two or braced
    if digits:
        return chr(int(digits, 16)) if int(digits, 16) <= 0x10FFFF else "\ufffd"
    return "" if line_end else _SIMPLE.get(other, other)
