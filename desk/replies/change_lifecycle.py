"""[pure] The state table of corrections and withdrawals, and the one check for a legal step."""

from desk.base.errors import IllegalStep
from desk.base.words import ChangeState as S

STEPS: dict[S, frozenset[S]] = {
    S.ASKED: frozenset({S.APPROVED, S.DISCARDED}),
    S.APPROVED: frozenset({S.SENDING, S.FAILED, S.DISCARDED}),
    S.SENDING: frozenset({S.TAKEN, S.FAILED, S.UNKNOWN}),
    # A look at the site tells what became of it, and a person where nobody can look. It is never sent again by itself.
    S.UNKNOWN: frozenset({S.TAKEN, S.FAILED}),
    S.TAKEN: frozenset({S.SEEN, S.NOT_SEEN}),
    # Caches show what was there before for days.
    S.NOT_SEEN: frozenset({S.SEEN}),
    S.FAILED: frozenset({S.APPROVED, S.DISCARDED}),
    S.SEEN: frozenset(),
    S.DISCARDED: frozenset(),
}

# In these nobody begins another change of the same answer.
OPEN = frozenset({S.ASKED, S.APPROVED, S.SENDING, S.UNKNOWN})
# In these the site has it, as far as we know.
DONE = frozenset({S.TAKEN, S.SEEN, S.NOT_SEEN})
# In these it may stand there: what is met at the site may be its doing.
MAY_STAND = DONE | {S.SENDING, S.UNKNOWN}


def check(now: S, then: S) -> None:
    """Raises IllegalStep unless a change may go from `now` to `then`."""
    if then not in STEPS[now]:
        raise IllegalStep(f"A change of an answer that is {now} cannot become {then}.")
