"""python -m sentiment as others call it: a child process, lines in, JSON out."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment.classification import read_portions

ROOT = Path(__file__).parents[2]


def call(*arguments: str, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "sentiment", *arguments],
        input=given,
        capture_output=True,
        cwd=ROOT,
        timeout=170,
        check=False,
    )


def test_classify_gives_one_object_a_line() -> None:
    lines = ["Спасибо, всё отлично!", "", "Where is my refund?", "a\u2028b"]
    done = call("classify", given="\n".join(lines).encode() + b"\n\xff\xfe broken\r\n")
    assert done.returncode == 0, done.stderr.decode()
    shown = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(shown) == 5
    assert set(shown[0]) == {
        "language",
        "sentiment",
        "kind",
        "urgency",
        "abuse",
        "needs_look",
        "backend",
        "revision",
    }
    assert shown[0]["language"]["label"] == "ru"
    assert shown[0]["sentiment"]["label"] == "positive"
    assert 0 < shown[0]["sentiment"]["probability"] <= 1
    assert isinstance(shown[0]["needs_look"], bool)
    assert done.stderr == b""


def test_classify_answers_each_line_as_it_comes() -> None:
    command = [sys.executable, "-m", "sentiment", "classify"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for line in ("Спасибо, всё отлично!", "Where is my refund?"):
            child.stdin.write(f"{line}\n".encode())
            child.stdin.flush()
            assert json.loads(child.stdout.readline())["language"]["label"] in ("ru", "en")
        child.stdin.close()
        assert child.stdout.read() == b""


class Dripping(io.BytesIO):
    """A pipe that hands over a few bytes at a time."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(min(size or 1, 3))


@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
def test_lines_are_the_same_however_they_come(kind: type[io.BytesIO]) -> None:
    given = "ужас\r\n\n" + "long " * 20_000 + "\nlast\n" + "короткая\n" * 150 + "without end"
    portions = list(read_portions(kind(given.encode())))
    assert [line for portion in portions for line in portion] == [
        line.rstrip("\r") for line in given.split("\n")
    ]
    assert max(map(len, portions)) <= 64


def test_evaluate_prints_figures_and_what_is_left_out(tmp_path: Path) -> None:
    table = tmp_path / "set.tsv"
    table.write_text(
        "text\tlabel\ttask\tlang\nGreat, thank you so much!\t5\trating\ten\nTerrible, I want a refund\t1\trating\ten\nok\t3\trating\ten\n",
        encoding="utf-8",
    )
    packed = json.loads(call("evaluate", str(table), "--json").stdout)
    assert (packed["n"], packed["macro_f1"], packed["macro_recall"], packed["accuracy"]) == (2, 1.0, 1.0, 1.0)
    assert packed["left_out"] == {"3": 1}
    assert [one["label"] for one in packed["classes"]] == ["negative", "positive"]
    plain = call("evaluate", str(table)).stdout.decode()
    assert "macro_f1 1.0000" in plain and "left out: 1 rows with label '3'" in plain


def test_a_missing_table_is_one_sentence(tmp_path: Path) -> None:
    done = call("evaluate", str(tmp_path / "none.tsv"))
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1


def test_bench_says_what_it_measured() -> None:
    shown = json.loads(call("bench", "--json", "--texts", "20").stdout)
    assert shown["texts"] == 20
    assert shown["ours_texts_per_second"] > 0
    assert shown["ten_times_longer_takes_times"] > 0
    assert set(shown["explaining_milliseconds"]) == {"100", "300", "1000"}
    assert ("ratio" in shown) != ("left_out" in shown)
