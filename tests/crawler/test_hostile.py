"""Pages that mean harm: each costs one clear line, and the crawl of the others goes on."""

import gzip
import threading

from werkzeug import Response

from desk.base import db
from desk.models import Crawl
from tests.crawler.site import feed

MEGABYTE = 1_000_000


def test_a_page_of_50_mb_is_not_read(site, listen, crawl):
    def stream(_request):
        return Response((b"x" * MEGABYTE for _ in range(50)), content_type="application/xml")

    site.pages["/endless"] = stream
    site.pages["/announced"] = Response(b"x" * 50 * MEGABYTE, content_type="application/xml")
    site.pages["/bomb"] = Response(
        gzip.compress(b"x" * 50 * MEGABYTE),
        headers={"Content-Encoding": "gzip"},
        content_type="application/xml",
    )
    site.pages["/good"] = feed("fine")
    numbers = [listen(site.url(path)) for path in ("/endless", "/announced", "/bomb", "/good")]
    said = crawl(*numbers)
    assert [said[number]["error_kind"] for number in numbers] == ["too_large"] * 3 + [None]
    assert said[numbers[3]]["new"] == 1


def test_packed_pages_are_read_whatever_the_header_says(site, listen, crawl):
    text = feed("Where is my order?").encode()
    bodies = {"bare": gzip.compress(text), "false": text, "doubled": gzip.compress(gzip.compress(text))}
    headers = {"bare": {}, "false": {"Content-Encoding": "gzip"}, "doubled": {"Content-Encoding": "gzip"}}
    for name, body in bodies.items():
        site.pages[f"/{name}"] = Response(body, headers=headers[name], content_type="text/xml")
    numbers = [listen(site.url(f"/{name}")) for name in bodies]
    said = crawl(*numbers)
    assert [(said[number]["error"], said[number]["new"]) for number in numbers] == [(None, 1)] * 3


def test_one_clear_line_each(site, listen, crawl):
    site.pages["/empty"] = ""
    site.pages["/binary"] = bytes(range(256)) * 40
    site.pages["/wall"] = Response("<html><title>Are you a robot?</title><p>captcha</p></html>", 403)
    site.pages["/login"] = Response("who are you", 401)
    site.pages["/year1"] = feed("old").replace("18 Nov 2026", "01 Jan 0001")
    site.pages["/huge"] = feed("word " * 250_000)
    wanted = {
        "/empty": "unreadable", "/binary": "unreadable", "/wall": "blocked", "/login": "unauthorized",
        "/year1": None, "/huge": None, "/nothing": "not_found",
    }  # fmt: skip
    numbers = {path: listen(site.url(path)) for path in wanted}
    said = crawl(*numbers.values())
    assert {path: said[number]["error_kind"] for path, number in numbers.items()} == wanted
    assert all(said[numbers[path]]["error"] for path, kind in wanted.items() if kind)
    assert said[numbers["/year1"]]["remarks"]
    assert said[numbers["/huge"]]["new"] == 1


def test_a_site_that_is_not_there_or_says_nothing(site, listen, crawl):
    silence = threading.Event()
    site.pages["/silent"] = lambda _request: silence.wait(20) and None
    gone, unknown, silent = (
        listen(url)
        for url in ("http://127.0.0.1:9/feed", "http://no-such-host.invalid/feed", site.url("/silent"))
    )
    said = crawl(gone, unknown, silent, OTKLIK_CRAWL_TIMEOUT_SECONDS="1")
    silence.set()
    assert {said[number]["error_kind"] for number in (gone, unknown, silent)} == {"unreachable"}
    assert "refused" in said[gone]["error"]
    assert "no-such-host.invalid" in said[unknown]["error"]
    assert "in time" in said[silent]["error"]


def test_a_kind_without_a_channel_is_reported(listen, crawl):
    number = listen("http://127.0.0.1:9/", "carrier_pigeon")
    assert "carrier_pigeon" in crawl(number)[number]["error"]
    with db.snapshot() as session:
        assert session.query(Crawl).one().outcome == "failed"
