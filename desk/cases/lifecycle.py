"""[pure] The state table of cases, and the one check for a legal step. No row is touched here."""

from desk.base.errors import IllegalStep
from desk.base.words import CaseStatus as C

CASE_STEPS: dict[C, frozenset[C]] = {
    C.OPEN: frozenset({C.TAKEN, C.ON_HOLD, C.ANSWERED, C.CLOSED}),
    C.TAKEN: frozenset({C.OPEN, C.ON_HOLD, C.ANSWERED, C.CLOSED}),
    C.ON_HOLD: frozenset({C.OPEN, C.TAKEN, C.ANSWERED, C.REOPENED, C.CLOSED}),
    C.ANSWERED: frozenset({C.REOPENED, C.CLOSED}),
    C.REOPENED: frozenset({C.OPEN, C.TAKEN, C.ON_HOLD, C.ANSWERED, C.CLOSED}),
    C.CLOSED: frozenset({C.REOPENED}),
}


def check_case(now: C, then: C) -> None:
    """Raises IllegalStep unless a case may go from `now` to `then`."""
    if then not in CASE_STEPS[now]:
        raise IllegalStep(f"A case that is {now} cannot become {then}.")
