"""All steps in their order; each leaves one file, and is skipped where that file is there (delete it to do it again)."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from sentiment import replay
from sentiment.onnx import OnnxBackend
from sentiment.train import rows as reading
from sentiment.train.align import align
from sentiment.train.baseline import train_baseline
from sentiment.train.calibrate import calibrate
from sentiment.train.card import write_card
from sentiment.train.checks import check_model, report_test
from sentiment.train.encoder import Encoder, Judge
from sentiment.train.export import export_graphs
from sentiment.train.guided import read_labelled, read_own
from sentiment.train.pretrain import pretrain
from sentiment.train.transplant import transplant
from sentiment.train.tune import tune
from sentiment.train.vocabulary import build_tokenizer
from sentiment.train.workshop import Workshop, save


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    leaves: str
    run: Callable[[Workshop], None]


def gather_rows(shop: Workshop) -> None:
    rows = reading.gather(shop.data, shop.plan, shop.permissive_only)
    if not rows:
        raise SystemExit(f"{shop.data} holds none of the training sets, and there are no texts of our own")
    reading.write_rows(rows, shop.file("rows.part.gz"))
    shop.file("rows.part.gz").replace(shop.file("rows.jsonl.gz"))


def learn_vocabulary(shop: Workshop) -> None:
    build_tokenizer(shop.data, shop.rows, shop.plan).save(str(shop.file("tokenizer.json")))


def start_vectors(shop: Workshop) -> None:
    save(transplant(shop.data, shop.tokenizer, shop.plan).state_dict(), shop.file("start.pt"))


def align_vectors(shop: Workshop) -> None:
    encoder = Encoder(shop.plan, shop.tokenizer.get_vocab_size())
    encoder.load_state_dict(torch.load(shop.file("start.pt"), weights_only=True))
    aligned = align(
        encoder, shop.tokenizer, shop.data, shop.plan, shop.file("align-checkpoint.pt"), shop.watch
    )
    save(aligned.state_dict(), shop.file("aligned.pt"))


def pretrain_body(shop: Workshop) -> None:
    encoder = Encoder(shop.plan, shop.tokenizer.get_vocab_size())
    encoder.load_state_dict(torch.load(shop.file("aligned.pt"), weights_only=True))
    checkpoint = shop.file("pretrain-checkpoint.pt")
    encoder = pretrain(encoder, shop.tokenizer, shop.rows, shop.data, shop.plan, checkpoint, shop.watch)
    save(encoder.state_dict(), shop.file("pretrained.pt"))


def tune_judge(shop: Workshop) -> None:
    judge = Judge(shop.plan, shop.tokenizer.get_vocab_size())
    judge.encoder.load_state_dict(torch.load(shop.file("pretrained.pt"), weights_only=True))
    judge = tune(judge, shop.tokenizer, shop.rows, shop.plan, shop.file("checkpoint.pt"), shop.watch)
    save(judge.state_dict(), shop.file("judge.pt"))


def keep_replay(shop: Workshop) -> None:
    """Own and labelled texts as the finished judge reads them; what a desk teaches is learned beside them."""
    guided = [one for one in (*read_own(), *read_labelled(shop.data)) if one.part != "test"]
    replay.build(
        OnnxBackend(shop.model),
        [one.text for one in guided],
        [one.labels for one in guided],
        [one.part == "dev" for one in guided],
        shop.model / replay.FILE,
    )


STEPS = [
    Step("data", "rows.jsonl.gz", gather_rows),
    Step("tokenizer", "tokenizer.json", learn_vocabulary),
    Step("transplant", "start.pt", start_vectors),
    Step("alignment", "aligned.pt", align_vectors),
    Step("pretraining", "pretrained.pt", pretrain_body),
    Step("tuning", "judge.pt", tune_judge),
    Step("export", "model/model.onnx", export_graphs),
    Step("calibration", "model/config.json", calibrate),
    Step("replay", "model/replay.npz", keep_replay),
    Step("baseline", "baseline.pickle", train_baseline),
    Step("checks", "checks.json", check_model),
    Step("test", "test.json", report_test),
    Step("card", "model/MODEL_CARD.md", write_card),
]
