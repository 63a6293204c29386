"""What a request costs, page by page, at 1,000 and at 100,000 mentions (with `--million` at 1,000,000 too), on SQLite and on
PostgreSQL: processor time, so that a busy machine matters little.

Counted is the processor time of this process for the whole request (sign-in, queries, template; SQLite works within it),
and on PostgreSQL also that of the server processes which answer it, read from /proc; parallel helpers are turned off, so
that all of it is seen. Not counted: the network, and what PostgreSQL does in the background. A process holds each size; they
are asked in turns. `ratio` is the largest size's time through that of the smallest, of one run.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.served import Served, seeded

SMALL, LARGE, MILLION = (1_000, 200), (100_000, 20_000), (1_000_000, 200_000)
TARGET_RATIO = 1.5
# What is in braces is filled in for each desk: ids of its middle, and where a second page and a deep one begin.
PAGES = {
    "queue": "/",
    "mentions": "/mentions",
    "mentions, second page": "/mentions?after={second}",
    "mentions, deep page": "/mentions?after={deep}",
    "mentions, two filters": "/mentions?intent=complaint&language=ru",
    "mentions, of a source": "/mentions?source={source}",
    "mentions, needs review": "/mentions?uncertain=yes",
    "mentions, unanswered": "/mentions?answered=no",
    "mentions, filter without a find": "/mentions?intent=suggestion",
    "mentions, of a team": "/mentions?team=marketing",
    "mentions, frequent word": "/mentions?q=доставка",
    "mentions, rare word": "/mentions?q=12345",
    "a mention": "/mentions/{mention}",
    "a case": "/cases/{case}",
    "sources": "/sources",
    "a source": "/sources/{source}",
    "health": "/health",
    "health, dot": "/health/dot",
}
INFORMATIONAL = {"numbers": "/numbers"}
FEW_ROUNDS = 3


def measure(
    *,
    has_million: bool = False,
    rounds: int = 15,
    kept: Path | None = None,
    server: str | None = None,
) -> dict[str, Any]:
    """SQLite, and PostgreSQL where this machine has it. With `kept` the filled SQLite databases lie in that folder and are
    used again, with `server` (postgresql://user@host:port/database) the databases otklik_bench_<mentions> over there."""
    sizes = (SMALL, LARGE, MILLION) if has_million else (SMALL, LARGE)
    found = {"SQLite": _measure(sizes, rounds, [_sqlite(size, kept) for size in sizes])}
    with _postgresql(server) as address:
        if address is not None:
            found["PostgreSQL"] = _measure(sizes, rounds, [_database(address, size) for size in sizes])
    return {"name": "cost of pages, ms of the processor", "target_ratio": TARGET_RATIO} | found


def _measure(
    sizes: Sequence[tuple[int, int]], rounds: int, environments: Sequence[dict[str, str]]
) -> dict[str, Any]:
    with ExitStack() as stack:
        servers = {
            size[0]: stack.enter_context(Served("bench.pages", "--serve", *size, environment=environment))
            for size, environment in zip(sizes, environments, strict=True)
        }
        asked: dict[str, dict[int, list[dict[str, float]]]] = {
            page: {size: [] for size in servers} for page in (*PAGES, *INFORMATIONAL)
        }
        for number in range(rounds + 1):
            names = [*PAGES, *(INFORMATIONAL if number <= FEW_ROUNDS else ())]
            for page in names:
                for size, served in servers.items():
                    spent = served.ask(page)
                    if number:  # Caches and templates are warm in a process that serves all day.
                        asked[page][size].append(spent)
    return {page: _figures(by_size) for page, by_size in asked.items()}


def _figures(by_size: dict[int, list[dict[str, float]]]) -> dict[str, Any]:
    of = {
        name: {size: median(one[name] for one in found) for size, found in by_size.items()}
        for name in ("processor_ms", "database_ms", "wall_ms", "queries")
    }
    smallest, largest = min(by_size), max(by_size)
    return {
        **{f"{size:,}": round(spent, 1) for size, spent in of["processor_ms"].items()},
        "ratio": round(of["processor_ms"][largest] / of["processor_ms"][smallest], 2),
        "of_it_database_ms": round(of["database_ms"][largest], 1),
        "wall_ms": round(of["wall_ms"][largest], 1),
        "queries": int(of["queries"][largest]),
    }


def _sqlite(size: tuple[int, int], kept: Path | None) -> dict[str, str]:
    return {"OTKLIK_HOME": str(kept / str(size[0]))} if kept else {}


def _database(server: str, size: tuple[int, int]) -> dict[str, str]:
    import sqlalchemy as sa

    name = f"otklik_bench_{size[0]}"
    there = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(there, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        known = connection.scalar(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if not known:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    alone = {"options": "-c max_parallel_workers_per_gather=0"}
    address = there.set(database=name).update_query_dict(alone)
    return {"OTKLIK_DATABASE_URL": address.render_as_string(hide_password=False)}


@contextmanager
def _postgresql(server: str | None) -> Iterator[str | None]:
    from tests import servers

    if server is not None or servers.postgresql_binaries() is None:
        yield server
        return
    with servers.postgresql() as address:
        yield address


def _serve(mentions: int, open_cases: int) -> None:
    import sqlalchemy as sa

    from desk.base import db

    client, meter = seeded(mentions, open_cases), _Meter()
    sa.event.listen(db.engine(), "before_cursor_execute", meter.count_query)
    sa.event.listen(db.engine(), "checkout", meter.know_backend)
    addresses = {name: page.format(**_places()) for name, page in (PAGES | INFORMATIONAL).items()}
    print("ready", flush=True)
    for line in sys.stdin:
        address = addresses[line.strip()]
        meter.begin()
        answer = client.get(address)
        spent = meter.end()
        assert answer.status_code == 200, (address, answer.status)
        print(json.dumps(spent), flush=True)


def _places() -> dict[str, object]:
    """One of the middle of everything: neither the newest nor the first."""
    import sqlalchemy as sa

    from desk.base import db, pagination
    from desk.mentions import mention_list
    from desk.models import Case, Mention, Source

    with db.snapshot() as session:
        middle = (session.scalar(sa.select(sa.func.max(Mention.id))) or 0) // 2
        published_at = session.scalars(sa.select(Mention.published_at).where(Mention.id == middle)).one()
        # The other kinds are of channels that this version has not.
        source = session.scalars(sa.select(Source.id).where(Source.kind == "schema_org").limit(1)).one()
        case = session.scalars(
            sa.select(Case.id).where(Case.mention_id >= middle).order_by(Case.id).limit(1)
        ).one()
        first = mention_list.page(session, mention_list.Filters())
        return {
            "mention": middle,
            "source": source,
            "case": case,
            "second": first.next_cursor,
            "deep": pagination.mark(published_at, middle),
        }


class _Meter:
    """From `begin` to `end`: milliseconds of the processor in this process and in the database's, and of the clock."""

    def __init__(self) -> None:
        self._backends: set[int] = set()
        self._queries = 0

    def count_query(self, *_facts: object) -> None:
        self._queries += 1

    def know_backend(self, connection: Any, *_facts: object) -> None:
        info = getattr(connection, "info", None)
        if (pid := getattr(info, "backend_pid", None)) is not None:
            self._backends.add(pid)

    def begin(self) -> None:
        self._queries, self._database = 0, self._of_database()
        self._here, self._wall = time.process_time(), time.perf_counter()

    def end(self) -> dict[str, float]:
        wall, here = time.perf_counter() - self._wall, time.process_time() - self._here
        database = self._of_database() - self._database
        return {
            "processor_ms": 1000 * (here + database),
            "database_ms": 1000 * database,
            "wall_ms": 1000 * wall,
            "queries": self._queries,
        }

    def _of_database(self) -> float:
        """Seconds; SQLite has no process of its own, and its time is this one's."""
        nanoseconds = [Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in self._backends]
        return sum(map(int, nanoseconds)) / 1e9


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--million", action="store_true", help="a desk of 1,000,000 mentions as well")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--kept", type=Path, help="folder of filled SQLite databases, made there and used again"
    )
    parser.add_argument("--server", help="postgresql:// address; the databases there are made and used again")
    parser.add_argument("--serve", type=int, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        _serve(*chosen.serve)
    else:
        found = measure(
            has_million=chosen.million, rounds=chosen.rounds, kept=chosen.kept, server=chosen.server
        )
        print(json.dumps(found, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
