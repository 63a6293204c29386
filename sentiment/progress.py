"""A progress bar on stderr for work of more than two seconds, shown to people only; needs no library, uses rich if there."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")
_PATIENCE_SECONDS = 2.0


def track(items: Iterable[Item], total: int | None, label: str) -> Iterator[Item]:
    """The same items; a bar appears when two seconds have gone by and stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    begun = time.monotonic()
    bar: Any = None
    done = 0
    try:
        for item in items:
            yield item
            done += 1
            if bar is None and time.monotonic() - begun > _PATIENCE_SECONDS:
                bar = _open(total, label)
            if bar is not None:
                bar.show(done)
    finally:
        if bar is not None:
            bar.close()


def _open(total: int | None, label: str) -> "_Plain | _Rich":
    try:
        return _Rich(total, label)
    except ImportError:
        return _Plain(total, label)


class _Plain:
    def __init__(self, total: int | None, label: str) -> None:
        self.total, self.label, self.shown_at = total, label, 0.0

    def show(self, done: int) -> None:
        if time.monotonic() - self.shown_at > 0.2:
            self.shown_at = time.monotonic()
            print(
                f"\r{self.label} {done}{f'/{self.total}' if self.total else ''}",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def close(self) -> None:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class _Rich:
    def __init__(self, total: int | None, label: str) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self.progress = Progress(console=Console(stderr=True), transient=True)
        self.task = self.progress.add_task(label, total=total)
        self.progress.start()

    def show(self, done: int) -> None:
        self.progress.update(self.task, completed=done)

    def close(self) -> None:
        self.progress.stop()
