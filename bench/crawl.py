"""Crawl to row: items a second of our spider, with pipeline and database, against a bare Scrapy spider.

Both read the same local site, a chain of pages with reviews in JSON-LD, one after another in turns. The bare spider does
what a tutorial would: takes the JSON out of the page, yields one dict a review, follows the link, stores nothing.
`python -m bench.crawl [--pages N] [--items N] [--rounds N]` prints one JSON object.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from statistics import median
from typing import Any

from bench.texts import text
from desk.pipeline import brand_setup

TARGET = 0.7


def measure(pages: int = 200, items: int = 25, rounds: int = 3) -> dict[str, Any]:
    """Median items a second of each, and the ratio of the medians."""
    speeds: dict[str, list[float]] = {"ours": [], "bare": []}
    with _site(pages, items) as address:
        for _ in range(rounds):
            for who, found in speeds.items():
                count, seconds = _run(who, address)
                if count != pages * items:
                    raise RuntimeError(f"{who} found {count} items instead of {pages * items}")
                found.append(count / seconds)
    ours, bare = median(speeds["ours"]), median(speeds["bare"])
    return {
        "name": "crawl to row",
        "pages": pages,
        "items": pages * items,
        "rounds": rounds,
        "items_per_second": round(ours),
        "bare_items_per_second": round(bare),
        "ratio": round(ours / bare, 2),
        "target": TARGET,
    }


@contextmanager
def _site(pages: int, items: int) -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "bench.crawl",
        "--role",
        "site",
        "--pages",
        str(pages),
        "--items",
        str(items),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def _run(who: str, address: str) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")},
            "OTKLIK_HOME": home,
            "OTKLIK_REDIS_URL": f"unix://{home}/nobody.sock",
            "OTKLIK_ALLOW_PRIVATE_ADDRESSES": "true",
            "OTKLIK_CRAWL_DELAY_SECONDS": "0",
            "OTKLIK_LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "-m", "bench.crawl", "--role", who, "--address", address]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found["count"], found["seconds"]


def _say(count: int, seconds: float) -> None:
    print(json.dumps({"count": count, "seconds": seconds}))


def _be_site(pages: int, items: int) -> None:
    from werkzeug import Response
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *_line: object) -> None:
            pass

    made = {f"/{number}": _page(number, pages, items) for number in range(1, pages + 1)}

    def site(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        body = made.get(environ["PATH_INFO"])
        answer = Response(body or b"", 200 if body else 404, content_type="text/html; charset=utf-8")
        return answer(environ, start_response)

    server = make_server("127.0.0.1", 0, site, threaded=True, request_handler=Quiet)
    print(f"http://127.0.0.1:{server.server_port}/1", flush=True)
    server.serve_forever()


def _page(number: int, pages: int, items: int) -> bytes:
    random = Random(number)
    reviews: list[dict[str, Any]] = [
        {
            "@type": "Review",
            "@id": f"#review-{number}-{n}",
            "author": {"@type": "Person", "name": f"Buyer {number}-{n}"},
            "datePublished": "2026-11-18T10:00:00+03:00",
            "reviewRating": {"@type": "Rating", "ratingValue": random.randint(1, 5), "bestRating": 5},
            "reviewBody": text(
                random, random.choice(("ru", "en")), random.choice(("complaint", "praise", "question"))
            ),
        }
        for n in range(items)
    ]
    data = {"@context": "https://schema.org", "@type": "Product", "name": "Kettle", "review": reviews}
    shown = "".join(
        f"<article><h3>{r['author']['name']}</h3><p>{r['reviewBody']}</p></article>" for r in reviews
    )
    following = f'<a rel="next" href="/{number + 1}">next</a>' if number < pages else ""
    block = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    return f"<html lang='ru'><head><title>Kettle</title>{block}</head><body>{shown}{following}</body></html>".encode()


def _be_ours(address: str) -> None:
    from crawler import storage
    from crawler.runner import Runner
    from desk.base import db
    from desk.models import Mention
    from desk.operations import schema
    from desk.sources import sources

    schema.upgrade()
    now = datetime.now(UTC)
    with db.transaction() as session:
        brand = brand_setup.create(session, "Kettles", time_zone="Europe/Moscow", now=now)
        chosen = {"max_pages": "500"}
        sources.add(session, brand, "schema_org", address, title="Kettle", settings_values=chosen, now=now)
    _load_the_parsers()
    started = time.perf_counter()
    Runner(storage.claim(None), shows_progress=False).run()
    seconds = time.perf_counter() - started
    with db.snapshot() as session:
        _say(session.query(Mention).count(), seconds)


def _load_the_parsers() -> None:
    """Importing them is start-up, a second once a crawl of any length; what is compared is items a second."""
    from channels.contract import Page, Place
    from channels.schema_org.channel import SchemaOrg

    list(SchemaOrg().parse(Place("http://x/1"), Page("http://x/1", 200, {}, _page(1, 2, 1))))


def _be_bare(address: str) -> None:
    from scrapy import Spider, signals
    from scrapy.crawler import AsyncCrawlerProcess

    count = 0

    class Bare(Spider):
        name = "bare"

        def parse(self, response: Any) -> Iterator[Any]:
            data = json.loads(response.xpath("//script[@type='application/ld+json']/text()").get())
            for review in data["review"]:
                yield {
                    "id": review["@id"],
                    "author": review["author"]["name"],
                    "text": review["reviewBody"],
                    "rating": review["reviewRating"]["ratingValue"],
                    "published": review["datePublished"],
                    "url": response.url,
                }
            yield from response.follow_all(xpath="//a[@rel='next']")

    def scraped() -> None:
        nonlocal count
        count += 1

    started = time.perf_counter()
    process = AsyncCrawlerProcess(
        {"ROBOTSTXT_OBEY": True, "LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False}
    )
    spider = process.create_crawler(Bare)
    spider.signals.connect(scraped, signals.item_scraped, weak=False)
    process.crawl(spider, start_urls=[address])
    process.start()
    _say(count, time.perf_counter() - started)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.crawl", description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--items", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--role", choices=("site", "ours", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.role == "site":
        _be_site(asked.pages, asked.items)
    elif asked.role == "ours":
        _be_ours(asked.address)
    elif asked.role == "bare":
        _be_bare(asked.address)
    else:
        print(json.dumps(measure(asked.pages, asked.items, asked.rounds), ensure_ascii=False))


if __name__ == "__main__":
    main()
