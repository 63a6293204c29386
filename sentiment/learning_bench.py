"""`learn-bench`: a simulated desk that tags by a rule of its own; what the judge learns from 50, 200 and 1000 corrections.

The desk sells things: praise of what one has read, seen or bought is not praise of the shop, so it tags that `other`, and
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
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
_SHARE_MENDED = 0.7
_CAUTION = (
    "Nine in ten of the desk's texts trained the weights, so before and after are flattering; a real desk's texts are new"
    " to the judge, like the few in brackets."
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of held-out texts of the desk: labels that the judge gets right, before and after, of all and of the `unseen` that
    trained no weights; and what the refit says. Seconds are of one core, so that other work does not count."""

    corrections: int
    seconds_reading: float
    seconds_learning: float
    reason: str
    desk_before: float
    desk_after: float
    unseen: int
    unseen_before: float
    unseen_after: float
    cross_validated: tuple[int, int, int]
    replay: tuple[float, float]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "learn-bench", help="what 50, 200 and 1000 corrections of a simulated desk bring"
    )
    command.add_argument("--json", action="store_true", help="print one JSON array")
    command.add_argument("--sizes", type=int, nargs="+", default=list(_SIZES), help="how many corrections")
    command.set_defaults(run=bench)


def bench(options: argparse.Namespace) -> int:
    judge = load(str(SHIPPED))
    if not isinstance(judge, Adaptable):
        raise SentimentError("the shipped judge cannot learn")
    rows = [_figures(judge, *desk_texts(), size) for size in options.sizes]
    shown = [{name: getattr(row, name) for name in Figures.__slots__} for row in rows]
    print(json.dumps(shown, indent=2) if options.json else "\n".join([*map(_line, rows), _CAUTION]))
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


def _figures(
    judge: Adaptable,
    texts: Sequence[str],
    labels: Sequence[dict[str, str]],
    is_unseen: Sequence[bool],
    size: int,
) -> Figures:
    begun = time.process_time()
    everything = replay.gather(judge, texts, labels)
    reading = (time.process_time() - begun) * size / len(texts)
    shipped = without(replay.read(SHIPPED), everything)
    corrections, held_out = split(everything, size)
    begun = time.process_time()
    outcome = refit.refit(shipped, corrections)
    learning = time.process_time() - begun
    unseen = held_out.only(np.isin(held_out.keys, everything.keys[np.array(is_unseen, bool)]))
    whole, fresh = (
        [round(share_right(of, adaptation), 4) for adaptation in (None, outcome.adaptation)]
        for of in (held_out, unseen)
    )
    return Figures(
        size, round(reading, 2), round(learning, 2), outcome.reason, whole[0], whole[1],
        len(unseen), fresh[0], fresh[1],
        (outcome.before.right, outcome.after.right, outcome.before.of),
        (_share(outcome.replay_before), _share(outcome.replay_after)),
    )  # fmt: skip


def without(shipped: replay.Replay, desk: replay.Examples) -> replay.Replay:
    return shipped.only(~np.isin(shipped.examples.keys, desk.keys))


def split(everything: replay.Examples, size: int) -> tuple[replay.Examples, replay.Examples]:
    """`size` corrections, most of them of wrong answers, and the rest, which nobody has corrected."""
    draw = random.Random(7)
    is_right = _right(everything, None).all(axis=1)
    wrong, right = (list(np.flatnonzero(part)) for part in (~is_right, is_right))
    mended = draw.sample(wrong, min(int(size * _SHARE_MENDED), int(len(wrong) * 0.7)))
    chosen = np.zeros(len(everything), bool)
    chosen[mended + draw.sample(right, min(size - len(mended), int(len(right) * 0.7)))] = True
    return everything.only(chosen), everything.only(~chosen)


def share_right(examples: replay.Examples, adaptation: Adaptation | None) -> float:
    known = examples.labels != replay.UNKNOWN
    return float(_right(examples, adaptation)[known].mean()) if known.any() else 0.0


def _right(examples: replay.Examples, adaptation: Adaptation | None) -> refit.Mask:
    """By text and head; a label that is not known counts as right."""
    found = []
    for place, head in enumerate(HEADS):
        logits = examples.logits[:, replay.columns(head)]
        if adaptation is not None:
            logits = adaptation.correct(head, logits, examples.vectors)
        labels = examples.labels[:, place]
        found.append((logits.argmax(axis=1) == labels) | (labels == replay.UNKNOWN))
    return np.stack(found, axis=1)


def _share(score: refit.Score) -> float:
    return round(score.right / max(1, score.of), 4)


def _line(row: Figures) -> str:
    right_before, right_after, of = row.cross_validated
    return (
        f"{row.corrections:>5} corrections: {row.reason:<8} held-out texts of the desk {row.desk_before:.1%} -> "
        f"{row.desk_after:.1%} (of {row.unseen} that trained no weights {row.unseen_before:.1%} -> "
        f"{row.unseen_after:.1%}); cross-validated {right_before} -> {right_after} of {of}; shipped texts "
        f"{row.replay[0]:.1%} -> {row.replay[1]:.1%}; {row.seconds_reading:.1f} s reading, "
        f"{row.seconds_learning:.1f} s learning"
    )
