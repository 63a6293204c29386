"""[pure] How labels of public data sets are read as ours when a judge is measured. What training may learn from them is another
question, and stands in train/sets.py (ALLOWED).
"""

from dataclasses import dataclass

from sentiment.contract import HEADS, KINDS

# Set labels -> ours, by task. What stands in no row here is left out of every measure, and counted as left out.
SENTIMENT = {"negative": "negative", "neutral": "neutral", "positive": "positive"}
# Three stars say too little about the tone of a text.
RATING = {"1": "negative", "2": "negative", "4": "positive", "5": "positive"}
# `user_experience` and `rating_only` of app stores mix praise with complaint, so they are left out.
KIND = {kind: kind for kind in KINDS} | {"request": "suggestion"}
ABUSE = {"ok": "ok", "toxic": "abusive"}
COMPLAINT = {"complaint": "complaint", "not_complaint": "not_complaint"}
URGENCY_GUIDE = {urgency: urgency for urgency in HEADS["urgency"]}
# Sets with three levels say only how urgent a text is among its like.
URGENCY_LEVELS = {"high": "high", "medium": "medium", "low": "low"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A task as it is measured: which head answers, how gold labels and how our answers are read."""

    head: str
    gold: dict[str, str]
    answer: dict[str, str]


def _same(head: str) -> dict[str, str]:
    return {label: label for label in HEADS[head]}


READINGS: dict[str, Reading] = {
    "sentiment": Reading("sentiment", SENTIMENT, _same("sentiment")),
    "rating": Reading("sentiment", RATING, _same("sentiment")),
    "intent": Reading("kind", KIND, _same("kind")),
    "kind": Reading("kind", KIND, _same("kind")),
    "complaint": Reading(
        "kind", COMPLAINT, {kind: kind if kind == "complaint" else "not_complaint" for kind in KINDS}
    ),
    "urgency": Reading("urgency", URGENCY_GUIDE, _same("urgency")),
    "toxicity": Reading("abuse", ABUSE, _same("abuse")),
    "abuse": Reading("abuse", _same("abuse"), _same("abuse")),
}
_THREE_LEVELS = Reading(
    "urgency", URGENCY_LEVELS, {"critical": "high", "high": "high", "normal": "medium", "low": "low"}
)


def reading(task: str, labels: set[str]) -> Reading | None:
    """The way to measure `task`, or None where we have no head for it; three urgency levels are told by `medium`."""
    if task == "urgency" and "medium" in labels:
        return _THREE_LEVELS
    return READINGS.get(task)
