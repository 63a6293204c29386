"""`classify`: one text a line in, one JSON object a line out, in the same order and as soon as it is known."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, TypeVar

from sentiment import load
from sentiment.contract import HEADS, Verdict
from sentiment.progress import track

Item = TypeVar("Item")
_PORTION = 64


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "classify", help="one text a line on stdin, one JSON object a line on stdout"
    )
    command.add_argument("--model", help="a folder with another model, or its name at Hugging Face")
    command.set_defaults(run=classify)


def classify(options: argparse.Namespace) -> int:
    judge = load(options.model)
    for lines in track(_portions(read_lines(sys.stdin.buffer)), None, "portions judged"):
        for verdict in judge.classify(lines):
            sys.stdout.write(json.dumps(describe(verdict), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0


def describe(verdict: Verdict) -> dict[str, object]:
    """The verdict as the JSON object of one line."""
    labels = {name: getattr(verdict, name) for name in ("language", *HEADS)}
    shown: dict[str, object] = {
        name: {"label": label.value, "probability": round(label.probability, 4)}
        for name, label in labels.items()
    }
    return shown | {
        "needs_look": verdict.needs_look,
        "backend": verdict.backend,
        "revision": verdict.revision,
    }


def read_lines(source: BinaryIO) -> Iterator[str]:
    """Lines as text: only a line feed ends one, and bytes that are no UTF-8 are replaced, so the count always fits."""
    for line in source:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def _portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    source = iter(items)
    while portion := list(islice(source, _PORTION)):
        yield portion
