"""A model of other people as judge of sentiment, beside ours for the rest; must never pretend that its probabilities
are calibrated: how sure it has to be is a threshold of its own.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sentiment.contract import ROUTING_HEADS, SENTIMENTS, Label, Verdict, refuse_bare_string
from sentiment.onnx import OnnxBackend
from sentiment.text import shares, stretches, tidy

Floats = npt.NDArray[np.float32]
# Three labels by chance are 0.33 each, and models that nobody calibrated are surer than they are right.
THRESHOLD = 0.7
# Sentiment models are tuned on at most this many tokens, however long a text their positions would let them take.
LONGEST = 512
_OVERLAP = 32
_PORTION = 256


class Reader(Protocol):
    """What runs the other model: text to tokens, one window of tokens to logits."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str:
        """Changes with the weights and the tokenizer."""
        ...

    @property
    def form(self) -> "Form": ...

    def encode(self, text: str, is_framed: bool) -> list[int]:
        """Its tokens, with the marks that begin and end a text (`is_framed`) or without."""
        ...

    def run(self, ids: Sequence[int]) -> Floats:
        """The logits of one framed window; nothing else may be in the run, or company would change verdicts."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """What the model's config.json says. `meanings`: ours for each of its labels, in its order."""

    meanings: tuple[str, ...]
    length: int
    is_multi_label: bool


class ForeignBackend:
    """Sentiment by the reader, everything else by the judge that ships; safe to call from several threads."""

    def __init__(
        self, reader: Reader, shipped: OnnxBackend, threshold: float = THRESHOLD, threads: int = 1
    ) -> None:
        # Verdicts are stored with at most 80 letters of a name.
        self.name = f"{reader.name[:60]} + {shipped.name}"
        self.revision = f"{_sign(reader, threshold)} + {shipped.revision}"
        self.threshold = threshold
        self._reader, self._shipped = reader, shipped
        self._threads = max(1, threads)
        self._before, self._after = _frame(reader)
        self._window = reader.form.length - len(self._before) - len(self._after)

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        refuse_bare_string(texts)
        verdicts: list[Verdict] = []
        for start in range(0, len(texts), _PORTION):
            portion = texts[start : start + _PORTION]
            told = zip(self._shipped.classify(portion), self._judge(portion), strict=True)
            verdicts += [self._compose(verdict, chances) for verdict, chances in told]
        return verdicts

    def chances(self, head: str, texts: Sequence[str]) -> list[dict[str, float]]:
        """The probability of every label of one head: the other model's for sentiment, ours for the rest."""
        refuse_bare_string(texts)
        return self._judge(texts) if head == "sentiment" else self._shipped.chances(head, texts)

    def chosen(self, head: str, text: str, chances: dict[str, float]) -> str:
        """The label that `classify` gives a text with these chances."""
        if head == "sentiment":
            return max(chances, key=chances.__getitem__)
        return self._shipped.chosen(head, text, chances)

    def _judge(self, texts: Sequence[str]) -> list[dict[str, float]]:
        if self._threads == 1 or len(texts) == 1:
            return list(map(self._read, texts))
        with ThreadPoolExecutor(self._threads) as readers:
            return list(readers.map(self._read, texts))

    def _read(self, text: str) -> dict[str, float]:
        form = self._reader.form
        joined = np.zeros(len(form.meanings))
        for window, share in shares(
            self._ids(tidy(text)), self._window, min(_OVERLAP, self._window // 4)
        ).items():
            joined += share * self._reader.run([*self._before, *window, *self._after])
        parts = _probabilities(joined, form.is_multi_label)
        # Several labels may mean one of ours (Very Negative and Negative, 4 stars and 5 stars): their chances add up.
        return {
            ours: float(
                sum(part for part, meaning in zip(parts, form.meanings, strict=True) if meaning == ours)
            )
            for ours in SENTIMENTS
        }

    def _ids(self, text: str) -> list[int]:
        return [
            token for stretch in stretches(text) for token in self._reader.encode(stretch, is_framed=False)
        ]

    def _compose(self, verdict: Verdict, chances: dict[str, float]) -> Verdict:
        value = max(chances, key=chances.__getitem__)
        sentiment = Label(value, round(chances[value], 6))
        return replace(
            verdict,
            sentiment=sentiment,
            needs_look=sentiment.probability < self.threshold or any(self._doubts(verdict)),
            backend=self.name,
            revision=self.revision,
        )

    def _doubts(self, verdict: Verdict) -> Iterator[bool]:
        """What the shipped judge itself asks a look for; its own view of the sentiment does not count here."""
        language = verdict.language.value
        yield language not in ("ru", "en")
        for head in ROUTING_HEADS:
            if head != "sentiment":
                yield self._shipped.config.is_unsure(head, language, getattr(verdict, head).probability)


def _sign(reader: Reader, threshold: float) -> str:
    """Twelve letters that change with all that decides a verdict: weights, tokenizer, what labels mean, the threshold."""
    whole = json.dumps([reader.revision, asdict(reader.form), float(threshold)])
    return hashlib.sha256(whole.encode()).hexdigest()[:12]


def _frame(reader: Reader) -> tuple[list[int], list[int]]:
    """The tokens that the model's tokenizer puts before and after every text, found on a text of one letter."""
    bare, framed = reader.encode("a", is_framed=False), reader.encode("a", is_framed=True)
    for start in range(len(framed) - len(bare) + 1):
        if framed[start : start + len(bare)] == bare:
            return framed[:start], framed[start + len(bare) :]
    return [], []


def _probabilities(logits: npt.NDArray[np.float64], is_multi_label: bool) -> npt.NDArray[np.float64]:
    """Models trained to say yes or no to each label (rubert-tiny-sentiment-balanced) are read that way, then shared."""
    if not np.isfinite(logits).all():
        return np.full(len(logits), 1 / len(logits))
    powers = 1 / (1 + np.exp(-np.clip(logits, -50, 50))) if is_multi_label else np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float64)
