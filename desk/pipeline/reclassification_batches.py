"""What of a leased range is to be judged again, in portions. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import MentionState
from desk.models import Mention, Verdict
from desk.pipeline import reclassification_scope
from desk.pipeline.reclassification_scope import Scope
from desk.pipeline.triage import Unjudged
from desk.verdicts import tags

IDS_IN_RANGE = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """A range of a round, leased to a worker; `next_id` is where it stood then."""

    range_id: int
    rejudging_id: int
    scope: Scope
    asked_at: datetime
    next_id: int
    last_id: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The ids from `first` to `last`: so many mentions in scope, of which `due` are to be judged. `is_end`: the
    range is done with it."""

    first: int
    last: int
    passed: int
    due: tuple[int, ...]
    is_end: bool

    def parts(self) -> Iterator["Batch"]:
        """One mention each, for a batch that cannot be stored as a whole."""
        first, passed = self.first, self.passed
        for number, mention_id in enumerate(self.due, start=1):
            is_last = number == len(self.due)
            last, count = (self.last, passed) if is_last else (mention_id, 1)
            yield Batch(first, last, count, (mention_id,), self.is_end and is_last)
            first, passed = last + 1, passed - count


def batches(session: Session, claimed: Claim, backend: str, model_revision: str, size: int) -> list[Batch]:
    """The rest of the range in portions of `size` mentions to judge: those whose newest verdict is another model's.
    One query for the mentions, and one for the verdicts of each thousand of them."""
    may_be_judged = sa.and_(Mention.state == MentionState.JUDGED, ~Mention.is_own)
    query = (
        sa.select(Mention.id, may_be_judged)
        .where(Mention.id.between(claimed.next_id, claimed.last_id))
        .where(*reclassification_scope.conditions(claimed.scope, claimed.asked_at))
        .order_by(Mention.id)
    )
    found = [(row[0], bool(row[1])) for row in session.execute(query)]
    settled = _settled(session, [mention_id for mention_id, _ in found], (backend[:80], model_revision[:80]))
    due = [(mention_id, may_be and mention_id not in settled) for mention_id, may_be in found]
    return list(_portions(due, claimed, size))


def texts(session: Session, batch: Batch) -> list[Unjudged]:
    """What is to be judged, by id; less than asked for if some of it is gone."""
    columns = (Mention.id, Mention.title, Mention.text, Mention.rating, Mention.language, Mention.parent)
    query = sa.select(*columns, Mention.edit_count).where(Mention.id.in_(batch.due)).order_by(Mention.id)
    return [
        Unjudged(row.id, tags.words(row), row.rating, row.language, row.edit_count)
        for row in session.execute(query)
    ]


def _settled(session: Session, ids: Sequence[int], model: tuple[str, str]) -> set[int]:
    """Those whose newest verdict is a person's or that model's. All verdicts of a mention are read, because they are
    few and stand together in one index, which no planner can be talked out of."""
    newest: dict[int, bool] = {}
    columns = (Verdict.mention_id, Verdict.by, Verdict.backend, Verdict.model_revision)
    for start in range(0, len(ids), IDS_IN_RANGE):
        of_them = Verdict.mention_id.in_(ids[start : start + IDS_IN_RANGE])
        for mention_id, by, *made_by in session.execute(
            sa.select(*columns).where(of_them).order_by(Verdict.id)
        ):
            newest[mention_id] = by == "human" or tuple(made_by) == model
    return {mention_id for mention_id, is_settled in newest.items() if is_settled}


def _portions(found: Sequence[tuple[int, bool]], claimed: Claim, size: int) -> Iterator[Batch]:
    """Every id of the range is in exactly one of them, and the last one reaches its end."""
    first, due_before = claimed.next_id, 0
    numbered: list[tuple[int, int, bool]] = []
    for mention_id, is_due in found:
        numbered.append((due_before // size, mention_id, is_due))
        due_before += is_due
    portions = [list(rows) for _, rows in groupby(numbered, key=lambda row: row[0])] or [[]]
    for number, rows in enumerate(portions, start=1):
        is_end = number == len(portions)
        last = claimed.last_id if is_end else rows[-1][1]
        yield Batch(first, last, len(rows), tuple(row[1] for row in rows if row[2]), is_end)
        first = last + 1
