"""What a judge has learned from a desk: a small linear correction of each head, beside weights that stay as they ship."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from sentiment.contract import HEADS, Backend, Verdict
from sentiment.errors import AdaptationUnreadable

Floats = npt.NDArray[np.float32]
_NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True)
class Adaptation:
    """For each changed head, `weights` (width, labels) and `bias` (labels): its logits get `vector @ weights + bias`.

    `base` names the weights it was learned on; on any other it means nothing.
    """

    base: str
    weights: Mapping[str, Floats]
    bias: Mapping[str, Floats]

    @cached_property
    def code(self) -> str:
        """Names what was learned; equal for equal corrections of the same heads."""
        whole = hashlib.sha256(self.base.encode())
        for head in sorted(self.weights):
            whole.update(head.encode() + self.weights[head].tobytes() + self.bias[head].tobytes())
        return whole.hexdigest()[:8]

    @property
    def revision(self) -> str:
        return f"{self.base}+{self.code}"

    def correct(self, head: str, logits: Floats, vector: Floats) -> Floats:
        """One text at a time: a product over a batch would round differently with its size."""
        if head not in self.weights:
            return logits
        return np.asarray(logits + vector @ self.weights[head] + self.bias[head], dtype=np.float32)

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        arrays = {f"weights.{head}": part for head, part in self.weights.items()}
        arrays |= {f"bias.{head}": part for head, part in self.bias.items()}
        np.savez_compressed(buffer, base=np.array(self.base), **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Adaptation":
        """Raises AdaptationUnreadable for what is none."""
        try:
            with np.load(io.BytesIO(kept), allow_pickle=False) as arrays:
                heads = [name.removeprefix("weights.") for name in arrays if name.startswith("weights.")]
                found = cls(
                    str(arrays["base"]),
                    {head: arrays[f"weights.{head}"].astype(np.float32) for head in heads},
                    {head: arrays[f"bias.{head}"].astype(np.float32) for head in heads},
                )
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise AdaptationUnreadable(f"this is no learned correction: {error}") from error
        found.check()
        return found

    def check(self, width: int | None = None) -> None:
        """Raises AdaptationUnreadable where it fits no judge, or none whose vectors are that wide."""
        for head, part in self.weights.items():
            labels = len(HEADS.get(head, ()))
            bias = self.bias.get(head, _NOTHING)
            is_of_width = part.ndim == 2 and width in (None, len(part))
            if not labels or not is_of_width or part.shape[1] != labels or bias.shape != (labels,):
                raise AdaptationUnreadable(f"this learned correction does not fit the head {head!r}")
            if not (np.isfinite(part).all() and np.isfinite(bias).all()):
                raise AdaptationUnreadable(f"this learned correction of {head!r} is not all numbers")


@runtime_checkable
class Adaptable(Protocol):
    """A judge that can take what was learned: one whose logits are linear in a vector that it shows."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def base(self) -> str: ...

    @property
    def folder(self) -> Path: ...

    def classify(self, texts: Sequence[str]) -> list[Verdict]: ...

    def score(self, texts: Sequence[str]) -> list[list[Floats]]: ...

    def adapted(self, adaptation: Adaptation | None) -> Backend: ...
