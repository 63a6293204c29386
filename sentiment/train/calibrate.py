"""Step 8: temperatures and thresholds a head and language, and the lean to what is urgent, on dev texts as the int8 model
scores them; config.json."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sentiment.config import ANY, Config
from sentiment.contract import HEADS, URGENT
from sentiment.onnx import OnnxBackend
from sentiment.train.measured import read_measured
from sentiment.train.workshop import Workshop

Floats = npt.NDArray[np.float64]
_FEWEST = 40
# Below the threshold an answer is right about as often as not, so a person should look; but people cannot look at
# everything, so no head may ask for more than this share.
_WORTHLESS = 0.55
_LARGEST_SHARE = 0.08
# A complaint that could not wait and was not seen costs more than one that was looked at too early.
LEAST_RECALL = 0.85
MOST_LEAN = 2.0
_LEANS = np.arange(0.0, MOST_LEAN + 0.01, 0.25)
_GRID = np.exp(np.linspace(np.log(0.3), np.log(4.0), 80))


def calibrate(shop: Workshop) -> None:
    plain = Config("", shop.plan.window, shop.plan.window // 8, _fill(1.0), _fill(0.0), {})
    backend = OnnxBackend(shop.model, config=plain)
    rows = read_measured(shop.data, "dev")
    scores = backend.score([row.text for row in rows])
    config = plain
    for number, head in enumerate(HEADS):
        for language in (ANY, "en", "ru"):
            chosen = [at for at, row in enumerate(rows) if head in row.labels and language in (row.lang, ANY)]
            if len(chosen) >= _FEWEST:
                logits = np.array([scores[at][number] for at in chosen], dtype=np.float64)
                gold = np.array([HEADS[head].index(rows[at].labels[head]) for at in chosen])
                if head == "urgency" and language == ANY:
                    config = replace(config, leans={head: dict.fromkeys(URGENT, find_lean(logits, gold))})
                config = _fit(config, head, language, logits, gold)
    _write(replace(config, revision=_revision(shop.model, config)), shop.model / "config.json")


def _fit(config: Config, head: str, language: str, logits: Floats, gold: npt.NDArray[np.int64]) -> Config:
    temperature = min(_GRID, key=lambda value: _surprise(logits / value, gold))
    chances = np.exp(_log_softmax(logits / temperature))
    answers = (logits + config.lean(head)).argmax(1)
    threshold = find_threshold(chances[np.arange(len(gold)), answers], answers == gold)
    return replace(
        config,
        temperatures=_set(config.temperatures, head, language, round(float(temperature), 4)),
        thresholds=_set(config.thresholds, head, language, round(threshold, 4)),
    )


def find_lean(logits: Floats, gold: npt.NDArray[np.int64]) -> float:
    """The least that has to be added to the logits of critical and high for LEAST_RECALL of such texts to be found as one
    of the two; the most that may be added where none is enough. `logits` (texts, urgencies), `gold` numbers of labels."""
    urgent = [HEADS["urgency"].index(label) for label in URGENT]
    is_urgent = np.isin(gold, urgent)
    for lean in _LEANS:
        raised = logits.copy()
        raised[:, urgent] += lean
        if is_urgent.any() and np.isin(raised.argmax(1), urgent)[is_urgent].mean() >= LEAST_RECALL:
            return float(lean)
    return float(_LEANS[-1]) if is_urgent.any() else 0.0


def find_threshold(chances: Floats, is_right: npt.NDArray[np.bool_]) -> float:
    """The highest of 0.35..0.70 under which at most _WORTHLESS of the answers are right, and not too many lie."""
    best = 0.35
    for threshold in np.arange(0.35, 0.701, 0.01):
        below = is_right[chances < threshold]
        if len(below) >= 10 and below.mean() <= _WORTHLESS and len(below) <= _LARGEST_SHARE * len(chances):
            best = float(threshold)
    return best


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)), dtype=np.float64)


def _surprise(logits: Floats, gold: npt.NDArray[np.int64]) -> float:
    return float(-_log_softmax(logits)[np.arange(len(gold)), gold].mean())


def _fill(value: float) -> dict[str, dict[str, float]]:
    return {head: {ANY: value} for head in HEADS}


def _set(
    values: dict[str, dict[str, float]], head: str, language: str, value: float
) -> dict[str, dict[str, float]]:
    return values | {head: values[head] | {language: value}}


def _revision(folder: Path, config: Config) -> str:
    """Twelve letters of the hash of all that decides a verdict: two judges are never taken for one, or what one of them
    has judged would not be judged again by the other."""
    whole = hashlib.sha256((folder / "model.onnx").read_bytes())
    whole.update((folder / "tokenizer.json").read_bytes())
    whole.update(json.dumps(asdict(replace(config, revision="")), sort_keys=True).encode())
    return whole.hexdigest()[:12]


def _write(config: Config, path: Path) -> None:
    path.with_suffix(".part").write_text(json.dumps(asdict(config), indent=2) + "\n", encoding="utf-8")
    path.with_suffix(".part").replace(path)
