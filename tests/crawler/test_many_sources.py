"""One source that is broken, slow or late keeps no other from being read."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from werkzeug import Response

from desk.base import db
from desk.models import Crawl, Source
from tests.crawler.site import feed, serve

BROKEN = {
    "settings that are a list": "settings = '[1]'",
    "settings that are no JSON": "settings = 'not json'",
    "a cursor that is none": "cursor = '17'",
    "a secret that nobody sealed": "secrets = 'gAAAA'",
    "a secret of other letters": "secrets = 'пароль'",
    "a kind that this version has not": "kind = 'carrier_pigeon'",
    "an address that is none": "url = 'http://[broken'",
    "an empty address": "url = ''",
    "an address of another scheme": "url = 'file:///etc/passwd'",
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN)
def test_one_malformed_row_stops_its_source_and_no_other(site, listen, crawl, source, damage):
    site.pages |= {"/a": feed("one"), "/b": feed("two")}
    broken, whole = listen(site.url("/a")), listen(site.url("/b"))
    if db.engine().dialect.name != "sqlite" and "not json" in damage:
        pytest.skip("PostgreSQL stores nothing that is no JSON")
    with db.transaction() as session:
        session.execute(sa.text(f"UPDATE sources SET {damage} WHERE id = {broken}"))
    said = crawl("--due")
    assert said[whole]["outcome"] == "ok"
    assert said[broken]["outcome"] == "failed"
    assert said[broken]["error"]
    with db.snapshot() as session:
        columns = Source.claimed_until, Source.failures, Source.next_crawl_at, Source.error
        held, failures, due_at, error = session.execute(sa.select(*columns).where(Source.id == broken)).one()
        outcomes = list(session.scalars(sa.select(Crawl.outcome).where(Crawl.source_id == broken)))
    assert (held, failures, bool(error), outcomes) == (None, 1, True, ["failed"])
    assert due_at > datetime.now(UTC)


def test_what_becomes_due_meanwhile_does_not_wait_for_a_slow_site(site, listen, start):
    release, reached = threading.Event(), threading.Event()

    def slow(_request):
        reached.set()
        release.wait(60)
        return Response(feed("late"), content_type="application/rss+xml")

    with serve({"/feed": feed("quick")}) as other:
        site.pages["/slow"] = slow
        listen(site.url("/slow"))
        later = listen(other.url("/feed"))
        with db.transaction() as session:
            session.get_one(Source, later).next_crawl_at = datetime.now(UTC) + timedelta(minutes=10)
        process = start("--due", "--with-parent", OTKLIK_CRAWL_TIMEOUT_SECONDS="60")
        assert reached.wait(60)
        with db.transaction() as session:
            session.get_one(Source, later).next_crawl_at = datetime.now(UTC)
        while not other.counts()["/feed"]:
            assert process.poll() is None, "it ended without looking again"
            reached.wait(0.05)
        release.set()
        process.communicate(timeout=60)


def test_a_site_may_ask_for_a_pause_between_two_pages(site, listen, crawl):
    """And all of its sources share it."""
    site.pages |= {
        "/robots.txt": "User-agent: *\nCrawl-delay: 0.3\n", "/a": feed("one"), "/b": feed("two"), "/c": feed("three")
    }  # fmt: skip
    begun = datetime.now(UTC)
    said = crawl(*(listen(site.url(path)) for path in ("/a", "/b", "/c")))
    assert {line["outcome"] for line in said.values()} == {"ok"}
    assert (datetime.now(UTC) - begun).total_seconds() > 0.6


def test_all_that_is_asked_for_is_read_however_many(site, listen, crawl):
    numbers = []
    for number in range(205):
        site.pages[f"/{number}"] = feed("one")
        numbers.append(listen(site.url(f"/{number}")))
    assert len(crawl(*numbers)) == 205
