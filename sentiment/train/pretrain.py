"""Step 5: the body meets everyday text of both languages: hidden pieces are guessed from those around them."""

import random
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from sentiment.text import clean
from sentiment.train.batches import pad, plan_batches, tokenize
from sentiment.train.corpus import read_lines
from sentiment.train.device import DEVICE, halved, load
from sentiment.train.encoder import Encoder
from sentiment.train.plan import Plan
from sentiment.train.rows import Row
from sentiment.train.vocabulary import SPECIALS
from sentiment.train.watch import Watch

_WARM_UP = 0.1
# The number of [MASK] in vocabulary.SPECIALS, which come first.
_MASK = SPECIALS.index("[MASK]")
# Of the hidden places this share shows a random piece and as much the right one, so that no place can be trusted.
_LEFT_IN_PLACE = 0.1
_FILES = {"ru": ("ru_permissive", "ruspellru_mit"), "en": ("en_permissive",)}


def pretrain(
    encoder: Encoder,
    tokenizer: Tokenizer,
    rows: list[Row],
    data: Path,
    plan: Plan,
    checkpoint: Path,
    watch: Watch,
) -> Encoder:
    """With no `pretrain_lines` nothing changes. Goes on from the checkpoint where there is one; ends after `pretrain_minutes` where the plan limits it."""
    lists = tokenize(tokenizer, gather_texts(rows, data, plan), plan.pretrain_length)
    batches = plan_batches(list(map(len, lists)), plan.pretrain_tokens, plan.seed)
    if not lists:
        return encoder
    guesser = Guesser(encoder.to(DEVICE), plan)
    spent = guesser.resume(checkpoint)
    encoder.train()
    saved_at = seen_at = time.monotonic()
    for number, batch in enumerate(watch.over(batches, "pretrain", guesser.step), guesser.step):
        by_time = spent / (60 * plan.pretrain_minutes) if plan.pretrain_minutes else 0.0
        done = max(number / len(batches), by_time)
        if done >= 1:
            break
        torch.manual_seed(plan.seed + number)
        watch.note(f"loss {guesser.learn(*pad([lists[row] for row in batch]), done):.3f}")
        now = time.monotonic()
        spent, seen_at = spent + now - seen_at, now
        if now - saved_at > plan.checkpoint_seconds:
            guesser.save(checkpoint, spent)
            saved_at = now
    encoder.cpu().eval()
    return encoder


def gather_texts(rows: list[Row], data: Path, plan: Plan) -> list[str]:
    """As many lines of each language: first the texts of the tasks, then plain text."""
    found: list[str] = []
    for language, names in _FILES.items():
        lines = [row.text for row in rows if row.lang == language]
        for name in names:
            path = data / "unlabelled" / f"{name}.txt.gz"
            if path.exists():
                lines += map(clean, read_lines(path, plan.corpus_lines, plan.seed))
        lines = [line for line in dict.fromkeys(lines) if 10 < len(line) <= plan.pretrain_characters]
        random.Random(plan.seed).shuffle(lines)
        found += lines[: plan.pretrain_lines]
    return found


class Guesser:
    """The encoder with its own word vectors as the output layer; logits are made at hidden places only."""

    def __init__(self, encoder: Encoder, plan: Plan) -> None:
        self.encoder, self.plan, self.step = encoder, plan, 0
        pieces = encoder.words.weight.shape[0]
        self.bend = nn.Sequential(
            nn.Linear(plan.width, plan.width), nn.GELU(), nn.LayerNorm(plan.width, eps=1e-12)
        ).to(DEVICE)
        self.bias = nn.Parameter(torch.zeros(pieces, device=DEVICE))
        # The output layer touches every vector, so their gradient is no longer sparse here.
        encoder.words.sparse = False
        for parameter in encoder.parameters():
            parameter.requires_grad_(True)
        self.parameters = [*encoder.parameters(), *self.bend.parameters(), self.bias]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=plan.pretrain_rate, weight_decay=0.01, fused=True
        )

    def learn(self, ids: Tensor, mask: Tensor, done: float) -> float:
        shown, places = hide(ids, mask, self.plan, self.encoder.words.weight.shape[0])
        with halved():
            hidden = self.encoder.states(shown, mask)[places]
            logits = nn.functional.linear(self.bend(hidden), self.encoder.words.weight, self.bias)
        loss = nn.functional.cross_entropy(logits.float(), ids[places])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.pretrain_rate * min(1.0, done / _WARM_UP) * (1 - done)
        self.optimizer.step()
        self.step += 1
        return float(loss.item())

    def save(self, path: Path, spent: float) -> None:
        state = {
            "encoder": self.encoder.state_dict(),
            "bend": self.bend.state_dict(),
            "bias": self.bias.detach(),
        }
        more = {"optimizer": self.optimizer.state_dict(), "step": self.step, "spent": spent}
        torch.save(state | more, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def resume(self, path: Path) -> float:
        """The seconds spent before."""
        if not path.exists():
            return 0.0
        state = load(path)
        self.encoder.load_state_dict(state["encoder"])
        self.bend.load_state_dict(state["bend"])
        with torch.no_grad():
            self.bias.copy_(state["bias"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = int(state["step"])
        return float(state["spent"])


def hide(ids: Tensor, mask: Tensor, plan: Plan, pieces: int) -> tuple[Tensor, Tensor]:
    """(ids with hidden places, where they are); [CLS], [SEP] and padding are never hidden."""
    is_word = mask & (ids > _MASK)
    places = is_word & (torch.rand(ids.shape, device=ids.device) < plan.hidden_share)
    if not places.any():
        places = is_word if is_word.any() else mask
    draw = torch.rand(ids.shape, device=ids.device)
    shown = ids.masked_fill(places & (draw >= 2 * _LEFT_IN_PLACE), _MASK)
    random_pieces = torch.randint(_MASK + 1, pieces, ids.shape, device=ids.device)
    return torch.where(places & (draw < _LEFT_IN_PLACE), random_pieces, shown), places
