"""The replay set: what the shipped judge reads in its own labelled texts, kept so small that it ships beside the weights.

A refit (refit.py) learns from it together with a desk's corrections, so that what was known is not forgotten. It holds
no text: a vector, the logits and the labels of each, and a short hash that tells a text seen at the desk again.
"""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sentiment.contract import HEADS
from sentiment.errors import ReplayMissing
from sentiment.text import clean

FILE = "replay.npz"
MOST_TEXTS = 6_000
"""More would outgrow the 2.5 MB that are set aside for the file; which they are is told by their hashes."""
UNKNOWN = -1
Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int8]
Keys = npt.NDArray[np.uint64]


class Scores(Protocol):
    """A judge whose logits and vectors can be read; `base` names the weights, whatever was learned since."""

    @property
    def base(self) -> str: ...

    def score(self, texts: Sequence[str]) -> list[list[Floats]]: ...


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows side by side: `logits` of all heads in the order of HEADS, `labels` one column a head, -1 where unknown."""

    keys: Keys
    vectors: Floats
    logits: Floats
    labels: Codes

    def __len__(self) -> int:
        return len(self.keys)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Examples":
        return Examples(self.keys[chosen], self.vectors[chosen], self.logits[chosen], self.labels[chosen])


def upright() -> Floats:
    """The leans of a judge that leans to nothing."""
    return np.zeros(sum(map(len, HEADS.values())), np.float32)


@dataclass(frozen=True, slots=True)
class Replay:
    """`base` names the weights whose vectors these are: for others they mean nothing. `is_unseen`: the texts that the
    weights were not trained on. What a refit forgets is measured on these, because the others are known by heart.
    `leans`, one number a column of the logits, is what the judge adds to them before it chooses."""

    base: str
    examples: Examples
    is_unseen: npt.NDArray[np.bool_]
    leans: Floats = field(default_factory=upright)

    def only(self, chosen: npt.NDArray[np.bool_]) -> "Replay":
        return replace(self, examples=self.examples.only(chosen), is_unseen=self.is_unseen[chosen])


def columns(head: str) -> slice:
    """Where the logits of that head stand."""
    widths = [len(labels) for labels in HEADS.values()]
    place = list(HEADS).index(head)
    return slice(sum(widths[:place]), sum(widths[: place + 1]))


def gather(judge: Scores, texts: Sequence[str], labels: Sequence[Mapping[str, str]]) -> Examples:
    """What `judge` reads in each text, beside the labels (head -> label) that people gave it."""
    scores = judge.score(texts)
    width, logits = (len(scores[0][-1]), sum(map(len, HEADS.values()))) if scores else (0, 0)
    return Examples(
        np.array([key(text) for text in texts], dtype=np.uint64),
        np.array([row[-1] for row in scores], dtype=np.float32).reshape(len(scores), width),
        np.array([np.concatenate(row[:-1]) for row in scores], dtype=np.float32).reshape(len(scores), logits),
        np.array(
            [[_code(head, given.get(head)) for head in HEADS] for given in labels], dtype=np.int8
        ).reshape(len(scores), len(HEADS)),
    )


def build(
    judge: Scores,
    texts: Sequence[str],
    labels: Sequence[Mapping[str, str]],
    is_unseen: Sequence[bool],
    path: Path,
    leans: Floats,
) -> Path:
    """Writes the file that ships: `texts` with their labels, head -> label (a head that nobody labelled is left out),
    and whether the judge was not trained on them."""
    by_key = {
        key(text): (text, given, unseen) for text, given, unseen in zip(texts, labels, is_unseen, strict=True)
    }
    # The unseen ones are few and tell most, so they all stay; of the others the key draws.
    order = sorted(by_key, key=lambda one: (not by_key[one][2], one))
    chosen = [by_key[one] for one in order[:MOST_TEXTS]]
    found = gather(judge, [text for text, _, _ in chosen], [given for _, given, _ in chosen])
    scales = np.maximum(np.abs(found.vectors).max(axis=1), 1e-8) / 127
    arrays = {
        "base": np.array(judge.base),
        "keys": found.keys,
        "vectors": np.round(found.vectors / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float32),
        "logits": found.logits.astype(np.float16),
        "labels": found.labels,
        "is_unseen": np.array([unseen for _, _, unseen in chosen], dtype=bool),
        "leans": leans,
    }
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return part.replace(path)


def read(folder: Path) -> Replay:
    """Raises ReplayMissing where the folder has none, or one that cannot be read."""
    path = folder / FILE
    try:
        with np.load(path, allow_pickle=False) as kept:
            vectors = kept["vectors"].astype(np.float32) * kept["scales"][:, None]
            examples = Examples(
                kept["keys"], vectors, kept["logits"].astype(np.float32), kept["labels"].astype(np.int8)
            )
            leans = kept["leans"].astype(np.float32)
            return Replay(str(kept["base"]), examples, kept["is_unseen"].astype(bool), leans)
    except FileNotFoundError:
        raise ReplayMissing(
            f"{folder} has no {FILE}: a model can only be trained beside its original texts"
        ) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ReplayMissing(f"{path} cannot be read: {error}") from error


def key(text: str) -> int:
    """The same for texts that read the same to the judge."""
    return int.from_bytes(hashlib.sha256(clean(text).encode()).digest()[:8])


def _code(head: str, label: str | None) -> int:
    return HEADS[head].index(label) if label in HEADS[head] else UNKNOWN
