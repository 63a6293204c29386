"""[pure] Addresses found on pages: made absolute, checked for being http(s), and never longer than a browser takes."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

import lxml.html

MAX_URL: Final = 2_000
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
PAGE_NAME: Final = re.compile(
    r"p|pg|pn|paged|pagen_\d{1,4}|page(?:[-_]?(?:no|num|number|n|index))?", re.IGNORECASE
)
OFFSET_NAME: Final = re.compile(r"offset|start|from|skip|start[-_]?index", re.IGNORECASE)
_PAGE_IN_PATH = re.compile(r"/(?:page|paged|pg|стр|str)[-_/=]?\d{1,6}(?=/?$|\.\w{2,5}$)", re.IGNORECASE)
_TRACKING = re.compile(r"[?&](?:utm_\w+|fbclid|gclid|yclid|ysclid|_openstat|mc_cid|mc_eid)=", re.IGNORECASE)


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
    parts = urlsplit(without_fragment(url))
    path = _PAGE_IN_PATH.sub("", parts.path)
    query = [
        name
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if PAGE_NAME.fullmatch(name) or (OFFSET_NAME.fullmatch(name) and value.isdecimal())
    ]
    bare = urlunsplit(parts._replace(path=path if path == parts.path else path + "/"))
    return with_query(bare, **dict.fromkeys(query)) if parts.query else bare


def base_of(tree: Any, url: str) -> str:
    found = tree.xpath("//base/@href")
    return safe_url(str(found[0]), url) or url if found else url


def parse_html(body: bytes | str, encoding: str = "utf-8") -> Any:
    """An lxml tree of a page however broken; an empty page gives an empty tree."""
    text = body if isinstance(body, str) else body.decode(encoding, "replace")
    markup = text.replace("\x00", "").encode("utf-8", "replace").strip() or b"<html></html>"
    parser = lxml.html.HTMLParser(recover=True, encoding="utf-8")
    return lxml.html.document_fromstring(markup, parser=parser, ensure_head_body=True)
