"""The arithmetic of measuring: precision, recall and F1 a class, and their plain means over the classes in gold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClassScore:
    label: str
    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True, slots=True)
class Scores:
    """All shares are 0..1; a class that nobody answered has precision 0. Answers outside gold's classes are mistakes."""

    macro_f1: float
    macro_recall: float
    accuracy: float
    n: int
    classes: list[ClassScore]


def score(gold: Sequence[str], answers: Sequence[str]) -> Scores:
    right = Counter(label for label, answer in zip(gold, answers, strict=True) if label == answer)
    of_gold, of_answers = Counter(gold), Counter(answers)
    classes = [
        _score_class(label, right[label], of_gold[label], of_answers[label]) for label in sorted(of_gold)
    ]
    return Scores(
        macro_f1=_mean([row.f1 for row in classes]),
        macro_recall=_mean([row.recall for row in classes]),
        accuracy=round(sum(right.values()) / max(1, len(gold)), 6),
        n=len(gold),
        classes=classes,
    )


def _score_class(label: str, right: int, gold: int, answered: int) -> ClassScore:
    precision = right / answered if answered else 0.0
    # F1 = 2 right / (gold + answered), which is the harmonic mean and needs no case for nothing right.
    return ClassScore(
        label, round(precision, 6), round(right / gold, 6), round(2 * right / (gold + answered), 6), gold
    )


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 6) if values else 0.0
