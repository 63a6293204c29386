"""A crawler that is killed, or asked to stop, in the middle: nothing is lost, nothing is doubled."""

import json
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

from desk.base import db
from desk.models import Crawl, Mention, Source
from tests.crawler.site import shop

PAGES = 6


def _book(site, held: int, release: threading.Event):
    """A shop of several pages, of which one is not given before `release`."""
    reached = threading.Event()

    def hold(_request):
        reached.set()
        release.wait(60)
        from werkzeug import Response

        return Response(_page(held), content_type="text/html; charset=utf-8")

    for number in range(1, PAGES + 1):
        site.pages[_path(number)] = _page(number)
    site.pages[_path(held)] = hold
    return reached


def _path(number: int) -> str:
    return f"/shop?page={number}" if number > 1 else "/shop"


def _page(number: int) -> str:
    texts = [f"review {number}-{n}" for n in range(10)]
    return shop(*texts, first=number * 100, following=_path(number + 1) if number < PAGES else None)


def _wait_until(is_so, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.02)


def _count(source_id: int) -> int:
    with db.snapshot() as session:
        return session.query(Mention).filter(Mention.source_id == source_id).count()


def test_killed_in_the_middle_and_started_again(site, listen, start, crawl):
    release = threading.Event()
    reached = _book(site, 4, release)
    number = listen(site.url("/shop"), "schema_org")
    process = start(number)
    assert reached.wait(60)
    _wait_until(lambda: _count(number) > 0)
    process.kill()
    process.communicate()
    release.set()
    assert 0 < _count(number) < PAGES * 10
    with db.transaction() as session:
        source = session.get_one(Source, number)
        assert source.claimed_until > datetime.now(UTC), "still leased to the dead"
        source.claimed_until = datetime.now(UTC) - timedelta(seconds=1)
    again = crawl(number)[number]
    assert again["items"] == PAGES * 10, "no page was taken for unchanged"
    assert _count(number) == PAGES * 10
    with db.snapshot() as session:
        assert [str(row.outcome) for row in session.query(Crawl).order_by(Crawl.id)] == ["interrupted", "ok"]


def test_a_source_in_other_hands_is_left_to_them(site, listen, start):
    number = listen(site.url("/shop"), "schema_org")
    with db.transaction() as session:
        session.get_one(Source, number).claimed_until = datetime.now(UTC) + timedelta(seconds=60)
    out, _ = start(number).communicate(timeout=60)
    assert json.loads(out) == {"event": "busy", "source": number}
    assert site.asked == []


def test_asked_to_stop_it_keeps_what_it_has_read(site, listen, start, crawl, source):
    release = threading.Event()
    reached = _book(site, 4, release)
    number = listen(site.url("/shop"), "schema_org")
    process = start(number, "--progress")
    assert reached.wait(60)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    release.set()
    assert process.returncode == 0, err
    said = [json.loads(line) for line in out.splitlines()]
    assert said[-1]["outcome"] == "interrupted"
    assert said[0]["event"] == "progress"
    assert _count(number) == 30
    assert source(number).claimed_until is None
    assert crawl("--due")[number]["new"] == 30
