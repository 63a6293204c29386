"""What stands beside the weights in config.json: window, temperatures, thresholds and leans; and how a verdict comes of
them."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sentiment.contract import HEADS, Label
from sentiment.errors import ModelMissing
from sentiment.model_files import read_json

# The key under which a head keeps what holds for any other language than those it was calibrated on.
ANY = "any"
# The two tokens that begin and end every window.
_FRAME = 2
_COLDEST, _HIGHEST = 1e-3, 1e3


@dataclass(frozen=True, slots=True)
class Config:
    """`temperatures` and `thresholds`: head -> language (or `any`) -> value; `leans`: head -> label -> what is added to its
    logit before the choice, for labels that must not be missed. All found on dev, never on test."""

    revision: str
    window: int
    overlap: int
    temperatures: dict[str, dict[str, float]]
    thresholds: dict[str, dict[str, float]]
    leans: dict[str, dict[str, float]]

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Raises ModelMissing where something in it is lacking or cannot be."""
        told = read_json(path)
        if wrong := [name for name, is_right in _RULES.items() if not is_right(told.get(name))]:
            raise ModelMissing(
                f"{path} lacks {', '.join(wrong)}, or holds something else there. Copy the model's whole folder again,"
                " or leave OTKLIK_SENTIMENT_MODEL out and the model that ships is used."
            )
        found = cls(**{name: told[name] for name in _RULES})
        if not found.overlap < found.window - _FRAME:
            raise ModelMissing(
                f"{path} has windows of {found.window} tokens that overlap by {found.overlap}, so that none would get"
                " on. Copy the model's whole folder again."
            )
        return found

    def probabilities(self, head: str, language: str, logits: npt.NDArray[np.float32]) -> list[float]:
        """Plain numbers: for so few of them an array takes longer."""
        temperature = _of(self.temperatures[head], language)
        scaled = [logit / temperature for logit in logits.tolist()]
        highest = max(scaled)
        powers = [math.exp(one - highest) for one in scaled]
        whole = sum(powers)
        return [power / whole for power in powers]

    def lean(self, head: str) -> npt.NDArray[np.float32]:
        """One number a label of that head."""
        return np.array([self.leans.get(head, {}).get(label, 0.0) for label in HEADS[head]], dtype=np.float32)

    def decide(self, head: str, language: str, logits: npt.NDArray[np.float32]) -> tuple[Label, bool]:
        """The likeliest label, after leaning, with its own probability, which knows of no lean; and whether that is too low
        to be trusted without a look."""
        chances = self.probabilities(head, language, logits)
        best = int((logits + self.lean(head)).argmax()) if head in self.leans else chances.index(max(chances))
        label = Label(HEADS[head][best], round(chances[best], 6))
        return label, self.is_unsure(head, language, label.probability)

    def choose(self, head: str, language: str, chances: dict[str, float]) -> str:
        """What `decide` calls a text with these chances of all labels: logits are told by them, but for what all share."""
        shares = np.log(np.maximum([chances[label] for label in HEADS[head]], np.finfo(np.float64).tiny))
        logits = shares * _of(self.temperatures[head], language)
        return HEADS[head][int((logits + self.lean(head)).argmax())]

    def is_unsure(self, head: str, language: str, probability: float) -> bool:
        return probability < _of(self.thresholds[head], language)


def _is_number(value: object, lowest: float) -> bool:
    return isinstance(value, int | float) and lowest <= value <= _HIGHEST


def _is_by_head(values: object, lowest: float) -> bool:
    return isinstance(values, dict) and all(
        isinstance(values.get(head), dict)
        and ANY in values[head]
        and all(_is_number(value, lowest) for value in values[head].values())
        for head in HEADS
    )


def _is_lean(values: object) -> bool:
    return isinstance(values, dict) and all(
        head in HEADS
        and isinstance(by_label, dict)
        and all(label in HEADS[head] and _is_number(value, 0.0) for label, value in by_label.items())
        for head, by_label in values.items()
    )


# What each value has to be. Logits are divided by temperatures, so these are never 0.
_RULES: dict[str, Callable[[object], bool]] = {
    "revision": lambda value: isinstance(value, str) and bool(value),
    "window": lambda value: isinstance(value, int),
    "overlap": lambda value: isinstance(value, int) and value >= 0,
    "temperatures": lambda values: _is_by_head(values, _COLDEST),
    "thresholds": lambda values: _is_by_head(values, 0.0),
    "leans": _is_lean,
}


def _of(values: dict[str, float], language: str) -> float:
    return values.get(language, values[ANY])
