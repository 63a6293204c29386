"""Steps 11 to 13: is the int8 model what was trained? Sets of dev (and, once, of test) by judge, fp32, baseline and peers."""

import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sentiment import measuring, peers, replay
from sentiment.contract import HEADS, Backend
from sentiment.onnx import OnnxBackend
from sentiment.train.guided import Guided, read_labelled, read_own
from sentiment.train.measured import read_measured
from sentiment.train.reliability import reliability
from sentiment.train.sets import SEEN_IN_TRAINING
from sentiment.train.workshop import Workshop

LARGEST_BYTES = 32_000_000
# Peers that need no training have no test to keep unseen for them, but ours has.
_BESIDE_PEERS = ("en_tweeteval_sentiment", "en_android_app_reviews", "ru_rusentitweet", "ru_cedr")
Rows = list[dict[str, str]]
Scores = dict[str, dict[str, object]]


def check_model(shop: Workshop) -> None:
    """checks.json: sizes, drift of int8, calibration, and scores a set for dev. SystemExit when the model is too big."""
    sizes = {path.name: path.stat().st_size for path in shop.model.iterdir()}
    size = sum(sizes[name] for name in ("model.onnx", "tokenizer.json", "config.json"))
    if size > LARGEST_BYTES:
        raise SystemExit(
            f"the model takes {size} bytes, more than {LARGEST_BYTES}: choose a smaller vocabulary"
        )
    judge = OnnxBackend(shop.model)
    exact = OnnxBackend(shop.model, weights=shop.file("fp32.onnx"))
    rows = read_measured(shop.data, "dev")
    found = {
        "bytes": size,
        "replay_bytes": sizes[replay.FILE],
        "quantization": compare(judge, exact, [row.text for row in rows[:1500]]),
        "reliability": reliability(judge, rows),
        "dev": measure_part(shop, judges(shop, judge) | {"fp32": exact}, "dev"),
    }
    _write(found, shop.file("checks.json"))


def stand_beside_peers(shop: Workshop) -> None:
    """peers.json: sentiment of the judge and of open tools that install without a model hub, on dev tables."""
    readers, missing = peers.gather_peers(OnnxBackend(shop.model))
    paths = [shop.data / "dev" / f"{name}.tsv.gz" for name in _BESIDE_PEERS]
    standings = [
        asdict(standing)
        for path in paths
        if path.exists()
        for standing in peers.measure(path.name.removesuffix(".tsv.gz"), measuring.read_table(path), readers)
    ]
    _write({"standings": standings, "missing": missing}, shop.file("peers.json"))


def report_test(shop: Workshop) -> None:
    """test.json: for a finished model, once; nothing may be chosen by what stands there."""
    judge = OnnxBackend(shop.model)
    found = {
        "test": measure_part(shop, judges(shop, judge), "test"),
        "reliability": reliability(judge, read_measured(shop.data, "test")),
    }
    _write(found, shop.file("test.json"))


def compare(judge: OnnxBackend, exact: OnnxBackend, texts: Sequence[str]) -> dict[str, float]:
    """Share of equal answers of int8 and fp32 a head; both run the same windows through the same code."""
    pairs = list(zip(judge.score(texts), exact.score(texts), strict=True))
    return {
        head: float(np.mean([ours[at].argmax() == theirs[at].argmax() for ours, theirs in pairs]))
        for at, head in enumerate(HEADS)
    }


def judges(shop: Workshop, judge: Backend) -> dict[str, Backend]:
    with shop.file("baseline.pickle").open("rb") as source:
        return {"judge": judge, "baseline": pickle.load(source)}  # noqa: S301 - our own file, made one step before


def measure_part(shop: Workshop, backends: dict[str, Backend], part: str) -> dict[str, Scores]:
    """Set -> judge -> scores: first the texts labelled by our guide, a head and language, then the public sets but for
    those whose labels a rule made and dev parts that training has seen."""
    guided = [one for one in (*read_own(), *read_labelled(shop.data)) if one.part == part]
    tables = _by_head(guided) | {
        path.name.removesuffix(".tsv.gz"): path
        for path in sorted((shop.data / part).glob("*.tsv.gz"))
        if "_weak" not in path.name and not (part == "dev" and path.name.split(".")[0] in SEEN_IN_TRAINING)
    }
    found = {}
    for name in shop.watch.over(list(tables), part):
        table = tables[name]
        rows = measuring.read_table(table) if isinstance(table, Path) else table
        found[name] = measure_table(rows, backends)
    return {name: scores for name, scores in found.items() if scores}


def _by_head(guided: list[Guided]) -> dict[str, Rows | Path]:
    """In each language, and in both together: a label that is rare in one alone says little there."""
    tables: dict[str, Rows | Path] = {}
    for source in ("own", "labelled"):
        for language in ("en", "ru", "both"):
            for head in HEADS:
                rows = [
                    {"text": one.text, "label": one.labels[head], "task": head}
                    for one in guided
                    if one.set_name.startswith(source)
                    and language in (one.lang, "both")
                    and head in one.labels
                ]
                if rows:
                    tables[f"{source}_{language}_{head}"] = rows
    return tables


def measure_table(rows: Rows, backends: dict[str, Backend]) -> Scores:
    found: Scores = {}
    for name, judge in backends.items():
        for result in measuring.measure(rows, judge)[0]:
            found[name] = asdict(result.scores) | {
                "task": result.task,
                "head": result.head,
                "needs_look": result.needs_look,
                **result.more,
            }
    return found


def _write(found: object, path: Path) -> None:
    path.with_suffix(".part").write_text(
        json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    path.with_suffix(".part").replace(path)
