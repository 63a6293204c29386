"""`bench`: texts a second on one core, and the ratio to transformers with torch in fp32, same weights and texts."""

import argparse
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sentiment import SHIPPED, Backend, load
from sentiment.progress import track
from sentiment.why import explain

_TEXTS = Path(__file__).parent / "bench_texts.txt"
# Share of texts by how many lines of the file they are made of: mostly one remark, some stories, a few very long ones.
_MIX = ((1, 0.72), (2, 0.14), (4, 0.09), (9, 0.04), (30, 0.01))
_ROUNDS = 5
# Two long texts of which one is ten times the other: linear reading takes ten times as long.
_LONG, _LONGER = 5_000, 50_000
_EXPLAINED = (100, 300, 1000)


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser(
        "bench", help="texts a second on one core, and against transformers with torch"
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.add_argument("--texts", type=int, default=200, help="how many texts (200)")
    command.set_defaults(run=bench)


def bench(options: argparse.Namespace) -> int:
    texts = make_texts(options.texts)
    figures: dict[str, object] = {
        "texts": len(texts),
        "characters_median": statistics.median(map(len, texts)),
    }
    figures |= start_cold(texts)
    judge = load(str(SHIPPED))
    ways: dict[str, Callable[[Sequence[str]], object]] = {"ours": judge.classify}
    try:
        from sentiment.train.peer import TorchPeer
    except ImportError as error:
        figures["left_out"] = f"no ratio: {error.name} is missing; pip install -r requirements-train.txt"
    else:
        peer = TorchPeer(SHIPPED)
        peer.prepare(texts)
        ways |= {"torch_one_by_one": peer.classify_one_by_one, "torch_batch_32": peer.classify_in_batches}
    rates = measure(ways, texts)
    figures |= {f"{name}_texts_per_second": round(rate, 1) for name, rate in rates.items()}
    figures["explaining_milliseconds"] = explaining(judge)
    figures["ten_times_longer_takes_times"] = round(growth(judge.classify), 2)
    if "torch_one_by_one" in rates:
        figures["ratio"] = round(rates["ours"] / rates["torch_one_by_one"], 2)
        figures["ratio_batch_32"] = round(rates["ours"] / rates["torch_batch_32"], 2)
    print(json.dumps(figures, ensure_ascii=False, indent=2) if options.json else _lines(figures))
    return 0


# Run in a process of its own: what a command costs from its first instruction on, and what memory a judge needs.
_COLD = """
import json, resource, sys, time
texts = json.load(sys.stdin)
from sentiment import SHIPPED, load
judge = load(str(SHIPPED))
judge.classify(texts[:1])
first_at = time.time()
judge.classify(texts)
print(json.dumps([first_at, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


def start_cold(texts: Sequence[str]) -> dict[str, float]:
    """Seconds from the start of python to the first verdict, and the peak of memory once all texts are judged."""
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _COLD],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    first_at, kilobytes = json.loads(done.stdout)
    return {
        "cold_start_seconds": round(first_at - begun, 3),
        "peak_memory_megabytes": round(kilobytes * 1024 / 1e6, 1),
    }


def make_texts(count: int) -> list[str]:
    """The same mix for the same count: lines of the committed file, joined to the lengths of real mentions."""
    draw = random.Random(7)
    lines = _TEXTS.read_text(encoding="utf-8").splitlines()
    sizes = draw.choices([size for size, _ in _MIX], [share for _, share in _MIX], k=count)
    return [" ".join(draw.choices(lines, k=size)) for size in sizes]


def measure(ways: dict[str, Callable[[Sequence[str]], object]], texts: Sequence[str]) -> dict[str, float]:
    """Texts a second of each way, the best of some rounds taken in turn, so that a busy machine harms all alike."""
    best = dict.fromkeys(ways, float("inf"))
    for run in ways.values():
        run(texts[:20])
    rounds = [(name, run) for _ in range(_ROUNDS) for name, run in ways.items()]
    for name, run in track(rounds, len(rounds), "bench"):
        # Processor time, not wall time: other work on the machine is not the judge's fault. All ways run on one thread.
        begun = time.process_time()
        run(texts)
        best[name] = min(best[name], time.process_time() - begun)
    return {name: len(texts) / seconds for name, seconds in best.items()}


def growth(run: Callable[[Sequence[str]], object]) -> float:
    """How much longer a text of ten times the length takes; 10 is linear. No window of these texts is like another."""
    lines = _TEXTS.read_text(encoding="utf-8").splitlines()
    draw = random.Random(11)
    endless = " ".join(f"{line} {draw.randrange(10**6)}" for line in draw.choices(lines, k=_LONGER // 20))
    seconds = {}
    for length in (_LONG, _LONGER):
        rounds = []
        for _ in range(_ROUNDS):
            begun = time.process_time()
            run([endless[:length]])
            rounds.append(time.process_time() - begun)
        seconds[length] = min(rounds)
    return seconds[_LONGER] / seconds[_LONG]


def explaining(judge: Backend) -> dict[str, int]:
    """Wall time until the words behind a verdict are known, by the length of the text; the time it may take is set."""
    lines = " ".join(_TEXTS.read_text(encoding="utf-8").splitlines())
    found = {}
    for length in _EXPLAINED:
        begun = time.perf_counter()
        explain(judge, lines[:length])
        found[str(length)] = round((time.perf_counter() - begun) * 1000)
    return found


def _lines(figures: dict[str, object]) -> str:
    return "\n".join(f"{name.replace('_', ' '):<36}{value}" for name, value in figures.items())
