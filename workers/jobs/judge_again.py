"""Judging again what somebody asked for, range by range; new mentions go first, before each."""

from workers import stopping, turns
from workers.jobs import tag


def run() -> int:
    """How many mentions were passed and how many ranges were worked at."""
    from workers import readiness, rejudging

    turn, count = turns.Turn("judge_again", turns.SWEEP_SECONDS), 0
    while not stopping.is_asked():
        tag.run()
        if not readiness.has_judge() or (done := rejudging.work_at_a_range(turn.ends)) is None:
            break
        count += 1 + done
        if turn.is_over():
            break
    return count
