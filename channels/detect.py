"""What is at an address that a person typed: which channels can listen there, or in clear words why none can."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from channels import available, channel, errors
from channels.contract import Call, Collects, Finding, Page, Place, Recognises, Sighting, Text, Wire
from channels.forum.channel import recognise_topic
from channels.reading import html_pages, urls
from channels.reading import text as plain_text
from channels.rss.channel import Rss, read_feed
from channels.wire.robots import Manners
from channels.wordpress.api import announced_root, likely_root, plain_root
from channels.wordpress.channel import WordPress

MAX_REQUESTS: Final = 5
_FEED_TYPES: Final = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
_SCRIPTED = re.compile(
    r"enable javascript|javascript (?:is )?(?:required|disabled)|включите javascript|без javascript",
    re.IGNORECASE,
)
_EMPTY_ROOT = re.compile(
    r"<(?:div|main)\s[^<>]{0,300}id=[\"']?(?:root|app|__next|__nuxt)[\"'\s>]", re.IGNORECASE
)


Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Detection:
    """The best finding comes first. With no findings `error` says why in one sentence."""

    findings: list[Finding] = field(default_factory=list)
    error: errors.ChannelError | None = None


def candidates(page: Page) -> list[Finding]:
    """What the channels recognise in a page, the surest first."""
    found: list[Finding] = []
    for one in available():
        if isinstance(one, Recognises):
            finding = one.recognise(page)
            if finding is not None:
                found.append(finding)
    return sorted(found, key=lambda finding: -finding.confidence)


def follow_ups(page: Page) -> list[str]:
    """Addresses worth a second look: feeds that the page names, and WordPress' API."""
    if page.status >= 300 or b"<" not in page.body[:5_000]:
        return []
    try:
        tree = html_pages.tree_of(page)
    except errors.Unreadable:
        return []
    base = urls.base_of(tree, page.url)
    named = [link.get("href") for link in tree.xpath("//link[@href]") if _is_feed(link)]
    found = [url for href in named if (url := urls.safe_url(href, base))]
    if announced_root(page.headers, page.url, tree) is None and (root := likely_root(page.url, tree)):
        found = [root, *filter(None, [plain_root(root)]), *found]
    return list(dict.fromkeys(url for url in found if url != page.url))


def _is_feed(link: Any) -> bool:
    rel = (link.get("rel") or "").lower().split()
    return "alternate" in rel and (link.get("type") or "").lower().split(";")[0].strip() in _FEED_TYPES


def why_not(page: Page) -> errors.ChannelError:
    """Why nothing can be heard at this page."""
    if page.status >= 300:
        return html_pages.error_for(page.status, page.headers, page.body)
    kind = html_pages.content_type(page)
    if not page.body.strip():
        return errors.Unreadable(Text("The page is empty.", "Страница пуста."))
    if (
        kind.startswith(("image/", "video/", "audio/", "font/"))
        or kind == "application/pdf"
        or _is_binary(page.body)
    ):
        return errors.Unreadable(
            Text(
                f"The address leads to a file ({kind or 'no text'}) and not to a page.",
                f"По адресу лежит файл ({kind or 'не текст'}), а не страница.",
            )
        )
    if "json" in kind:
        return errors.Unreadable(
            Text(
                "The address gives data (JSON) of a kind that no channel reads.",
                "По адресу лежат данные (JSON), которых не читает ни один канал.",
            )
        )
    return _why_not_html(page)


def _is_binary(body: bytes) -> bool:
    return body[:1_000].count(b"\x00") > 10 and not body.startswith((b"\xff\xfe", b"\xfe\xff"))


def _why_not_html(page: Page) -> errors.ChannelError:
    try:
        tree = html_pages.tree_of(page)
    except errors.Unreadable as error:
        return error
    if html_pages.wall_words(page.body):
        return errors.Blocked(
            Text(
                "The site shows a check for robots instead of the page.",
                "Вместо страницы сайт показывает проверку на робота.",
            )
        )
    text = plain_text.from_html(html_pages.text_of(page)[:500_000])
    if tree.xpath("//form[.//input[@type='password']]") and len(text) < 3_000:
        return errors.Unauthorized(
            Text(
                "The page asks for a sign-in; only what everybody can read is listened to.",
                "Страница просит войти, а Отклик читает только то, что доступно всем.",
            )
        )
    has_scripts = bool(tree.xpath("//script[@src or string-length(.) > 200]"))
    if (
        (has_scripts and len(text) < 300)
        or _SCRIPTED.search(text[:3_000])
        or (_EMPTY_ROOT.search(html_pages.text_of(page)) and len(text) < 600)
    ):
        return errors.Unreadable(
            Text(
                "The page builds itself in the browser (JavaScript); in what the server sends there is nothing to read.",
                "Страница собирается в браузере (JavaScript): в том, что отдаёт сервер, читать нечего.",
            )
        )
    return errors.Unreadable(
        Text(
            "The page names no feed, marks up no reviews by schema.org, and is not WordPress.",
            "На странице нет ни ленты, ни отзывов с разметкой schema.org, и это не WordPress.",
        )
    )


def detect(url: str, wire: Wire, now: Clock | None = None, manners: Manners | None = None) -> Detection:
    """Looks at an address and at what it names, with at most five requests (redirects and robots.txt aside).

    `wire` needs to know no secrets. With `manners` nothing is read, nor found, that robots.txt forbids. A page
    that cannot be read is told in `error`, never raised.
    """
    look = _Look(wire, now, manners)
    try:
        page = _first_page(url, look)
    except errors.ChannelError as error:
        return Detection(error=error)
    followed = list(_followed(page, look))
    found = candidates(page) + [_fainter(finding) for each in followed for finding in candidates(each)]
    found += _forum(found, [page, *followed], look)
    return _permitted(found, manners) if found else Detection(error=why_not(page))


def _permitted(found: list[Finding], manners: Manners | None) -> Detection:
    """What may be read of what was found; where that is nothing, which line of robots.txt forbids it."""
    refusals = {id(finding): refusal(finding, manners) for finding in found} if manners else {}
    allowed = [finding for finding in found if refusals.get(id(finding)) is None]
    return _best_first(allowed) if allowed else Detection(error=refusals[id(found[0])])


def refusal(finding: Finding, manners: Manners) -> errors.ChannelError | None:
    """Why a crawl of that finding would not even begin; None where it would."""
    reader = channel(finding.kind)
    first = reader.start(Place(finding.url)) if isinstance(reader, Collects) else []
    asked = (manners.refusal(fetch.url) for fetch in first)
    return next((reason for reason in asked if reason is not None), None)


@dataclass(frozen=True, slots=True)
class _Look:
    """How pages are asked for while an address is looked at."""

    wire: Wire
    now: Clock | None
    manners: Manners | None

    def page(self, url: str) -> Page:
        if self.manners is not None:
            self.manners.demand(url)
        answer = self.wire.ask(Call(url))
        if self.manners is not None and answer.url != url:
            self.manners.demand(answer.url)
        fetched_at = self.now() if self.now else None
        return Page(answer.url, answer.status, answer.headers, answer.body, fetched_at=fetched_at)


def _first_page(url: str, look: _Look) -> Page:
    """Without a scheme https is tried first, and http where nothing answers to it."""
    if "://" in url:
        return look.page(_address(url))
    try:
        return look.page(_address(f"https://{url.strip()}"))
    except errors.Unreachable as error:
        try:
            return look.page(_address(f"http://{url.strip()}"))
        except errors.Unreachable:
            raise error from None


def _address(url: str) -> str:
    """Raises Unreadable for what is no web address."""
    if (address := urls.safe_url(url)) is None:
        raise errors.Unreadable(
            Text(
                "This is not a web address that begins with http:// or https://.",
                "Это не веб-адрес: он должен начинаться с http:// или https://.",
            )
        )
    return address


def _fainter(finding: Finding) -> Finding:
    """What stands on the very page that was typed goes before what the page only names."""
    return replace(finding, confidence=round(finding.confidence * 0.8, 2))


def _followed(page: Page, look: _Look) -> Iterator[Page]:
    """The pages that this one names; one request of the five is kept for a forum's topic."""
    for url in follow_ups(page)[: MAX_REQUESTS - 2]:
        try:
            yield look.page(url)
        except errors.ChannelError:
            continue  # A dead link in a page's head says nothing about the page itself.


def _forum(found: list[Finding], seen: list[Page], look: _Look) -> list[Finding]:
    """A feed may be a forum's: its newest entry leads to a page, and that tells."""
    feeds = [finding for finding in found if finding.kind == Rss.about.kind]
    if not feeds or any(finding.kind == WordPress.about.kind for finding in found):
        return []
    page = next(page for page in seen if page.url == feeds[0].url)
    try:
        said = next(part for part in read_feed(page) if isinstance(part, Sighting))
        topic = recognise_topic(feeds[0], look.page(urls.without_fragment(said.url or page.url)))
    except (errors.ChannelError, StopIteration):
        return []
    return [topic] if topic else []


def _best_first(found: list[Finding]) -> Detection:
    unique = {(finding.kind, finding.url): finding for finding in reversed(found)}
    return Detection(
        sorted(unique.values(), key=lambda finding: (-finding.confidence, finding.kind, finding.url))
    )
