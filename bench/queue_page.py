"""The queue page: server time of a whole request, with 100,000 mentions and 20,000 open cases and with 1,000 mentions.

Two processes hold the two databases; they are asked in turns, so that a noisy machine disturbs both alike. Each
request goes through the whole application (sign-in, filters, queries, template), without the network.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any, Self

TARGET_P95_MS = 50.0
TARGET_RATIO = 1.5
LARGE, SMALL = (100_000, 20_000), (1_000, 200)
# What people really open: the landing page, the tabs, filters, a search in each language.
PAGES = (
    "/", "/?tab=unassigned", "/?tab=mine", "/?team=service", "/?kind=complaint&language=ru", "/?channel=vk",
    "/?sentiment=negative", "/?q=доставка", "/?q=refund",
)  # fmt: skip
EMAIL, PASSWORD = "bench@otklik.example", "only-for-the-bench"


def measure(rounds: int = 12) -> dict[str, Any]:
    with ExitStack() as stack:
        large, small = (stack.enter_context(_Server(*size)) for size in (LARGE, SMALL))
        for server in (large, small):
            server.ask()  # caches and templates are warm in a process that serves all day
        times: dict[str, list[float]] = {"large": [], "small": []}
        by_page: dict[str, list[float]] = {page: [] for page in PAGES}
        for _ in range(rounds):
            for page, spent in large.ask():
                times["large"].append(spent)
                by_page[page].append(spent)
            times["small"] += [spent for _page, spent in small.ask()]
    p95 = {name: _percentile(found, 0.95) for name, found in times.items()}
    return {
        "name": "queue page",
        "mentions": LARGE[0],
        "open_cases": LARGE[1],
        "requests": len(times["large"]),
        "p95_ms": round(p95["large"], 1),
        "median_ms": round(median(times["large"]), 1),
        "p95_ms_1000_mentions": round(p95["small"], 1),
        "ratio": round(p95["large"] / p95["small"], 2),
        "median_ms_by_page": {page: round(median(found), 1) for page, found in by_page.items()},
        "target_p95_ms": TARGET_P95_MS,
        "target_ratio": TARGET_RATIO,
    }


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


class _Server:
    """One application over one database, in a process of its own."""

    def __init__(self, mentions: int, open_cases: int) -> None:
        self._size = (mentions, open_cases)

    def __enter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
        outside = {"OTKLIK_HOME": self._home.name, "OTKLIK_LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "bench.queue_page", *map(str, self._size)]
        self._process = subprocess.Popen(
            command, env=kept | outside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._read()
        return self

    def ask(self) -> list[tuple[str, float]]:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return [(page, spent) for page, spent in json.loads(self._read())]

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured application stopped")
        return line

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._home.cleanup()


def _serve(mentions: int, open_cases: int) -> None:
    from bench import seed
    from desk import db, schema, settings

    schema.upgrade()
    with db.transaction() as session:
        seed.fill(session, seed.Plan(mentions, open_cases))
    client = _signed_in(settings.current())
    print("ready", flush=True)
    for _line in sys.stdin:
        found = []
        for page in PAGES:
            begun = time.perf_counter()
            answer = client.get(page)
            found.append((page, (time.perf_counter() - begun) * 1000))
            assert answer.status_code == 200, (page, answer.status)
        print(json.dumps(found), flush=True)


def _signed_in(configuration: Any) -> Any:
    from bench import seed
    from desk import db
    from webapp import people
    from webapp.application import create_app

    with db.transaction() as session:
        people.add_user(session, EMAIL, "Bench", PASSWORD, ["admin"], None, seed.NOW)
    client = create_app(configuration).test_client()
    page = client.get("/sign-in").text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    done = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token})
    assert done.status_code == 302, done.status
    return client


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.queue_page", description=__doc__)
    parser.add_argument("mentions", type=int, nargs="?")
    parser.add_argument("open_cases", type=int, nargs="?", default=0)
    parser.add_argument("--rounds", type=int, default=12)
    chosen = parser.parse_args(arguments)
    if chosen.mentions:
        _serve(chosen.mentions, chosen.open_cases)
    else:
        print(json.dumps(measure(chosen.rounds), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
