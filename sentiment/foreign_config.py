"""What another model's config.json says of it: labels, length, how its answers are meant; and what may not be guessed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sentiment.errors import ModelMissing
from sentiment.foreign import LONGEST, Form
from sentiment.label_names import names_in_order, read_names

# RoBERTa and its family number positions from the padding token's number on, so that many places are never used.
_OFFSET_FAMILIES = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "bertweet")
_SHORTEST = 16
# What transformers reads a tokenizer from.
TOKENIZER_FILES = (
    "tokenizer*.json",
    "vocab*",
    "merges.txt",
    "*.model",
    "bpe.codes",
    "added_tokens.json",
    "special_tokens_map.json",
)


def read_form(
    model: str, config: Mapping[str, Any], said: str | None, answers: int, tokenizer_length: object = None
) -> Form:
    """`answers`: how many the model gives. Raises LabelsUnknown where nobody has said what they mean, ModelMissing where
    config.json speaks of another number."""
    # transformers writes no labels where they have the names that it gives them itself.
    names = names_in_order(config.get("id2label") or {n: f"LABEL_{n}" for n in range(answers)})
    if names and len(names) != answers:
        raise ModelMissing(
            f"{model} gives {answers} answers, but its config.json names {len(names)} labels. Copy the model's folder"
            " again, or export it again: optimum-cli export onnx --task text-classification."
        )
    return Form(
        meanings=read_names(model, names, said),
        length=_length(config, tokenizer_length),
        is_multi_label=config.get("problem_type") == "multi_label_classification",
    )


def _length(config: Mapping[str, Any], tokenizer_length: object) -> int:
    places = config.get("max_position_embeddings")
    lengths = [LONGEST]
    if isinstance(places, int) and places > _SHORTEST:
        is_offset = config.get("model_type") in _OFFSET_FAMILIES
        padding = config.get("pad_token_id")
        first = padding + 1 if isinstance(padding, int) else 1
        lengths.append(places - (first if is_offset else 0))
    # Tokenizers without a limit of their own write a number with thirty digits.
    if isinstance(tokenizer_length, int) and tokenizer_length > _SHORTEST:
        lengths.append(tokenizer_length)
    return max(_SHORTEST, min(lengths))


def digest(folder: Path, *patterns: str) -> str:
    """Twelve letters that change with the weights, with how texts become tokens and with what the labels are called."""
    whole = hashlib.sha256((folder / "config.json").read_bytes())
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}):
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:12]
