"""What the crawler says on stdout: one JSON object a line, for whoever started it."""

import json
import sys
from typing import Any

from crawler.crawl_report import RunningReport


def done(source_id: int, report: RunningReport) -> None:
    result = report.result()
    _say(
        "done",
        source_id,
        outcome=result.outcome.value,
        **_figures(report),
        error_kind=result.error_kind,
        error=result.error,
        remarks=list(result.remarks),
    )


def progress(source_id: int, report: RunningReport) -> None:
    _say("progress", source_id, **_figures(report))


def busy(source_id: int) -> None:
    """Asked for by name, and leased to another crawl (or gone)."""
    _say("busy", source_id)


def _figures(report: RunningReport) -> dict[str, int]:
    return {
        "requests": report.requests,
        "unchanged": report.unchanged,
        "items": report.items,
        "new": report.recorded.new,
        "edited": report.recorded.edited,
    }


def _say(event: str, source_id: int, **facts: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, "source": source_id, **facts}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
