"""What another model's config.json says of it: labels, length, how its answers are meant; and what may not be guessed."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sentiment.errors import ModelMissing
from sentiment.foreign import LONGEST, Form
from sentiment.label_names import names_in_order, read_names

# RoBERTa and its family number positions from the padding token's number on, so that many places are never used.
_OFFSET_FAMILIES = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "bertweet")
_SHORTEST = 16


def read_json(path: Path) -> dict[str, Any]:
    """Raises ModelMissing where the file holds no JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelMissing(f"{path} cannot be read ({error}). Copy the model's folder again.") from error
    if not isinstance(found, dict):
        raise ModelMissing(f"{path} holds no JSON object. Copy the model's folder again.")
    return found


def read_form(
    model: str, config: Mapping[str, Any], said: str | None, tokenizer_length: object = None
) -> Form:
    """Raises LabelsUnknown where nobody has said what its labels mean."""
    names = names_in_order(config.get("id2label") or {})
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
        lengths.append(places - (int(config.get("pad_token_id") or 0) + 1 if is_offset else 0))
    # Tokenizers without a limit of their own write a number with thirty digits.
    if isinstance(tokenizer_length, int) and tokenizer_length > _SHORTEST:
        lengths.append(tokenizer_length)
    return max(_SHORTEST, min(lengths))


def digest(folder: Path, *patterns: str) -> str:
    """Twelve letters that change with the weights and with what the labels are called."""
    whole = hashlib.sha256((folder / "config.json").read_bytes())
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:12]
