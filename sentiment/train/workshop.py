"""The folder where the weights are made: which file each step leaves there, and what a step needs to know."""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import torch
from tokenizers import Tokenizer

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
        judge.load_state_dict(torch.load(self.file(name), weights_only=True))
        judge.eval()
        return judge

    def write_plan(self) -> None:
        text = json.dumps(asdict(self.plan) | {"permissive_only": self.permissive_only}, indent=2)
        self.file("plan.json").write_text(text + "\n", encoding="utf-8")


def save(state: object, path: Path) -> None:
    """A half-written file would look done to the next run, so it gets its name when it is whole."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
