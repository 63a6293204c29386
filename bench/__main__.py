"""`make bench`: measures, prints a table, writes var/bench/<time>.json. Ratios are taken within one run, because the
machine may be noisy; nothing here is asserted, the targets are printed beside."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import crawl, filing, memory, pages, queries, queue_page, rejudging, use, web


def tagging() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "sentiment", "bench", "--json"], capture_output=True, text=True, check=True
    )
    return {
        "name": "tagging, one core",
        **json.loads(done.stdout),
        "target_ratio": 6,
        "target_ratio_batch_32": 3,
    }


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "crawl": crawl.measure,
    "tagging": tagging,
    "queue": queue_page.measure,
    "pages": pages.measure,
    "rejudging": rejudging.measure,
    "queries": queries.measure,
    "filing": filing.measure,
    "web": web.measure,
    "memory": memory.measure,
    "use": use.measure,
}
KEPT = Path("var/bench")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="only these; all by default")
    parser.add_argument("--million", action="store_true", help="pages: a desk of 1,000,000 mentions as well")
    asked = parser.parse_args()
    chosen = asked.parts or list(PARTS)
    parts = PARTS | {"pages": partial(pages.measure, has_million=asked.million)}
    console = Console()
    found = {}
    for name in chosen:
        with console.status(f"measuring: {name}"):
            found[name] = parts[name]()
        console.print(_table(found[name]))
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    console.print(f"Written to {path}")


def _table(figures: dict[str, Any]) -> Table:
    table = Table(title=str(figures["name"]), title_justify="left", show_header=False, box=None)
    for name, value in figures.items():
        if name != "name":
            _add(table, name.replace("_", " "), value)
    return table


def _add(table: Table, name: str, value: Any) -> None:
    """Figures within figures get a row each."""
    if isinstance(value, dict) and any(isinstance(one, dict) for one in value.values()):
        for inner, one in value.items():
            _add(table, f"{name}, {inner}", one)
    else:
        table.add_row(name, json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value))


if __name__ == "__main__":
    main()
