"""`bench`: texts a second on one core, and the ratio to transformers with torch in fp32, same weights and texts."""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sentiment import SHIPPED, load
from sentiment.progress import track

_TEXTS = Path(__file__).parent / "bench_texts.txt"
# Share of texts by how many lines of the file they are made of: mostly one remark, some stories, a few very long ones.
_MIX = ((1, 0.72), (2, 0.14), (4, 0.09), (9, 0.04), (30, 0.01))
_ROUNDS = 3


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
    begun = time.perf_counter()
    judge = load(str(SHIPPED))
    judge.classify(texts[:1])
    figures["cold_start_seconds"] = round(time.perf_counter() - begun, 3)
    ways: dict[str, Callable[[Sequence[str]], object]] = {"ours": judge.classify}
    try:
        from sentiment.train.peer import TorchPeer
    except ImportError as error:
        figures["left_out"] = f"no ratio: {error.name} is missing; pip install -r requirements-train.txt"
    else:
        peer = TorchPeer(SHIPPED)
        ways |= {"torch_one_by_one": peer.classify_one_by_one, "torch_batch_32": peer.classify_in_batches}
    rates = measure(ways, texts)
    figures |= {f"{name}_texts_per_second": round(rate, 1) for name, rate in rates.items()}
    if "torch_one_by_one" in rates:
        figures["ratio"] = round(rates["ours"] / rates["torch_one_by_one"], 2)
        figures["ratio_batch_32"] = round(rates["ours"] / rates["torch_batch_32"], 2)
    print(json.dumps(figures, ensure_ascii=False, indent=2) if options.json else _lines(figures))
    return 0


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


def _lines(figures: dict[str, object]) -> str:
    return "\n".join(f"{name.replace('_', ' '):<36}{value}" for name, value in figures.items())
