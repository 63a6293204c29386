"""A model of other people in a folder with ONNX, as `optimum-cli export onnx` writes it; needs no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from sentiment.errors import ModelMissing
from sentiment.foreign import Floats
from sentiment.foreign_config import digest, read_form
from sentiment.model_files import (
    RUN_ERRORS,
    TRIAL,
    first_line,
    narrowed,
    open_session,
    read_json,
    read_tokenizer,
)

_KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_EXPORT_AGAIN = "Export it again: optimum-cli export onnx --task text-classification."


class OnnxReader:
    """Raises ModelMissing for a folder whose files do not fit together, LabelsUnknown for labels nobody explained."""

    def __init__(self, folder: Path, said: str | None = None) -> None:
        config = read_json(folder / "config.json")
        self.name = folder.resolve().name
        self._tokenizer = _open_tokenizer(folder / "tokenizer.json")
        self._session = open_session(folder / "model.onnx")
        self._inputs = {one.name: one.type for one in self._session.get_inputs()}
        answers = self._count_answers(folder / "model.onnx")
        self.form = read_form(self.name, config, said, answers, _tokenizer_length(folder))
        self.revision = digest(folder, "model.onnx*", "tokenizer.json")

    def encode(self, text: str, is_framed: bool) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=is_framed).ids)

    def run(self, ids: Sequence[int]) -> Floats:
        given: dict[str, Any] = {
            "input_ids": ids,
            "attention_mask": [1] * len(ids),
            "token_type_ids": [0] * len(ids),
        }
        feed = {
            name: np.array([given[name]], dtype=np.int32 if "int32" in kind else np.int64)
            for name, kind in self._inputs.items()
        }
        return np.asarray(self._session.run(None, feed)[0][0], dtype=np.float32)

    def _count_answers(self, path: Path) -> int:
        if unknown := [name for name in self._inputs if name not in _KNOWN_INPUTS]:
            raise ModelMissing(
                f"{path} wants the inputs {', '.join(unknown)}, which a text classifier has not. {_EXPORT_AGAIN}"
            )
        try:
            with narrowed():
                shape = self.run(self.encode(TRIAL, is_framed=True)).shape
        except RUN_ERRORS as error:
            raise ModelMissing(f"{path} does not run: {first_line(error)}. {_EXPORT_AGAIN}") from error
        if len(shape) != 1:
            raise ModelMissing(
                f"{path} answers with the shape {shape}, so it is no text classifier. {_EXPORT_AGAIN}"
            )
        return int(shape[0])


def _open_tokenizer(path: Path) -> Tokenizer:
    tokenizer = read_tokenizer(path)
    # Where a long text is cut is decided here; what the tokenizer cuts off would be lost.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # "[SEP]" in somebody's text is a word like any other.
    tokenizer.encode_special_tokens = True
    return tokenizer


def _tokenizer_length(folder: Path) -> object:
    path = folder / "tokenizer_config.json"
    return read_json(path).get("model_max_length") if path.is_file() else None
