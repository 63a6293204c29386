"""[pure] What every judge of texts gives back, and the protocol it keeps; must import nothing but the standard library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LANGUAGES = ("ru", "en", "other", "und")
SENTIMENTS = ("negative", "neutral", "positive")
KINDS = ("complaint", "question", "praise", "suggestion", "other")
URGENCIES = ("critical", "high", "normal", "low")
URGENT = ("critical", "high")
# `abusive`: insults or hate aimed at people; harsh words about a product or a deed are `ok`.
ABUSES = ("ok", "abusive")
# The heads of the model, in the order of its outputs; language is told by the letters, not by the model.
HEADS: dict[str, tuple[str, ...]] = {
    "sentiment": SENTIMENTS,
    "kind": KINDS,
    "urgency": URGENCIES,
    "abuse": ABUSES,
}
# The heads that decide where a mention goes, so a doubt of theirs asks for a look; abuse is only shown.
ROUTING_HEADS = ("sentiment", "kind", "urgency")


@dataclass(frozen=True, slots=True)
class Label:
    value: str
    probability: float


@dataclass(frozen=True, slots=True)
class Verdict:
    language: Label
    sentiment: Label
    kind: Label
    urgency: Label
    abuse: Label
    needs_look: bool
    backend: str
    revision: str


class Backend(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """One verdict a text, in the same order, whatever the texts hold; TypeError when `texts` is one bare string."""
        ...


def refuse_bare_string(texts: Sequence[str]) -> None:
    """A string is a sequence of strings too, and would silently be judged letter by letter."""
    if isinstance(texts, str | bytes):
        raise TypeError("classify() takes a list of texts, not one bare string")
