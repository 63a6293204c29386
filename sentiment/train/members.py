"""Step 6 as a whole: so many tunings from one start, each in an order of its own; their mean is the judge.

Weights that were tuned from one start lie in one valley, and their mean errs less than each (model soups, Wortsman and
others 2022, arXiv 2203.05482), at the price of one model when it serves.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from sentiment.train.device import load
from sentiment.train.encoder import Judge
from sentiment.train.tune import tune
from sentiment.train.workshop import Workshop, save

_APART = 1000
_RECORD = "tuning.json"
State = dict[str, Tensor]


def tune_members(shop: Workshop) -> None:
    """Leaves judge.pt, and tuning.json: rounds, the last of them this one, each a list of its members: their steps and
    minutes, or the number of the round whose weights were taken in as they were."""
    states: list[State] = []
    records: list[dict[str, Any]] = []
    earlier = earlier_rounds(shop)
    for number in range(shop.plan.members):
        checkpoint = shop.file(f"checkpoint-{number}.pt")
        plan = replace(shop.plan, seed=shop.plan.seed + _APART * number)
        judge = tune(start(shop), shop.tokenizer, shop.rows, plan, checkpoint, shop.watch)
        states.append(judge.state_dict())
        records.append(json.loads(checkpoint.with_suffix(".json").read_text(encoding="utf-8")))
    if shop.start_from and shop.plan.keeps_start:
        states.append(start(shop).state_dict())
        records.append({"round": len(earlier)})
    shop.file(_RECORD).write_text(json.dumps([*earlier, records], indent=1) + "\n", encoding="utf-8")
    save(mean(states), shop.file("judge.pt"))


def start(shop: Workshop) -> Judge:
    """The pretrained body with fresh heads, or all of a judge that was tuned before."""
    judge = Judge(shop.plan, shop.tokenizer.get_vocab_size())
    if shop.start_from:
        judge.load_state_dict(load(shop.start_from))
    else:
        judge.encoder.load_state_dict(load(shop.file("pretrained.pt")))
    return judge


def mean(states: Sequence[State]) -> State:
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


def earlier_rounds(shop: Workshop) -> list[Any]:
    """What led to the weights that tuning starts from, as it stands beside them."""
    record = shop.start_from.with_name(_RECORD) if shop.start_from else None
    return list(json.loads(record.read_text(encoding="utf-8"))) if record and record.exists() else []
