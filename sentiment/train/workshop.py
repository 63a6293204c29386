"""The folder where the weights are made: which file each step leaves there, and what a step needs to know."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import torch
from tokenizers import Tokenizer

from sentiment.train.device import load
from sentiment.train.encoder import Judge
from sentiment.train.plan import Plan
from sentiment.train.rows import Row, read_rows
from sentiment.train.watch import Watch


@dataclass
class Workshop:
    data: Path
    out: Path
    plan: Plan
    permissive_only: bool = False
    # judge.pt of another folder with the same tokenizer.json: tuning goes on from there.
    start_from: Path | None = None

    def file(self, name: str) -> Path:
        self.out.mkdir(parents=True, exist_ok=True)
        return self.out / name

    @property
    def model(self) -> Path:
        """The folder that ships; it is made here and put in its place by hand, after a look at the card."""
        folder = self.out / "model"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @cached_property
    def watch(self) -> Watch:
        return Watch()

    @cached_property
    def rows(self) -> list[Row]:
        return read_rows(self.file("rows.jsonl.gz"))

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_file(str(self.file("tokenizer.json")))

    def judge(self, name: str) -> Judge:
        judge = Judge(self.plan, self.tokenizer.get_vocab_size())
        judge.load_state_dict(load(self.file(name)))
        judge.eval()
        return judge

    def write_plan(self) -> None:
        """Raises SystemExit where the folder was begun by another plan: its files would be taken for made by this one."""
        more = {
            "permissive_only": self.permissive_only,
            "start_from": "an earlier judge" if self.start_from else "pretrained",
        }
        text = json.dumps(asdict(self.plan) | more, indent=2)
        path = self.file("plan.json")
        if path.exists() and json.loads(path.read_text(encoding="utf-8")) != json.loads(text):
            raise SystemExit(
                f"{path} says that this folder was begun with other settings. Give the same ones, or another --out."
            )
        path.write_text(text + "\n", encoding="utf-8")


def save(state: object, path: Path) -> None:
    """A half-written file would look done to the next run, so it gets its name when it is whole."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
