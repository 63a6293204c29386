"""A real web server on loopback whose pages a test writes, and which remembers what it was asked."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

from werkzeug import Request, Response

from tests.servers import Lasting, serving

Page = str | bytes | Response | Callable[[Request], Response]


@dataclass
class Site:
    """`pages`: path (with query) -> page. Plain texts get an ETag and answer 304 to whoever has it."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    address: str = ""

    def counts(self) -> Counter[str]:
        return Counter(path for path, _ in self.asked if path != "/robots.txt")

    def headers_of(self, path: str) -> dict[str, str]:
        return next(headers for asked, headers in reversed(self.asked) if asked == path)

    def url(self, path: str) -> str:
        return self.address + path

    def __call__(self, environ, start_response):
        request = Request(environ)
        path = request.full_path.rstrip("?")
        self.asked.append((path, {name.lower(): value for name, value in request.headers.items()}))
        return self._answer(request, path)(environ, start_response)

    def _answer(self, request: Request, path: str) -> Response:
        page = self.pages.get(path)
        if page is None:
            return Response("nothing here", 404)
        if callable(page) and not isinstance(page, Response):
            return page(request)
        if isinstance(page, Response):
            return page
        body = page.encode() if isinstance(page, str) else page
        tag = hashlib.sha256(body).hexdigest()[:16]
        if tag in request.if_none_match:
            return Response(status=304)
        answer = Response(body, 200, content_type=_kind(body))
        answer.set_etag(tag)
        return answer


def _kind(body: bytes) -> str:
    return (
        "application/xml; charset=utf-8" if body.lstrip().startswith(b"<?xml") else "text/html; charset=utf-8"
    )


@contextmanager
def serve(pages: dict[str, Page] | None = None) -> Iterator[Site]:
    site = Site(dict(pages or {}))
    with serving(site, Lasting) as site.address:
        yield site


def feed(*texts: str, first: int = 1, tail: str = "</channel></rss>") -> str:
    """An RSS feed with one item a text; ids count from `first`."""
    items = "".join(
        f"<item><title>Item {number}</title><link>https://blog.example/{number}</link>"
        f"<guid isPermaLink='false'>item-{number}</guid><pubDate>Wed, 18 Nov 2026 08:00:00 +0000</pubDate>"
        f"<dc:creator>Reader {number}</dc:creator><description>{escape(text)}</description></item>"
        for number, text in enumerate(texts, first)
    )
    head = "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Blog</title>"
    return f"{head}<link>https://blog.example/</link>{items}{tail}"


def shop(*texts: str, first: int = 1, following: str | None = None) -> str:
    """A product page with reviews in JSON-LD, and a link to the page after it."""
    import json

    reviews = [
        {
            "@type": "Review",
            "@id": f"#review-{number}",
            "author": {"@type": "Person", "name": f"Buyer {number}"},
            "reviewBody": text,
            "datePublished": "2026-11-18",
            "reviewRating": {"@type": "Rating", "ratingValue": 2},
        }
        for number, text in enumerate(texts, first)
    ]
    data = json.dumps(
        {"@context": "https://schema.org", "@type": "Product", "name": "Kettle", "review": reviews}
    )
    link = f'<a rel="next" href="{following}">next</a>' if following else ""
    return f'<html lang="en"><script type="application/ld+json">{data}</script><body>{link}</body></html>'
