"""From nodes that speak to sightings: ids that stay the same, authors, times, and whose answer it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from channels.contract import AuthorSeen, Parsed, Remark, Sighting, Text
from channels.identity import Identity, Thing, identify
from channels.reading import dates, urls
from channels.reading import text as plain_text
from channels.schema_org.markup import Node
from channels.schema_org.nodes import MAX_NODES, Finder, Spoken
from channels.schema_org.values import has_unread_rating, is_organisation, nodes, rating, said, word


@dataclass
class Reading:
    """One syntax of one page. `list_url` is the address without its page number, which all its pages share."""

    finder: Finder
    url: str
    list_url: str
    language: str | None
    now: datetime | None
    only_item: str = ""

    def sightings(self) -> Iterator[Parsed]:
        bad_dates: list[str] = []
        bad_ratings = 0
        if self.finder.is_full:
            yield Remark(
                Text(
                    f"The page has more than {MAX_NODES} pieces of data; the rest was left out.",
                    f"Элементов данных на странице больше {MAX_NODES}; остальные пропущены.",
                )
            )
        for number, spoken in enumerate(self.finder.found):
            text, was_cut = plain_text.shorten(self._texts[number])
            if not self._is_wanted(spoken, text):
                continue
            if was_cut:
                yield Remark(
                    Text(
                        f"{spoken.kind.title()} {self.ids[number][:80]} was cut at {plain_text.MAX_TEXT} characters.",
                        f"Запись {self.ids[number][:80]} обрезана до {plain_text.MAX_TEXT} знаков.",
                    )
                )
            seen = self._sighting(number, spoken, text)
            if seen.published_at is None and (date := _published(spoken.node)):
                bad_dates.append(date)
            bad_ratings += has_unread_rating(spoken.node)
            yield seen
        if bad_dates:
            why = dates.complaint(bad_dates[0], self.now, is_day_first=self._is_day_first)
            first = plain_text.line(bad_dates[0], 60)
            yield Remark(
                Text(
                    f"Dates on the page that are left out: {len(bad_dates)}. The first, “{first}”, {why.en}.",
                    f"Дат на странице не учтено: {len(bad_dates)}. Первая, «{first}», {why.ru}.",
                )
            )
        if bad_ratings:
            yield Remark(
                Text(
                    f"{bad_ratings} ratings on the page cannot be read for certain and are left out.",
                    f"Оценок на странице не удалось понять однозначно: {bad_ratings}; они не учтены.",
                )
            )

    @cached_property
    def _texts(self) -> list[str]:
        return [said(spoken.node) for spoken in self.finder.found]

    @cached_property
    def ids(self) -> list[str]:
        return [known.external_id for known in self.identities]

    @cached_property
    def identities(self) -> list[Identity]:
        things: list[Thing] = []
        for spoken, text in zip(self.finder.found, self._texts, strict=True):
            above = things[spoken.above] if spoken.above is not None and spoken.above < len(things) else None
            things.append(self._thing(spoken, text, above))
        return identify(things)

    def _thing(self, spoken: Spoken, text: str, above: Thing | None) -> Thing:
        node, own = spoken.node, _own_id(spoken.node, self.list_url)
        author, date = self._author_name(node), word(node.get("datePublished") or node.get("dateCreated"))
        # Equal stars in two lists of one page are one list that is shown twice; what names its item itself is in none.
        is_listed = spoken.item is not None and "itemReviewed" not in node
        return Thing(
            name="" if spoken.item is not None and own == _own_id(spoken.item, self.list_url) else own,
            place=above.anchor if above else self.list_url,
            author=author,
            date=date,
            title=_title(node),
            text=text,
            rating=rating(node),
            group=spoken.above + 1 if spoken.above is not None else -id(spoken.item) if is_listed else 0,
            earlier=self._earlier_ids(own, author, date, text, above),
        )

    def _earlier_ids(
        self, own: str, author: str, date: str, text: str, above: Thing | None
    ) -> tuple[str, ...]:
        """As versions without channels.identity made them: the id of the site, or author and time, or the words of a day."""
        telling = "" if author and ":" in date else text[:200]
        parents = above.earlier[:2] if above else (self.list_url,)
        made = (plain_text.fingerprint(parent, author, date, telling) for parent in parents)
        return (*([plain_text.key(own)] if own else []), *made)

    @cached_property
    def _is_day_first(self) -> bool | None:
        written = (_published(spoken.node) for spoken in self.finder.found)
        return dates.day_order(written, self.now, self.language)

    def _is_wanted(self, spoken: Spoken, text: str) -> bool:
        has_words = bool(text or word(spoken.node.get("name")) or rating(spoken.node))
        wanted = self.only_item.casefold().strip()
        return has_words and (not wanted or wanted in self._item_name(spoken).casefold())

    def _item_name(self, spoken: Spoken) -> str:
        return (
            plain_text.line(word(spoken.item.get("name") or spoken.item.get("headline")))
            if spoken.item
            else ""
        )

    def _root(self, number: int) -> int:
        for _ in range(len(self.finder.found)):
            above = self.finder.found[number].above
            if above is None:
                break
            number = above
        return number

    def _sighting(self, number: int, spoken: Spoken, text: str) -> Sighting:
        node, root = spoken.node, self.finder.found[self._root(number)]
        published, edited = self._moments(node)
        author = self.finder.author(node)
        seen = self._author(author)
        known = self.identities[number]
        return Sighting(
            external_id=known.external_id,
            twin_id=known.twin_id,
            former_ids=known.former_ids,
            url=self._address(number, node),
            text=text,
            kind=spoken.kind,
            title=_title(node),
            author=seen,
            published_at=published,
            edited_at=edited,
            rating=rating(node),
            language=plain_text.language_tag(word(node.get("inLanguage"))) or self.language,
            thread=self._thread(number, root),
            thread_title=self._item_name(root)
            or plain_text.line(word(root.node.get("headline") or root.node.get("name"))),
            parent=self._parent(spoken),
            is_by_brand=self._is_by_brand(spoken, author, seen),
        )

    def _thread(self, number: int, root: Spoken) -> str:
        """A review and its answers are one conversation; so are all comments under one article."""
        if root.kind == "comment":
            item = urls.safe_url(word(root.item.get("url")), self.url) if root.item else None
            return self._parent(root) or item or self.list_url
        return self.ids[self._root(number)]

    def _parent(self, spoken: Spoken) -> str | None:
        if spoken.above is not None:
            return self.ids[spoken.above]
        named = next((_own_id(part, self.list_url) for part in nodes(spoken.node.get("parentItem"))), "")
        return plain_text.key(named) or None

    def _address(self, number: int, node: Node) -> str:
        """Its own address, else the page with the id as fragment, where the id is one."""
        url = urls.safe_url(word(node.get("url")), self.url)
        if url:
            return url
        own = self.ids[number]
        is_on_page = own.partition("#")[0] == self.list_url
        return (urls.safe_url(own) if is_on_page else None) or self.url

    def _author_name(self, node: Node) -> str:
        return plain_text.line(word(self.finder.author(node)))

    def _author(self, value: list[Any]) -> AuthorSeen | None:
        name = plain_text.line(word(value))
        if not name:
            return None
        person: Node = next(nodes(value), {})
        url = urls.safe_url(word(person.get("url")), self.url)
        own = word(person.get("identifier")) or url or _own_id(person, self.list_url) or name
        return AuthorSeen(name, plain_text.key(own), url)

    def _is_by_brand(self, spoken: Spoken, author: list[Any], seen: AuthorSeen | None) -> bool | None:
        is_firm = spoken.kind == "comment" and is_organisation(author)
        # The markup of a page knows no accounts: what it does not call a firm may still be ours by its name.
        return True if is_firm or (seen is not None and seen.name.casefold() in self.finder.firms) else None

    def _moments(self, node: Node) -> tuple[datetime | None, datetime | None]:
        published = dates.read(_published(node), self.now, is_day_first=self._is_day_first)
        edited = dates.read(word(node.get("dateModified")), self.now, is_day_first=self._is_day_first)
        return published, (edited if edited and (published is None or edited > published) else None)


def _title(node: Node) -> str:
    return plain_text.line(word(node.get("headline") or node.get("name")))


def _published(node: Node) -> str:
    return word(node.get("datePublished") or node.get("dateCreated") or node.get("commentTime"))


def _own_id(node: Node, list_url: str) -> str:
    """The id that the site gave, absolute; empty when it gave none that is the node's own."""
    named = node.get("@id")
    for value in (named if isinstance(named, str) else "", _identifier(node), word(node.get("url"))):
        if not value or value.startswith("_:"):
            continue
        absolute = _absolute(value, list_url)
        if absolute.rstrip("#/") != list_url.rstrip("#/"):
            return absolute
    return ""


def _identifier(node: Node) -> str:
    value = node.get("identifier")
    holder = next(nodes(value), None)
    return word(holder.get("value")) if holder else word(value)


def _absolute(value: str, list_url: str) -> str:
    if not value.startswith(("#", "/", "?", "http://", "https://")):
        return value
    if value[0] == "#":
        return list_url + value
    try:
        joined = urljoin(list_url, value)
        page = urls.without_page_number(urls.without_fragment(joined))
    except ValueError:
        return value
    # The same review moves from page to page as newer ones come: its id must not hold the page's number.
    return f"{list_url}#{urls.fragment(joined)}" if page == list_url else joined
