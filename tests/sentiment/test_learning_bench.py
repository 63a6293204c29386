"""The simulated desk: which of its texts trained the weights is known, and the figure on the others stands beside."""

import numpy as np
import pytest

from sentiment import learning_bench, refit
from sentiment.contract import HEADS
from sentiment.train.guided import read_own

WIDTHS = [len(labels) for labels in HEADS.values()]


class Random:
    """Reads noise in every text, the same each time."""

    base = "any"

    def score(self, texts: list[str]) -> list[list[np.ndarray]]:
        draw = np.random.default_rng(1)
        return [[draw.normal(size=width).astype(np.float32) for width in (*WIDTHS, 384)] for _ in texts]


def test_unseen_are_the_texts_that_are_not_for_training() -> None:
    texts, labels, is_unseen = learning_bench.desk_texts()
    assert len(texts) == len(labels) == len(is_unseen)
    assert 0.05 < sum(is_unseen) / len(texts) < 0.2
    dev = {learning_bench.clean(text) for text, unseen in zip(texts, is_unseen, strict=True) if unseen}
    parts = {one.text: one.part for one in read_own()}
    assert {parts[text] for text in dev if text in parts} == {"dev"}


def test_figures_on_unseen_texts_stand_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refit, "refit", lambda *_: refit.Outcome(None, (), "no_gain"))
    texts, labels, is_unseen = learning_bench.desk_texts()
    row = learning_bench._figures(Random(), texts, labels, is_unseen, 50)  # type: ignore[arg-type]
    assert 0 < row.unseen <= sum(is_unseen)
    assert (row.desk_before, row.unseen_before) == (row.desk_after, row.unseen_after)
    assert 0.1 < row.unseen_before < 0.9
    assert f"of {row.unseen} that trained no weights" in learning_bench._line(row)
