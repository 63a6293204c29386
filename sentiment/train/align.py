"""Step 4: the new pieces learn to mean what English ones mean, with the body frozen, on pairs of sentences."""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from sentiment.train import minilm
from sentiment.train.batches import pad, tokenize
from sentiment.train.corpus import read_pairs
from sentiment.train.device import DEVICE, halved, load
from sentiment.train.encoder import Encoder
from sentiment.train.plan import Plan
from sentiment.train.watch import Watch

_TEMPERATURE = 0.05
_LAST_RATE = 0.05
Pairs = list[tuple[str, str]]


def align(
    encoder: Encoder, bilingual: Tokenizer, data: Path, plan: Plan, checkpoint: Path, watch: Watch
) -> Encoder:
    """Only vectors of Russian sentences move: 1 - cosine to the frozen vector of the translation, a little squared
    error, and the right translation first among those of the batch. Goes on from the checkpoint where there is one."""
    pairs = read_pairs(data, plan, is_whole=False)
    pairs = [pair for pair in pairs if len(pair[1]) <= plan.align_characters][: plan.align_pairs]
    if plan.random_body or not pairs:
        return encoder
    batches = group_alike(pairs, plan)
    encoder.to(DEVICE).eval()
    for parameter in encoder.parameters():
        parameter.requires_grad_(parameter is encoder.words.weight)
    optimizer = torch.optim.SparseAdam([encoder.words.weight], lr=plan.align_rate)
    begun = _resume(encoder, optimizer, checkpoint)
    teach = _teacher(plan)
    saved_at = time.monotonic()
    for step, batch in enumerate(watch.over(batches, "align", begun), begun):
        rate = plan.align_rate * max(_LAST_RATE, 1 - step / len(batches))
        loss = _learn(encoder, optimizer, rate, _encode(bilingual, batch, 1, plan), teach(batch))
        watch.note(f"{loss:.3f}")
        if time.monotonic() - saved_at > plan.checkpoint_seconds:
            _save(encoder, optimizer, step + 1, checkpoint)
            saved_at = time.monotonic()
    encoder.cpu()
    return encoder


def _teacher(plan: Plan) -> Callable[[Pairs], Tensor]:
    """MiniLM as published: the vectors of the English sides."""
    model, original = minilm.load_encoder(plan).to(DEVICE).eval(), minilm.tokenizer()

    def teach(batch: Pairs) -> Tensor:
        with torch.no_grad(), halved():
            return model(*_encode(original, batch, 0, plan)).float()

    return teach


def _learn(
    encoder: Encoder,
    optimizer: torch.optim.Optimizer,
    rate: float,
    inputs: tuple[Tensor, Tensor],
    wanted: Tensor,
) -> float:
    with halved():
        reached = encoder(*inputs).float()
    loss = _distance(reached, wanted)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return float(loss.item())


def _distance(reached: Tensor, wanted: Tensor) -> Tensor:
    near, aim = nn.functional.normalize(reached, dim=-1), nn.functional.normalize(wanted, dim=-1)
    match = nn.functional.cross_entropy(
        near @ aim.T / _TEMPERATURE, torch.arange(len(near), device=near.device)
    )
    return (1 - (near * aim).sum(-1)).mean() + 2.0 * (reached - wanted).square().mean() + 0.2 * match


def _encode(tokenizer: Tokenizer, batch: Pairs, side: int, plan: Plan) -> tuple[Tensor, Tensor]:
    return pad(tokenize(tokenizer, [pair[side] for pair in batch], plan.align_length))


def group_alike(pairs: Pairs, plan: Plan) -> list[Pairs]:
    """Sorted by length within stretches of many batches, so that little is padded and the order stays random."""
    stretch = plan.align_batch * 50
    draw = torch.Generator().manual_seed(plan.seed)
    batches: list[Pairs] = []
    for start in range(0, len(pairs), stretch):
        part = sorted(pairs[start : start + stretch], key=lambda pair: len(pair[1]))
        found = [part[at : at + plan.align_batch] for at in range(0, len(part), plan.align_batch)]
        batches += [found[number] for number in torch.randperm(len(found), generator=draw).tolist()]
    return [batch for batch in batches if len(batch) > 1]


def _save(encoder: Encoder, optimizer: torch.optim.Optimizer, step: int, path: Path) -> None:
    state = {"words": encoder.words.weight.detach(), "optimizer": optimizer.state_dict(), "step": step}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def _resume(encoder: Encoder, optimizer: torch.optim.Optimizer, path: Path) -> int:
    """The step to go on with."""
    if not path.exists():
        return 0
    state = load(path)
    with torch.no_grad():
        encoder.words.weight.copy_(state["words"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
