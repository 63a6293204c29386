"""Plain text of both languages, for the vocabulary and the alignment; read from the data folder, never written."""

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

from sentiment.text import clean
from sentiment.train.plan import Plan

# Share of each parallel set that is read: manuals are many and formal, so without shares they drown everyday speech.
PARALLEL = {
    "smartool": 1.0,
    "goemotions_rest": 1.0,
    "apps_po": 1.0,
    "ms_support_ht": 1.0,
    "multiwoz_ru": 0.55,
    "ms_teams_ht": 0.4,
    "ms_business_bc_ht": 0.35,
    "ms_aspnet_ht": 0.15,
    "ms_business_d365_ht": 0.1,
}


def read_lines(path: Path, limit: int, seed: int) -> Iterator[str]:
    """At most about `limit` lines, drawn evenly; the draw is the same for the same seed."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        total = sum(1 for _ in lines)
    share = min(1.0, limit / max(total, 1))
    draw = random.Random(f"{seed}{path.name}")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if draw.random() < share:
                yield line


def read_pairs(data: Path, plan: Plan, is_whole: bool) -> list[tuple[str, str]]:
    """(English, Russian), cleaned and shuffled; `is_whole` for counting, else the shares above."""
    pairs: list[tuple[str, str]] = []
    for name, share in PARALLEL.items():
        path = data / "parallel" / f"{name}.tsv.gz"
        if path.exists():
            limit = 10**9 if is_whole else int(share * _count(path))
            for line in read_lines(path, limit, plan.seed):
                english, _, russian = line.rstrip("\n").partition("\t")
                if english and russian:
                    pairs.append((clean(english), clean(russian)))
    random.Random(plan.seed).shuffle(pairs)
    return pairs


def _count(path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return sum(1 for _ in lines)


def read_language(data: Path, language: str, plan: Plan) -> Iterator[str]:
    """Cleaned lines of one language: what people write, then one part of what manuals and services say."""
    names = {"en": ["en_permissive"], "ru": ["ru_permissive", "multiwoz_ru_dialogs", "ruspellru_mit"]}[
        language
    ]
    for name in names:
        path = data / "unlabelled" / f"{name}.txt.gz"
        if path.exists():
            yield from map(clean, read_lines(path, plan.corpus_lines, plan.seed))
    side = 0 if language == "en" else 1
    for pair in read_pairs(data, plan, is_whole=False):
        yield pair[side]
