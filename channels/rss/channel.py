"""Feeds, RSS and Atom: reads what feedparser makes of the bytes. Feeds take no answers."""

import re
import xml.parsers.expat
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

import feedparser

from channels import errors, identity
from channels.contract import (
    About,
    Fetch,
    Finding,
    Page,
    Parsed,
    Place,
    Remark,
    Sighting,
    Text,
)
from channels.identity import Identity
from channels.reading import html_pages, mending, urls
from channels.reading import text as plain_text
from channels.rss import values
from channels.rss.conversation import Conversations

MAX_ENTRIES: Final = 2_000
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
MAX_BROKEN: Final = 1_000_000
"""feedparser reads broken XML by a slow way of its own: no more than this is given to it."""
_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
UNUSABLE: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
"""What a hostile entry can make feedparser's values raise."""


class Rss:
    about = About("rss", Text("Feed (RSS, Atom)", "Лента (RSS, Atom)"))

    def start(self, place: Place) -> Iterable[Fetch]:
        yield Fetch(place.url)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        html_pages.demand_readable(page)
        yield from read_feed(page, place.language)

    def recognise(self, page: Page) -> Finding | None:
        if page.status >= 300 or not page.body.strip():
            return None
        feed = parse_bytes(page)
        if not feed.version:
            return None
        name = "Atom" if str(feed.version).startswith("atom") else "RSS"
        count = len(feed.entries)
        return Finding(
            kind=self.about.kind,
            url=page.url,
            title=plain_text.line(values.word(feed.feed, "title")) or page.url,
            evidence=Text(
                f"This is a feed ({name}) with {count} entries.",
                f"Это лента ({name}), записей в ней: {count}.",
            ),
            confidence=0.95,
            language=plain_text.language_tag(values.word(feed.feed, "language")),
        )

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        """The feeds that a page names."""
        if page.role != "start" or (tree := html_pages.tree_or_none(page)) is None:
            return
        base = urls.base_of(tree, page.url)
        for link in tree.xpath("//link[@href]"):
            if _is_feed(link) and (url := urls.safe_url(link.get("href"), base)):
                yield Fetch(url, "named feed")


def _is_feed(link: Any) -> bool:
    rel = (link.get("rel") or "").lower().split()
    return "alternate" in rel and (link.get("type") or "").lower().split(";")[0].strip() in _FEED_TYPES


def parse_bytes(page: Page) -> Any:
    """Feedparser's result. It is given bytes only: with an address it would fetch by itself. Raises Unreadable."""
    body = _xml_of(page)
    if not _ROOT.search(body[:20_000]):
        return feedparser.FeedParserDict(version="", entries=[], feed={})
    try:
        return feedparser.parse(
            BytesIO(_bearable(body)),
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": page.url},
            # The text alone is kept, so that cleaning its markup would be work for nothing.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (*UNUSABLE, RecursionError, LookupError, AssertionError) as error:
        raise errors.Unreadable(
            Text(
                "This is not a feed: its bytes could not be read.", "Это не лента: её содержимое не читается."
            )
        ) from error


def _xml_of(page: Page) -> bytes:
    """The feed in UTF-8 with its characters in order, whatever it was written in and said about that."""
    return mending.mend_xml(html_pages.text_of(page)).encode("utf-8", "replace")


def _bearable(body: bytes) -> bytes:
    if len(body) <= MAX_BROKEN:
        return body
    try:
        xml.parsers.expat.ParserCreate().Parse(body, True)
    except xml.parsers.expat.ExpatError:
        return body[:MAX_BROKEN]
    return body


def read_feed(page: Page, language: str | None = None) -> Iterator[Parsed]:
    """What a feed says; `language` is what it is taken for where it does not say. Raises Unreadable for what is no feed."""
    feed = parse_bytes(page)
    if not feed.version:
        html_pages.demand_no_robot_check(page)
        raise errors.Unreadable(_what_it_is(page))
    entries, remark = _whole_entries(feed, page)
    if remark:
        yield remark
    if len(entries) > MAX_ENTRIES:
        yield Remark(
            Text(
                f"The feed has {len(entries)} entries; the first {MAX_ENTRIES} were read.",
                f"Записей в ленте: {len(entries)}; прочитаны первые {MAX_ENTRIES}.",
            )
        )
    entries = entries[:MAX_ENTRIES]
    talks = Conversations(entries, page.url)
    identities = identity.identify([values.thing(entry, page.url) for entry in entries])
    language = plain_text.language_tag(values.word(feed.feed, "language")) or language
    is_day_first = values.day_order(entries, page.fetched_at, language)
    seen: set[str] = set()
    for number, (entry, known) in enumerate(zip(entries, identities, strict=True), 1):
        if known.external_id in seen or values.is_item_itself(entry) or not values.text(entry):
            continue
        seen.add(known.external_id)
        try:
            yield from _read_entry(entry, known, talks, page, language, is_day_first)
        except UNUSABLE as error:
            yield Remark(
                Text(
                    f"Entry {number} of the feed could not be read ({type(error).__name__}).",
                    f"Запись ленты № {number} не прочитана ({type(error).__name__}).",
                )
            )


def _read_entry(
    entry: Any,
    known: Identity,
    talks: Conversations,
    page: Page,
    language: str | None,
    is_day_first: bool | None,
) -> Iterator[Parsed]:
    text, was_cut = plain_text.shorten(values.text(entry))
    url, (stars, doubt) = values.link(entry, page.url), values.rating(entry)
    published, edited, remark = values.moments(entry, page.fetched_at, is_day_first)
    talk = talks.of(entry)
    if was_cut:
        yield Remark(
            Text(
                f"Entry {known.external_id[:80]} was longer than {plain_text.MAX_TEXT} characters and was cut.",
                f"Запись {known.external_id[:80]} была длиннее {plain_text.MAX_TEXT} знаков и обрезана.",
            )
        )
    for complaint in filter(None, (remark, doubt)):
        yield Remark(
            Text(f"Entry {known.external_id[:80]}: ", f"Запись {known.external_id[:80]}: ") + complaint
        )
    yield Sighting(
        external_id=known.external_id,
        twin_id=known.twin_id,
        former_ids=known.former_ids,
        url=url or page.url,
        text=text,
        kind="review" if stars is not None else "comment" if talk.parent or talk.is_comment else "post",
        title=values.title(entry),
        author=values.author(entry, page.url),
        published_at=published,
        edited_at=edited,
        rating=stars,
        language=values.language(entry) or language,
        thread=talk.thread,
        thread_title=talk.title,
        parent=talk.parent,
    )


def _whole_entries(feed: Any, page: Page) -> tuple[list[Any], Remark | None]:
    """All entries that arrived in full, and a remark when the feed's XML is broken or was cut off."""
    entries = list(feed.entries)
    problem = feed.get("bozo_exception")
    if not feed.get("bozo") or type(problem).__name__ not in ("SAXParseException", "UndeclaredNamespace"):
        return entries, None
    tail = _bearable(_xml_of(page)).lower()
    is_cut = max(tail.rfind(b"<item"), tail.rfind(b"<entry")) > max(
        tail.rfind(b"</item"), tail.rfind(b"</entry")
    )
    if is_cut and entries:
        # Half an entry would be stored now and look like an edit when it comes in full.
        entries = entries[:-1]
        return entries, Remark(
            Text(
                f"The feed breaks off in the middle; {len(entries)} whole entries were read.",
                f"Лента обрывается на середине; целиком прочитано записей: {len(entries)}.",
            )
        )
    return entries, Remark(
        Text(
            f"The feed is not well-formed XML; {len(entries)} entries could be read.",
            f"В ленте ошибки XML; прочитано записей: {len(entries)}.",
        )
    )


def _what_it_is(page: Page) -> Text:
    if b"<html" in page.body[:5_000].lower():
        return Text(
            "This is not a feed: the address shows a web page.",
            "Это не лента: по адресу открывается страница.",
        )
    kind = html_pages.content_type(page)
    if kind and "xml" not in kind:
        return Text(
            f"This is not a feed: the address gives {kind}.", f"Это не лента: по адресу лежит {kind}."
        )
    return Text("This is not a feed: no known kind of feed is in it.", "Это не лента: вид ленты неизвестен.")
