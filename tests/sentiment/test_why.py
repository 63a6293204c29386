"""Why a verdict: which words moved it, where they stand in the text as it was given, and never longer than allowed."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import Backend, Label, Verdict
from sentiment.why import Explanation, explain
from tests import effort
from tests.sentiment.test_hostile_texts import HOSTILE

ROOT = Path(__file__).parents[2]


class Listener:
    """Calls a text negative by the share of its words that are bad; each run takes one second on its own clock."""

    name, revision = "listener", "1"

    def __init__(self, seconds: float = 1.0) -> None:
        self.seconds, self.now, self.texts = seconds, 0.0, []

    def clock(self) -> float:
        return self.now

    def chosen(self, head: str, text: str, chances: dict[str, float]) -> str:
        return max(chances, key=chances.__getitem__)

    def chances(self, head: str, texts: Sequence[str]) -> list[dict[str, float]]:
        assert head == "sentiment"
        self.now += self.seconds * len(texts)
        self.texts += texts
        shares = [min(0.9, 0.1 + 0.4 * text.count("ужас")) for text in texts]
        return [
            {"negative": share, "neutral": (1 - share) / 2, "positive": (1 - share) / 2} for share in shares
        ]

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        raise AssertionError("it shows chances, so nobody needs to ask for verdicts")


class Mute(Listener):
    """Shows its likeliest label alone, as the protocol asks for."""

    chances = None

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        told = []
        for chances in Listener.chances(self, "sentiment", texts):
            value = max(chances, key=chances.__getitem__)
            rest = Label("other", 1.0)
            told.append(
                Verdict(rest, Label(value, chances[value]), rest, rest, rest, False, self.name, self.revision)
            )
        return told


def pieces(text: str, found: Explanation) -> dict[str, float]:
    return {text[part.start : part.end]: part.weight for part in found.parts}


def assert_sane(text: str, found: Explanation) -> None:
    place = 0
    for part in found.parts:
        assert place <= part.start < part.end <= len(text)
        assert -1 <= part.weight <= 1
        assert text[part.start : part.end].strip() == text[part.start : part.end]
        place = part.end
    assert 0 <= found.probability <= 1


def test_the_word_that_says_it_weighs_most(judge: Backend) -> None:
    text = "Заказ привезли вовремя, но обслуживание — ужасно!"
    weights = pieces(text, explain(judge, text, budget_seconds=60, label="negative"))
    assert max(weights, key=weights.__getitem__) == "ужасно"
    assert weights["ужасно"] > 0.02


def test_leaving_a_word_out_is_what_its_weight_says(judge: Backend) -> None:
    text = "Terrible app, it crashes."
    found = explain(judge, text, budget_seconds=60)
    (part,) = [part for part in found.parts if text[part.start : part.end] == "Terrible"]
    (with_it, without) = judge.chances("sentiment", [text, "  app, it crashes."])
    assert part.weight == pytest.approx(with_it[found.label] - without[found.label], abs=1e-5)
    assert found.probability == pytest.approx(with_it[found.label])


@pytest.mark.parametrize("head", ["sentiment", "kind", "urgency", "abuse"])
def test_every_head_can_be_asked(judge: Backend, head: str) -> None:
    text = "Срочно заблокируйте карту, списывают деньги!"
    found = explain(judge, text, head, budget_seconds=60)
    assert found.head == head
    assert found.label == getattr(judge.classify([text])[0], head).value
    assert_sane(text, found)


def test_another_label_than_the_judges_own_can_be_asked() -> None:
    text = "всё хорошо, ужас"
    found = explain(Listener(), text, budget_seconds=100, label="positive")
    assert found.label == "positive" and pieces(text, found)["ужас"] < 0


@pytest.mark.parametrize(("head", "label"), [("mood", None), ("sentiment", "angry"), ("language", "ru")])
def test_what_we_do_not_have_is_refused(head: str, label: str | None) -> None:
    with pytest.raises(ValueError, match="there is no"):
        explain(Listener(), "text", head, label=label)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Это  УЖАС\u200bно,&nbsp;правда", "УЖАС\u200bно"),
        ("   ужасный-преужасный сервис", "ужасный-преужасный"),
        ("a\u0301 ужас\u0301 b", "ужас\u0301"),
        ("ок\x00ужас\x00ок", "ужас"),
        ("\ud800ужас", "ужас"),
        ("(ужас)", "ужас"),
        ("https://x.example/?q=1 &lt;b&gt;ужас&lt;/b&gt; 😡", "ужас"),
    ],
)
def test_places_are_those_of_the_text_as_given(text: str, marked: str) -> None:
    listener = Listener()
    listener.chances = lambda _head, texts: [  # type: ignore[method-assign]
        {"negative": 0.9 if "ужас" in one.lower() else 0.1, "neutral": 0.05, "positive": 0.05}
        for one in texts
    ]
    weights = pieces(text, explain(listener, text, label="negative"))
    assert max(weights, key=weights.__getitem__) == marked


def test_smiles_and_marks_are_pieces_but_commas_are_not() -> None:
    text = "Ну, да... ок:) 😡😡!!!"
    assert list(pieces(text, explain(Listener(), text, budget_seconds=99))) == [
        "Ну",
        "да",
        "ок",
        ":)",
        "😡😡!!!",
    ]


def test_a_judge_that_shows_one_label_can_be_explained() -> None:
    text = "какой же ужас и ужас"
    found = explain(Mute(), text, budget_seconds=100)
    assert found.label == "negative" and found.probability == pytest.approx(0.9)
    assert [text[part.start : part.end] for part in found.parts if part.weight > 0.3] == ["ужас", "ужас"]


def test_words_that_fit_into_the_time_each_get_a_run() -> None:
    listener = Listener()
    found = explain(listener, "раз два ужас три", budget_seconds=10, clock=listener.clock)
    assert (found.runs, len(listener.texts), len(found.parts), found.is_complete) == (5, 5, 4, True)


@pytest.mark.parametrize("budget", [0.1, 1, 3, 8, 20, 60])
@pytest.mark.parametrize("count", [1, 5, 40, 150])
def test_runs_never_go_over_the_time(budget: float, count: int) -> None:
    listener = Listener()
    text = " ".join(f"слово{number}" for number in range(count - 1)) + " ужас"
    found = explain(listener, text, budget_seconds=budget, clock=listener.clock)
    # The first run is always made: without it there is no verdict to explain.
    assert len(listener.texts) == found.runs <= max(1, budget)
    assert_sane(text, found)


def test_a_judge_that_grows_slower_is_stopped_in_time() -> None:
    listener = Listener(seconds=0.5)

    def slower(_head: str, texts: Sequence[str], was: Callable[..., object] = listener.chances) -> object:
        listener.seconds *= 1.5
        return was("sentiment", texts)

    listener.chances = slower  # type: ignore[method-assign]
    found = explain(
        listener, "раз два три четыре пять шесть семь ужас", budget_seconds=10, clock=listener.clock
    )
    assert not found.is_complete
    assert listener.now <= 10 + listener.seconds


def test_a_long_text_is_read_by_phrases_then_the_weightiest_by_words() -> None:
    listener = Listener()
    text = " ".join(["слово"] * 30 + ["ужас"] + [f"слово{number}" for number in range(30)])
    found = explain(listener, text, budget_seconds=40, clock=listener.clock)
    weights = pieces(text, found)
    assert weights["ужас"] == pytest.approx(0.4)
    assert any(" " in piece for piece in weights) and len(weights) < 61
    assert found.is_complete
    assert [word for part in found.parts for word in text[part.start : part.end].split()] == text.split()


def test_a_text_that_takes_all_the_time_gets_no_parts() -> None:
    listener = Listener(seconds=9)
    found = explain(listener, "какой ужас", budget_seconds=10, clock=listener.clock)
    assert (found.parts, found.is_complete, found.runs) == ((), False, 1)


def test_of_a_huge_text_the_ends_are_explained() -> None:
    listener = Listener()
    text = "Какой ужас. " + "вода " * 40_000 + "Просто ужас"
    found = explain(listener, text, budget_seconds=10_000, clock=listener.clock)
    assert found.unread is not None and max(map(len, listener.texts)) < 2_000
    start, end = found.unread
    assert all(part.end <= start or part.start >= end for part in found.parts)
    assert [(part.start, part.end) for part in found.parts if part.weight > 0.3] == [
        (6, 10), (len(text) - 4, len(text)),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [*HOSTILE, "слово" * 40_000], ids=range(len(HOSTILE) + 1))
def test_hostile_texts_are_explained_or_left(judge: Backend, text: str) -> None:
    assert_sane(text, explain(judge, text, budget_seconds=0.2))


@settings(max_examples=effort.times(40))
@given(st.text(st.characters(codec=None), max_size=120))
def test_any_text_has_places_of_its_own(text: str) -> None:
    assert_sane(text, explain(Listener(), text, budget_seconds=1000))


def call(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "sentiment", "why", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=170, check=False)


def test_the_command_prints_words_or_json() -> None:
    text = "Ужасно, деньги не вернули"
    plain = call(text, "--seconds", "20")
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.startswith("sentiment negative 0.") and "Ужасно" in plain.stdout
    shown = json.loads(call(text, "--json", "--head", "kind", "--seconds", "20").stdout)
    assert shown["head"] == "kind" and shown["unread"] is None and shown["is_complete"]
    assert [text[part["start"] : part["end"]] for part in shown["parts"]] == [
        part["text"] for part in shown["parts"]
    ]


def test_the_command_explains_the_label_that_the_whole_text_has(judge: Backend) -> None:
    praise = "Чудесный отель, отличный завтрак, спасибо персоналу, всем рекомендую! " * 9
    anger = "Ужасно, отвратительный сервис, обманули, верните деньги, позор! " * 40
    (told,) = judge.classify([praise + anger + praise])
    assert explain(judge, praise + anger + praise, budget_seconds=0.1).label != told.sentiment.value
    shown = json.loads(call(praise + anger + praise, "--json", "--seconds", "5").stdout)
    assert shown["label"] == told.sentiment.value
    assert shown["probability"] == pytest.approx(told.sentiment.probability, abs=1e-4)
