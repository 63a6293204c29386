"""Which judge a name or folder means: ours, another one in ONNX, or another one that needs torch; every refusal says what
to do.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment.contract import Backend
from sentiment.errors import ModelMissing

if TYPE_CHECKING:
    from sentiment.foreign import Reader
    from sentiment.onnx import OnnxBackend

OURS = ("model.onnx", "tokenizer.json", "config.json")
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
# owner/name, or one word, as Hugging Face names models; anything else can only be a path.
_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?")


@dataclass(frozen=True, slots=True)
class Wishes:
    """`labels` and `threshold` matter to models of others alone; `threads` texts are read at once."""

    labels: str | None = None
    threshold: float | None = None
    threads: int = 1


def choose(model: str, shipped: Path, wishes: Wishes) -> Backend:
    """Raises ModelMissing."""
    if needs_torch(model):
        return _through_torch(model, shipped, wishes)
    folder = Path(model)
    if not folder.is_dir():
        raise ModelMissing(
            f"{model} is no folder with a model. Give a folder that holds {', '.join(OURS)}, or a model's name at"
            " Hugging Face (owner/name)."
        )
    missing = _missing(folder)
    if not missing:
        return _ours(folder, wishes) if _is_ours(folder) else _through_onnx(folder, shipped, wishes)
    raise ModelMissing(
        f"{folder} is no model folder: it lacks {', '.join(missing)}. Copy the whole folder, or leave"
        " OTKLIK_SENTIMENT_MODEL out and the model that ships is used."
    )


def needs_torch(model: str) -> bool:
    """Whether that judge would be loaded through torch, which takes much memory. Looks, and loads nothing."""
    folder = Path(model)
    if not folder.is_dir():
        return not folder.exists() and bool(_HUB_NAME.fullmatch(model))
    missing = _missing(folder)
    has_weights = any(any(folder.glob(pattern)) for pattern in _WEIGHTS)
    return bool(missing) and "config.json" not in missing and has_weights


def _missing(folder: Path) -> list[str]:
    return [name for name in OURS if not (folder / name).is_file()]


def _is_ours(folder: Path) -> bool:
    from sentiment.model_files import read_json

    return "temperatures" in read_json(folder / "config.json")


# onnxruntime and torch take a while to import, so each waits until it is wanted.


def _ours(folder: Path, wishes: Wishes) -> "OnnxBackend":
    from sentiment.onnx import OnnxBackend

    return OnnxBackend(folder, threads=wishes.threads)


def _through_onnx(folder: Path, shipped: Path, wishes: Wishes) -> Backend:
    from sentiment.foreign_onnx import OnnxReader

    return _beside_ours(OnnxReader(folder, wishes.labels), shipped, wishes)


def _through_torch(model: str, shipped: Path, wishes: Wishes) -> Backend:
    try:
        from sentiment.hub import TorchReader
    except ImportError as error:
        raise ModelMissing(
            f"{model} needs {error.name or error}, which is not installed: pip install -r requirements-train.txt. Or"
            " export the model (optimum-cli export onnx --task text-classification) and give that folder."
        ) from error
    return _beside_ours(TorchReader(model, wishes.labels), shipped, wishes)


def _beside_ours(reader: "Reader", shipped: Path, wishes: Wishes) -> Backend:
    from sentiment.foreign import THRESHOLD, ForeignBackend

    threshold = THRESHOLD if wishes.threshold is None else wishes.threshold
    return ForeignBackend(reader, _ours(shipped, wishes), threshold, wishes.threads)
