"""What labels of other models mean: by name, by the setting, or refused with a sentence that helps."""

import pytest

from sentiment import ModelMissing
from sentiment.errors import LabelsUnknown
from sentiment.label_names import names_in_order, read_names

NEG, NEU, POS = "negative", "neutral", "positive"
KNOWN = [
    ("cardiffnlp/twitter-xlm-roberta-base-sentiment", ["negative", "neutral", "positive"], (NEG, NEU, POS)),
    ("cardiffnlp/twitter-xlm-roberta-base-sentiment", ["Negative", "Neutral", "Positive"], (NEG, NEU, POS)),
    ("cardiffnlp/twitter-xlm-roberta-base-sentiment", ["LABEL_0", "LABEL_1", "LABEL_2"], (NEG, NEU, POS)),
    ("blanchefort/rubert-base-cased-sentiment", ["NEUTRAL", "POSITIVE", "NEGATIVE"], (NEU, POS, NEG)),
    ("seara/rubert-tiny2-russian-sentiment", ["neutral", "positive", "negative"], (NEU, POS, NEG)),
    ("cointegrated/rubert-tiny-sentiment-balanced", ["negative", "neutral", "positive"], (NEG, NEU, POS)),
    (
        "tabularisai/multilingual-sentiment-analysis",
        ["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"],
        (NEG, NEG, NEU, POS, POS),
    ),
    (
        "nlptown/bert-base-multilingual-uncased-sentiment",
        ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
        (NEG, NEG, NEU, POS, POS),
    ),
    ("finiteautomata/bertweet-base-sentiment-analysis", ["NEG", "NEU", "POS"], (NEG, NEU, POS)),
]


@pytest.mark.parametrize(("model", "names", "ours"), KNOWN)
def test_the_usual_models_are_understood(model: str, names: list[str], ours: tuple[str, ...]) -> None:
    assert read_names(model, names) == ours


def test_numbers_of_any_other_model_are_refused_with_a_way_out() -> None:
    with pytest.raises(LabelsUnknown) as refusal:
        read_names("somebody/model", ["LABEL_0", "LABEL_1", "LABEL_2"])
    assert "OTKLIK_SENTIMENT_LABELS=LABEL_0=…,LABEL_1=…,LABEL_2=…" in str(refusal.value)
    assert "negative, neutral, positive" in str(refusal.value)
    assert isinstance(refusal.value, ModelMissing)


@pytest.mark.parametrize(
    "names", [["joy", "anger", "fear"], ["negative", "neutral", "mixed"], ["0", "1", "2"]]
)
def test_what_is_unknown_is_named(names: list[str]) -> None:
    with pytest.raises(LabelsUnknown, match=names[-1]):
        read_names("somebody/model", names)


def test_a_model_without_neutral_has_to_be_wanted() -> None:
    with pytest.raises(LabelsUnknown, match="no label for neutral"):
        read_names("two/labels", ["NEGATIVE", "POSITIVE"])
    assert read_names("two/labels", ["NEGATIVE", "POSITIVE"], "NEGATIVE=negative,POSITIVE=positive") == (
        NEG,
        POS,
    )


def test_the_setting_wins_and_forgives_spaces_and_case() -> None:
    said = " label_0 = Positive, LABEL_1=neutral ,LABEL_2=negative,"
    assert read_names("m", ["LABEL_0", "LABEL_1", "LABEL_2"], said) == (POS, NEU, NEG)
    assert read_names("m", ["a=b", "c", "d"], "a=b=positive,c=neutral,d=negative") == (POS, NEU, NEG)


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("LABEL_0=negative", "LABEL_1"),
        ("LABEL_0=negative,LABEL_1=bad,LABEL_2=positive", "LABEL_1=bad"),
        ("LABEL_0=negative,LABEL_1=neutral,LABEL_9=positive", "LABEL_9=positive"),
        ("nonsense", "nonsense"),
        ("LABEL_0=neutral,LABEL_1=neutral,LABEL_2=neutral", "one meaning"),
    ],
)
def test_a_wrong_setting_says_where(said: str, about: str) -> None:
    with pytest.raises(LabelsUnknown, match=about):
        read_names("m", ["LABEL_0", "LABEL_1", "LABEL_2"], said)


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ({"1": "b", "0": "a"}, ["a", "b"]),
        ({10: "k", **{n: str(n) for n in range(10)}}, [*map(str, range(10)), "k"]),
        ({"0": "a", "2": "c"}, []),
        ({"x": "a"}, []),
        ({}, []),
        (["a", "b"], []),
    ],
)
def test_labels_are_put_in_the_order_of_their_numbers(table: object, names: list[str]) -> None:
    assert names_in_order(table) == names
