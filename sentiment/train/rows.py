"""Step 1: every training text once, with the labels each head may learn from it. Texts stay out of the repository."""

import gzip
import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sentiment.text import clean
from sentiment.train.guided import Guided, read_labelled, read_own
from sentiment.train.plan import Plan
from sentiment.train.sets import ALLOWED, SETS, TrainingSet
from sentiment.train.tables import read_table

# Head -> (allowed labels, the set they came from).
Labels = dict[str, tuple[tuple[str, ...], str]]


@dataclass(slots=True)
class Row:
    text: str
    lang: str
    labels: Labels = field(default_factory=dict)


def gather(data: Path, plan: Plan, permissive_only: bool) -> list[Row]:
    """All rows of the sets that are there and allowed, merged by text; labels by our guide win over those of any set,
    but for sentiment, where a set that people labelled knows its own texts best."""
    guided = [*read_own(), *read_labelled(data)]
    rows: dict[str, Row] = {}
    for one in [found for found in guided if found.part == "train"][: plan.own_rows]:
        rows[one.text] = guided_row(one)
    held_out = {one.text for one in guided if one.part != "train"} | _public_held_out(data)
    for chosen in SETS:
        if chosen.licence != "own" and not (permissive_only and chosen.licence != "permissive"):
            _add_set(rows, held_out, chosen, data, plan)
    return list(rows.values())


def _public_held_out(data: Path) -> set[str]:
    """Cleaned texts of all public dev and test tables: a text may stand in two sets."""
    tables = [*(data / "dev").glob("*.tsv.gz"), *(data / "test").glob("*.tsv.gz")]
    return {clean(record["text"]) for table in tables for record in read_table(table)}


def guided_row(one: Guided) -> Row:
    return Row(one.text, one.lang, {head: ((label,), one.set_name) for head, label in one.labels.items()})


def _add_set(rows: dict[str, Row], held_out: set[str], chosen: TrainingSet, data: Path, plan: Plan) -> None:
    path = data / "train" / f"{chosen.name}.tsv.gz"
    records = list(read_table(path)) if path.exists() else []
    random.Random(plan.seed).shuffle(records)
    for record in records[: min(chosen.rows, plan.rows_a_set)]:
        allowed = ALLOWED.get((record["task"], record["label"]))
        text = clean(record["text"])
        if allowed and text and text not in held_out:
            row = rows.setdefault(text, Row(text, record["lang"]))
            for head, labels in allowed.items():
                if head == "sentiment" and row.labels.get(head, ((), ""))[1] == "labelled":
                    del row.labels[head]
                row.labels.setdefault(head, (labels, chosen.name))


def write_rows(rows: Iterable[Row], path: Path) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps([row.text, row.lang, row.labels], ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_row(*json.loads(line)) for line in lines]


def _row(text: str, lang: str, labels: dict[str, Any]) -> Row:
    return Row(text, lang, {head: (tuple(allowed), name) for head, (allowed, name) in labels.items()})
