"""What an address at VK means: a wall, a topic of a community, or a search."""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from channels import errors
from channels.contract import Text
from channels.reading import text as plain_text

SITE: Final = "https://vk.com"
_HOSTS: Final = ("vk.com", "m.vk.com", "vk.ru", "m.vk.ru", "vkontakte.ru", "new.vk.com")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,31}")
_OWNER: Final = re.compile(r"(?:club|public|event)(\d{1,12})\Z")
_USER: Final = re.compile(r"id(\d{1,12})\Z")
_WALL: Final = re.compile(r"wall(-?\d{1,12})(?:_\d+)?\Z")
_TOPIC: Final = re.compile(r"topic-(\d{1,12})_(\d{1,12})\Z")
_RESERVED: Final = frozenset(
    (
        "feed",
        "search",
        "im",
        "groups",
        "friends",
        "video",
        "audio",
        "away.php",
        "login",
        "dev",
        "apps",
        "market",
        "docs",
    )
)


@dataclass(frozen=True, slots=True)
class Where:
    """`owner` is the number of a wall's owner, below zero for a community; 0 where `name` alone is known."""

    what: Literal["wall", "topic", "search"]
    owner: int = 0
    name: str = ""
    topic: int = 0
    words: str = ""

    @property
    def url(self) -> str:
        if self.what == "search":
            return f"{SITE}/search?{urlencode({'c[section]': 'statuses', 'c[q]': self.words})}"
        if self.what == "topic":
            return f"{SITE}/topic-{-self.owner}_{self.topic}"
        if self.name:
            return f"{SITE}/{self.name}"
        return f"{SITE}/club{-self.owner}" if self.owner < 0 else f"{SITE}/id{self.owner}"


def read(typed: str) -> Where | None:
    """None for what names nothing at VK that can be read."""
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, query = (parts.hostname or "").removeprefix("www."), parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    if host not in _HOSTS or "@" in typed:
        return None
    step = parts.path.strip("/")
    if step in ("search", "feed") and (words := _words(query)):
        return Where("search", words=words)
    if found := _TOPIC.match(step):
        return Where("topic", -int(found[1]), topic=int(found[2]))
    if found := _WALL.match(step):
        return Where("wall", int(found[1]))
    if found := _OWNER.match(step):
        return Where("wall", -int(found[1]))
    if found := _USER.match(step):
        return Where("wall", int(found[1]))
    return Where("wall", name=step) if _NAME.fullmatch(step) and step.casefold() not in _RESERVED else None


def demanded(url: str) -> Where:
    where = read(url)
    if where is None:
        raise errors.Unreadable(
            Text(
                "The address names nothing at VK that can be read: it looks like https://vk.com/zarya, /topic-1_2, or a search.",
                "По этому адресу ВКонтакте нечего читать: он выглядит как https://vk.com/zarya, /topic-1_2 или как поиск.",
            )
        )
    return where


def _words(query: dict[str, list[str]]) -> str:
    for name in ("c[q]", "q"):
        if words := plain_text.line(query.get(name, [""])[0], 200):
            return words
    return ""
