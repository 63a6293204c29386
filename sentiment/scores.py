"""[pure] The arithmetic of measuring: precision, recall and F1 a class, and their plain means over the classes in gold."""

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


def score_poles(scores: Scores) -> float | None:
    """F+- of SentiRuEval: the mean F1 of `positive` and `negative`, neutral left out; None where gold lacks a pole."""
    poles = [row.f1 for row in scores.classes if row.label in ("positive", "negative")]
    return _mean(poles) if len(poles) == 2 else None


def weighted_kappa(gold: Sequence[str], answers: Sequence[str], order: Sequence[str]) -> float:
    """Quadratic-weighted kappa (Cohen 1968) of two readings on an ordered scale: 1 is full agreement, 0 that of chance."""
    pairs = Counter(zip(gold, answers, strict=True))
    of_gold, of_answers = Counter(gold), Counter(answers)
    seen = chance = 0.0
    for row, one in enumerate(order):
        for column, other in enumerate(order):
            distance = (row - column) ** 2
            seen += distance * pairs[one, other]
            chance += distance * of_gold[one] * of_answers[other] / max(1, len(gold))
    return round(1 - seen / chance, 6) if chance else 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """Of one group of labels against all others: which share of it was found, and which share of the found was right."""

    recall: float
    precision: float


def score_group(gold: Sequence[str], answers: Sequence[str], group: Sequence[str]) -> Found:
    pairs = [(wanted in group, answered in group) for wanted, answered in zip(gold, answers, strict=True)]
    right = sum(wanted and answered for wanted, answered in pairs)
    return Found(
        recall=round(right / max(1, sum(wanted for wanted, _ in pairs)), 6),
        precision=round(right / max(1, sum(answered for _, answered in pairs)), 6),
    )


def _score_class(label: str, right: int, gold: int, answered: int) -> ClassScore:
    precision = right / answered if answered else 0.0
    # F1 = 2 right / (gold + answered), which is the harmonic mean and needs no case for nothing right.
    return ClassScore(
        label, round(precision, 6), round(right / gold, 6), round(2 * right / (gold + answered), 6), gold
    )


def _mean(values: list[float]) -> float:
    return round(sum(values) / len(values), 6) if values else 0.0
