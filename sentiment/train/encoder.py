"""The encoder and its heads as torch modules: MiniLM's shape, attention written out, dropout at the ends only."""

import math

import torch
from torch import Tensor, nn

from sentiment.contract import HEADS
from sentiment.train.plan import Plan
from sentiment.train.sets import SLOTS


class Layer(nn.Module):  # type: ignore[misc]
    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.attention_heads = plan.attention_heads
        self.query_key_value = nn.Linear(plan.width, 3 * plan.width)
        self.output = nn.Linear(plan.width, plan.width)
        self.output_norm = nn.LayerNorm(plan.width, eps=1e-12)
        self.inner = nn.Linear(plan.width, plan.inner)
        self.outer = nn.Linear(plan.inner, plan.width)
        self.outer_norm = nn.LayerNorm(plan.width, eps=1e-12)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        batch, length, width = hidden.shape
        shaped = self.query_key_value(hidden).view(batch, length, 3, self.attention_heads, -1)
        query, key, value = shaped.permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.attention_heads) + bias
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, width)
        hidden = self.output_norm(hidden + self.output(mixed))
        return self.outer_norm(hidden + self.outer(nn.functional.gelu(self.inner(hidden))))


class Encoder(nn.Module):  # type: ignore[misc]
    """Token ids and mask (batch, length) -> the mean of the hidden states (batch, width)."""

    def __init__(self, plan: Plan, pieces: int) -> None:
        super().__init__()
        self.words = nn.Embedding(pieces, plan.width, sparse=True)
        self.positions = nn.Parameter(torch.randn(plan.positions, plan.width) * 0.02)
        self.norm = nn.LayerNorm(plan.width, eps=1e-12)
        self.dropout = nn.Dropout(plan.dropout)
        self.layers = nn.ModuleList(Layer(plan) for _ in range(plan.layers))

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Hidden states (batch, length, width)."""
        hidden = self.dropout(self.norm(self.words(ids) + self.positions[: ids.shape[1]]))
        bias = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * -1e4
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return hidden

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        hidden = self.states(ids, mask)
        weights = mask[:, :, None].to(hidden.dtype)
        return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1.0)


class Judge(nn.Module):  # type: ignore[misc]
    """The encoder with one linear head a question and slot, and one that tells the family of a text.

    Sets mean different things by one label (a `neutral` may be an advert, or the lack of an emotion), so each slot of a
    head learns from its own sets; see SLOTS.
    """

    def __init__(self, plan: Plan, pieces: int) -> None:
        super().__init__()
        self.encoder = Encoder(plan, pieces)
        self.dropout = nn.Dropout(plan.dropout)
        self.heads = nn.ModuleDict(
            {head: nn.Linear(plan.width, len(SLOTS[head]) * len(labels)) for head, labels in HEADS.items()}
        )
        self.family = nn.Linear(plan.width, len(SLOTS["sentiment"]))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """Logits a head (batch, slots, labels), logits of the family (batch, slots of sentiment), the vector."""
        vector = self.encoder(ids, mask).float()
        dropped = self.dropout(vector)
        logits = (self.heads[head](dropped).view(len(ids), -1, len(labels)) for head, labels in HEADS.items())
        return (*logits, self.family(vector), vector)
