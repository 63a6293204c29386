"""The simulated desk: which of its texts trained the weights is known, and the figure on the others stands beside."""

import numpy as np
import pytest

from sentiment import learning_bench, refit
from sentiment.contract import HEADS
from sentiment.replay import Replay, upright
from sentiment.text import clean
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
    dev = {clean(text) for text, unseen in zip(texts, is_unseen, strict=True) if unseen}
    parts = {one.text: one.part for one in read_own()}
    assert {parts[text] for text in dev if text in parts} == {"dev"}


@pytest.fixture(scope="module")
def desk() -> learning_bench.Desk:
    return learning_bench.read_desk(Random(), upright())  # type: ignore[arg-type]


def test_a_desk_that_learns_nothing_counts_as_unchanged(
    desk: learning_bench.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refit, "refit", lambda *_: refit.Outcome(None, (), "no_gain"))
    row = learning_bench.figures(
        desk, Replay("any", desk.everything, np.ones(len(desk.everything), bool)), 50
    )
    assert (row.draws, row.promoted, row.reasons) == (5, 0, ("no_gain",) * 5)
    assert row.desk[0] == row.desk[1]
    assert row.unseen[0] == row.unseen[1]
    assert 0.1 < row.unseen[0] < 0.9
    assert "learned at 0 of 5 desks" in learning_bench._line(row)


def test_every_draw_corrects_other_texts_and_holds_the_rest_out(desk: learning_bench.Desk) -> None:
    corrections, held_out = learning_bench.split(desk.everything, 50, 0, desk.leans)
    others, _ = learning_bench.split(desk.everything, 50, 1, desk.leans)
    assert len(corrections) == len(others) == 50
    assert len(corrections) + len(held_out) == len(desk.everything)
    assert set(corrections.keys) != set(others.keys)
