"""Judging again on one worker: mentions a second, and how much of the time is not the model's. SQLite in a folder that
is thrown away, or `python -m bench.rejudging` over whatever OTKLIK_HOME or OTKLIK_DATABASE_URL name (empty, please)."""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from typing import Any

MENTIONS, OPEN_CASES = 4_000, 800


def measure() -> dict[str, Any]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
    with tempfile.TemporaryDirectory() as home:
        outside = {"OTKLIK_HOME": home, "OTKLIK_LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "bench.rejudging"]
        done = subprocess.run(command, env=kept | outside, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    from bench import seed
    from desk.base import db
    from desk.operations import schema
    from desk.pipeline import reclassification_progress, reclassification_runs
    from workers import jobs, tagging

    schema.upgrade()
    with db.transaction() as session:
        seed.fill(session, seed.Plan(MENTIONS, OPEN_CASES))
    with db.transaction() as session:
        reclassification_runs.ask(session, None, False, None, datetime.now(UTC))
    tagging.backend().classify(["warm"])
    inside = _timed(tagging)
    begun = time.perf_counter()
    jobs.run("judge_again")
    seconds = time.perf_counter() - begun
    skipping = _again()
    with db.snapshot() as session:
        came_to = reclassification_progress.progress(session)
    assert came_to is not None
    print(json.dumps({
        "name": "judging again, one worker", "mentions": MENTIONS, "open_cases": OPEN_CASES,
        "mentions_per_second": round(MENTIONS / seconds), "share_outside_the_model": round(1 - inside[0] / seconds, 3),
        "ms_outside_per_mention": round(1000 * (seconds - inside[0]) / MENTIONS, 2),
        "skipped_per_second": round(MENTIONS / skipping), "database": db.engine().dialect.name,
    }))  # fmt: skip


def _again() -> float:
    """How long it takes to find that there is nothing left to judge."""
    from desk.base import db
    from desk.pipeline import reclassification_runs
    from workers import jobs

    with db.transaction() as session:
        reclassification_runs.ask(session, None, False, None, datetime.now(UTC))
    begun = time.perf_counter()
    jobs.run("judge_again")
    return time.perf_counter() - begun


def _timed(tagging: Any) -> list[float]:
    """The seconds that were spent in the model, added up as they pass."""
    spent, classify = [0.0], tagging.classify

    def timed(waiting: Any) -> Any:
        begun = time.perf_counter()
        try:
            return classify(waiting)
        finally:
            spent[0] += time.perf_counter() - begun

    tagging.classify = timed
    return spent


if __name__ == "__main__":
    main()
