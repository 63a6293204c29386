"""The table of peers: the same rows and the same reading of labels for all, and those that are missing are named."""

from collections.abc import Sequence

import pytest

from sentiment.peers import _by_sign, measure


def loud(texts: Sequence[str]) -> list[str]:
    return ["positive" if "!" in text else "negative" for text in texts]


def silent(texts: Sequence[str]) -> list[str]:
    return ["neutral" for _ in texts]


def test_all_peers_are_measured_on_the_same_rows() -> None:
    rows = [
        {"text": "great!", "label": "5", "task": "rating"},
        {"text": "bad", "label": "1", "task": "rating"},
        {"text": "so so", "label": "3", "task": "rating"},
    ]
    first, second = measure("made", rows, {"loud": loud, "silent": silent})
    assert (first.n, first.accuracy, first.peer) == (2, 1.0, "loud")
    assert (second.n, second.accuracy) == (2, 0.0)
    assert first.texts_per_second > 0


@pytest.mark.parametrize("task", ["intent", "urgency"])
def test_a_table_of_another_task_gives_nothing(task: str) -> None:
    assert measure("made", [{"text": "x", "label": "other", "task": task}], {"loud": loud}) == []
    assert measure("made", [], {"loud": loud}) == []


def test_a_score_near_nothing_is_neutral() -> None:
    assert [_by_sign(value, 0.05) for value in (0.04, -0.04, 0.05, -0.9, 0.0)] == [
        "neutral", "neutral", "positive", "negative", "neutral",
    ]  # fmt: skip
    assert _by_sign(0.01, 0.0) == "positive"
