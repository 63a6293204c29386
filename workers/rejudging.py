"""Ranges of a round of judging again, through the model: read in one transaction, judged outside any, stored in
another. New mentions never wait for it longer than a batch takes."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from desk.base import db, logs, settings
from desk.pipeline import reclassification_batches, reclassification_runs, triage
from desk.pipeline.reclassification_batches import Batch, Claim
from desk.pipeline.triage import Judgement, Unjudged
from workers import judge, stopping, tagging

log = logs.logger()


def work_at_a_range(ends: float) -> int | None:
    """How many mentions of a range had their turn; None when no range is free, when another model than this process's
    is in force, or when the database cannot be written to now. Stops early, and gives the range back, when a new mention
    waits, when this process is asked to stop, or when `ends` has passed on the monotonic clock."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        # The rounds are for the model in force. Another one would find its own old verdicts, pass over them and call
        # the round done.
        claimed = reclassification_runs.claim(session, now) if judge.keep_up(session, now) else None
    if claimed is None:
        return None
    try:
        return _work_at(claimed, ends)
    except db.Busy as error:
        log.warning("range_given_back", first=claimed.next_id, last=claimed.last_id, error=logs.words(error))
        _release(claimed)
        return None


def _work_at(claimed: Claim, ends: float) -> int:
    model, done = _model(), 0
    with db.snapshot() as session:
        found = reclassification_batches.batches(session, claimed, *model, settings.current().tag_batch)
    for batch in found:
        if not _judge(claimed, batch, model):
            return done
        done += batch.passed
        if not batch.is_end and _must_stop(ends):
            _release(claimed)
            return done
    return done


def _release(claimed: Claim) -> None:
    with db.transaction() as session:
        reclassification_runs.release(session, claimed)


def _model() -> tuple[str, str]:
    backend = tagging.backend()
    return backend.name, backend.revision


def _must_stop(ends: float) -> bool:
    if stopping.is_asked() or time.monotonic() > ends:
        return True
    with db.snapshot() as session:
        return triage.waiting(session, datetime.now(UTC)).is_free


def _judge(claimed: Claim, batch: Batch, model: tuple[str, str]) -> bool:
    """False when the range is somebody else's by now."""
    with db.snapshot() as session:
        texts = reclassification_batches.texts(session, batch) if batch.due else []
    pairs = list(zip(texts, tagging.classify(texts), strict=True)) if texts else []
    try:
        return _record(claimed, batch, pairs, model)
    except db.Busy:
        raise
    except Exception:  # the job border: one mention that cannot be stored must not hold up the others
        if not batch.due:
            raise
        log.exception("batch_not_judged_again", first=batch.first, last=batch.last)
        found = {one.mention_id: (one, judgement) for one, judgement in pairs}
        return all(_record_alone(claimed, part, found, model) for part in batch.parts())


def _record_alone(
    claimed: Claim, part: Batch, found: dict[int, tuple[Unjudged, Judgement]], model: tuple[str, str]
) -> bool:
    pairs = [found[mention_id] for mention_id in part.due if mention_id in found]
    try:
        return _record(claimed, part, pairs, model)
    except db.Busy:
        raise
    except Exception:  # the job border, as above; it keeps the verdict that it has
        log.exception("mention_not_judged_again", mentions=part.due)
        return _record(claimed, part, [], model)


def _record(
    claimed: Claim, batch: Batch, pairs: Sequence[tuple[Unjudged, Judgement]], model: tuple[str, str]
) -> bool:
    with db.transaction() as session:
        return reclassification_runs.record(session, claimed, batch, pairs, model, datetime.now(UTC))
