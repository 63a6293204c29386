"""A forum on loopback: a feed of posts, topic pages with a reply form, and a count of what was posted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

from werkzeug import Request, Response

from tests.crawler.site import Site, serve


@dataclass
class Board:
    """`posted` holds (name, text). `longest` is what the form says it takes; `word` is what the forum says of a post that
    it holds for moderation. `hold` makes the forum keep a post and say nothing until `release` is set."""

    site: Site
    posted: list[tuple[str, str]] = field(default_factory=list)
    shown: bool = True
    hold: bool = False
    taken: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    refusal: Response | None = None
    longest: int | None = None
    word: str | None = None

    def __post_init__(self) -> None:
        self.first = [("Anna", "My order has not come for three weeks. Where is it?")]
        self.site.pages |= {
            "/feed": self._feed,
            "/topic/1": self._topic,
            "/topic/1/reply": self._reply,
            "/held": self._held,
        }

    @property
    def feed(self) -> str:
        return self.site.url("/feed")

    def count(self, text: str) -> int:
        return sum(posted == text for _, posted in self.posted)

    def _posts(self) -> list[tuple[str, str]]:
        return self.first + (self.posted if self.shown else [])

    def _feed(self, _request: Request) -> Response:
        items = "".join(
            f"<item><title>Order</title><link>{self.site.url('/topic/1')}#post-{n}</link>"
            f"<guid isPermaLink='false'>post-{n}</guid><dc:creator>{escape(name)}</dc:creator>"
            f"<pubDate>Wed, 18 Nov 2026 0{min(n, 9)}:00:00 +0000</pubDate><description>{escape(text)}</description></item>"
            for n, (name, text) in enumerate(self._posts(), 1)
        )
        head = "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
        return Response(
            f"{head}<title>Forum</title>{items}</channel></rss>", content_type="application/rss+xml"
        )

    def _topic(self, _request: Request) -> Response:
        posts = "".join(
            f"<article id='post-{n}'><b>{escape(name)}</b><p>{escape(text)}</p></article>"
            for n, (name, text) in enumerate(self._posts(), 1)
        )
        most = f" maxlength='{self.longest}'" if self.longest else ""
        form = (
            "<form method='post' action='/topic/1/reply'><input type='hidden' name='token' value='t1'>"
            f"<input name='name'><textarea name='text'{most}></textarea><button>Send</button></form>"
        )
        return Response(f"<html><body>{posts}{form}</body></html>", content_type="text/html; charset=utf-8")

    def _reply(self, request: Request) -> Response:
        if self.refusal is not None:
            return self.refusal
        self.posted.append((request.form["name"], request.form["text"]))
        self.taken.set()
        if self.hold:
            self.release.wait(60)
        return Response(status=303, headers={"Location": "/held" if self.word else "/topic/1"})

    def _held(self, _request: Request) -> Response:
        return Response(
            f"<body><p role='status'>{self.word}</p></body>", content_type="text/html; charset=utf-8"
        )


@contextmanager
def forum() -> Iterator[Board]:
    with serve() as site:
        board = Board(site)
        try:
            yield board
        finally:
            board.release.set()
