"""Judging again what was judged before, in rounds that people or the learning job ask for.

The row is the queue: a round gives out ranges of mention ids, each leased to one worker, who moves its `next_id` on in
the transaction that stores the verdicts. So a crash loses nothing, and nothing is stored twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base import leases, wakeups
from desk.base.errors import NotFound
from desk.base.words import CaseStage, MentionState
from desk.base.work import Pending
from desk.models import Case, Mention, Rejudging, RejudgingRange, User, Verdict
from desk.pipeline import reclassification
from desk.pipeline.triage import Unjudged
from desk.verdicts import tags
from desk.verdicts.star_ratings import Judgement

IDS_IN_RANGE = 1_000
IDS_IN_OPEN_RANGE = 20_000
"""Few of the mentions are open, so the ids between them are passed in longer steps."""
LEASE = timedelta(seconds=300)
"""Longer than the slowest batch takes; every batch renews it."""
NOT_ANSWERED = (CaseStage.UNANSWERED, CaseStage.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Scope:
    """`since` bounds the time of publication. Open is what still waits for somebody: the mentions of cases that are
    neither answered nor closed, and those of the last days without a case and an answer, which may still open one."""

    only_open: bool = False
    since: datetime | None = None

    def covers(self, other: "Scope") -> bool:
        is_as_early = self.since is None or (other.since is not None and self.since <= other.since)
        return is_as_early and (other.only_open or not self.only_open)


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


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the round that is in work, or of the newest when none is. `passed` of `total` mentions have had their turn:
    `judged` again, or left as they are because this model or a person judged them last."""

    rejudging_id: int
    asked_at: datetime
    user_id: int | None
    scope: Scope
    total: int
    passed: int
    judged: int
    changed: int
    opened: int
    began_at: datetime | None
    finished_at: datetime | None
    rounds_after: int
    model: str | None

    @property
    def share(self) -> float:
        return min(1.0, self.passed / self.total) if self.total and self.finished_at is None else 1.0

    def per_second(self, now: datetime) -> float:
        """Since it began, pauses and stops included."""
        seconds = ((self.finished_at or now) - self.began_at).total_seconds() if self.began_at else 0.0
        return self.passed / seconds if seconds > 0 else 0.0

    def seconds_left(self, now: datetime) -> float | None:
        """None while nobody can tell."""
        rate = self.per_second(now)
        return max(0, self.total - self.passed) / rate if rate and self.finished_at is None else None


def ask(
    session: Session, by: User | None, only_open: bool, since: datetime | None, now: datetime
) -> Rejudging:
    """A new round. It replaces every running one whose scope it covers or is covered by, takes the wider scope of the
    two and starts from its beginning, because the model may be another by now; what this model has judged already is
    passed at the cost of one query a range. Rounds of which neither covers the other run one after another."""
    wanted, replaced = Scope(only_open, since), []
    for running in session.scalars(_unfinished().with_for_update()):
        scope = _scope(running)
        if scope.covers(wanted) or wanted.covers(scope):
            wanted = scope if scope.covers(wanted) else wanted
            replaced.append(running)
    total, first, last = _extent(session, wanted, now)
    fresh = Rejudging(
        user_id=by.id if by else None,
        asked_at=now,
        only_open=wanted.only_open,
        since=wanted.since,
        next_id=first,
        last_id=last,
        total=total,
        finished_at=None if total else now,
    )
    session.add(fresh)
    session.flush()
    for running in replaced:
        running.finished_at, running.replaced_by_id = now, fresh.id
        session.execute(sa.delete(RejudgingRange).where(RejudgingRange.rejudging_id == running.id))
    wakeups.send(session, "judge_again")
    return fresh


def waiting(session: Session, now: datetime) -> Pending:
    """Rounds with ranges that were not given out yet or came back, and ranges that somebody is at."""
    is_free = leases.is_free(RejudgingRange.claimed_until, now)
    has_free_range = sa.exists().where(RejudgingRange.rejudging_id == Rejudging.id, is_free)
    to_do = sa.or_(Rejudging.next_id <= Rejudging.last_id, has_free_range)
    free = sa.select(Rejudging.id).where(Rejudging.finished_at.is_(None), to_do)
    return leases.pending(session, free, sa.select(RejudgingRange.id).where(~is_free))


def claim(session: Session, now: datetime) -> Claim | None:
    """The next range: one that a dead worker held or a living one gave back, else a new one of the oldest round."""
    is_free = leases.is_free(RejudgingRange.claimed_until, now)
    given_back = sa.select(RejudgingRange).where(is_free).order_by(RejudgingRange.id).limit(1)
    found = session.scalar(given_back.with_for_update(skip_locked=True))
    if found is None and (found := _next_range(session, now)) is None:
        return None
    found.claimed_until = now + LEASE
    session.flush()
    of = session.get_one(Rejudging, found.rejudging_id)
    return Claim(found.id, of.id, _scope(of), of.asked_at, found.next_id, found.last_id)


def batches(session: Session, claimed: Claim, backend: str, model_revision: str, size: int) -> list[Batch]:
    """The rest of the range in portions of `size` mentions to judge: those whose newest verdict is another model's.
    One query for the mentions, and one for the verdicts of each thousand of them."""
    may_be_judged = sa.and_(Mention.state == MentionState.JUDGED, ~Mention.is_own)
    query = (
        sa.select(Mention.id, may_be_judged)
        .where(Mention.id.between(claimed.next_id, claimed.last_id))
        .where(*_conditions(claimed.scope, claimed.asked_at))
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


def record(
    session: Session,
    claimed: Claim,
    batch: Batch,
    pairs: Sequence[tuple[Unjudged, Judgement]],
    model: tuple[str, str],
    now: datetime,
) -> bool:
    """Stores the verdicts and moves the range on, at once. False, and nothing stored, when the range is not ours any
    more: its lease ran out and somebody else was quicker, or its round was replaced."""
    if batch.is_end:
        # A round is locked before its ranges by everybody, so that nobody waits for one who waits for him.
        session.execute(sa.select(Rejudging.id).where(Rejudging.id == claimed.rejudging_id).with_for_update())
    held = sa.select(RejudgingRange).where(*_is_ours(claimed), RejudgingRange.next_id == batch.first)
    ours = session.scalar(held.with_for_update())
    if ours is None:
        return False
    outcome = reclassification.apply_second_verdicts(session, pairs, now)
    ours.next_id, ours.claimed_until = batch.last + 1, now + LEASE
    ours.passed += batch.passed
    ours.judged += outcome.judged
    ours.changed += outcome.changed
    ours.opened += outcome.opened
    if batch.is_end:
        _finish(session, ours, model, now)
    return True


def release(session: Session, claimed: Claim) -> None:
    """Gives the range back where it stands, for whoever comes next."""
    session.execute(sa.update(RejudgingRange).where(*_is_ours(claimed)).values(claimed_until=None))


def is_over(session: Session) -> bool:
    """Whether no round is running."""
    return session.scalar(_unfinished().limit(1)) is None


def progress(session: Session) -> Progress | None:
    """None when nobody has ever asked. Two queries."""
    running = session.scalars(_unfinished()).all()
    newest = sa.select(Rejudging).order_by(Rejudging.id.desc()).limit(1)
    if (row := running[0] if running else session.scalar(newest)) is None:
        return None
    return _progress(session, row, max(0, len(running) - 1))


def progress_of(session: Session, rejudging_id: int) -> Progress:
    """Of that round, or of the one that does its work since. Raises NotFound."""
    row = session.get(Rejudging, rejudging_id)
    while row is not None and row.replaced_by_id is not None:
        row = session.get(Rejudging, row.replaced_by_id)
    if row is None:
        raise NotFound(f"There is no round {rejudging_id} of tagging again.")
    return _progress(session, row, 0)


def _progress(session: Session, row: Rejudging, rounds_after: int) -> Progress:
    names = ("passed", "judged", "changed", "opened")
    sums = sa.select(*(sa.func.coalesce(sa.func.sum(getattr(RejudgingRange, name)), 0) for name in names))
    in_work = session.execute(sums.where(RejudgingRange.rejudging_id == row.id)).one()
    counts = {name: getattr(row, name) + int(more) for name, more in zip(names, in_work, strict=True)}
    model = f"{row.backend} {row.model_revision}" if row.backend else None
    return Progress(
        row.id, row.asked_at, row.user_id, _scope(row), row.total, **counts, began_at=row.began_at,
        finished_at=row.finished_at, rounds_after=rounds_after, model=model,
    )  # fmt: skip


def _unfinished() -> sa.Select[Any]:
    return sa.select(Rejudging).where(Rejudging.finished_at.is_(None)).order_by(Rejudging.id)


def _scope(row: Rejudging) -> Scope:
    return Scope(row.only_open, row.since)


def _conditions(scope: Scope, asked_at: datetime) -> list[sa.ColumnElement[bool]]:
    since = [Mention.published_at >= scope.since] if scope.since else []
    if not scope.only_open:
        return since
    # Not as a join: PostgreSQL would read all cases for each range, and this way reads the index of the open ones.
    open_cases = sa.select(Case.id).where(Case.stage.in_(NOT_ANSWERED))
    return [*since, sa.or_(Mention.case_id.in_(open_cases), _may_open_one(asked_at))]


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


def _may_open_one(asked_at: datetime) -> sa.ColumnElement[bool]:
    is_recent = Mention.published_at >= asked_at - reclassification.RECENT
    # The sum keeps SQLite from walking through all that has no case, which is nearly everything.
    return sa.and_((Mention.case_id + 0).is_(None), Mention.answered_at.is_(None), is_recent)


def _extent(session: Session, scope: Scope, now: datetime) -> tuple[int, int, int]:
    """How many mentions are in scope, and the first and the last of their ids: each count from an index alone, or
    from that of the open cases."""
    since = [Mention.published_at >= scope.since] if scope.since else []
    what = sa.select(sa.func.count(), sa.func.min(Mention.id), sa.func.max(Mention.id)).select_from(Mention)
    if scope.only_open:
        of_cases = what.join(Case, Case.id == Mention.case_id).where(Case.stage.in_(NOT_ANSWERED), *since)
        parts = [session.execute(query).one() for query in (of_cases, what.where(_may_open_one(now), *since))]
    else:
        parts = [session.execute(what.where(*since)).one()]
    found = [part for part in parts if part[0]]
    if not found:
        return 0, 1, 0
    return sum(part[0] for part in found), min(part[1] for part in found), max(part[2] for part in found)


def _next_range(session: Session, now: datetime) -> RejudgingRange | None:
    """Cuts it off the oldest round that has ids left; long gaps between ids are stepped over."""
    query = _unfinished().where(Rejudging.next_id <= Rejudging.last_id).limit(1).with_for_update()
    while (of := session.scalar(query.execution_options(populate_existing=True))) is not None:
        first = session.scalar(sa.select(sa.func.min(Mention.id)).where(Mention.id >= of.next_id))
        if first is None or first > of.last_id:
            of.next_id = of.last_id + 1
            _end_if_done(session, of, now)
            session.flush()
            continue
        length = IDS_IN_OPEN_RANGE if of.only_open else IDS_IN_RANGE
        cut = RejudgingRange(rejudging_id=of.id, next_id=first, last_id=min(first + length - 1, of.last_id))
        of.next_id, of.began_at = cut.last_id + 1, of.began_at or now
        session.add(cut)
        session.flush()
        return cut
    return None


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


def _is_ours(claimed: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    """By its round too, because SQLite gives the number of a range that is gone to the next one."""
    return RejudgingRange.id == claimed.range_id, RejudgingRange.rejudging_id == claimed.rejudging_id


def _finish(session: Session, done: RejudgingRange, model: tuple[str, str], now: datetime) -> None:
    of = session.get_one(Rejudging, done.rejudging_id, populate_existing=True)
    of.passed += done.passed
    of.judged += done.judged
    of.changed += done.changed
    of.opened += done.opened
    of.backend, of.model_revision = model[0][:80], model[1][:80]
    session.delete(done)
    session.flush()
    _end_if_done(session, of, now)


def _end_if_done(session: Session, of: Rejudging, now: datetime) -> None:
    left = sa.select(RejudgingRange.id).where(RejudgingRange.rejudging_id == of.id).limit(1)
    if of.next_id > of.last_id and session.scalar(left) is None:
        of.finished_at = now
