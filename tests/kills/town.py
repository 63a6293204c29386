"""Five little sites that a crowd writes on while they are read and answered: each answer may be slow, cut or refused."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape

from werkzeug import Request, Response

from tests.crawler.site import Site, feed, serve, shop

FORUMS = 3
TOPICS_AT_ONCE = 80
"""A forum's feed shows so many topics, the newest first; the rest have scrolled away."""
REVIEWS_A_PAGE = 8
OWN_NAME = "Lumen Care"


@dataclass
class Temper:
    """How a site answers the next request: by chance, which hangs on the seed, the path and how often it was asked."""

    seed: int
    is_calm: bool = False
    asked: Counter[str] = field(default_factory=Counter)
    moods: Counter[str] = field(default_factory=Counter)
    under_way: threading.Event = field(default_factory=threading.Event)

    def mood(self, path: str) -> str:
        self.asked[path] += 1
        self.under_way.set()
        if self.is_calm or path == "/robots.txt":
            return "calm"
        chance = random.Random(f"{self.seed}:{path}:{self.asked[path]}")
        mood = chance.choices(
            ("calm", "slow", "cut", "unavailable", "come_later"), weights=(70, 12, 8, 6, 4)
        )[0]
        self.moods[mood] += 1
        if mood == "slow":
            time.sleep(chance.uniform(0.2, 1.5))
        return mood


def spoilt(answer: Response, mood: str) -> Response:
    """The same answer as a site in that mood would give it."""
    if mood == "unavailable":
        return Response("down for a moment", 503, headers={"Retry-After": "1"})
    if mood == "come_later":
        return Response("too many", 429, headers={"Retry-After": "100000000"})
    if mood != "cut":
        return answer
    body = answer.get_data()
    cut = Response(_broken(body), answer.status_code, content_type=answer.content_type)
    cut.headers["Content-Length"] = str(len(body) + 100)
    return cut


def _broken(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise ConnectionError("cut here, on purpose")


@dataclass
class Forum:
    """Every topic is one customer's post; `posted` are the answers that the forum took, in their order."""

    site: Site
    temper: Temper
    number: int
    topics: list[str] = field(default_factory=list)
    posted: list[tuple[int, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.site.pages["/feed"] = self._feed
        self.site.pages["/robots.txt"] = "User-agent: *\nDisallow: /secret\n"

    @property
    def address(self) -> str:
        return self.site.url("/feed")

    def say(self, text: str) -> None:
        with self.lock:
            self.topics.append(text)
            number = len(self.topics)
            self.site.pages[f"/topic/{number}"] = lambda request: self._topic(request, number)
            self.site.pages[f"/topic/{number}/reply"] = lambda request: self._reply(request, number)

    def ids(self) -> set[str]:
        return {f"f{self.number}-t{n}" for n in range(1, len(self.topics) + 1)}

    def _feed(self, request: Request) -> Response:
        mood = self.temper.mood(f"{self.number}{request.path}")
        first = max(0, len(self.topics) - TOPICS_AT_ONCE)
        items = "".join(
            f"<item><title>Заказ</title><link>{self.site.url(f'/topic/{n}')}</link>"
            f"<guid isPermaLink='false'>f{self.number}-t{n}</guid><dc:creator>Покупатель {self.number}-{n}</dc:creator>"
            f"<pubDate>Wed, 18 Nov 2026 08:00:00 +0000</pubDate><description>{escape(text)}</description></item>"
            for n, text in list(enumerate(self.topics, 1))[first:]
        )
        head = "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>"
        body = f"{head}<title>Forum</title>{items}</channel></rss>"
        return spoilt(Response(body, content_type="application/rss+xml; charset=utf-8"), mood)

    def _topic(self, request: Request, number: int) -> Response:
        mood = self.temper.mood(f"{self.number}{request.path}")
        answers = "".join(
            f"<article id='a{at}'><b>{OWN_NAME}</b><p>{escape(text)}</p></article>"
            for at, (topic, text) in enumerate(self.posted)
            if topic == number
        )
        form = (
            f"<form method='post' action='/topic/{number}/reply'><input type='hidden' name='token' value='t'>"
            "<input name='name'><textarea name='text'></textarea><button>Send</button></form>"
        )
        body = f"<html><body><article><p>{escape(self.topics[number - 1])}</p></article>{answers}{form}</body></html>"
        return spoilt(Response(body, content_type="text/html; charset=utf-8"), mood)

    def _reply(self, request: Request, number: int) -> Response:
        """Refused before it was taken, or taken; and what was taken may never be confirmed."""
        mood = self.temper.mood(f"{self.number}{request.path}")
        if mood == "come_later":
            return Response("<p class='error'>Слишком часто</p>", 422, content_type="text/html")
        if mood == "unavailable":
            return Response("down", 503)
        with self.lock:
            self.posted.append((number, request.form["text"]))
        return spoilt(Response(status=303, headers={"Location": f"/topic/{number}"}), mood)


@dataclass
class Town:
    """`blog` and `reviews` are the texts of the two sites that are only read."""

    temper: Temper
    forums: list[Forum]
    blog_site: Site
    shop_site: Site
    blog: list[str] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.blog_site.pages["/feed"] = self._blog
        self.shop_site.pages["/shop"] = self._shop

    def speak(self, round_of: int, number: int) -> None:
        """One new post everywhere."""
        mark = f"{round_of:02d}{number:04d}"
        for forum in self.forums:
            forum.say(f"Заказ {forum.number}{mark} не привезли, деньги не вернули. Верните деньги за заказ!")
        self.blog.append(f"Читал про чайник Lumen, запись {mark}.")
        self.reviews.append(f"Отличный чайник, спасибо! Отзыв {mark}.")
        for page in range(2, self._last_page() + 1):
            self.shop_site.pages[f"/shop?page={page}"] = self._shop

    def _last_page(self) -> int:
        return max(1, -(-len(self.reviews) // REVIEWS_A_PAGE))

    def _blog(self, request: Request) -> Response:
        mood = self.temper.mood(f"blog{request.path}")
        return spoilt(Response(feed(*self.blog), content_type="application/rss+xml; charset=utf-8"), mood)

    def _shop(self, request: Request) -> Response:
        number = request.args.get("page", 1, int)
        mood = self.temper.mood(f"shop{request.full_path}")
        first = (number - 1) * REVIEWS_A_PAGE
        texts = self.reviews[first : first + REVIEWS_A_PAGE]
        following = f"/shop?page={number + 1}" if number < self._last_page() else None
        page = shop(*texts, first=first + 1, following=following).replace(
            '"ratingValue": 2', '"ratingValue": 5'
        )
        return spoilt(Response(page, content_type="text/html; charset=utf-8"), mood)


@contextmanager
def standing(seed: int) -> Iterator[Town]:
    with ExitStack() as stack:
        temper = Temper(seed)
        sites = [stack.enter_context(serve()) for _ in range(FORUMS + 2)]
        forums = [Forum(site, temper, number) for number, site in enumerate(sites[:FORUMS], 1)]
        yield Town(temper, forums, *sites[FORUMS:])
