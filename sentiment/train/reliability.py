"""How far the probabilities can be believed: expected calibration error, and accuracy when the doubtful are left out."""

import numpy as np
import numpy.typing as npt

from sentiment.contract import HEADS
from sentiment.onnx import OnnxBackend
from sentiment.train.rows import Row

_BINS = 10


def reliability(judge: OnnxBackend, rows: list[Row]) -> dict[str, dict[str, float]]:
    """head/language -> ece, accuracy, accuracy of the surest 80 %, share that asks for a look; over rows with a label."""
    verdicts = judge.classify([row.text for row in rows])
    found: dict[str, dict[str, float]] = {}
    for head in HEADS:
        for language in ("en", "ru"):
            chosen = [at for at, row in enumerate(rows) if head in row.labels and row.lang == language]
            if not chosen:
                continue
            labels = [getattr(verdicts[at], head) for at in chosen]
            gold = [rows[at].labels[head][0][0] for at in chosen]
            chances = np.array([label.probability for label in labels])
            is_right = np.array([label.value == wanted for label, wanted in zip(labels, gold, strict=True)])
            surest = np.argsort(-chances)[: max(1, int(0.8 * len(chosen)))]
            found[f"{head}/{language}"] = {
                "n": len(chosen),
                "ece": round(expected_error(chances, is_right), 4),
                "accuracy": round(float(is_right.mean()), 4),
                "accuracy_at_80": round(float(is_right[surest].mean()), 4),
                "needs_look": round(float(np.mean([verdicts[at].needs_look for at in chosen])), 4),
            }
    return found


def expected_error(chances: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_]) -> float:
    """Mean distance of stated chance and share of right answers, over ten bins of equal width, weighted by size."""
    bins = np.minimum((chances * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for number in range(_BINS):
        inside = bins == number
        if inside.any():
            total += float(inside.mean() * abs(chances[inside].mean() - is_right[inside].mean()))
    return total
