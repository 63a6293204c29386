"""[pure] Which thing is it? The ids of what is seen, for all channels. docs/design.md gives the reasons.

What the site gives as an id is a *name*: most sites keep to it, some share it, use it again or change it. So a name
alone decides nothing where it may be wrong:

- `external_id` is the name, or what stands for it: an address, or place, author and exact time together.
- `twin_id` is made of what was said. The desk stores a thing under it where the name is that of something else.
- `former_ids` are names under which the same thing may be stored: http for https, with or without `www.` and the last
  slash, with marks of advertising, and the ids that earlier versions of Otklik made.

No id depends on what else stands in the window. What two things in one window prove (that they share a name) only says
under which of its two ids each is reported; the desk finds it by either (desk/mentions/recognition.py). Things without a name
that differ in nothing are counted: three equal ones in one list are three, however often they are seen.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from channels.reading import text as plain_text
from channels.reading import urls

_CLOCK: Final = re.compile(r"(?<![\d+-])(?<![+-]\d)(\d{1,2}):(\d{2})(?::(\d{2}))?|\b\d{10}(?:\d{3})?\b")
_VARIED: Final = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_NO_NAMES: Final = frozenset(("n/a", "na", "none", "null", "undefined", "nil", "0", "-", "#", "guid", "id"))
_NOBODY: Final = frozenset(
    [
        *("anonymous", "anonym", "guest", "user", "customer"),
        *("аноним", "анонимно", "анонимный пользователь", "гость", "пользователь", "покупатель", "клиент"),
        *("имя скрыто", "имя скрыто пользователем", "без имени"),
    ]
)


@dataclass(frozen=True, slots=True)
class Thing:
    """What is known of one thing in a window. `name` is the site's id; `link` its own address, where it may be one.
    `place` is what a nameless thing stands under; `group` tells the lists of one page apart, as equal things in two of
    them are one thing shown twice. `date` is the site's own text. `earlier` are ids that earlier versions made."""

    name: str = ""
    link: str = ""
    place: str = ""
    author: str = ""
    date: str = ""
    title: str = ""
    text: str = ""
    rating: float | None = None
    is_trusted: bool = False
    """The site keeps to its ids: they need no twin."""
    group: int = 0
    earlier: Sequence[str] = ()

    @property
    def own(self) -> str:
        """The name, else the address, else place, author and time where they belong to one thing only."""
        given = "" if self.name.casefold() in _NO_NAMES else self.name
        if given or self.link:
            return plain_text.key(urls.without_tracking(given or self.link))
        if self.is_signed and has_time(self.date):
            return plain_text.fingerprint(self.place, self.author, self.date, "")
        return ""

    @property
    def is_signed(self) -> bool:
        return bool(self.author) and self.author.casefold() not in _NOBODY

    @property
    def is_counted(self) -> bool:
        """Whether equal ones are several: stars of one day, and what nobody signed. Somebody who says the same words
        twice on one day has been listed twice."""
        return not is_exact(self.date) and not (self.is_signed and self.text)

    @property
    def facts(self) -> tuple[str | None, ...]:
        stars = "" if self.rating is None else f"{self.rating:g}"
        said = (self.author, self.title, self.text, stars, bare(self.link))
        return said if self.own else (self.place, self.date, *said)

    @property
    def anchor(self) -> str:
        """What its answers stand under: the same in every window, and after an edit where that can be told."""
        if self.own or (self.is_signed and self.date):
            return plain_text.fingerprint(bare(self.own), self.place, self.author, self.date)
        return plain_text.fingerprint("", *self.facts)


@dataclass(frozen=True, slots=True)
class Identity:
    """The three fields of a Sighting by which the desk knows it again."""

    external_id: str
    twin_id: str = ""
    former_ids: tuple[str, ...] = ()


class Window:
    """Things that stand side by side: a feed, a page, a file. Give it all names that are shared, where they are known
    beforehand."""

    def __init__(self, shared: Iterable[str] = ()) -> None:
        self._shared = set(shared)
        self._twins: dict[str, str] = {}
        self._told: dict[str, Identity] = {}
        self._counts: dict[tuple[int, str], int] = {}
        self._met: set[str] = set()

    def is_new(self, external_id: str) -> bool:
        """Whether this id is asked for the first time."""
        is_new = external_id not in self._met
        self._met.add(external_id)
        return is_new

    def identify(self, thing: Thing) -> Identity:
        """The same identity for the same thing a second time."""
        if not thing.own:
            return self._nameless(thing)
        if thing.is_trusted:
            return Identity(thing.own, "", tuple(each for each in thing.earlier if each != thing.own))
        twin = twin_of(thing)
        if twin not in self._told:
            first = self._twins.setdefault(bare(thing.own), twin)
            is_shared = first != twin or bare(thing.own) in self._shared
            external_id = twin if is_shared else thing.own
            self._told[twin] = Identity(external_id, twin, _formers(thing, external_id))
        return self._told[twin]

    def _nameless(self, thing: Thing) -> Identity:
        made = plain_text.fingerprint("", *thing.facts)
        count = 1
        if thing.is_counted:
            count = self._counts[thing.group, made] = self._counts.get((thing.group, made), 0) + 1
        external_id = made if count == 1 else plain_text.fingerprint(made, str(count))
        # Only one of equal things can have been stored by a version that took them for one.
        return Identity(external_id, "", tuple(thing.earlier) if count == 1 else ())


def identify(things: Sequence[Thing]) -> list[Identity]:
    """The identities of all things of one window; one that stands there twice has the same identity twice."""
    twins: dict[str, set[str]] = {}
    for thing in things:
        if (own := thing.own) and not thing.is_trusted:
            twins.setdefault(bare(own), set()).add(twin_of(thing))
    window = Window(own for own, different in twins.items() if len(different) > 1)
    return [window.identify(thing) for thing in things]


def twin_of(thing: Thing) -> str:
    """All twins of one name begin alike, so that the desk finds them together."""
    return f"{plain_text.fingerprint(bare(thing.own))[:16]}~{plain_text.fingerprint(*thing.facts)[:24]}"


def has_time(date: str) -> bool:
    """Whether a time of day stands in it; midnight is what sites make of a bare day."""
    found = _CLOCK.search(date)
    return found is not None and (found[1] is None or any(int(part) for part in found.groups("0")))


def is_exact(date: str) -> bool:
    """Whether it names a minute: a whole hour may be a midnight of somewhere else."""
    found = _CLOCK.search(date)
    return found is not None and (found[1] is None or int(found[2]) + int(found[3] or 0) > 0)


def bare(name: str) -> str:
    """An address without what sites change about it; anything else as it is."""
    found = _VARIED.match(name)
    return f"//{name[found.end() :].rstrip('/')}" if found else name


def _formers(thing: Thing, external_id: str) -> tuple[str, ...]:
    ids = [thing.own, plain_text.key(thing.name or thing.link), *thing.earlier, *_variants(thing.own)]
    return tuple(each for each in dict.fromkeys(ids) if each and each != external_id)


def _variants(name: str) -> list[str]:
    """An address in the forms that it may have had: one of scheme, `www.` and last slash changes, or scheme and one more."""
    found = _VARIED.match(name)
    if not found:
        return []
    rest, www = name[found.end() :], "" if "www." in found[0].lower() else "www."
    schemes = ("https://", "http://") if name.lower().startswith("http:") else ("http://", "https://")
    same = "www." if "www." in found[0].lower() else ""
    ended = rest[:-1] if rest.endswith("/") else f"{rest}/"
    return [
        f"{scheme}{form}"
        for scheme in schemes
        for form in (f"{same}{rest}", f"{www}{rest}", f"{same}{ended}")
    ]
