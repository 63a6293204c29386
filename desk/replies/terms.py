"""[pure] On which terms a channel takes answers, as far as the desk has to know."""

from dataclasses import dataclass
from typing import Any, Self

from desk.base.words import AnswerProof

REPEATED_AFTER_SECONDS = (30, 120, 600, 3_600)
"""A send whose fate is unknown is repeated after that long, where the site drops a second one with our reference."""
LONGEST_WAIT_SECONDS = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Terms:
    """`looks_seconds`: the waits from one look to the next; none where nobody can look. `proof` is the best evidence that
    there will ever be. `may_repeat`: a send whose fate is unknown may be repeated with the same reference. `is_single`: a
    later answer to the same mention takes the place of the earlier one. `edits`: how often an answer may be corrected, -1 for
    any number."""

    looks_seconds: tuple[int, ...] = (30, 120, 600, 3_600, 21_600, 86_400)
    proof: AnswerProof = AnswerProof.STRANGER
    may_repeat: bool = False
    is_single: bool = False
    edits: int = -1

    @property
    def seen_by(self) -> AnswerProof:
        """By whom what a crawl or the site itself tells of an answer was seen: by anybody, or by our account alone."""
        return AnswerProof.STRANGER if self.proof is AnswerProof.STRANGER else AnswerProof.ACCOUNT

    @classmethod
    def of(cls, answering: Any | None) -> Self:
        """Of what a channel says (channels.contract.Answering; desk knows no channels); None: it takes no answers, and one
        posted there by hand is looked for as usual."""
        if answering is None:
            return cls()
        looks = () if answering.proof == "receipt" else answering.looks_seconds
        return cls(
            tuple(min(max(0, int(seconds)), LONGEST_WAIT_SECONDS) for seconds in looks),
            AnswerProof(answering.proof),
            may_repeat=answering.again != "never",
            is_single=answering.slots == "single",
            edits=answering.edits,
        )


USUAL = Terms()
