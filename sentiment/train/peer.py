"""The shipped weights in transformers' own BERT, fp32 on torch: what `bench` is measured against, never used to judge."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, pipeline

from sentiment.config import Config
from sentiment.contract import SENTIMENTS
from sentiment.text import clean, windows

_LENGTH = 256
_SPECIALS = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
_PARTS = {
    "output": "attention.output.dense",
    "output_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}


class TorchPeer:
    """transformers' text-classification pipeline on one thread: at its default settings, and with batches of 32."""

    def __init__(self, folder: Path) -> None:
        torch.set_num_threads(1)
        model = read_model(folder / "model.onnx")
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(folder / "tokenizer.json"), model_max_length=_LENGTH, **_SPECIALS,
        )  # fmt: skip
        self.config = Config.read(folder / "config.json")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.pieces: dict[str, list[str]] = {}
        self.pipeline = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")

    def prepare(self, texts: Sequence[str]) -> None:
        """Cuts long texts where our judge cuts them, so that both read the same words; this takes no time of a run."""
        for text in texts:
            ids = self.tokenizer.encode(clean(text), add_special_tokens=False).ids
            cut = windows(ids, self.config.window - 2, self.config.overlap)
            self.pieces[text] = [self.tokenizer.decode(window) for window in cut]

    def classify_one_by_one(self, texts: Sequence[str]) -> object:
        return self.pipeline(self._cut(texts), truncation=True)

    def classify_in_batches(self, texts: Sequence[str]) -> object:
        return self.pipeline(self._cut(texts), truncation=True, batch_size=32)

    def _cut(self, texts: Sequence[str]) -> list[str]:
        return [piece for text in texts for piece in self.pieces[text]]


def read_model(path: Path) -> BertForSequenceClassification:
    """int8 weights multiplied out again. The first slot of the first head only, on a pooler of its own: our poolers differ, the cost is one."""
    parts = {part.name: numpy_helper.to_array(part) for part in onnx.load(path).graph.initializer}
    width = parts["words"].shape[1]
    layers = sum(name.endswith(".qkv.weight") for name in parts)
    config = BertConfig(
        vocab_size=len(parts["words"]), hidden_size=width, num_hidden_layers=layers, num_attention_heads=12,
        intermediate_size=parts["layer0.inner.weight"].shape[1], max_position_embeddings=len(parts["positions"]),
        num_labels=len(SENTIMENTS),
    )  # fmt: skip
    model = BertForSequenceClassification(config).eval()
    wanted = model.state_dict() | {
        "bert.embeddings.word_embeddings.weight": _tensor(parts["words"] * parts["words.scale"]),
        "bert.embeddings.position_embeddings.weight": _tensor(parts["positions"]),
        "classifier.weight": _tensor(parts["sentiment.slots.weight"][: len(SENTIMENTS)]),
        "classifier.bias": _tensor(parts["sentiment.slots.bias"][: len(SENTIMENTS)]),
    }
    for number in range(layers):
        wanted |= _read_layer(parts, f"layer{number}.", f"bert.encoder.layer.{number}.")
    model.load_state_dict(wanted)
    return model


def _read_layer(parts: dict[str, np.ndarray], ours: str, theirs: str) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, their_name in _PARTS.items():
        if name.endswith("norm"):
            found[f"{theirs}{their_name}.weight"] = _tensor(parts[f"{ours}{name}.gain"])
            found[f"{theirs}{their_name}.bias"] = _tensor(parts[f"{ours}{name}.shift"])
        else:
            found[f"{theirs}{their_name}.weight"] = _product(parts, f"{ours}{name}")
            found[f"{theirs}{their_name}.bias"] = _tensor(parts[f"{ours}{name}.bias"])
    weights = _product(parts, f"{ours}qkv").chunk(3)
    biases = _tensor(parts[f"{ours}qkv.bias"]).chunk(3)
    for side, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        found[f"{theirs}attention.self.{side}.weight"] = weight
        found[f"{theirs}attention.self.{side}.bias"] = bias
    return found


def _product(parts: dict[str, np.ndarray], name: str) -> Tensor:
    return _tensor((parts[f"{name}.weight"] * parts[f"{name}.scale"]).T)


def _tensor(values: np.ndarray) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)
