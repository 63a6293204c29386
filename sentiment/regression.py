"""A correction of one head: multinomial logistic regression on frozen vectors, drawn towards no correction at all."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]

_ROUNDS = 25
_STILL = 1e-3
# The bias is drawn to zero too, but gently: how often a label is right is soon known.
_BIAS_STRENGTH = 0.1


@dataclass(frozen=True, slots=True)
class Rows:
    """`vectors` end in a column of ones (the bias); `base` are the shipped head's own logits, to which `lean` (one number a
    label) is added before the choice, and never for the fit."""

    vectors: Floats
    base: Floats
    labels: Codes
    weights: Floats
    lean: Floats

    def __len__(self) -> int:
        return len(self.labels)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Rows":
        return Rows(
            self.vectors[chosen], self.base[chosen], self.labels[chosen], self.weights[chosen], self.lean
        )

    def times(self, factor: float) -> "Rows":
        """The same rows, each that much heavier."""
        return replace(self, weights=self.weights * np.float32(factor))

    def right(self, correction: Floats | None = None) -> npt.NDArray[np.bool_]:
        """Which labels come out right, with `correction` or without any."""
        logits = self.base if correction is None else self.base + self.vectors @ correction
        return np.asarray((logits + self.lean).argmax(axis=1) == self.labels)

    def gram(self) -> Floats:
        return np.asarray(self.vectors.T @ (self.weights[:, None] * self.vectors), dtype=np.float32)


def join(first: Rows, second: Rows) -> Rows:
    return Rows(
        np.concatenate([first.vectors, second.vectors]),
        np.concatenate([first.base, second.base]),
        np.concatenate([first.labels, second.labels]),
        np.concatenate([first.weights, second.weights]),
        first.lean,
    )


def fit(rows: Rows, gram: Floats, strength: float, start: Floats | None = None) -> Floats:
    """The correction (width + 1, labels) with the least weighted loss plus `strength` times its squared size.

    `gram` is that of the rows. Half of it bounds the curvature of the loss everywhere (Böhning), so
    each step can be taken in full, without a search, and the loss never grows; momentum makes the steps fewer.
    """
    pull = np.full(gram.shape[0], strength, dtype=np.float32)
    pull[-1] *= _BIAS_STRENGTH
    undo = np.linalg.inv(gram.astype(np.float64) / 2 + np.diag(pull.astype(np.float64))).astype(np.float32)
    truth = np.eye(rows.base.shape[1], dtype=np.float32)[rows.labels]
    correction = np.zeros((gram.shape[0], rows.base.shape[1]), np.float32) if start is None else start
    ahead, pace = correction, 1.0
    for _ in range(_ROUNDS):
        wrong = (_softmax(rows.base + rows.vectors @ ahead) - truth) * rows.weights[:, None]
        fresh = ahead - undo @ (rows.vectors.T @ wrong + pull[:, None] * ahead)
        moved = fresh - correction
        # Momentum that points uphill is dropped.
        pace_next = 1.0 if float(((ahead - fresh) * moved).sum()) > 0 else (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = np.asarray(fresh + (pace - 1) / pace_next * moved, dtype=np.float32)
        correction, pace = fresh, pace_next
        if float(np.abs(moved).max()) < _STILL * (1e-3 + float(np.abs(correction).max())):
            break
    return correction


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
