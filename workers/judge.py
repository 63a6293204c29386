"""The judge of this process: the weights, loaded once, and what the desk has taught them; a revision that was promoted,
or gone back to, is taken up with the next batch, without a restart."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import sentiment
from desk.base import db, logs, settings
from desk.models import JudgeRevision
from desk.people.users import Session
from desk.pipeline import adoptions
from desk.verdicts import judge_revisions
from sentiment import Backend
from sentiment.adaptation import Adaptable, Adaptation
from sentiment.errors import AdaptationUnreadable

log = logs.logger()


@dataclass(slots=True)
class _Held:
    """`number` is the revision in force when we last looked, `is_ours` whether it stands on our weights; `judge` None
    stands for the bare ones."""

    number: int | None = None
    is_ours: bool = False
    judge: Backend | None = None
    has_met: bool = False


_held = _Held()


@cache
def shipped() -> Backend:
    """The weights with nothing learned. Raises sentiment.ModelMissing."""
    wanted = settings.current()
    return sentiment.load(wanted.sentiment_model, wanted.sentiment_labels, wanted.sentiment_threshold)


def current() -> Backend:
    """As of the last batch. Raises sentiment.ModelMissing."""
    return _held.judge or shipped()


def base_of(judge: Backend) -> str:
    return judge.base if isinstance(judge, Adaptable) else judge.revision


def keep_up(session: Session, now: datetime) -> bool:
    """Whether no other model than ours is in force. One small question a batch; the first one also says in the database which
    model has come. Needs a writing session. Raises sentiment.ModelMissing."""
    judge = shipped()
    if not _held.has_met and adoptions.register_model(session, judge.name, base_of(judge), now):
        # What is rolled back was never said.
        db.after_commit(session, "judge_met", _note_met)
    number = judge_revisions.active_number(session)
    if number != _held.number:
        row = judge_revisions.load(session, number) if number is not None else None
        _held.judge, _held.number = _taught(row), number
        _held.is_ours = row is None or judge_revisions.is_on(row, base_of(judge))
        log.info("judge_in_force", number=number, revision=current().revision, is_ours=_held.is_ours)
    return _held.is_ours


def greet() -> None:
    """Says in the database that our model has come, so that what waits is judged again by a new one even where nothing new
    is said. A database that is not there yet is told with the first batch instead. Raises sentiment.ModelMissing."""
    try:
        with db.transaction() as session:
            keep_up(session, datetime.now(UTC))
    except db.Busy as error:
        log.warning("judge_not_announced", reason=logs.words(error), next_try="with the first batch")


def _note_met() -> None:
    _held.has_met = True


def forget() -> None:
    """So that a test begins without anybody else's judge."""
    shipped.cache_clear()
    _held.number, _held.is_ours, _held.judge, _held.has_met = None, False, None, False


def _taught(row: JudgeRevision | None) -> Backend | None:
    """What was learned on other weights, or cannot be read, is said and left aside: mentions are judged all the same."""
    judge = shipped()
    if row is None or row.adaptation is None or not isinstance(judge, Adaptable):
        return None
    try:
        return judge.adapted(Adaptation.from_bytes(row.adaptation))
    except (AdaptationUnreadable, ValueError) as error:
        log.warning("learned_correction_left_aside", number=row.id, error=str(error))
        return None
