"""What is at an address that a person typed: which channels can listen there, or why none can, in one sentence."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice, zip_longest
from typing import Final

from channels import available, channel, errors
from channels.contract import (
    Call,
    Collects,
    Fetch,
    Finding,
    Page,
    Place,
    Recognises,
    RecognisesPages,
    Replies,
    Text,
    Wire,
)
from channels.reading import html_pages, urls
from channels.reading import text as plain_text
from channels.wire.robots import Manners

MAX_REQUESTS: Final = 5
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
    found = [_recognised(one, page) for one in available() if isinstance(one, RecognisesPages)]
    return sorted(filter(None, found), key=lambda finding: -finding.confidence)


def _recognised(one: RecognisesPages, page: Page) -> Finding | None:
    try:
        return one.recognise(page)
    except errors.ChannelError:
        return None


def by_address(typed: str) -> list[Finding]:
    """What the channels recognise by what was typed alone, the surest first."""
    found = [one.recognise_address(typed.strip()) for one in available() if isinstance(one, Recognises)]
    return sorted(filter(None, found), key=lambda finding: -finding.confidence)


def follow_ups(page: Page, *, is_answered: bool = False) -> list[Fetch]:
    """Pages worth a second look, in turns: each channel's likeliest first. `is_answered`: a channel that can answer was
    found already, so those that could answer are not asked any more."""
    asked = [
        _asked_by(one, page)
        for one in available()
        if isinstance(one, RecognisesPages) and not (is_answered and isinstance(one, Replies))
    ]
    turns = chain.from_iterable(zip_longest(*asked))
    wanted = {
        (fetch.url, fetch.role): fetch
        for fetch in turns
        if fetch is not None and fetch.url != page.url and fetch.method == "GET" and fetch.access == "open"
    }
    return list(wanted.values())


def _asked_by(one: RecognisesPages, page: Page) -> list[Fetch]:
    try:
        return list(islice(one.follow_ups(page), MAX_REQUESTS))
    except errors.ChannelError:
        return []


def named(kind: str, typed: str) -> Finding:
    """What a person says an address is, without a look at it: as its channel knows it, else as the channel is addressed."""
    reader, told = channel(kind), typed.strip()
    found = reader.recognise_address(told) if isinstance(reader, Recognises) else None
    if found is not None:
        return found
    address = f"https://{told}" if reader.about.address == "url" and "://" not in told else told
    return Finding(kind, address, address[:200], Text("", ""), 1.0)


def why_not(page: Page) -> errors.ChannelError:
    """Why no channel can listen at this page."""
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
                f"The address is that of a file ({kind or 'no text'}) and not to a page.",
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
    if html_pages.robot_check_words(page.body):
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
    """What a person typed: known by itself, else by the page there and by what that names, with at most five requests
    (redirects and robots.txt aside).

    `wire` needs to know no secrets. With `manners` nothing is read, nor found, that robots.txt forbids. A page
    that cannot be read is told in `error`, never raised.
    """
    if found := by_address(url):
        return _permitted(found, manners)
    look = _Look(wire, now, manners)
    try:
        page = _first_page(url, look)
    except errors.ChannelError as error:
        return Detection(error=error)
    found = candidates(page)
    # One request of the five is kept for what the followed pages lead to.
    followed = [
        each
        for fetch in follow_ups(page, is_answered=_can_answer(found))[: MAX_REQUESTS - 2]
        if (each := look.at(fetch))
    ]
    found += [_fainter(finding, page) for each in followed for finding in candidates(each)]
    if not _can_answer(found):
        deeper = (fetch for each in followed for fetch in follow_ups(each))
        if (fetch := next(deeper, None)) is not None and (last := look.at(fetch)) is not None:
            found += [_fainter(finding, page) for finding in candidates(last)]
    return _permitted(found, manners) if found else Detection(error=why_not(page))


def _can_answer(found: Sequence[Finding]) -> bool:
    return any(isinstance(channel(finding.kind), Replies) for finding in found)


def _permitted(found: list[Finding], manners: Manners | None) -> Detection:
    """What may be read of what was found; where that is nothing, which line of robots.txt forbids it."""
    refusals = {id(finding): refusal(finding, manners) for finding in found} if manners else {}
    allowed = [finding for finding in found if refusals.get(id(finding)) is None]
    return _best_first(allowed) if allowed else Detection(error=refusals[id(found[0])])


def refusal(finding: Finding, manners: Manners) -> errors.ChannelError | None:
    """Why a crawl of that finding would not even begin; None where it would."""
    reader = channel(finding.kind)
    place = Place(finding.url, settings=finding.settings)
    try:
        first = list(reader.start(place)) if isinstance(reader, Collects) else []
    except errors.ChannelError:
        return None  # it needs to be told more first, and then it is asked again
    asked = (manners.refusal(fetch.url) for fetch in first if fetch.access == "open")
    return next((reason for reason in asked if reason is not None), None)


@dataclass(frozen=True, slots=True)
class _Look:
    """How pages are asked for while an address is looked at."""

    wire: Wire
    now: Clock | None
    manners: Manners | None

    def at(self, fetch: Fetch) -> Page | None:
        """None for a dead link: it says nothing about the page that names it."""
        try:
            page = self.page(fetch.url, fetch.headers)
        except errors.ChannelError:
            return None
        return replace(page, role=fetch.role, context=fetch.context)

    def page(self, url: str, headers: Mapping[str, str] | None = None) -> Page:
        if self.manners is not None:
            self.manners.demand(url)
        answer = self.wire.ask(Call(url, headers=headers or {}))
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


def _fainter(finding: Finding, typed: Page) -> Finding:
    """What is read at the very page that was typed goes before what the page only names."""
    if finding.url == typed.url:
        return finding
    return replace(finding, confidence=round(finding.confidence * 0.8, 2))


def _best_first(found: list[Finding]) -> Detection:
    unique = {(finding.kind, finding.url): finding for finding in reversed(found)}
    return Detection(
        sorted(unique.values(), key=lambda finding: (-finding.confidence, finding.kind, finding.url))
    )
