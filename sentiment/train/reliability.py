"""How far the probabilities can be believed: expected calibration error, and what is right when the doubtful are left out."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sentiment.contract import HEADS, Backend, Label
from sentiment.train.measured import Measured

_BINS = 10
COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.5)


def reliability(judge: Backend, rows: Sequence[Measured]) -> dict[str, dict[str, object]]:
    """head/language -> n, ece, accuracy, the curve (bin -> [n, mean chance, share right]), accuracy by coverage, and
    the share that asks for a look; over the rows that have a label of that head."""
    verdicts = judge.classify([row.text for row in rows])
    found: dict[str, dict[str, object]] = {}
    for head in HEADS:
        for language in ("en", "ru"):
            chosen = [at for at, row in enumerate(rows) if head in row.labels and row.lang == language]
            labels: list[Label] = [getattr(verdicts[at], head) for at in chosen]
            if labels:
                gold = [rows[at].labels[head] for at in chosen]
                looks = [verdicts[at].needs_look for at in chosen]
                found[f"{head}/{language}"] = _describe(labels, gold) | {
                    "needs_look": round(float(np.mean(looks)), 4)
                }
    return found


def _describe(labels: Sequence[Label], gold: Sequence[str]) -> dict[str, object]:
    chances = np.array([label.probability for label in labels])
    is_right = np.array([label.value == wanted for label, wanted in zip(labels, gold, strict=True)])
    return {
        "n": len(labels),
        "ece": round(expected_error(chances, is_right), 4),
        "accuracy": round(float(is_right.mean()), 4),
        "curve": curve(chances, is_right),
        "coverage": {str(share): _accuracy_of_surest(chances, is_right, share) for share in COVERAGES},
    }


def expected_error(chances: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_]) -> float:
    """Mean distance of stated chance and share of right answers, over ten bins of equal width, weighted by size
    (Guo and others, 2017)."""
    bins = _bins(chances)
    total = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            total += float(inside.mean() * abs(chances[inside].mean() - is_right[inside].mean()))
    return total


def curve(
    chances: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_]
) -> dict[str, tuple[int, float, float]]:
    """Bin ("0.7-0.8") -> how many, their mean chance, the share of them that is right; empty bins are left out."""
    bins = _bins(chances)
    found = {}
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            name = f"{number / _BINS:.1f}-{(number + 1) / _BINS:.1f}"
            means = float(chances[inside].mean()), float(is_right[inside].mean())
            found[name] = (int(inside.sum()), round(means[0], 4), round(means[1], 4))
    return found


def _bins(chances: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.minimum((chances * _BINS).astype(np.int64), _BINS - 1)


def _accuracy_of_surest(
    chances: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_], share: float
) -> float:
    surest = np.argsort(-chances, kind="stable")[: max(1, round(share * len(chances)))]
    return round(float(is_right[surest].mean()), 4)
