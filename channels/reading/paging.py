"""[pure] Which page of a list comes after this one: by what the site says, else by a link that differs in its number only.

Never another site, never a page that was read before, never back, and never another list or article.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from channels.reading import urls

_MAX_LINKS = 5_000
_HEADER = re.compile(r"<([^<>]{1,2000})>([^<]{0,500})")
_IN_PATH = re.compile(
    r"(.*?)(/|[-_.])(?:(page|paged|pg|p|str|stranitsa|stranica|seite|страница)[-_/=]?)?(\d{1,6})(/?|\.\w{2,5})$",
    re.IGNORECASE,
)
_TEXT_NUMBER = re.compile(r"\D{0,20}(\d{1,6})\D{0,20}")
_ONWARD = re.compile(
    r"(?:next|older|more|след|дал[её]е|дальше|впер[её]д|ещ[её]|[»›>→]|показать)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a list an address stands: the list's own address, what kind of number it has, under what name."""

    list_url: str
    kind: str = ""
    name: str = ""
    value: int = 0


def position(url: str) -> Position:
    parts = urlsplit(urls.without_fragment(url))
    for kind, names in (("page", urls.PAGE_NAME), ("offset", urls.OFFSET_NAME)):
        for name, value in parse_qsl(parts.query):
            if names.fullmatch(name) and value.isdecimal() and len(value) < 8:
                return Position(_plain(urls.with_query(url, **{name: None})), kind, name, int(value))
    found = _IN_PATH.fullmatch(unquote(parts.path))
    if not found:
        return Position(_plain(url))
    before, sign, word, number, end = found.groups()
    path = before if sign == "/" else before + end
    base = _plain(urlunsplit(parts._replace(path=path or "/")))
    return Position(base, "path" if word else "bare", word or "", int(number))


def _plain(url: str) -> str:
    """One spelling for an address with and without a slash at its end."""
    parts = urlsplit(urls.with_query(url))
    return urlunsplit(parts._replace(path=unquote(parts.path).rstrip("/") or "/", fragment=""))


def next_page(tree: Any, url: str) -> str | None:
    """The one page after this one, where there is one."""
    return next(iter(next_pages(tree, url)), None)


def next_pages(
    tree: Any, url: str, headers: Mapping[str, str] | None = None, number: int = 1, seen: Sequence[str] = ()
) -> list[str]:
    """The pages to read after this one; more than one where the page shows several lists with numbers of their own.

    `number` counts the pages read so far; `seen` are the addresses of those before.
    """
    heres, base = _positions(url, number), urls.base_of(tree, url)
    read = {urls.without_fragment(url), *seen}
    for href in (*_in_header(headers or {}), *_declared(tree)):
        found = _on_site(href, base, url)
        if found and found not in read and _goes_on(position(found), heres):
            return [found]
    following: dict[tuple[str, str], tuple[int, str]] = {}
    # The bar of pages stands at the end of a list; looking at every link of a hostile page would take long.
    for link in tree.xpath("//a[@href]")[-_MAX_LINKS:]:
        found = _on_site(link.get("href"), base, url)
        if not found or found in read:
            continue
        there = position(found)
        if any(_follows(there, here, number, link) for here in heres):
            best = following.get((there.kind, there.name))
            if best is None or there.value < best[0]:
                following[there.kind, there.name] = (there.value, found)
    return [found for _, found in following.values()]


def _in_header(headers: Mapping[str, str]) -> Iterator[str]:
    for address, attributes in _HEADER.findall(headers.get("link", "")):
        if re.search(r"rel\s*=\s*\"?[^\";]*\bnext\b", attributes, re.IGNORECASE):
            yield address


def _declared(tree: Any) -> Iterator[str]:
    for link in tree.xpath("//link[@href and @rel]|//a[@href and @rel]"):
        if "next" in link.get("rel").lower().split():
            yield link.get("href")


def _on_site(href: str, base: str, url: str) -> str | None:
    found = urls.safe_url(href, base)
    return urls.without_fragment(found) if found and urls.same_site(found, url) else None


def _positions(url: str, number: int) -> list[Position]:
    """What an address may be. A number without a word, as in /item/7, is the item's unless it counts our pages."""
    here = position(url)
    if here.kind != "bare":
        return [here]
    return [Position(_plain(url)), *([here] if here.value == number else [])]


def _goes_on(there: Position, heres: list[Position]) -> bool:
    """Whether a declared next page belongs to this list: WordPress calls the next article so as well."""
    for here in heres:
        if there.list_url == here.list_url:
            return bool(there.kind) and (there.kind != here.kind or there.value > here.value)
    path, list_path = (urlsplit(one.list_url).path for one in (there, heres[0]))
    return path == list_path or path.startswith(list_path.rstrip("/") + "/")


def _follows(there: Position, here: Position, number: int, link: Any) -> bool:
    if not there.kind or there.list_url != here.list_url:
        return False
    if here.kind and (there.kind, there.name) != (here.kind, here.name):
        # Numbers of another kind or name page through another list.
        return False
    said = " ".join(link.text_content().split())[:60]
    in_text = _TEXT_NUMBER.fullmatch(said)
    says_next = int(in_text[1]) == number + 1 if in_text else bool(_ONWARD.search(said))
    if there.kind == "offset":
        return there.value > here.value
    if there.kind == "bare":
        is_next = there.value == number + 1 and (here.value == number > 1 if here.kind else number == 1)
        return is_next and says_next
    current = here.value if here.kind else 1
    if here.kind == "" and there.value == 1:
        # Some count from zero: the page that is called 2 has the number 1.
        return bool(in_text) and says_next
    return there.value == current + 1
