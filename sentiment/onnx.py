"""The transformer that ships with us, on onnxruntime; one window of text a run, so that no text sees another."""

import copy
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from sentiment.adaptation import Adaptation
from sentiment.config import Config
from sentiment.contract import HEADS, ROUTING_HEADS, Label, Verdict, refuse_bare_string
from sentiment.errors import ModelMissing
from sentiment.language import tell_language
from sentiment.model_files import RUN_ERRORS, TRIAL, first_line, narrowed, open_session, read_tokenizer
from sentiment.text import clean, shares, stretches

Floats = npt.NDArray[np.float32]
_HEADS = list(HEADS)
# Texts are tokenized in portions, so that millions of lines never stand in memory as tokens at once.
_PORTION = 256


class OnnxBackend:
    """Loads a folder with model.onnx, tokenizer.json and config.json; safe to call from several threads. Raises
    ModelMissing for a folder whose files are broken or do not fit together."""

    name = "onnx"

    def __init__(
        self,
        folder: Path,
        threads: int = 1,
        weights: Path | None = None,
        config: Config | None = None,
        adaptation: Adaptation | None = None,
    ) -> None:
        """`weights` and `config` take the place of the folder's own while a model is made and checked; `adaptation` is
        what was learned at a desk."""
        self.config = config or Config.read(folder / "config.json")
        self.folder = folder
        self.base = self.config.revision
        self.adaptation = adaptation
        self._threads = max(1, threads)
        self._tokenizer = read_tokenizer(folder / "tokenizer.json")
        # The graph is written as it should run; fusing more would make its norms slower.
        self._session = open_session(
            weights or folder / "model.onnx", ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        )
        self._first = self._tokenizer.token_to_id("[CLS]")
        self._last = self._tokenizer.token_to_id("[SEP]")
        self._width = self._measure()

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        refuse_bare_string(texts)
        verdicts: list[Verdict] = []
        for start in range(0, len(texts), _PORTION):
            portion = texts[start : start + _PORTION]
            verdicts += [
                self._verdict(text, scores) for text, scores in zip(portion, self.score(portion), strict=True)
            ]
        return verdicts

    def adapted(self, adaptation: Adaptation | None) -> "OnnxBackend":
        """The same judge, with this learned correction in place of any other; the weights are shared.

        Raises ValueError for one that was learned on other weights, AdaptationUnreadable for one that does not fit them.
        """
        if adaptation is not None:
            if adaptation.base != self.base:
                raise ValueError(f"learned on {adaptation.base}, but these weights are {self.base}")
            adaptation.check(self._width)
        other = copy.copy(self)
        other.adaptation = adaptation
        return other

    @property
    def leans(self) -> Floats:
        """One number a label, heads in the order of HEADS."""
        return np.concatenate([self.config.lean(head) for head in _HEADS])

    @property
    def revision(self) -> str:
        return self.adaptation.revision if self.adaptation else self.base

    def score(self, texts: Sequence[str]) -> list[list[Floats]]:
        """Raw logits of each head, before calibration, then the pooled vector; one list a text."""
        cleaned = list(map(clean, texts))
        if self._threads == 1 or len(cleaned) == 1:
            return list(map(self._read, cleaned))
        with ThreadPoolExecutor(self._threads) as readers:
            return list(readers.map(self._read, cleaned))

    def chances(self, head: str, texts: Sequence[str]) -> list[dict[str, float]]:
        """The calibrated probability of every label of one head, a dictionary a text."""
        refuse_bare_string(texts)
        found = []
        for text in texts:
            logits = self._logits(head, self.score([text])[0])
            shares = self.config.probabilities(head, tell_language(text).value, logits)
            found.append(dict(zip(HEADS[head], shares, strict=True)))
        return found

    def chosen(self, head: str, text: str, chances: dict[str, float]) -> str:
        """The label that `classify` gives a text of the language of `text` with these chances."""
        return self.config.choose(head, tell_language(text).value, chances)

    def _measure(self) -> int:
        """The width of its vector. One run says too whether tokenizer and weights belong together: the highest number of
        the one has to be known to the other."""
        try:
            if self._first is None or self._last is None:
                raise ValueError("the tokenizer lacks [CLS] or [SEP]")
            with narrowed():
                ids = self._ids(clean(TRIAL))
            *logits, vector = self._run([*ids, self._tokenizer.get_vocab_size() - 1])
            if [part.shape for part in logits] != [(len(labels),) for labels in HEADS.values()]:
                raise ValueError("the weights answer with other labels than ours")
        except RUN_ERRORS as error:
            raise ModelMissing(
                f"The files in {self.folder} do not fit together: {first_line(error)}. Copy the model's whole folder"
                " again, or leave OTKLIK_SENTIMENT_MODEL out and the model that ships is used."
            ) from error
        return len(vector)

    def _read(self, text: str) -> list[Floats]:
        """All windows of a text, joined by the number of their tokens."""
        joined: list[Floats] = []
        for window, share in shares(self._ids(text), self.config.window - 2, self.config.overlap).items():
            parts = [part * np.float32(share) for part in self._run(window)]
            joined = [old + part for old, part in zip(joined, parts, strict=True)] if joined else parts
        return joined

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = []
        for stretch in stretches(text):
            ids += self._tokenizer.encode(stretch, add_special_tokens=False).ids
        return ids

    def _run(self, window: Iterable[int]) -> list[Floats]:
        ids = np.array([[self._first, *window, self._last]], dtype=np.int64)
        return [row[0] for row in self._session.run([*_HEADS, "vector"], {"ids": ids})]

    def _logits(self, head: str, scores: list[Floats]) -> Floats:
        logits = scores[_HEADS.index(head)]
        return logits if self.adaptation is None else self.adaptation.correct(head, logits, scores[-1])

    def _verdict(self, text: str, scores: list[Floats]) -> Verdict:
        language = tell_language(text)
        labels: dict[str, Label] = {}
        needs_look = language.value not in ("ru", "en")
        for head in _HEADS:
            labels[head], is_unsure = self.config.decide(head, language.value, self._logits(head, scores))
            needs_look = needs_look or (is_unsure and head in ROUTING_HEADS)
        return Verdict(
            language=language, needs_look=needs_look, backend=self.name, revision=self.revision, **labels
        )
