"""Progress of long steps, on stderr: a moving line for people, one line a minute for a log."""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(slots=True)
class Watch:
    every_seconds: float = 60.0
    said: str = ""
    notes: list[float] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.said = text

    def over(self, items: Sequence[Item], name: str, start: int = 0) -> Iterator[Item]:
        """The items from `start` on, telling how far it is, the last note and how long it will take."""
        is_terminal = sys.stderr.isatty()
        begun = spoke = time.monotonic()
        for number in range(start, len(items)):
            yield items[number]
            now = time.monotonic()
            if now - spoke > (0.5 if is_terminal else self.every_seconds):
                done = number + 1 - start
                left = (now - begun) / done * (len(items) - number - 1)
                line = f"{name}: {number + 1}/{len(items)}  {self.said}  {left / 60:.1f} min left"
                print(line, end="\r" if is_terminal else "\n", file=sys.stderr, flush=True)
                spoke = now
        if is_terminal:
            print(" " * 79, end="\r", file=sys.stderr, flush=True)
