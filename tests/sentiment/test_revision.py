"""The revision of our own weights: another one as soon as anything that decides verdicts is another."""

from dataclasses import replace
from pathlib import Path

import pytest

from sentiment import SHIPPED
from sentiment.config import Config

pytest.importorskip("torch", reason="needs torch: pip install -r requirements-train.txt")
from sentiment.train.calibrate import _revision

pytestmark = pytest.mark.torch


def test_all_that_decides_a_verdict_is_in_it(tmp_path: Path) -> None:
    config = Config.read(SHIPPED / "config.json")
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(name.encode())
    found = [_revision(tmp_path, config)]
    assert _revision(tmp_path, replace(config, revision="other")) == found[0]
    for values in ("temperatures", "thresholds"):
        changed = {**getattr(config, values), "kind": {"any": 0.9}}
        found.append(_revision(tmp_path, replace(config, **{values: changed})))
    found.append(_revision(tmp_path, replace(config, leans={"urgency": {"critical": 1.7}})))
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"other")
        found.append(_revision(tmp_path, config))
    assert len(set(found)) == 6 and {len(one) for one in found} == {12}
