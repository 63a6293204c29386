"""Step 1: every training text once, with the labels each head may learn from it. Texts stay out of the repository."""

import csv
import gzip
import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sentiment.contract import HEADS
from sentiment.text import clean
from sentiment.train.plan import Plan
from sentiment.train.sets import ALLOWED, OWN_WEIGHT, SETS

OWN = Path(__file__).parent / "own"
DEV_SHARE = 10


# Head -> (allowed labels, weight of the row in that head, the set it came from).
Labels = dict[str, tuple[tuple[str, ...], float, str]]


@dataclass(slots=True)
class Row:
    text: str
    lang: str
    labels: Labels = field(default_factory=dict)


def read_table(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def read_own() -> tuple[list[Row], list[Row]]:
    """The project's own texts, (train, dev): one in ten is dev, by the hash of its cleaned text."""
    train: dict[str, Row] = {}
    dev: dict[str, Row] = {}
    for path in sorted(OWN.glob("*.tsv")):
        for record in read_table(path):
            row = _own_row(record)
            if row is not None:
                (dev if is_kept_for_dev(row.text) else train)[row.text] = row
    return list(train.values()), list(dev.values())


def is_kept_for_dev(text: str) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % DEV_SHARE == 0


def _own_row(record: dict[str, str]) -> Row | None:
    labels = {head: record.get(head) or "" for head in HEADS}
    text = clean(record.get("text") or "")
    if not text or any(labels[head] not in HEADS[head] for head in HEADS):
        return None
    own: Labels = {head: ((label,), OWN_WEIGHT, "own") for head, label in labels.items()}
    return Row(text, record.get("lang") or "en", own)


def gather(data: Path, plan: Plan, permissive_only: bool) -> list[Row]:
    """All rows of the sets that are there and allowed, merged by text; own labels win over those of any set."""
    own, kept_back = read_own()
    rows = {row.text: row for row in own[: plan.own_rows]}
    held_out = {row.text for row in kept_back}
    for chosen in SETS:
        path = data / "train" / f"{chosen.name}.tsv.gz"
        if not path.exists() or (permissive_only and chosen.licence != "permissive"):
            continue
        records = list(read_table(path))
        random.Random(plan.seed).shuffle(records)
        for record in records[: min(chosen.rows, plan.rows_a_set)]:
            allowed = ALLOWED.get((record["task"], record["label"]))
            text = clean(record["text"])
            if allowed and text and text not in held_out:
                row = rows.setdefault(text, Row(text, record["lang"]))
                for head, labels in allowed.items():
                    row.labels.setdefault(head, (labels, chosen.weight, chosen.name))
    return list(rows.values())


def write_rows(rows: Iterable[Row], path: Path) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps([row.text, row.lang, row.labels], ensure_ascii=False) + "\n")


def read_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_row(*json.loads(line)) for line in lines]


def _row(text: str, lang: str, labels: dict[str, Any]) -> Row:
    return Row(
        text, lang, {head: (tuple(allowed), weight, name) for head, (allowed, weight, name) in labels.items()}
    )
