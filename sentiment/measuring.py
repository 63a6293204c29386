"""`evaluate`: what the judge is worth on a table of labelled texts, one result a task."""

import argparse
import csv
import gzip
import json
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sentiment import load
from sentiment.contract import URGENCIES, URGENT, Backend, Label, Verdict
from sentiment.errors import TableUnreadable
from sentiment.labels import Reading, reading
from sentiment.progress import track
from sentiment.scores import Scores, score, score_group, score_poles, weighted_kappa

_COLUMNS = ("text", "label", "task")
_PORTION = 128
# csv refuses fields over 128 KiB, and a mention may be longer.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Result:
    """`left_out`: label -> rows that were not measured since the label says nothing in our terms; `more`: what is
    measured of some heads only (F+- of sentiment, weighted kappa and the urgent ones of urgency)."""

    task: str
    head: str
    scores: Scores
    left_out: dict[str, int]
    needs_look: float
    more: dict[str, float]


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "evaluate", help="measure on a table (.tsv or .tsv.gz) with text, label and task"
    )
    command.add_argument("table", type=Path, metavar="FILE.tsv[.gz]")
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--model", help="a folder with another model, or its name at Hugging Face")
    command.set_defaults(run=evaluate)


def evaluate(options: argparse.Namespace) -> int:
    rows = read_table(options.table)
    results, unknown = measure(rows, load(options.model))
    if options.json:
        print(json.dumps(describe(results, unknown), ensure_ascii=False, indent=2))
    else:
        print_results(results, unknown)
    return 0 if results else 1


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of the table; TableUnreadable tells what is wrong with the file in one sentence."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        # Excel puts a mark before the first column's name, which "utf-8" would take for a part of it.
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
            table = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [name for name in _COLUMNS if name not in (table.fieldnames or ())]
            if missing:
                raise TableUnreadable(
                    f"{path} has no column {', '.join(missing)} (its first line names the columns)"
                )
            return [{name: row[name] or "" for name in _COLUMNS} for row in table]
    except (OSError, EOFError, zlib.error) as error:
        raise TableUnreadable(f"{path} cannot be read: {error}") from error


def measure(rows: Sequence[dict[str, str]], judge: Backend) -> tuple[list[Result], dict[str, int]]:
    """One result a task that we have a head for, and how many rows each other task had."""
    by_task: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_task.setdefault(row["task"], []).append(row)
    results: list[Result] = []
    unknown: dict[str, int] = {}
    for task, found in by_task.items():
        way = reading(task, {row["label"] for row in found})
        if way is None:
            unknown[task] = len(found)
        else:
            results.append(_measure_task(task, way, found, judge))
    return results, unknown


def _measure_task(task: str, way: Reading, rows: list[dict[str, str]], judge: Backend) -> Result:
    kept = [row for row in rows if row["label"] in way.gold]
    left_out = Counter(row["label"] for row in rows if row["label"] not in way.gold)
    verdicts = [
        verdict for part in track(_judged(kept, judge), -(-len(kept) // _PORTION), task) for verdict in part
    ]
    answers = [way.answer[_label(verdict, way.head).value] for verdict in verdicts]
    looks = sum(verdict.needs_look for verdict in verdicts) / max(1, len(verdicts))
    gold = [way.gold[row["label"]] for row in kept]
    scores = score(gold, answers)
    return Result(
        task, way.head, scores, dict(left_out), round(looks, 4), _more(way.head, scores, gold, answers)
    )


def _more(head: str, scores: Scores, gold: list[str], answers: list[str]) -> dict[str, float]:
    if head == "sentiment":
        poles = score_poles(scores)
        return {} if poles is None else {"f_pos_neg": poles}
    if head == "urgency" and set(gold) <= set(URGENCIES):
        urgent = score_group(gold, answers, URGENT)
        kappa = weighted_kappa(gold, answers, URGENCIES)
        return {"weighted_kappa": kappa, "urgent_recall": urgent.recall, "urgent_precision": urgent.precision}
    return {}


def _judged(rows: list[dict[str, str]], judge: Backend) -> Iterator[list[Verdict]]:
    for start in range(0, len(rows), _PORTION):
        yield judge.classify([row["text"] for row in rows[start : start + _PORTION]])


def _label(verdict: Verdict, head: str) -> Label:
    label: Label = getattr(verdict, head)
    return label


def describe(results: list[Result], unknown: dict[str, int]) -> dict[str, object]:
    """One task: its figures at the top. Several: under `tasks`, by name. `tasks` is always there."""
    tasks = {result.task: asdict(result.scores) | _beside(result) for result in results}
    first = next(iter(tasks.values())) if len(tasks) == 1 else {}
    return first | {"tasks": tasks, "tasks_left_out": unknown}


def _beside(result: Result) -> dict[str, object]:
    return {
        "task": result.task, "head": result.head, "left_out": result.left_out, "needs_look": result.needs_look, **result.more,
    }  # fmt: skip


def print_results(results: list[Result], unknown: dict[str, int]) -> None:
    for result in results:
        whole = result.scores
        print(
            f"{result.task}: n {whole.n}  macro_f1 {whole.macro_f1:.4f}  macro_recall {whole.macro_recall:.4f}",
            end="",
        )
        print(f"  accuracy {whole.accuracy:.4f}  needs_look {result.needs_look:.1%}")
        print(f"  {'class':<16}{'precision':>10}{'recall':>10}{'f1':>10}{'n':>8}")
        for row in whole.classes:
            print(f"  {row.label:<16}{row.precision:>10.4f}{row.recall:>10.4f}{row.f1:>10.4f}{row.n:>8}")
        for name, value in result.more.items():
            print(f"  {name} {value:.4f}")
        for label, count in result.left_out.items():
            print(f"  left out: {count} rows with label {label!r}")
    for task, count in unknown.items():
        print(f"left out: {count} rows of task {task!r}, which no head of ours answers")
    if not results:
        print("nothing to measure: the table holds no row of a task that we answer", file=sys.stderr)
