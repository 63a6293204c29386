"""`python -m crawler [SOURCE_ID ...] [--due] [--progress]`: one process, one reactor, many sources.

Says one JSON line a source on stdout; everything else goes to stderr. A source in trouble is no failure of this
process: its exit code is 0 unless our own side failed.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from crawler import progress, storage
from desk.base import logs


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    logs.to_stderr()
    claimed = storage.claim(None if asked.due or not asked.sources else asked.sources)
    for source_id in sorted(set(asked.sources) - {source_id for source_id, _ in claimed}):
        progress.busy(source_id)
    if not claimed:
        return 0
    # Scrapy takes a while to import, so it waits until there is something to crawl.
    from crawler.runner import Runner

    runner = Runner(
        claimed,
        shows_progress=asked.progress,
        parent=os.getppid() if asked.with_parent else None,
        takes_more=asked.due and asked.with_parent,
    )
    return 0 if runner.run() else 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m crawler", description="Crawls sources and records what they say."
    )
    parser.add_argument("sources", nargs="*", type=int, metavar="SOURCE_ID", help="crawl these, due or not")
    parser.add_argument("--due", action="store_true", help="crawl whatever is due (the default without ids)")
    parser.add_argument("--with-parent", action="store_true", help="stop when whoever started it is gone")
    parser.add_argument("--progress", action="store_true", help="say a line after each stored batch")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
