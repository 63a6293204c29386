"""Texts with labels that are certain, by which the judge is calibrated (dev) and its probabilities are checked (test)."""

from dataclasses import dataclass
from pathlib import Path

from sentiment.contract import HEADS
from sentiment.text import clean
from sentiment.train.guided import read_labelled, read_own
from sentiment.train.sets import ALLOWED, SEEN_IN_TRAINING, SETS, slot_of
from sentiment.train.tables import read_table

_ROWS_A_SET = 600
# dev and test of SemEval bear the name of the benchmark that split them.
_RENAMED = {
    "en_tweeteval_sentiment": "en_semeval_2013_2016",
    "ru_sentirueval2016_banks": "ru_sentirueval_banks",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """`labels`: head -> the one right label."""

    text: str
    lang: str
    labels: dict[str, str]
    set_name: str


def read_measured(data: Path, part: str) -> list[Measured]:
    """Of `part` (dev or test): texts labelled by our guide, and of each set that trains an even share."""
    guided = [one for one in (*read_own(), *read_labelled(data)) if one.part == part]
    found = [Measured(one.text, one.lang, one.labels, one.set_name) for one in guided]
    for path in sorted((data / part).glob("*.tsv.gz")):
        name = _name_of(path)
        is_kept = _is_certain(_RENAMED.get(name, name)) and not (part == "dev" and name in SEEN_IN_TRAINING)
        records = list(read_table(path)) if is_kept else []
        for record in records[:: max(1, len(records) // _ROWS_A_SET)]:
            labels = _labels(record, _RENAMED.get(name, name))
            if labels:
                found.append(Measured(clean(record["text"]), record["lang"], labels, name))
    return found


def _name_of(path: Path) -> str:
    return path.name.removesuffix(".tsv.gz")


def _is_certain(name: str) -> bool:
    """Being sure of a rule's label is not what calibration is for."""
    return name in {chosen.name for chosen in SETS} and not name.endswith("_weak")


def _labels(record: dict[str, str], name: str) -> dict[str, str]:
    allowed = ALLOWED.get((record["task"], record["label"]), {})
    # Of this task only complaints name one kind, and a sample of one kind alone would tell nothing.
    if record["task"] == "complaint":
        return {}
    # Stars tell the tone; that they also name the kind is our rule, not a label.
    heads = ("sentiment",) if record["task"] == "rating" else tuple(HEADS)
    return {
        head: labels[0]
        for head, labels in allowed.items()
        if head in heads and len(labels) == 1 and (head == "sentiment" or slot_of(name, head) == 0)
    }
