"""All waiting work in this one process, without Redis, by the table of work, until nothing waits."""

from datetime import UTC, datetime

from desk.base import db, logs, work
from desk.base.work import WorkName
from desk.cases import holding
from desk.operations import pending_work
from desk.pipeline import reclassification_progress
from desk.replies import sending
from workers import jobs, readiness, stopping

FRUITLESS_ROUNDS = 3
PAUSE_SECONDS = 0.5

log = logs.logger()


def run() -> bool:
    """Whether everything that waited is done. What a killed worker holds is waited for until its lease runs out."""
    stopping.listen()
    _look_after()
    fruitless = 0
    while not stopping.is_asked():
        names, has_leases = _waiting()
        if not names and not has_leases:
            return True
        done = sum([jobs.run(row.name) for row in work.ROWS if row.name in names])
        fruitless = 0 if done or not names else fruitless + 1
        if fruitless >= FRUITLESS_ROUNDS:
            log.error("work_left", work=sorted(names))
            return False
        if not done:
            stopping.wait(PAUSE_SECONDS)
            _look_after()
    return False


def judge_again() -> bool:
    """Whether every round of judging again is done; nothing else is looked after, new mentions excepted."""
    stopping.listen()
    while not stopping.is_asked():
        if jobs.run("judge_again"):
            continue
        if not readiness.has_judge():
            return False
        with db.snapshot() as session:
            if reclassification_progress.is_over(session):
                return True
        stopping.wait(PAUSE_SECONDS)
    return False


def _waiting() -> tuple[set[WorkName], bool]:
    now = datetime.now(UTC)
    with db.snapshot() as session:
        return pending_work.names(session, now), pending_work.has_leases(session, now)


def _look_after() -> None:
    with db.transaction() as session:
        now = datetime.now(UTC)
        holding.wake(session, now)
        sending.recover(session, now)
