"""The transformer that ships with us, on onnxruntime; one window of text a run, so that no text sees another."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from tokenizers import Tokenizer

from sentiment.config import Config
from sentiment.contract import HEADS, Label, Verdict, refuse_bare_string
from sentiment.language import tell_language
from sentiment.text import clean, windows

Floats = npt.NDArray[np.float32]
_HEADS = list(HEADS)
# Texts are tokenized in portions, so that millions of lines never stand in memory as tokens at once.
_PORTION = 256
# The tokenizer is quick on words and slow on one huge line; pieces of this many characters keep it linear.
_STRETCH = 20_000


class OnnxBackend:
    """Loads a folder with model.onnx, tokenizer.json and config.json; safe to call from several threads."""

    name = "onnx"

    def __init__(
        self, folder: Path, threads: int = 1, weights: Path | None = None, config: Config | None = None
    ) -> None:
        """`weights` and `config` take the place of the folder's own while a model is made and checked."""
        self.config = config or Config.read(folder / "config.json")
        self.revision = self.config.revision
        self._threads = max(1, threads)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._session = ort.InferenceSession(
            weights or folder / "model.onnx", _settings(), ["CPUExecutionProvider"]
        )
        self._first = self._tokenizer.token_to_id("[CLS]")
        self._last = self._tokenizer.token_to_id("[SEP]")

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        refuse_bare_string(texts)
        verdicts: list[Verdict] = []
        for start in range(0, len(texts), _PORTION):
            portion = texts[start : start + _PORTION]
            verdicts += [
                self._verdict(text, scores) for text, scores in zip(portion, self.score(portion), strict=True)
            ]
        return verdicts

    def score(self, texts: Sequence[str]) -> list[list[Floats]]:
        """Raw logits of each head, before calibration, then the pooled vector; one list a text."""
        cleaned = list(map(clean, texts))
        if self._threads == 1 or len(cleaned) == 1:
            return list(map(self._read, cleaned))
        with ThreadPoolExecutor(self._threads) as readers:
            return list(readers.map(self._read, cleaned))

    def _read(self, text: str) -> list[Floats]:
        """All windows of a text, joined by the number of their tokens; equal windows are read once."""
        seen: dict[tuple[int, ...], int] = {}
        for window in windows(self._ids(text), self.config.window - 2, self.config.overlap):
            seen[tuple(window)] = seen.get(tuple(window), 0) + max(1, len(window))
        joined: list[Floats] = []
        whole = sum(seen.values())
        for tokens, weight in seen.items():
            parts = self._run(tokens)
            share = np.float32(weight / whole)
            joined = [
                part * share + (old if joined else 0)
                for part, old in zip(parts, joined or parts, strict=True)
            ]
        return joined

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = []
        for stretch in _stretches(text):
            ids += self._tokenizer.encode(stretch, add_special_tokens=False).ids
        return ids

    def _run(self, window: Iterable[int]) -> list[Floats]:
        ids = np.array([[self._first, *window, self._last]], dtype=np.int64)
        return [row[0] for row in self._session.run([*_HEADS, "vector"], {"ids": ids})]

    def _verdict(self, text: str, scores: list[Floats]) -> Verdict:
        language = tell_language(text)
        labels: dict[str, Label] = {}
        needs_look = language.value not in ("ru", "en")
        for head, logits in zip(_HEADS, scores, strict=False):
            labels[head], is_unsure = self.config.decide(head, language.value, logits)
            needs_look = needs_look or is_unsure
        return Verdict(
            language=language, needs_look=needs_look, backend=self.name, revision=self.revision, **labels
        )


def _settings() -> ort.SessionOptions:
    settings = ort.SessionOptions()
    # A window is too little work to share between threads; whole texts are shared instead.
    settings.intra_op_num_threads = 1
    settings.inter_op_num_threads = 1
    # The graph is written as it should run; fusing more would make its norms slower.
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    settings.log_severity_level = 3
    return settings


def _stretches(text: str) -> Iterable[str]:
    start = 0
    while len(text) - start > _STRETCH:
        end = text.rfind(" ", start, start + _STRETCH)
        end = end if end > start else start + _STRETCH
        yield text[start:end]
        start = end
    yield text[start:]
