"""[pure] Which labels of other people's models mean ours: by their names, never by their numbers; must refuse what it does
not know.

Names were read in the models' own cards and config.json: cardiffnlp/twitter-xlm-roberta-base-sentiment (negative,
neutral, positive; "Positive" in its older revisions), blanchefort/rubert-base-cased-sentiment* (NEUTRAL, POSITIVE,
NEGATIVE), seara/rubert-*-russian-sentiment (neutral, positive, negative), cointegrated/rubert-tiny-sentiment-balanced
(negative, neutral, positive), tabularisai/multilingual-sentiment-analysis (Very Negative to Very Positive),
nlptown/bert-base-multilingual-uncased-sentiment (1 star to 5 stars), finiteautomata/bertweet-base-sentiment-analysis
(NEG, NEU, POS).
"""

from collections.abc import Mapping, Sequence

from sentiment.contract import SENTIMENTS
from sentiment.errors import LabelsUnknown

_NEGATIVE, _NEUTRAL, _POSITIVE = SENTIMENTS
MEANINGS: dict[str, str] = {
    name: ours
    for ours, names in {
        _NEGATIVE: ("negative", "neg", "very negative", "1 star", "2 stars", "негативный", "негатив"),
        _NEUTRAL: ("neutral", "neu", "3 stars", "нейтральный"),
        _POSITIVE: ("positive", "pos", "very positive", "4 stars", "5 stars", "позитивный", "позитив"),
    }.items()
    for name in names
}
# These publish numbers (LABEL_0 ...) and give the names elsewhere: TweetEval's mapping.txt, or the model's card.
_NUMBERED: dict[str, tuple[str, ...]] = dict.fromkeys(
    (
        "cardiffnlp/twitter-roberta-base-sentiment",
        "cardiffnlp/twitter-roberta-base-sentiment-latest",
        "cardiffnlp/twitter-xlm-roberta-base-sentiment",
    ),
    SENTIMENTS,
)
SETTING = "OTKLIK_SENTIMENT_LABELS"


def read_names(model: str, names: Sequence[str], said: str | None = None) -> tuple[str, ...]:
    """Ours for each of the model's labels, in the model's order; `said` is the setting and wins. Raises LabelsUnknown."""
    if not names:
        raise LabelsUnknown(
            f"{model} names no labels in its config.json: id2label has to number them from 0 on. Copy its folder again."
        )
    if said:
        return _by_setting(model, names, said)
    if all(_plain(name) == f"label {number}" for number, name in enumerate(names)) and model in _NUMBERED:
        return _NUMBERED[model]
    ours = tuple(MEANINGS.get(_plain(name), "") for name in names)
    if "" in ours:
        unknown = [name for name, meaning in zip(names, ours, strict=True) if not meaning]
        raise LabelsUnknown(f"We do not know what {_list(unknown)} of {model} means. {_how_to_map(names)}")
    if missing := [one for one in SENTIMENTS if one not in ours]:
        raise LabelsUnknown(
            f"{model} has no label for {_list(missing)} among {_list(names)}, so texts of that kind would be called"
            f" something else. If you want that, say so. {_how_to_map(names)}"
        )
    return ours


def _by_setting(model: str, names: Sequence[str], said: str) -> tuple[str, ...]:
    known = {_plain(name): name for name in names}
    chosen: dict[str, str] = {}
    for pair in filter(str.strip, said.split(",")):
        theirs, _, ours = (part.strip() for part in pair.rpartition("="))
        if _plain(theirs) not in known or ours.lower() not in SENTIMENTS:
            raise LabelsUnknown(
                f"{SETTING} says {pair.strip()!r}, but left of = belongs a label of {model} ({_list(names)}) and right"
                f" of it one of {_list(SENTIMENTS)}. {_how_to_map(names)}"
            )
        chosen[_plain(theirs)] = ours.lower()
    if left := [name for plain, name in known.items() if plain not in chosen]:
        raise LabelsUnknown(
            f"{SETTING} does not say what {_list(left)} of {model} means. {_how_to_map(names)}"
        )
    if len(set(chosen.values())) < 2:
        raise LabelsUnknown(f"{SETTING} gives every label of {model} one meaning. {_how_to_map(names)}")
    return tuple(chosen[_plain(name)] for name in names)


def names_in_order(id2label: Mapping[str, object] | Mapping[int, object]) -> list[str]:
    """The labels by their number; config.json keeps numbers as strings. Empty where it is no such table."""
    try:
        by_number = {int(number): str(name) for number, name in id2label.items()}
    except (AttributeError, TypeError, ValueError):
        return []
    return (
        [by_number[number] for number in range(len(by_number))]
        if set(by_number) == set(range(len(by_number)))
        else []
    )


def _plain(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def _how_to_map(names: Sequence[str]) -> str:
    """One sentence; the example uses their names and leaves ours open, because a guess would be copied."""
    example = ",".join(f"{name}=…" for name in names)
    return f"Set {SETTING}={example}, each … being one of {_list(SENTIMENTS)}, as the model's card explains them."
