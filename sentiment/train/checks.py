"""Step 9: is the int8 model what was trained? Every set of dev (and, once, of test) by judge, fp32 and baseline."""

import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sentiment import measuring
from sentiment.contract import HEADS, Backend
from sentiment.onnx import OnnxBackend
from sentiment.train.calibrate import dev_rows
from sentiment.train.reliability import reliability
from sentiment.train.rows import read_own
from sentiment.train.workshop import Workshop

LARGEST_BYTES = 32_000_000
_ROWS_A_SET = 1_500


def check_model(shop: Workshop) -> None:
    """checks.json: sizes, drift of int8, calibration, and scores a set for dev. SystemExit when the model is too big."""
    size = sum(path.stat().st_size for path in shop.model.iterdir())
    if size > LARGEST_BYTES:
        raise SystemExit(
            f"the model takes {size} bytes, more than {LARGEST_BYTES}: choose a smaller vocabulary"
        )
    judge = OnnxBackend(shop.model)
    rows = dev_rows(shop.data)
    found = {
        "bytes": size,
        "quantization": compare_with_fp32(shop, judge, [row.text for row in rows[:1500]]),
        "reliability": reliability(judge, rows),
        "own": measure_own(judge, shop),
        "dev": measure_folder(shop, judge, "dev"),
    }
    shop.file("checks.part").write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")
    shop.file("checks.part").replace(shop.file("checks.json"))


def report_test(shop: Workshop) -> None:
    """test.json: for a finished model, once; nothing may be chosen by what stands there."""
    found = measure_folder(shop, OnnxBackend(shop.model), "test")
    shop.file("test.json").write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")


def compare_with_fp32(shop: Workshop, judge: OnnxBackend, texts: Sequence[str]) -> dict[str, float]:
    """Share of equal answers of int8 and fp32 a head; both run the same windows through the same code."""
    exact = OnnxBackend(shop.model, weights=shop.file("fp32.onnx"))
    pairs = list(zip(judge.score(texts), exact.score(texts), strict=True))
    return {
        head: float(np.mean([ours[at].argmax() == theirs[at].argmax() for ours, theirs in pairs]))
        for at, head in enumerate(HEADS)
    }


def judges(shop: Workshop, judge: Backend) -> dict[str, Backend]:
    with shop.file("baseline.pickle").open("rb") as source:
        return {"judge": judge, "baseline": pickle.load(source)}  # noqa: S301 - our own file, made one step before


def measure_own(judge: Backend, shop: Workshop) -> dict[str, object]:
    """The tenth of our own texts that is kept back, a head and language."""
    rows = read_own()[1]
    tables = {
        f"own_{language}_{head}": [
            {"text": row.text, "label": row.labels[head][0][0], "task": head}
            for row in rows
            if row.lang == language
        ]
        for language in ("en", "ru")
        for head in HEADS
    }
    return {name: measure_table(table, judges(shop, judge)) for name, table in tables.items() if table}


def measure_folder(shop: Workshop, judge: Backend, part: str) -> dict[str, object]:
    paths = sorted((shop.data / part).glob("*.tsv.gz"))
    both = judges(shop, judge)
    found = {}
    for path in shop.watch.over(paths, part):
        found[path.name.removesuffix(".tsv.gz")] = measure_table(_read_share(path), both)
    return {name: scores for name, scores in found.items() if scores}


def _read_share(path: Path) -> list[dict[str, str]]:
    rows = measuring.read_table(path)
    # Book reviews are many and long; an even share of a set tells as much.
    return rows[:: max(1, -(-len(rows) // _ROWS_A_SET))]


def measure_table(rows: list[dict[str, str]], both: dict[str, Backend]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for name, judge in both.items():
        for result in measuring.measure(rows, judge)[0]:
            scores = asdict(result.scores) | {"task": result.task, "needs_look": result.needs_look}
            found[name] = scores
    return found
