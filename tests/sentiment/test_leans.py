"""A judge may lean to labels that must not be missed: the choice knows of it, the probability does not."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from sentiment import Backend
from sentiment.config import ANY, Config
from sentiment.contract import HEADS, URGENT
from sentiment.regression import Rows
from sentiment.why import explain

EVERYWHERE = {head: {ANY: 1.0} for head in HEADS}
LEANING = Config("r", 128, 16, EVERYWHERE, {head: {ANY: 0.45} for head in HEADS}, {"urgency": {"high": 1.0}})
HIGH, NORMAL = HEADS["urgency"].index("high"), HEADS["urgency"].index("normal")


def logits(**given: float) -> np.ndarray:
    return np.array([given.get(label, -9.0) for label in HEADS["urgency"]], np.float32)


def test_what_must_not_be_missed_is_chosen_earlier_with_its_own_probability() -> None:
    label, is_unsure = LEANING.decide("urgency", "en", logits(high=0.0, normal=0.5))
    assert label.value == "high"
    assert label.probability == pytest.approx(1 / (1 + np.exp(0.5)), abs=1e-3)
    assert is_unsure, "the judge thinks the other label likelier, so a person looks"


def test_what_is_clear_is_not_bent() -> None:
    label, _ = LEANING.decide("urgency", "en", logits(high=0.0, normal=1.5))
    assert label.value == "normal"
    assert not LEANING.lean("sentiment").any()


@pytest.mark.parametrize("language", ["en", "ru", "other"])
def test_the_choice_can_be_told_from_the_chances(language: str) -> None:
    temperatures = EVERYWHERE | {"urgency": {ANY: 1.0, "ru": 3.0, "en": 0.4}}
    config = replace(LEANING, temperatures=temperatures)
    for seed in range(50):
        drawn = np.random.default_rng(seed).normal(0, 2, len(HEADS["urgency"])).astype(np.float32)
        chances = dict(zip(HEADS["urgency"], config.probabilities("urgency", language, drawn), strict=True))
        assert (
            config.choose("urgency", language, chances) == config.decide("urgency", language, drawn)[0].value
        )
    assert config.choose("urgency", language, dict.fromkeys(HEADS["urgency"], 0.0)) == "high"


def test_why_explains_the_label_that_was_given(judge: Backend) -> None:
    text = "Курьер опаздывает уже на час, дозвониться нельзя, ужин остыл."
    leaning = copy.copy(judge)
    leaning.config = replace(judge.config, leans={"urgency": {"critical": 50.0}})
    assert leaning.classify([text])[0].urgency.value == explain(leaning, text, "urgency").label == "critical"
    assert explain(judge, text, "urgency").label == judge.classify([text])[0].urgency.value != "critical"


def test_a_refit_counts_as_the_judge_chooses() -> None:
    base = np.stack([logits(high=0.0, normal=0.5), logits(high=0.0, normal=1.5)])
    labels = np.array([HIGH, NORMAL], np.int8)
    rows = Rows(np.ones((2, 1), np.float32), base, labels, np.ones(2, np.float32), LEANING.lean("urgency"))
    assert rows.right().tolist() == [True, True]
    assert rows.times(2).only(np.array([True, False])).right().tolist() == [True]


@pytest.mark.torch
def test_it_leans_no_further_than_recall_asks_for() -> None:
    pytest.importorskip("torch", reason="needs torch: pip install -r requirements-train.txt")
    from sentiment.train.calibrate import find_lean

    gold = np.array([HIGH] * 20 + [NORMAL] * 80)
    found = np.array([logits(high=2.0, normal=0.0)] * 15 + [logits(high=0.0, normal=0.6)] * 5)
    others = np.array([logits(high=0.0, normal=3.0)] * 80)
    assert find_lean(np.concatenate([found, others]), gold) == 0.75
    assert find_lean(np.concatenate([found[:1].repeat(20, 0), others]), gold) == 0.0
    assert find_lean(np.concatenate([others[:20], others]), gold) == 2.0
    assert find_lean(others, gold[20:]) == 0.0, "where nothing is urgent there is nothing to lean to"
    assert set(URGENT) == {"critical", "high"}
