"""`peers`: our sentiment beside that of open tools which install without a model hub, on the same rows in the same run."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sentiment import load
from sentiment.contract import Backend
from sentiment.labels import reading
from sentiment.measuring import read_table
from sentiment.progress import track
from sentiment.scores import score

Reader = Callable[[Sequence[str]], list[str]]
# VADER's own advice: from 0.05 on a text is positive, from -0.05 down negative.
_VADER_NEUTRAL = 0.05
_TASKS = ("sentiment", "rating")


@dataclass(frozen=True, slots=True)
class Standing:
    """`texts_per_second` is wall time of one run over the whole table on one core, loading left out."""

    table: str
    peer: str
    n: int
    macro_f1: float
    macro_recall: float
    accuracy: float
    texts_per_second: float


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "peers", help="sentiment of our model beside VADER, TextBlob and AFINN on tables of labelled texts"
    )
    command.add_argument("tables", type=Path, nargs="+", metavar="FILE.tsv[.gz]")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--model", help="a folder with another model")
    command.set_defaults(run=compare)


def compare(options: argparse.Namespace) -> int:
    readers, missing = gather_peers(load(options.model))
    standings = [
        standing
        for path in track(options.tables, len(options.tables), "tables")
        for standing in measure(path.name, read_table(path), readers)
    ]
    if options.json:
        print(json.dumps({"standings": [asdict(one) for one in standings], "missing": missing}, indent=2))
    else:
        _print(standings)
    if missing:
        print(
            f"left out: {', '.join(missing)} (pip install -r requirements-train.txt). "
            "They know English words only, so on Russian texts they mostly say neutral.",
            file=sys.stderr,
        )
    return 0 if standings else 1


def measure(table: str, rows: Sequence[dict[str, str]], readers: dict[str, Reader]) -> list[Standing]:
    """One standing a peer, over the rows that say something of tone; none where the table has no such rows."""
    way = reading(rows[0]["task"], set()) if rows and rows[0]["task"] in _TASKS else None
    kept = [row for row in rows if way and row["label"] in way.gold]
    if way is None or not kept:
        return []
    texts, gold = [row["text"] for row in kept], [way.gold[row["label"]] for row in kept]
    found = []
    for name, read in readers.items():
        begun = time.perf_counter()
        answers = read(texts)
        spent = time.perf_counter() - begun
        scores = score(gold, answers)
        found.append(
            Standing(
                table, name, scores.n, scores.macro_f1, scores.macro_recall, scores.accuracy,
                round(len(texts) / max(spent, 1e-9), 1),
            )
        )  # fmt: skip
    return found


def gather_peers(judge: Backend) -> tuple[dict[str, Reader], list[str]]:
    """Those that are installed, ours first, and the names of those that are not."""
    readers: dict[str, Reader] = {
        "otklik": lambda texts: [one.sentiment.value for one in judge.classify(texts)]
    }
    missing = []
    for name, prepare in {"vader": _vader, "textblob": _textblob, "afinn": _afinn}.items():
        try:
            readers[name] = prepare()
        except ImportError:
            missing.append(name)
    return readers, missing


def _vader() -> Reader:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: [
        _by_sign(analyzer.polarity_scores(text)["compound"], _VADER_NEUTRAL) for text in texts
    ]


def _textblob() -> Reader:
    from textblob import TextBlob

    return lambda texts: [_by_sign(TextBlob(text).sentiment.polarity, 0.0) for text in texts]


def _afinn() -> Reader:
    from afinn import Afinn

    words = Afinn(emoticons=True)
    return lambda texts: [_by_sign(words.score(text), 0.0) for text in texts]


def _by_sign(value: float, neutral: float) -> str:
    if abs(value) < neutral or value == 0:
        return "neutral"
    return "positive" if value > 0 else "negative"


def _print(standings: Sequence[Standing]) -> None:
    print(
        f"{'table':<36}{'peer':<10}{'n':>7}{'macro_f1':>10}{'macro_recall':>14}{'accuracy':>10}{'texts/s':>10}"
    )
    for one in standings:
        print(
            f"{one.table:<36}{one.peer:<10}{one.n:>7}{one.macro_f1:>10.4f}{one.macro_recall:>14.4f}"
            f"{one.accuracy:>10.4f}{one.texts_per_second:>10.0f}"
        )
