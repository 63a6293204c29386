"""All steps in their order; each leaves one file, and is skipped where that file is there. Delete it, and the step and all
later ones are done again (where that would cost the tuning, only with --redo)."""

from collections.abc import Callable
from dataclasses import dataclass

from sentiment import replay
from sentiment.onnx import OnnxBackend
from sentiment.train import rows as reading
from sentiment.train.align import align
from sentiment.train.baseline import train_baseline
from sentiment.train.calibrate import calibrate
from sentiment.train.card import write_card
from sentiment.train.checks import check_model, report_test, stand_beside_peers
from sentiment.train.device import load
from sentiment.train.encoder import Encoder
from sentiment.train.export import export_graphs
from sentiment.train.guided import read_labelled, read_own
from sentiment.train.members import tune_members
from sentiment.train.pretrain import pretrain
from sentiment.train.sets import SETS
from sentiment.train.transplant import transplant
from sentiment.train.vocabulary import build_tokenizer
from sentiment.train.workshop import Workshop, save


@dataclass(frozen=True, slots=True)
class Step:
    """`leaves` is there when the step is done; `scraps` (patterns) are what it goes on from when it was stopped;
    a step that `begins` makes what tuning starts from, where no earlier judge is given."""

    name: str
    leaves: str
    run: Callable[[Workshop], None]
    scraps: tuple[str, ...] = ()
    begins: bool = False


def gather_rows(shop: Workshop) -> None:
    if not any((shop.data / "train" / f"{chosen.name}.tsv.gz").exists() for chosen in SETS):
        raise SystemExit(
            f"{shop.data}/train holds none of the training sets (sentiment/train/sets.py names them)"
        )
    rows = reading.gather(shop.data, shop.plan, shop.permissive_only)
    reading.write_rows(rows, shop.file("rows.part.gz"))
    shop.file("rows.part.gz").replace(shop.file("rows.jsonl.gz"))


def learn_vocabulary(shop: Workshop) -> None:
    """The vocabulary of the weights that tuning starts from belongs to them; else a new one."""
    part = shop.file("tokenizer.part")
    if shop.start_from:
        part.write_bytes(shop.start_from.with_name("tokenizer.json").read_bytes())
    else:
        build_tokenizer(shop.data, shop.rows, shop.plan).save(str(part))
    part.replace(shop.file("tokenizer.json"))


def start_vectors(shop: Workshop) -> None:
    save(transplant(shop.data, shop.tokenizer, shop.plan).state_dict(), shop.file("start.pt"))


def align_vectors(shop: Workshop) -> None:
    encoder = Encoder(shop.plan, shop.tokenizer.get_vocab_size())
    encoder.load_state_dict(load(shop.file("start.pt")))
    aligned = align(
        encoder, shop.tokenizer, shop.data, shop.plan, shop.file("align-checkpoint.pt"), shop.watch
    )
    save(aligned.state_dict(), shop.file("aligned.pt"))


def pretrain_body(shop: Workshop) -> None:
    encoder = Encoder(shop.plan, shop.tokenizer.get_vocab_size())
    encoder.load_state_dict(load(shop.file("aligned.pt")))
    checkpoint = shop.file("pretrain-checkpoint.pt")
    encoder = pretrain(encoder, shop.tokenizer, shop.rows, shop.data, shop.plan, checkpoint, shop.watch)
    save(encoder.state_dict(), shop.file("pretrained.pt"))


def keep_replay(shop: Workshop) -> None:
    """Own and labelled texts as the finished judge reads them; what a desk teaches is learned beside them."""
    guided = [one for one in (*read_own(), *read_labelled(shop.data)) if one.part != "test"]
    judge = OnnxBackend(shop.model)
    replay.build(
        judge,
        [one.text for one in guided],
        [one.labels for one in guided],
        [one.part == "dev" for one in guided],
        shop.model / replay.FILE,
        judge.leans,
    )


STEPS = [
    Step("data", "rows.jsonl.gz", gather_rows),
    Step("tokenizer", "tokenizer.json", learn_vocabulary),
    Step("transplant", "start.pt", start_vectors, begins=True),
    Step("alignment", "aligned.pt", align_vectors, ("align-checkpoint.pt",), begins=True),
    Step("pretraining", "pretrained.pt", pretrain_body, ("pretrain-checkpoint.pt",), begins=True),
    Step("tuning", "judge.pt", tune_members, ("checkpoint-*",)),
    Step("export", "model/model.onnx", export_graphs),
    Step("calibration", "model/config.json", calibrate),
    Step("replay", "model/replay.npz", keep_replay),
    Step("baseline", "baseline.pickle", train_baseline),
    Step("checks", "checks.json", check_model),
    Step("peers", "peers.json", stand_beside_peers),
    Step("test", "test.json", report_test),
    Step("card", "model/MODEL_CARD.md", write_card),
]
