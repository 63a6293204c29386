"""The files of a model's folder, opened: JSON, tokenizer, weights. Whatever is broken in them must become ModelMissing with
a sentence that says what to do, because that is all that callers wait for.
"""

import ctypes
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors
from tokenizers import Tokenizer

from sentiment.errors import ModelMissing

# What onnxruntime raises for weights that are broken, half there or made for something else. It has no family of its own.
_LOAD_ERRORS = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
# A run may also end in answers of another shape than a classifier's.
RUN_ERRORS = (*_LOAD_ERRORS, IndexError, TypeError, ValueError)
# A new model is tried on this: a letter, and a sign that small vocabularies lack.
TRIAL = "a \N{SNOWMAN}"


def read_json(path: Path) -> dict[str, Any]:
    """Raises ModelMissing where the file holds no JSON object."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelMissing(f"{path} cannot be read ({error}). Copy the model's folder again.") from error
    if not isinstance(found, dict):
        raise ModelMissing(f"{path} holds no JSON object. Copy the model's folder again.")
    return found


def read_tokenizer(path: Path) -> Tokenizer:
    """Raises ModelMissing."""
    try:
        with narrowed():
            return Tokenizer.from_file(str(path))
    except ValueError as error:
        raise ModelMissing(
            f"{path} is no tokenizer ({first_line(error)}). Copy the model's folder again."
        ) from error


def open_session(
    path: Path, level: ort.GraphOptimizationLevel = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
) -> ort.InferenceSession:
    """Raises ModelMissing."""
    settings = ort.SessionOptions()
    # A window is too little work to share between threads; whole texts are shared instead.
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.graph_optimization_level = level
    # An arena keeps for good what the longest text took; without it the runs are as fast.
    settings.enable_cpu_mem_arena = False
    settings.log_severity_level = 3
    try:
        session = ort.InferenceSession(str(path), settings, ["CPUExecutionProvider"])
    except _LOAD_ERRORS as error:
        raise ModelMissing(
            f"{path} cannot be loaded: {first_line(error)}. Copy or export it again."
        ) from error
    give_back()
    return session


def give_back() -> None:
    """Gives memory that is free back to the system, which the allocator of Linux would keep: reading the weights takes as
    much again as they do (up to 20 MB), and a batch of texts half as much."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextmanager
def narrowed() -> Iterator[None]:
    """Around calls into `tokenizers`: what it raises for a broken file, or a text that it cannot read, is ValueError."""
    try:
        yield
    except (
        Exception
    ) as error:  # the tokenizers' border: the library raises Exception itself, no class of its own
        if type(error) is not Exception:
            raise
        raise ValueError(str(error)) from error


def first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
