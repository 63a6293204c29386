"""Texts labelled by our guide: those written for the project (own/), and free texts of others, of which only hashes and
labels lie here (labelled.tsv). Each text belongs to one part, by its hash: train, dev, or test."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sentiment.contract import HEADS
from sentiment.text import clean
from sentiment.train.tables import read_table

OWN = Path(__file__).parent / "own"
LABELLED = Path(__file__).parent / "labelled.tsv"
SECOND_READING = Path(__file__).parent / "second_reading.tsv"
# Reviews have a slot of their own in the head of sentiment.
_REVIEWED = ("review", "app")


@dataclass(frozen=True, slots=True)
class Guided:
    """`text` is cleaned; `labels`: head -> label, without the heads that nobody labelled; `part`: train, dev or test."""

    text: str
    lang: str
    labels: dict[str, str]
    set_name: str
    part: str


def hash_text(cleaned: str) -> str:
    """What stands for a text in labelled.tsv: 128 bits of SHA-256 of the cleaned text, in hex."""
    return hashlib.sha256(cleaned.encode()).hexdigest()[:32]


def part_of(cleaned: str, tenths: dict[int, str]) -> str:
    """By the hash, so that a text stays where it is when others come; `tenths`: which tenth is not for training."""
    return tenths.get(int.from_bytes(hashlib.sha256(cleaned.encode()).digest()[:4]) % 10, "train")


def read_own() -> list[Guided]:
    """One in ten is dev; own texts are never a test, since those who wrote them knew what was to be measured."""
    found: dict[str, Guided] = {}
    for path in sorted(OWN.glob("*.tsv")):
        for record in read_table(path):
            text, labels = clean(record["text"]), _labels(record)
            if text and "sentiment" in labels:
                name = "own_reviews" if record["place"] in _REVIEWED else "own"
                found[text] = Guided(text, record["lang"], labels, name, part_of(text, {0: "dev"}))
    return list(found.values())


def read_labelled(data: Path) -> list[Guided]:
    """Those of labelled.tsv whose texts are in the data folder: one in ten is dev, two in ten are test."""
    if not LABELLED.exists():
        return []
    records = {record["hash"]: record for record in read_table(LABELLED)}
    found: dict[str, Guided] = {}
    for source in sorted({record["source"] for record in records.values()}):
        for text in _read_texts(data, source):
            record = records.get(hash_text(text))
            if record:
                part = part_of(text, {0: "dev", 1: "test", 2: "test"})
                found[text] = Guided(text, record["lang"], _labels(record), "labelled", part)
    return list(found.values())


def _labels(record: dict[str, str]) -> dict[str, str]:
    return {head: record[head] for head in HEADS if record.get(head) in HEADS[head]}


def _read_texts(data: Path, source: str) -> Iterator[str]:
    """Cleaned texts of `train/<set>` or of `unlabelled/<file>`; none where the file is not there."""
    table, plain = data / f"{source}.tsv.gz", data / f"{source}.txt.gz"
    if table.exists():
        yield from (clean(record["text"]) for record in read_table(table))
    elif plain.exists():
        with gzip.open(plain, "rt", encoding="utf-8") as lines:
            yield from map(clean, lines)
