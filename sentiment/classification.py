"""`classify`: one text a line in, one JSON object a line out, in the same order and as soon as it is known."""

import argparse
import json
import sys
from collections.abc import Iterator
from io import BufferedIOBase
from typing import cast

from sentiment import load
from sentiment.contract import HEADS, Verdict
from sentiment.progress import track

_PORTION = 64
_CHUNK = 65_536


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "classify", help="one text a line on stdin, one JSON object a line on stdout"
    )
    command.add_argument("--model", help="a folder with another model, or its name at Hugging Face")
    command.set_defaults(run=classify)


def classify(options: argparse.Namespace) -> int:
    judge = load(options.model)
    for lines in track(read_portions(cast("BufferedIOBase", sys.stdin.buffer)), None, "portions judged"):
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


def read_portions(source: BufferedIOBase) -> Iterator[list[str]]:
    """The lines that are there, without waiting for more, so that whoever writes line by line gets answers line by line.

    Only a line feed ends one, and bytes that are no UTF-8 are replaced, so the count always fits.
    """
    begun: list[bytes] = []
    while chunk := source.read1(_CHUNK):
        *ended, rest = chunk.split(b"\n")
        if ended:
            ended[0] = b"".join([*begun, ended[0]])
            begun = []
        begun += [rest] if rest else []
        for start in range(0, len(ended), _PORTION):
            yield [_text(line) for line in ended[start : start + _PORTION]]
    if begun:
        yield [_text(b"".join(begun))]


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").rstrip("\r")
