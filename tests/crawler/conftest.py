"""Sources in a real database, and the crawler as the child process it is."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desk.base import db, settings
from desk.models import Brand, Mention, Source
from desk.sources import sources
from tests.crawler import forked
from tests.crawler.site import Site, serve
from tests.world import rows

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@pytest.fixture
def brand(database: None) -> int:
    with db.transaction() as session:
        return rows.brand(session, "Lumen", words=["Lumen"], own_names=["Lumen Care"]).id


@pytest.fixture
def listen(brand: int, now: Any) -> Callable[..., int]:
    """Adds a source of the brand; returns its id."""

    def add(url: str, kind: str = "rss", **options: Any) -> int:
        with db.transaction() as session:
            return sources.add(
                session,
                session.get_one(Brand, brand),
                kind,
                url,
                title=url,
                interval_seconds=60,
                now=now,
                **options,
            ).id

    return add


@pytest.fixture
def start(home: Path, start: Start) -> Start:
    """Starts the crawler as in earnest, at sites of our own and without pauses."""

    def run(*arguments: object, module: str = "crawler", **environment: str) -> "subprocess.Popen[str]":
        command = ("-m", module, *map(str, arguments))
        return start(*command, output=subprocess.PIPE, **(_usual() | environment))

    return run


def _usual() -> dict[str, str]:
    return {
        "OTKLIK_HOME": str(settings.current().home),
        "OTKLIK_ALLOW_PRIVATE_ADDRESSES": "true",
        "OTKLIK_CRAWL_DELAY_SECONDS": "0",
        "OTKLIK_CRAWL_TIMEOUT_SECONDS": "5",
    }


@pytest.fixture
def crawl(home: Path, tmp_path: Path) -> Callable[..., dict[int, dict[str, Any]]]:
    """Crawls to the end and returns what was said of each source. The process itself must have worked."""

    def run(*arguments: object, module: str = "crawler", **environment: str) -> dict[int, dict[str, Any]]:
        """`module` names another program than the crawler itself: tests.crawler.made_up knows channels of no real site."""
        chosen = {**os.environ, **_usual(), **environment}
        code, out, err = forked.crawl(module, tuple(map(str, arguments)), chosen, tmp_path)
        assert code == 0, err
        said = [json.loads(line) for line in out.splitlines()]
        return {line["source"]: line for line in said if line["event"] == "done"}

    return run


@pytest.fixture
def mentions() -> Callable[[int], dict[str, Mention]]:
    def read(source_id: int) -> dict[str, Mention]:
        with db.snapshot() as session:
            rows = session.query(Mention).filter(Mention.source_id == source_id).all()
            session.expunge_all()
            return {row.external_id: row for row in rows}

    return read


@pytest.fixture
def source() -> Callable[[int], Source]:
    def read(source_id: int) -> Source:
        with db.snapshot() as session:
            row = session.get_one(Source, source_id)
            session.expunge_all()
            return row

    return read
