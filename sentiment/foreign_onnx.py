"""A model of other people in a folder with ONNX, as `optimum-cli export onnx` writes it; needs no torch."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from tokenizers import Tokenizer

from sentiment.errors import ModelMissing
from sentiment.foreign import Floats
from sentiment.foreign_config import digest, read_form, read_json

_KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class OnnxReader:
    """Raises ModelMissing for a folder whose files do not fit together, LabelsUnknown for labels nobody explained."""

    def __init__(self, folder: Path, said: str | None = None) -> None:
        config = read_json(folder / "config.json")
        self.name = folder.resolve().name
        self.form = read_form(self.name, config, said, _tokenizer_length(folder))
        self._tokenizer = _read_tokenizer(folder / "tokenizer.json")
        self._session = _open(folder / "model.onnx")
        self._inputs = {one.name: one.type for one in self._session.get_inputs()}
        self.revision = digest(folder, "model.onnx*")
        self._check(folder)

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

    def _check(self, folder: Path) -> None:
        if unknown := [name for name in self._inputs if name not in _KNOWN_INPUTS]:
            raise ModelMissing(
                f"{folder / 'model.onnx'} wants the inputs {', '.join(unknown)}, which a text classifier has not."
                f" Export it again: optimum-cli export onnx --task text-classification."
            )
        try:
            shape = self.run(self.encode("a", is_framed=True)).shape
        except _ERRORS as error:
            raise ModelMissing(f"{folder / 'model.onnx'} does not run: {_first_line(error)}") from error
        if shape != (len(self.form.meanings),):
            raise ModelMissing(
                f"{folder / 'model.onnx'} answers with the shape {shape}, but config.json names"
                f" {len(self.form.meanings)} labels. Export it again: optimum-cli export onnx --task text-classification."
            )


_ERRORS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


def _open(path: Path) -> ort.InferenceSession:
    settings = ort.SessionOptions()
    # Texts are shared between threads, not the work on one window.
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), settings, ["CPUExecutionProvider"])
    except _ERRORS as error:
        raise ModelMissing(
            f"{path} cannot be loaded: {_first_line(error)}. Copy or export it again."
        ) from error


def _read_tokenizer(path: Path) -> Tokenizer:
    # The library raises bare Exceptions for what is no tokenizer, so what can be known is looked at before.
    if not isinstance(read_json(path).get("model"), dict):
        raise ModelMissing(f"{path} is no tokenizer. Copy the model's folder again.")
    tokenizer = Tokenizer.from_file(str(path))
    # Where a long text is cut is decided here; what the tokenizer cuts off would be lost.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    # "[SEP]" in somebody's text is a word like any other.
    tokenizer.encode_special_tokens = True
    return tokenizer


def _tokenizer_length(folder: Path) -> object:
    path = folder / "tokenizer_config.json"
    return read_json(path).get("model_max_length") if path.is_file() else None


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
