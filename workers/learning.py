"""Learning from the desk: corrections are read in one transaction, learned outside any, and the outcome is stored in
another. Whatever happens ends as a row that says what and why; a judge that works is never lost by it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sentiment
from desk.base import db, logs
from desk.pipeline import adoptions
from desk.verdicts import corrections, judge_revisions, tags
from desk.verdicts.judge_revisions import Learned
from sentiment import refit, replay
from sentiment.adaptation import Adaptable
from sentiment.errors import ReplayMissing
from sentiment.refit import HeadOutcome, Outcome
from workers import judge, stopping

log = logs.logger()


def learn_all() -> int:
    """Learns as often as somebody has asked; returns how often."""
    count = 0
    while not stopping.is_asked() and learn():
        count += 1
    return count


def learn() -> bool:
    """Learns once if somebody has asked for it; whether somebody had."""
    with db.transaction() as session:
        number = judge_revisions.claim(session, datetime.now(UTC))
    if number is None:
        return False
    try:
        learned = _learned()
    except KeyboardInterrupt:  # Ctrl-C at the terminal, and no fault of the learning
        with db.transaction() as session:
            judge_revisions.release(session, number)
        raise
    except Exception:  # the job border: who asked must be told, and the judge that works goes on working
        log.exception("learning_failed", number=number)
        learned = Learned(base="", backend="", reason="failed")
    _store(number, learned)
    return True


def _store(number: int, learned: Learned) -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        is_adopted = adoptions.decide(session, number, learned, now)
    log.info("learned", number=number, is_adopted=is_adopted, reason=learned.reason)


def _learned() -> Learned:
    with db.snapshot() as session:
        newest_id = corrections.newest_id(session)
    try:
        shipped = judge.shipped()
    except sentiment.ModelMissing as error:
        return Learned("", "", "no_model", {"words": str(error)})
    base = Learned(judge.base_of(shipped), shipped.name, "cannot_learn", seen_verdict_id=newest_id)
    with db.transaction() as session:
        if judge_revisions.active(session) is None:
            # Otherwise nobody could go back to what there was before the first learning.
            adoptions.register_model(session, shipped.name, base.base, datetime.now(UTC))
        in_force = judge_revisions.active(session)
    # Who judges says that a model has come: who learns is begun for moments, and may still be of an older version.
    if in_force is not None and not judge_revisions.is_on(in_force, base.base):
        return replace(base, reason="model_changed")
    return _refitted(shipped, base) if isinstance(shipped, Adaptable) else base


def _refitted(taught: Adaptable, so_far: Learned) -> Learned:
    try:
        shipped = replay.read(taught.folder)
    except ReplayMissing as error:
        return replace(so_far, reason="no_replay", figures={"words": str(error)})
    if shipped.base != taught.base:
        return replace(so_far, reason="other_replay", figures={"replay": shipped.base})
    with db.snapshot() as session:
        standing, found = corrections.count(session), corrections.newest(session, refit.MOST_TEXTS)
    found = found[: refit.taken([len(one.text) for one in found])]
    examples = replay.gather(taught, [one.text for one in found], [_of_model(one.labels) for one in found])
    outcome = refit.refit(shipped, examples, left_out=standing - len(found))
    adaptation = outcome.adaptation
    return replace(
        so_far,
        reason=outcome.reason,
        figures=_figures(outcome),
        model_revision=adaptation.revision if adaptation else None,
        adaptation=adaptation.to_bytes() if adaptation else None,
    )


def _of_model(labels: Mapping[str, str]) -> dict[str, str]:
    return {tags.HEAD_OF[head]: word for head, word in labels.items()}


def _figures(outcome: Outcome) -> dict[str, Any]:
    """Counts as JSON keeps them: [right, of]."""

    def pairs(one: Outcome | HeadOutcome) -> dict[str, tuple[int, int]]:
        names = ("before", "after", "replay_before", "replay_after")
        return {name: (getattr(one, name).right, getattr(one, name).of) for name in names}

    of_desk = {theirs: ours for ours, theirs in tags.HEAD_OF.items()}
    heads = {
        of_desk.get(head.head, head.head): {**pairs(head), "reason": head.reason} for head in outcome.heads
    }
    return {**outcome.numbers, **pairs(outcome), "heads": heads}
