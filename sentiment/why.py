"""Which words moved a verdict: each is left out in turn, and what that takes from the label's probability is its weight.

It shows what this judge listened to, not what is true. Where two words say the same, leaving out one changes little,
so both weigh less than they matter. Must stay within its time: the longer a text reads, the coarser the pieces.
"""

import argparse
import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import Protocol, runtime_checkable

from sentiment import load
from sentiment.contract import HEADS, Backend

BUDGET_SECONDS = 0.25
# Longer texts are explained by their two ends: one run over more would use up the time.
_LONGEST_END = 600
# A run may take longer than the one before it, so some of the time is kept back.
_USABLE = 0.85
_FEWEST_PHRASES = 2
# Signs that carry no feeling stay with the gap between words.
_QUIET = frozenset(".,:;-–—«»\"'“”„…/\\|")
_JOINTS = frozenset("-'’_")


@runtime_checkable
class Weighing(Protocol):
    """A judge that shows the probability of every label, not of the one that it chose alone; and which one it chooses of
    these, which need not be the likeliest."""

    def chances(self, head: str, texts: Sequence[str]) -> list[dict[str, float]]: ...

    def chosen(self, head: str, text: str, chances: dict[str, float]) -> str: ...


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text as it was given: text[start:end]. `weight`: above 0 it speaks for the label, below against."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`parts` stand in the order of the text and never overlap. `unread` is the middle of a long text, if any; where
    `is_complete` is false, the time was up before every piece had its turn."""

    head: str
    label: str
    probability: float
    parts: tuple[Part, ...]
    unread: tuple[int, int] | None
    is_complete: bool
    runs: int


@dataclass(slots=True)
class _Trial:
    """Runs of the judge over a text with a piece left out, until the time is up."""

    weigh: Callable[[str], dict[str, float]]
    text: str
    unread: tuple[int, int] | None
    clock: Callable[[], float]
    ends: float
    longest_run: float = 0.0
    runs: int = 0
    known: dict[str, dict[str, float]] = field(default_factory=dict)

    def without(self, start: int, end: int) -> dict[str, float] | None:
        """The chances without that piece; None when another run would not fit into the time."""
        read = _leave_out(self.text, start, end, self.unread)
        if read not in self.known:
            if self.runs and self.clock() + self.longest_run > self.ends:
                return None
            begun = self.clock()
            self.known[read] = self.weigh(read)
            self.longest_run = max(self.longest_run, self.clock() - begun)
            self.runs += 1
        return self.known[read]

    def runs_left(self) -> int:
        left = self.ends - self.clock()
        return int(left / self.longest_run) if self.longest_run > 0 else len(self.text)


def explain(
    backend: Backend,
    text: str,
    head: str = "sentiment",
    budget_seconds: float = BUDGET_SECONDS,
    *,
    label: str | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Explanation:
    """Why `label` (the judge's own choice, when not given) was told of `text`.

    Raises ValueError for a head or label that we do not have. The first run is made whatever it takes.
    """
    if head not in HEADS or (label is not None and label not in HEADS[head]):
        raise ValueError(f"there is no {head} {label or ''}".rstrip())
    begun = clock()
    unread = _middle(text)
    trial = _Trial(_weigher(backend, head), text, unread, clock, begun + budget_seconds * _USABLE)
    whole = trial.without(0, 0) or {}
    label = label or _chosen(backend, head, text, whole)
    ends = ((0, unread[0]), (unread[1], len(text))) if unread else ((0, len(text)),)
    words = [word for end in ends for word in _words(text, *end)]
    parts, is_complete = _weigh_words(trial, words, label, whole[label])
    return Explanation(head, label, whole[label], tuple(parts), unread, is_complete, trial.runs)


def _chosen(backend: Backend, head: str, text: str, chances: dict[str, float]) -> str:
    if isinstance(backend, Weighing):
        return backend.chosen(head, text, chances)
    return max(chances, key=chances.__getitem__)


def _weigher(backend: Backend, head: str) -> Callable[[str], dict[str, float]]:
    if isinstance(backend, Weighing):
        return lambda text: backend.chances(head, [text])[0]

    def weigh(text: str) -> dict[str, float]:
        """A judge that shows one label only: what is left is shared by the others."""
        told = getattr(backend.classify([text])[0], head)
        rest = (1 - told.probability) / (len(HEADS[head]) - 1)
        return {one: told.probability if one == told.value else rest for one in HEADS[head]}

    return weigh


def _weigh_words(
    trial: _Trial, words: list[tuple[int, int]], label: str, whole: float
) -> tuple[list[Part], bool]:
    """Word by word where that fits; else by phrases, of which the weightiest are then read word by word."""
    count = trial.runs_left()
    if len(words) <= count:
        return _weigh(trial, words, label, whole)
    if count < _FEWEST_PHRASES:
        return [], not words  # one piece is the whole text, which says nothing
    phrases = list(_phrases(words, count // 2 if count > 4 * _FEWEST_PHRASES else count))
    parts, is_complete = _weigh(trial, [(group[0][0], group[-1][1]) for group in phrases], label, whole)
    groups = dict(zip(((group[0][0], group[-1][1]) for group in phrases), phrases, strict=True))
    for part in sorted(parts, key=lambda one: -abs(one.weight)):
        group = groups[part.start, part.end]
        if len(group) > trial.runs_left():
            break
        finer, is_whole = _weigh(trial, group, label, whole)
        if is_whole:
            parts = [one for one in parts if one != part] + finer
    return sorted(parts, key=lambda one: one.start), is_complete


def _weigh(
    trial: _Trial, spans: Sequence[tuple[int, int]], label: str, whole: float
) -> tuple[list[Part], bool]:
    parts: list[Part] = []
    for start, end in spans:
        chances = trial.without(start, end)
        if chances is None:
            return parts, False
        parts.append(Part(start, end, round(whole - chances[label], 6)))
    return parts, True


def _phrases(words: list[tuple[int, int]], count: int) -> Iterator[list[tuple[int, int]]]:
    """At most `count` groups of neighbours, of nearly equal size."""
    edges = [round(number * len(words) / count) for number in range(count + 1)]
    for start, end in pairwise(edges):
        if end > start:
            yield words[start:end]


def _middle(text: str) -> tuple[int, int] | None:
    """What of a long text is not explained: all but its two ends, cut at spaces where there are some."""
    if len(text) <= 2 * _LONGEST_END:
        return None
    start = text.rfind(" ", _LONGEST_END // 2, _LONGEST_END)
    end = text.find(" ", len(text) - _LONGEST_END, len(text) - _LONGEST_END // 2)
    return (
        start if start >= 0 else _LONGEST_END,
        end if end >= 0 else len(text) - _LONGEST_END,
    )


def _leave_out(text: str, start: int, end: int, unread: tuple[int, int] | None) -> str:
    """The text without a piece and without its unread middle. A space stands there, or two words would become one."""
    gaps = sorted(gap for gap in ((start, end), unread or (0, 0)) if gap[0] < gap[1])
    kept, place = [], 0
    for gap_start, gap_end in gaps:
        kept.append(text[place:gap_start])
        place = max(place, gap_end)
    return " ".join([*kept, text[place:]])


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Words, and signs that say something (emoji, !!!, smiles), as places in the text as it was given."""
    found, place = [], start
    for kind, letters in groupby(_kinds(text[start:end])):
        after = place + sum(1 for _ in letters)
        if kind == "word" or (kind == "sign" and not _QUIET.issuperset(text[place:after])):
            found.append((place, after))
        place = after
    return found


def _kinds(text: str) -> Iterator[str]:
    """For each character: word, sign or space. What is invisible or sits on a letter is of the kind before it."""
    kind = "space"
    for place, char in enumerate(text):
        if char.isalnum() or (char in _JOINTS and kind == "word" and text[place + 1 : place + 2].isalnum()):
            kind = "word"
        elif char.isspace():
            kind = "space"
        elif unicodedata.category(char) not in ("Mn", "Mc", "Me", "Cf", "Cs", "Sk"):
            kind = "sign"
        yield kind


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("why", help="which words of a text moved its tags")
    command.add_argument("text")
    command.add_argument("--head", choices=list(HEADS), default="sentiment", help="which tag (sentiment)")
    command.add_argument("--model", help="a folder with another model, or its name at Hugging Face")
    command.add_argument(
        "--seconds", type=float, default=BUDGET_SECONDS, help=f"time it may take ({BUDGET_SECONDS})"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object, with places in the text")
    command.set_defaults(run=why)


def why(options: argparse.Namespace) -> int:
    judge = load(options.model)
    # Read whole first: of a long text the ends alone may say another label than the one that `classify` gives. (And the
    # first run of a judge is slow, and no measure of the next ones.)
    told = getattr(judge.classify([options.text])[0], options.head)
    found = explain(judge, options.text, options.head, options.seconds, label=told.value)
    found = replace(found, probability=told.probability)
    print(_as_json(options.text, found) if options.json else _as_lines(options.text, found))
    return 0


def _as_json(text: str, found: Explanation) -> str:
    parts = [
        {
            "start": part.start,
            "end": part.end,
            "text": _printable(text[part.start : part.end]),
            "weight": part.weight,
        }
        for part in found.parts
    ]
    shown = {
        "head": found.head,
        "label": found.label,
        "probability": round(found.probability, 4),
        "parts": parts,
    }
    shown |= {"unread": found.unread, "is_complete": found.is_complete, "runs": found.runs}
    return json.dumps(shown, ensure_ascii=False)


def _as_lines(text: str, found: Explanation) -> str:
    """The weightiest first: + speaks for the label, - against it."""
    lines = [f"{found.head} {found.label} {found.probability:.2f}"]
    lines += [
        f"  {part.weight:+.3f}  {_printable(' '.join(text[part.start : part.end].split()))}"
        for part in sorted(found.parts, key=lambda one: -abs(one.weight))
    ]
    if found.unread:
        lines.append(f"  not looked at: characters {found.unread[0]} to {found.unread[1]}, the text is long")
    if not found.is_complete:
        lines.append("  the time was up before all of it had its turn: --seconds gives more")
    return "\n".join(lines)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
