"""robots.txt by RFC 9309, read but not fetched: what it allows us, which line says no, and how much time it asks for."""

import math
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from protego import Protego

from channels import errors
from channels.contract import Call, Text, Wire

LONGEST_FILE: Final = 500_000
LONGEST_PACE_SECONDS: Final = 30.0
"""More than this between two requests no site gets, whatever its Crawl-delay says."""


def site_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def token_of(user_agent: str) -> str:
    """The word by which robots.txt knows us."""
    return (user_agent.partition("/")[0].split() or [user_agent])[0]


class Rules:
    """What the file says to `agent`. An empty text allows everything."""

    def __init__(self, text: str, agent: str) -> None:
        self._text, self._agent = text[:LONGEST_FILE], agent
        self._said: Any = Protego.parse(self._text)

    def refusal(self, url: str) -> errors.Forbidden | None:
        """Why this address may not be read, naming the line; None where it may."""
        if self._said.can_fetch(url, self._agent):
            return None
        path, line = urlsplit(url).path or "/", self._line_against(url)
        where = f" (line {line[0]}: {line[1]})" if line else ""
        russian = f" (строка {line[0]}: {line[1]})" if line else ""
        return errors.Forbidden(
            Text(
                f"robots.txt of the site does not allow reading {path}{where}.",
                f"robots.txt сайта не разрешает читать {path}{russian}.",
            )
        )

    def pace_seconds(self) -> float:
        """The pause between two requests that the site asks for, 0 where it asks for none."""
        asked = self._said.crawl_delay(self._agent)
        if not isinstance(asked, int | float) or not math.isfinite(asked):
            return 0.0
        return min(max(float(asked), 0.0), LONGEST_PACE_SECONDS)

    def _line_against(self, url: str) -> tuple[int, str] | None:
        """The longest of our group's lines that forbids the address by itself."""
        found = [
            (number, line)
            for number, line in self._own_lines()
            if not Protego.parse(f"User-agent: *\n{line}").can_fetch(url, self._agent)
        ]
        return max(found, key=lambda pair: len(pair[1]), default=None)

    def _own_lines(self) -> Iterator[tuple[int, str]]:
        """Disallow lines of the groups that name us, or else of those for everybody."""
        groups = list(_groups(self._text))
        ours = [lines for names, lines in groups if self._agent.lower() in names]
        for lines in ours or [lines for names, lines in groups if "*" in names]:
            yield from lines


def _groups(text: str) -> Iterator[tuple[set[str], list[tuple[int, str]]]]:
    names: set[str] = set()
    lines: list[tuple[int, str]] = []
    has_rules = False
    for number, raw in enumerate(text.splitlines(), 1):
        field, _colon, value = raw.partition("#")[0].partition(":")
        field, value = field.strip().lower(), value.strip()
        if field == "user-agent":
            if has_rules:
                yield names, lines
                names, lines, has_rules = set(), [], False
            names.add(value.lower())
        elif field in ("allow", "disallow"):
            has_rules = True
            if field == "disallow" and value:
                lines.append((number, f"Disallow: {value[:100]}"))
    yield names, lines


def read(status: int, body: bytes, agent: str) -> Rules:
    """Raises Unreachable while the site cannot give the file: then nothing may be read. No file allows everything."""
    if status >= 500 or status == 429:
        raise errors.Unreachable(
            Text(
                f"robots.txt of the site is not available ({status}), so nothing was read.",
                f"robots.txt сайта недоступен ({status}), поэтому ничего не прочитано.",
            )
        )
    text = "" if status >= 300 else body[:LONGEST_FILE].decode("utf-8", "replace").removeprefix("\ufeff")
    return Rules(text, agent)


class Manners:
    """Asks each site for its robots.txt once, before anything else is read there."""

    def __init__(self, wire: Wire, user_agent: str) -> None:
        self._wire, self._agent = wire, token_of(user_agent)
        self._known: dict[str, Rules | errors.ChannelError] = {}

    def refusal(self, url: str) -> errors.ChannelError | None:
        """Why this address may not be read, in one sentence; None where it may."""
        site = site_of(url)
        if site not in self._known:
            self._known[site] = self._ask(site)
        known = self._known[site]
        return known.refusal(url) if isinstance(known, Rules) else known

    def demand(self, url: str) -> None:
        """Raises Forbidden, or Unreachable where the site does not say."""
        if (reason := self.refusal(url)) is not None:
            raise reason

    def _ask(self, site: str) -> Rules | errors.ChannelError:
        try:
            answer = self._wire.ask(Call(f"{site}/robots.txt"), is_anonymous=True)
            return read(answer.status, answer.body, self._agent)
        except (errors.TooLarge, errors.Unreadable):
            return Rules("", self._agent)  # far too large, or redirected without end: as if there were none
        except errors.ChannelError as error:
            return error
