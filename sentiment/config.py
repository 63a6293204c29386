"""What stands beside the weights in config.json: window, temperatures and thresholds; and how a verdict comes of them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sentiment.contract import HEADS, Label

# The key under which a head keeps what holds for any other language than those it was calibrated on.
ANY = "any"


@dataclass(frozen=True, slots=True)
class Config:
    """`temperatures` and `thresholds`: head -> language (or `any`) -> value; found on dev, never on test."""

    revision: str
    window: int
    overlap: int
    temperatures: dict[str, dict[str, float]]
    thresholds: dict[str, dict[str, float]]

    @classmethod
    def read(cls, path: Path) -> "Config":
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def probabilities(
        self, head: str, language: str, logits: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float64]:
        scaled = logits.astype(np.float64) / _of(self.temperatures[head], language)
        powers = np.exp(scaled - scaled.max())
        return np.asarray(powers / powers.sum(), dtype=np.float64)

    def decide(self, head: str, language: str, logits: npt.NDArray[np.float32]) -> tuple[Label, bool]:
        """The likeliest label, and whether it is too unlikely to be trusted without a look."""
        chances = self.probabilities(head, language, logits)
        best = int(chances.argmax())
        label = Label(HEADS[head][best], round(float(chances[best]), 6))
        return label, self.is_unsure(head, language, label.probability)

    def is_unsure(self, head: str, language: str, probability: float) -> bool:
        return probability < _of(self.thresholds[head], language)


def _of(values: dict[str, float], language: str) -> float:
    return values.get(language, values[ANY])
