"""Text in, verdict out: language, sentiment, kind and urgency of what people say. Usable alone; imports nothing of ours."""

import os
from pathlib import Path

from sentiment.contract import Backend, Label, Verdict
from sentiment.errors import ModelMissing

__all__ = ["Backend", "Label", "ModelMissing", "Verdict", "load"]

SHIPPED = Path(__file__).parent / "model"


def load(model: str | None = None) -> Backend:
    """The judge of `model` (a folder), else of OTKLIK_SENTIMENT_MODEL, else the one that ships with us.

    OTKLIK_SENTIMENT_THREADS texts are read at once (1 by default: a worker has one core). Raises ModelMissing.
    """
    folder = Path(model or os.environ.get("OTKLIK_SENTIMENT_MODEL") or SHIPPED)
    missing = [
        name for name in ("model.onnx", "tokenizer.json", "config.json") if not (folder / name).is_file()
    ]
    if missing:
        raise ModelMissing(f"{folder} is no model folder: it lacks {', '.join(missing)}")
    # onnxruntime takes a while to import, so it waits until a judge is wanted.
    from sentiment.onnx import OnnxBackend

    return OnnxBackend(folder, threads=int(os.environ.get("OTKLIK_SENTIMENT_THREADS") or 1))
