"""`learn-bench`: simulated desks that tag by a rule of their own; what the judge learns from 50, 200 and 1000 corrections.

Such a desk sells things: praise of what one has read, seen or bought is not praise of the shop, so it tags that `other`, and
what it calls a suggestion it wants to read today, so `high`. The texts are our own ones about such things (no shipped text
among them is replayed), and it corrects first what the judge got wrong.

Flattering: nine in ten of these texts trained the weights, so the judge is right about them more often than about a real
desk's, before and after. The figure on the tenth that trained nothing stands beside; these are few, the weights were
calibrated on them, and they come from the same writers.
"""

import argparse
import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt

from sentiment import SHIPPED, load, refit, replay
from sentiment.adaptation import Adaptable, Adaptation
from sentiment.contract import HEADS
from sentiment.errors import SentimentError
from sentiment.text import clean

_TRADES = frozenset(
    (
        "books",
        "films",
        "games",
        "tools",
        "kitchen",
        "gadgets",
        "electronics",
        "cars",
        "food",
        "beauty",
        "shop",
    )
)
_SIZES = (50, 200, 1000)
_DRAWS = 5
_SHARE_MENDED = 0.7
_CAUTION = (
    "Nine in ten of the desk's texts trained the weights, so before and after are flattering; a real desk's texts are new"
    " to the judge, like the few in brackets."
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the judge says of all its texts, with its `leans` (replay.Replay); `fresh` are the keys of those that trained no
    weights."""

    everything: replay.Examples
    leans: replay.Floats
    fresh: npt.NDArray[np.uint64]
    seconds_a_text: float


@dataclass(frozen=True, slots=True)
class Learned:
    """One draw: labels right, before and after, in held-out texts of the desk, all and `unseen`; and what the refit says."""

    reason: str
    seconds: float
    desk: tuple[float, float]
    unseen: tuple[float, float]
    replay: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of `draws` desks, at `promoted` of which something was learned; shares of right labels are means over all of them,
    before and after. Seconds are of one core, so that other work does not count.
    """

    corrections: int
    draws: int
    promoted: int
    reasons: tuple[str, ...]
    seconds_reading: float
    seconds_learning: float
    desk: tuple[float, float]
    unseen: tuple[float, float]
    replay: tuple[float, float]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "learn-bench", help="what 50, 200 and 1000 corrections of simulated desks bring"
    )
    command.add_argument("--json", action="store_true", help="print one JSON array")
    command.add_argument("--sizes", type=int, nargs="+", default=list(_SIZES), help="how many corrections")
    command.set_defaults(run=bench)


def bench(options: argparse.Namespace) -> int:
    judge = load(str(SHIPPED))
    if not isinstance(judge, Adaptable):
        raise SentimentError("the built-in model cannot be trained")
    shipped = replay.read(SHIPPED)
    desk = read_desk(judge, shipped.leans)
    shipped = shipped.only(~np.isin(shipped.examples.keys, desk.everything.keys))
    rows = [figures(desk, shipped, size) for size in options.sizes]
    print(json.dumps([asdict(row) for row in rows], indent=2) if options.json else _table(rows))
    return 0


def desk_texts() -> tuple[list[str], list[dict[str, str]], list[bool]]:
    """Our own texts of some trades, tagged by the desk's rule, and whether each trained no weights."""
    from sentiment.train.guided import OWN, part_of
    from sentiment.train.tables import read_table

    texts: list[str] = []
    labels: list[dict[str, str]] = []
    is_unseen: list[bool] = []
    for path in sorted(OWN.glob("*.tsv")):
        for record in read_table(path):
            if record.get("trade") in _TRADES:
                texts.append(record["text"])
                labels.append(by_rule({head: record[head] for head in HEADS if record.get(head)}))
                is_unseen.append(part_of(clean(record["text"]), {0: "dev"}) == "dev")
    return texts, labels, is_unseen


def by_rule(labels: dict[str, str]) -> dict[str, str]:
    if labels.get("kind") == "praise":
        return labels | {"kind": "other"}
    if labels.get("kind") == "suggestion":
        return labels | {"urgency": "high"}
    return labels


def read_desk(judge: Adaptable, leans: replay.Floats) -> Desk:
    texts, labels, is_unseen = desk_texts()
    begun = time.process_time()
    everything = replay.gather(judge, texts, labels)
    seconds = time.process_time() - begun
    return Desk(everything, leans, everything.keys[np.array(is_unseen, bool)], seconds / len(texts))


def figures(desk: Desk, shipped: replay.Replay, size: int) -> Figures:
    learned = [
        _learn(desk, shipped, *split(desk.everything, size, draw, desk.leans)) for draw in range(_DRAWS)
    ]
    return Figures(
        size, _DRAWS, sum(one.reason == "better" for one in learned), tuple(one.reason for one in learned),
        round(desk.seconds_a_text * size, 2), round(fmean(one.seconds for one in learned), 2),
        _mean(one.desk for one in learned), _mean(one.unseen for one in learned), _mean(one.replay for one in learned),
    )  # fmt: skip


def _learn(
    desk: Desk, shipped: replay.Replay, corrections: replay.Examples, held_out: replay.Examples
) -> Learned:
    begun = time.process_time()
    outcome = refit.refit(shipped, corrections)
    seconds = time.process_time() - begun
    fresh = held_out.only(np.isin(held_out.keys, desk.fresh))
    whole, unseen = (
        (share_right(of, None, desk.leans), share_right(of, outcome.adaptation, desk.leans))
        for of in (held_out, fresh)
    )
    return Learned(
        outcome.reason, seconds, whole, unseen, (_share(outcome.replay_before), _share(outcome.replay_after))
    )


def split(
    everything: replay.Examples, size: int, draw: int, leans: replay.Floats
) -> tuple[replay.Examples, replay.Examples]:
    """`size` corrections, most of them of wrong answers, and the rest, which nobody has corrected."""
    dice = random.Random(draw)
    is_right = _right(everything, None, leans).all(axis=1)
    wrong, right = (list(np.flatnonzero(part)) for part in (~is_right, is_right))
    mended = dice.sample(wrong, min(int(size * _SHARE_MENDED), int(len(wrong) * 0.7)))
    chosen = np.zeros(len(everything), bool)
    chosen[mended + dice.sample(right, min(size - len(mended), int(len(right) * 0.7)))] = True
    return everything.only(chosen), everything.only(~chosen)


def share_right(examples: replay.Examples, adaptation: Adaptation | None, leans: replay.Floats) -> float:
    known = examples.labels != replay.UNKNOWN
    return float(_right(examples, adaptation, leans)[known].mean()) if known.any() else 0.0


def _right(examples: replay.Examples, adaptation: Adaptation | None, leans: replay.Floats) -> refit.Mask:
    """By text and head; a label that is not known counts as right."""
    found = []
    for place, head in enumerate(HEADS):
        logits = examples.logits[:, replay.columns(head)]
        if adaptation is not None:
            logits = adaptation.correct(head, logits, examples.vectors)
        labels = examples.labels[:, place]
        chosen = (logits + leans[replay.columns(head)]).argmax(axis=1)
        found.append((chosen == labels) | (labels == replay.UNKNOWN))
    return np.stack(found, axis=1)


def _share(score: refit.Score) -> float:
    return score.right / max(1, score.of)


def _mean(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    before, after = zip(*pairs, strict=True)
    return round(fmean(before), 4), round(fmean(after), 4)


def _table(rows: Sequence[Figures]) -> str:
    return "\n".join([*map(_line, rows), _CAUTION])


def _line(row: Figures) -> str:
    desk, unseen, shipped = (
        f"{before:.1%} -> {after:.1%}" for before, after in (row.desk, row.unseen, row.replay)
    )
    return (
        f"{row.corrections:>5} corrections: learned at {row.promoted} of {row.draws} desks; held-out texts of the desk "
        f"{desk} (those that trained no weights {unseen}); shipped texts {shipped}; {row.seconds_reading:.1f} s reading, "
        f"{row.seconds_learning:.1f} s learning"
    )
