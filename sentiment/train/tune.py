"""Step 6: one encoder and all heads learn the tasks of both languages together; goes on from a checkpoint."""

import json
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from sentiment.contract import HEADS
from sentiment.train.batches import blank, pad, plan_batches, tokenize
from sentiment.train.device import DEVICE, halved, load
from sentiment.train.encoder import Judge
from sentiment.train.plan import Plan
from sentiment.train.rows import Row
from sentiment.train.sets import SETS, slot_of
from sentiment.train.watch import Watch

_WARM_UP = 0.06
_HEADS = list(HEADS)
_NO_FAMILY = -1
# No class may lead the others, however rare it is.
_HEAVIEST = 4.0


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch of rows should be told: `allowed` (rows, all labels side by side), `weights` and `slots` (rows,
    heads), weight 0 where a row says nothing of a head, `family` (rows), -1 where it is not known."""

    allowed: Tensor
    weights: Tensor
    slots: Tensor
    family: Tensor

    def of(self, rows: list[int]) -> "Targets":
        return Targets(self.allowed[rows], self.weights[rows], self.slots[rows], self.family[rows])


@dataclass(slots=True)
class Tuning:
    """Everything that is saved and loaded again together."""

    judge: Judge
    dense: torch.optim.Optimizer
    sparse: torch.optim.Optimizer
    step: int = 0
    spent_seconds: float = 0.0

    def save(self, path: Path) -> None:
        state = {
            "judge": self.judge.state_dict(),
            "dense": self.dense.state_dict(),
            "sparse": self.sparse.state_dict(),
        }
        torch.save(state | {"step": self.step, "spent": self.spent_seconds}, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> None:
        state = load(path)
        self.judge.load_state_dict(state["judge"])
        self.dense.load_state_dict(state["dense"])
        self.sparse.load_state_dict(state["sparse"])
        self.step, self.spent_seconds = state["step"], state["spent"]

    def share_done(self, steps: int, plan: Plan) -> float:
        """By steps, or by time where the plan limits it: so that the rate has come down when the time is over."""
        by_time = self.spent_seconds / (60 * plan.tune_minutes) if plan.tune_minutes else 0.0
        return max(self.step / steps, by_time)

    def set_rates(self, share: float) -> None:
        for optimizer in (self.dense, self.sparse):
            for group in optimizer.param_groups:
                group["lr"] = group["full_rate"] * share


def tune(
    judge: Judge, tokenizer: Tokenizer, rows: list[Row], plan: Plan, checkpoint: Path, watch: Watch
) -> Judge:
    """Goes on from the checkpoint where there is one; saves there every few minutes and at the end."""
    tuning = begin(judge.to(DEVICE), plan)
    if checkpoint.exists():
        tuning.load(checkpoint)
    lists = tokenize(tokenizer, [row.text for row in rows], plan.tune_length)
    batches = schedule(rows, list(map(len, lists)), plan)
    targets = aim(rows, Counter(row for batch in batches for row in batch), plan)
    rows_a_batch = sum(map(len, batches)) / len(batches)
    judge.train()
    saved_at = seen_at = time.monotonic()
    for batch in watch.over(batches, "tune", tuning.step):
        done = tuning.share_done(len(batches), plan)
        if done >= 1:
            break
        # The noise of a step depends on its number alone, so a resumed run equals one that was never stopped.
        torch.manual_seed(plan.seed + tuning.step)
        tuning.set_rates(rate_at(done))
        loss = learn(tuning, [lists[row] for row in batch], targets.of(batch), rows_a_batch, plan)
        watch.note(f"loss {loss:.3f}")
        now = time.monotonic()
        tuning.spent_seconds += now - seen_at
        seen_at = now
        if now - saved_at > plan.checkpoint_seconds:
            tuning.save(checkpoint)
            saved_at = now
    tuning.save(checkpoint)
    record = {"steps": tuning.step, "of_steps": len(batches), "minutes": round(tuning.spent_seconds / 60, 1)}
    checkpoint.with_suffix(".json").write_text(json.dumps(record), encoding="utf-8")
    judge.cpu().eval()
    return judge


def learn(tuning: Tuning, lists: list[list[int]], targets: Targets, scale: float, plan: Plan) -> float:
    """One step on one batch; `scale` is the same for all batches, so that a row weighs the same in each."""
    ids, mask = pad(lists)
    with halved():
        *logits, family, _ = tuning.judge(blank(ids, plan.blank_share), mask)
    loss = (lost(logits, targets) + plan.family_weight * lost_family(family, targets)) / scale
    for optimizer in (tuning.dense, tuning.sparse):
        optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(tuning.dense.param_groups[0]["params"], 1.0)
    tuning.dense.step()
    tuning.sparse.step()
    tuning.step += 1
    return float(loss.item())


def begin(judge: Judge, plan: Plan) -> Tuning:
    body = [parameter for name, parameter in judge.encoder.named_parameters() if name != "words.weight"]
    groups = [
        {"params": body, "full_rate": plan.body_rate},
        {"params": [*judge.heads.parameters(), *judge.family.parameters()], "full_rate": plan.head_rate},
    ]
    dense = torch.optim.AdamW(groups, lr=plan.body_rate, weight_decay=plan.weight_decay, fused=True)
    words = [{"params": [judge.encoder.words.weight], "full_rate": plan.embedding_rate}]
    return Tuning(judge, dense, torch.optim.SparseAdam(words, lr=plan.embedding_rate))


def schedule(rows: list[Row], lengths: list[int], plan: Plan) -> list[list[int]]:
    """Batches of all epochs, a part of an epoch at the end where `epochs` is no whole number."""
    batches: list[list[int]] = []
    for epoch in range(math.ceil(plan.epochs)):
        drawn = draw_rows(rows, random.Random(plan.seed + epoch))
        local = plan_batches([lengths[row] for row in drawn], plan.tokens_a_batch, plan.seed + epoch)
        found = [[drawn[at] for at in batch] for batch in local]
        batches += found[: max(1, int(len(found) * min(plan.epochs - epoch, 1.0)))]
    return batches


def draw_rows(rows: list[Row], draw: random.Random) -> list[int]:
    """The rows of one epoch: each as often as the largest share of its sets says; parts of a whole are drawn."""
    shares = {chosen.name: chosen.share for chosen in SETS}
    drawn: list[int] = []
    for number, row in enumerate(rows):
        share = max(shares[name] for _, name in row.labels.values())
        drawn += [number] * (int(share) + (draw.random() < share % 1))
    return drawn


def aim(rows: list[Row], drawn: Counter[int], plan: Plan) -> Targets:
    """The targets of all rows; `drawn`: how often each is in the schedule, which tells how rare a class is."""
    balance = weigh_classes(rows, drawn, plan.balance)
    weights = {chosen.name: chosen.weight for chosen in SETS}
    size = sum(map(len, HEADS.values()))
    allowed = torch.ones(len(rows), size, dtype=torch.bool)
    weighed, slots = torch.zeros(len(rows), len(HEADS)), torch.zeros(len(rows), len(HEADS), dtype=torch.long)
    family = torch.full((len(rows),), _NO_FAMILY)
    for number, row in enumerate(rows):
        start = 0
        for at, (head, labels) in enumerate(HEADS.items()):
            if head in row.labels:
                wanted, name = row.labels[head]
                allowed[number, start : start + len(labels)] = torch.tensor(
                    [label in wanted for label in labels]
                )
                slots[number, at] = slot_of(name, head)
                weighed[number, at] = weights[name] * balance[head, slot_of(name, head), wanted]
            start += len(labels)
        if "sentiment" in row.labels:
            family[number] = slots[number, 0]
    return Targets(*(part.to(DEVICE) for part in (allowed, weighed, slots, family)))


def weigh_classes(
    rows: list[Row], drawn: Counter[int], power: float
) -> dict[tuple[str, int, tuple[str, ...]], float]:
    """(head, slot, allowed labels) -> a weight; rare ones more, and the mean over the rows of a slot is 1."""
    counts: Counter[tuple[str, int, tuple[str, ...]]] = Counter()
    for number, times in drawn.items():
        for head, (wanted, name) in rows[number].labels.items():
            counts[head, slot_of(name, head), wanted] += times
    raised = {key: float(count) ** -power for key, count in counts.items()}
    found: dict[tuple[str, int, tuple[str, ...]], float] = {}
    for key, value in raised.items():
        alike = [other for other in counts if other[:2] == key[:2]]
        mean = sum(counts[other] * raised[other] for other in alike) / sum(counts[other] for other in alike)
        found[key] = min(value / mean, _HEAVIEST)
    # Rows that the schedule left out are asked for too, though nothing learns from them.
    return defaultdict(lambda: 1.0, found)


def lost(logits: Sequence[Tensor], targets: Targets) -> Tensor:
    """Sum over rows and heads of weight * -log(probability of all allowed labels together), each in its slot."""
    total = torch.zeros((), device=targets.slots.device)
    start = 0
    every = torch.arange(len(targets.slots), device=targets.slots.device)
    for number, slots in enumerate(logits):
        scores = slots.float()[every, targets.slots[:, number]]
        kept = targets.allowed[:, start : start + scores.shape[1]]
        start += scores.shape[1]
        right = scores.masked_fill(~kept, -1e9).logsumexp(1)
        total = total + (targets.weights[:, number] * (scores.logsumexp(1) - right)).sum()
    return total


def lost_family(logits: Tensor, targets: Targets) -> Tensor:
    return torch.nn.functional.cross_entropy(
        logits.float(), targets.family, ignore_index=_NO_FAMILY, reduction="sum"
    )


def rate_at(done: float) -> float:
    """The share of the full rate when `done` of the work is done: up in a straight line, then down to nothing."""
    return min(1.0, done / _WARM_UP) * max(0.0, 1 - done)
