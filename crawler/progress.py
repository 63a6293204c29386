"""What the crawler says on stdout: one JSON object a line, for whoever started it."""

import json
import sys
from typing import Any

from crawler.crawl_report import Ledger


def done(source_id: int, ledger: Ledger) -> None:
    report = ledger.report()
    _say(
        "done",
        source_id,
        outcome=report.outcome.value,
        **_figures(ledger),
        error_kind=report.error_kind,
        error=report.error,
        remarks=list(report.remarks),
    )


def progress(source_id: int, ledger: Ledger) -> None:
    _say("progress", source_id, **_figures(ledger))


def busy(source_id: int) -> None:
    """Asked for by name, and leased to another crawl (or gone)."""
    _say("busy", source_id)


def _figures(ledger: Ledger) -> dict[str, int]:
    return {
        "requests": ledger.requests,
        "unchanged": ledger.unchanged,
        "items": ledger.items,
        "new": ledger.recorded.new,
        "edited": ledger.recorded.edited,
    }


def _say(event: str, source_id: int, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, "source": source_id, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
