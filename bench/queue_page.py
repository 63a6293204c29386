"""The queue page: server time of a whole request, with 100,000 mentions and 20,000 open cases and with 1,000 mentions.

Two processes hold the two databases; they are asked in turns, so that a noisy machine disturbs both alike. Each
request goes through the whole application (sign-in, filters, queries, template), without the network.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from bench.served import Served, seeded

TARGET_P95_MS = 50.0
TARGET_RATIO = 1.5
LARGE, SMALL = (100_000, 20_000), (1_000, 200)
# What people really open: the landing page, the tabs, filters, a search in each language.
PAGES = (
    "/", "/?tab=unassigned", "/?tab=mine", "/?team=service", "/?intent=complaint&language=ru", "/?channel=vk",
    "/?sentiment=negative", "/?q=доставка", "/?q=refund",
)  # fmt: skip


def measure(rounds: int = 12) -> dict[str, Any]:
    with ExitStack() as stack:
        large, small = (stack.enter_context(Served("bench.queue_page", *size)) for size in (LARGE, SMALL))
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


def _serve(mentions: int, open_cases: int) -> None:
    client = seeded(mentions, open_cases)
    print("ready", flush=True)
    for _line in sys.stdin:
        found = []
        for page in PAGES:
            begun = time.perf_counter()
            answer = client.get(page)
            found.append((page, (time.perf_counter() - begun) * 1000))
            assert answer.status_code == 200, (page, answer.status)
        print(json.dumps(found), flush=True)


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
