"""Texts to padded tensors, and work in an order that wastes little padding; the same seed gives the same batches."""

import random
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor

from sentiment.train.device import DEVICE
from sentiment.train.vocabulary import SPECIALS

_ROUND = 8


def tokenize(tokenizer: Tokenizer, texts: Sequence[str], length: int) -> list[list[int]]:
    """Ids with [CLS] and [SEP], at most `length`; a longer text keeps its head and its tail, where the verdict stands."""
    first, last = (tokenizer.token_to_id(mark) or 0 for mark in ("[CLS]", "[SEP]"))
    room = length - 2
    lists: list[list[int]] = []
    for found in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        ids = found.ids
        kept = ids if len(ids) <= room else ids[: room // 2] + ids[len(ids) - (room - room // 2) :]
        lists.append([first, *kept, last])
    return lists


def pad(lists: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """(ids, mask) where the model is, padded to a multiple of eight, which the matrix units like."""
    longest = max(map(len, lists))
    width = -(-longest // _ROUND) * _ROUND
    ids = torch.zeros(len(lists), width, dtype=torch.long)
    mask = torch.zeros(len(lists), width, dtype=torch.bool)
    for number, tokens in enumerate(lists):
        ids[number, : len(tokens)] = torch.tensor(tokens)
        mask[number, : len(tokens)] = True
    return ids.to(DEVICE), mask.to(DEVICE)


def blank(ids: Tensor, share: float) -> Tensor:
    """The same ids with about `share` of the pieces shown as [MASK]; the marks of a text stay as they are."""
    hidden = (ids >= len(SPECIALS)) & (torch.rand(ids.shape, device=ids.device) < share)
    return ids.masked_fill(hidden, SPECIALS.index("[MASK]"))


def plan_batches(lengths: Sequence[int], tokens: int, seed: int) -> list[list[int]]:
    """Row numbers in batches of about `tokens` tokens each: alike in length, in random order."""
    draw = random.Random(seed)
    order = sorted(range(len(lengths)), key=lambda row: (-(-lengths[row] // _ROUND), draw.random()))
    batches: list[list[int]] = []
    batch: list[int] = []
    for row in order:
        # The order is ascending, so the newest row is the longest of its batch.
        if batch and (len(batch) + 1) * (lengths[row] + _ROUND) > tokens:
            batches.append(batch)
            batch = []
        batch.append(row)
    batches.append(batch)
    draw.shuffle(batches)
    return batches
