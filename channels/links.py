"""Addresses found on pages: made absolute, checked for being http(s), and never longer than a browser takes."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import lxml.html

MAX_URL: Final = 2_000
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
_TRACKING = re.compile(r"[?&](?:utm_\w+|fbclid|gclid|yclid|ysclid|_openstat|mc_cid|mc_eid)=", re.IGNORECASE)
_PAGE_NAMES: Final = ("page", "p", "paged", "pg", "PAGEN_1", "pagen_1", "page_number", "pageNumber")


def safe_url(url: object, base: str = "") -> str | None:
    """The absolute http(s) address, or None for anything else (javascript:, mailto:, urn:, broken ones)."""
    if not isinstance(url, str) or not url.strip() or len(url) > MAX_URL:
        return None
    try:
        joined = urljoin(base, url.strip()) if base else url.strip()
        parts = urlsplit(joined)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    if not usable or parts.username or parts.password or len(joined) > MAX_URL:
        return None
    return _UNSEEN.sub(lambda found: _percent(found[0]), joined)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


def without_fragment(url: str) -> str:
    return urldefrag(url).url


def without_tracking(url: str) -> str:
    """Without the marks by which advertising follows a reader; they change, and the page is the same."""
    if "?" not in url or not _TRACKING.search(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    kept = [part for part in parts.query.split("&") if not _TRACKING.match(f"?{part}")]
    return urlunsplit(parts._replace(query="&".join(kept)))


def fragment(url: str) -> str:
    return urldefrag(url).fragment


def origin(url: str) -> tuple[str, int]:
    """Host and port: what a crawl or a form must not leave. Moving from http to https is not leaving."""
    parts = urlsplit(url)
    port = parts.port or {"http": 443, "https": 443}.get(parts.scheme, 0)
    return (parts.hostname or "").lower(), 443 if port == 80 else port


def same_site(one: str, other: str) -> bool:
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


def with_query(url: str, **values: str | int | None) -> str:
    """The address with these parameters set; None takes one away."""
    parts = urlsplit(url)
    query = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values
    ]
    query += [(name, str(value)) for name, value in values.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def without_page_number(url: str) -> str:
    """The address that all pages of one list share."""
    names: dict[str, str | int | None] = dict.fromkeys(_PAGE_NAMES)
    return with_query(url, **names) if urlsplit(url).query else without_fragment(url)


def next_page(tree: Any, url: str) -> str | None:
    """The page after this one: by `rel=next`, else by a link that differs from `url` in its page number only.

    Never leads to another site, nor to the page itself.
    """
    for href in tree.xpath("//link[@href]|//a[@href]"):
        rel = (href.get("rel") or "").lower().split()
        if "next" in rel:
            found = _another_page(href.get("href"), tree, url)
            if found:
                return found
    return _next_number(tree, url)


def base_of(tree: Any, url: str) -> str:
    found = tree.xpath("//base/@href")
    return safe_url(str(found[0]), url) or url if found else url


def _another_page(href: str, tree: Any, url: str) -> str | None:
    found = safe_url(href, base_of(tree, url))
    if found is None or not same_site(found, url):
        return None
    return None if without_fragment(found) == without_fragment(url) else without_fragment(found)


def _next_number(tree: Any, url: str) -> str | None:
    shared = without_page_number(url)
    current = dict(parse_qsl(urlsplit(url).query))
    for link in tree.xpath("//a[@href]"):
        found = _another_page(link.get("href"), tree, url)
        if found is None or without_page_number(found) != shared:
            continue
        for name, value in parse_qsl(urlsplit(found).query):
            if name in _PAGE_NAMES and value.isdecimal() and value == str(_number(current.get(name)) + 1):
                return found
    return None


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 8 else 1


def parse_html(body: bytes | str, encoding: str = "utf-8") -> Any:
    """An lxml tree of a page however broken; an empty page gives an empty tree."""
    text = body if isinstance(body, str) else body.decode(encoding, "replace")
    markup = text.replace("\x00", "").encode("utf-8", "replace").strip() or b"<html></html>"
    parser = lxml.html.HTMLParser(recover=True, encoding="utf-8")
    return lxml.html.document_fromstring(markup, parser=parser, ensure_head_body=True)
