"""Text in, verdict out: language, sentiment, kind and urgency of what people say. Usable alone; imports nothing of ours."""

import os
from pathlib import Path

from sentiment.choice import Wishes, choose
from sentiment.contract import Backend, Label, Verdict
from sentiment.errors import ModelMissing

__all__ = ["Backend", "Label", "ModelMissing", "Verdict", "load"]

SHIPPED = Path(__file__).parent / "model"


def load(model: str | None = None, labels: str | None = None, threshold: float | None = None) -> Backend:
    """The judge of `model` (a folder, or a name at Hugging Face), else of OTKLIK_SENTIMENT_MODEL, else the one that
    ships with us.

    For a model of others `labels` (else OTKLIK_SENTIMENT_LABELS) says what its labels mean and `threshold` (else
    OTKLIK_SENTIMENT_THRESHOLD) how sure it has to be. OTKLIK_SENTIMENT_THREADS texts are read at once (1 by default: a
    worker has one core). Raises ModelMissing.
    """
    said = os.environ.get
    wishes = Wishes(
        labels=labels or said("OTKLIK_SENTIMENT_LABELS") or None,
        threshold=_share(said("OTKLIK_SENTIMENT_THRESHOLD")) if threshold is None else threshold,
        threads=_count(said("OTKLIK_SENTIMENT_THREADS")),
    )
    return choose(str(model or said("OTKLIK_SENTIMENT_MODEL") or SHIPPED), SHIPPED, wishes)


def _share(said: str | None) -> float | None:
    if not said:
        return None
    try:
        share = float(said)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ModelMissing(f"OTKLIK_SENTIMENT_THRESHOLD is {said!r}, but has to be a number from 0 to 1.")
    return share


def _count(said: str | None) -> int:
    try:
        return int(said or 1)
    except ValueError:
        raise ModelMissing(
            f"OTKLIK_SENTIMENT_THREADS is {said!r}, but has to be a whole number from 1 on."
        ) from None
