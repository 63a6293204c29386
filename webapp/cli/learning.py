"""`otklik judge learn`, `history` and `back`: train the tagging model on people's corrections, and the way back."""

import subprocess
import sys
import time
from typing import Any

import click

from desk.base import db
from desk.base.errors import DeskError
from desk.base.words import LearningState
from desk.models import JudgeRevision
from desk.pipeline import adoptions
from desk.verdicts import judge_revisions, learned_figures
from webapp.cli.common import as_json, now, require_database, show
from webapp.cli.judge import judge

LOOK_SECONDS = 0.5
TELL_SECONDS = 15
LONGEST_WAIT_SECONDS = 900
DAMAGED = "the figures of this version are damaged in the database. The version itself is not affected."
# In the words of the page about the model.
STATES = {
    LearningState.SHIPPED: "built in",
    LearningState.ASKED: "training",
    LearningState.ADOPTED: "accepted",
    LearningState.REFUSED: "rejected",
}


@judge.command()
@as_json
def learn(is_json: bool) -> None:
    """Train the model on people's corrections now, and keep the new version only if it is better.

    Better means: right more often on corrections it was not trained on, and less than half a percentage point lost on
    the original texts. What still waits for an answer is then tagged again in the background.
    """
    require_database()
    with db.transaction() as session:
        number = judge_revisions.ask(session, None, now()).id
    click.echo("Training the model; this takes seconds.", err=True)
    found = _wait_for(number)
    show([_row(found)] if is_json else [], is_json, empty=_sentence(found))


@judge.command()
@as_json
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="At most so many, newest first; 20.")
def history(is_json: bool, limit: int) -> None:
    """Every version of the tagging model that was used here, and every training with its result."""
    require_database()
    with db.snapshot() as session:
        rows = [(_row if is_json else _line)(one) for one in judge_revisions.history(session, limit)]
    show(
        rows,
        is_json,
        empty="No model has been used here yet. It appears once a tagging worker has loaded it: otklik run",
    )


@judge.command()
@click.argument("number", type=int, required=False)
def back(number: int | None) -> None:
    """Restore version NUMBER; without a number, the one before. `otklik judge history` lists them."""
    require_database()
    with db.transaction() as session:
        found = adoptions.go_back(session, number, None, now())
    click.echo(
        f"Version {found.id} ({found.model_revision}) is active again. What still waits for an answer is tagged again in the"
        " background."
    )


def _wait_for(number: int) -> JudgeRevision:
    """Learns it where nobody else does: at once, and again when the lease of one who was stopped has run out."""
    begun, times, is_told = time.monotonic(), 0, False
    while True:
        with db.snapshot() as session:
            found = judge_revisions.load(session, number)
        if found.state is not LearningState.ASKED:
            return found
        spent = time.monotonic() - begun
        # One begins it more often than it may be tried, and so finds it refused.
        if spent > LONGEST_WAIT_SECONDS or times > judge_revisions.MOST_TRIES:
            raise DeskError(
                "The training is not finished: the worker that took it does not respond. Nothing is lost; look at"
                " `otklik judge history` in a few minutes."
            )
        if found.claimed_until is None or found.claimed_until < now():
            times += 1
            _begin()
            continue
        if not is_told and spent > TELL_SECONDS:
            is_told = True
            click.echo(
                "A worker has taken the training and has not responded yet. If it was stopped, training starts again at"
                f" {found.claimed_until.astimezone():%H:%M}.",
                err=True,
            )
        time.sleep(LOOK_SECONDS)


def _begin() -> None:
    """In a process of its own: the model stays out of this one. Where a worker was quicker, it has nothing to do."""
    child = subprocess.Popen([sys.executable, "-m", "workers", "learn"])
    try:
        child.wait()
    except KeyboardInterrupt:
        # It got that signal too, and gives back what it had taken.
        child.wait()
        raise DeskError(
            "Stopped, nothing changed. The next `otklik run` or `otklik judge learn` trains the model."
        ) from None


def _sentence(found: JudgeRevision) -> str:
    figures = found.figures
    if not learned_figures.is_whole(figures, is_adopted=found.state is LearningState.ADOPTED):
        return f"Done as version {found.id}, but {DAMAGED}"
    if found.state is LearningState.ADOPTED:
        return (
            f"Accepted as version {found.id} ({found.model_revision}). Of {figures['before'][1]} tags set by people"
            f" {figures['before'][0]} were right before and {figures['after'][0]} are now; of"
            f" {figures['replay_before'][1]} tags of the original texts {figures['replay_before'][0]} before and"
            f" {figures['replay_after'][0]} now. Both measured on texts the model was not trained on.{_left_out(figures)}"
        )
    return f"Rejected, nothing changed: {_why(found)}{_left_out(figures)}"


def _left_out(figures: dict[str, float]) -> str:
    count = int(figures.get("left_out", 0))
    return (
        f" Corrections not used, because they are too old or their texts have been edited since: {count}."
        if count
        else ""
    )


def _why(found: JudgeRevision) -> str:
    figures = found.figures
    if not learned_figures.is_whole(figures):
        return DAMAGED
    words = {
        "too_few": f"not enough texts to train on: people have tagged {figures.get('texts', 0)}, at least"
        f" {figures.get('needed')} are needed. Correct tags in cases; 50 corrections already help.",
        "no_gain": "what was learned from some corrections did not help with the others. This happens when corrections"
        " contradict each other or are few and very different. More corrections help.",
        "forgets": "the new version was right more often on your corrections, but lost half a percentage point or more on"
        " the original texts. More corrections help.",
        "same": f"the result is the same as version {figures.get('same_as')}.",
        "same_again": f"the result is the same as version {figures.get('same_as')}, so that version is active again.",
        "model_changed": "the model has been replaced since training was requested. The new one takes over with the next"
        " mention; train it then.",
        "no_model": f"the model could not be loaded: {figures.get('words')}",
        "cannot_learn": "the model set by OTKLIK_SENTIMENT_MODEL cannot be trained here; only the built-in one can.",
        "no_replay": f"the original texts are missing: {figures.get('words')}",
        "other_replay": "the original texts (replay.npz) belong to another model. Reinstall Otklik so that both come from"
        " the same version.",
        "failed": "training failed. The model works as before; the reason is above or in crawl.log.",
    }
    return words.get(found.reason, found.reason)


def _line(one: JudgeRevision) -> dict[str, object]:
    """What a person reads of a version; `_row` keeps the names that scripts know."""
    figures = _figures(one)
    return {
        "version": one.id,
        "state": STATES[one.state],
        "active": one.is_active,
        "signed": one.model_revision,
        "asked_at": one.asked_at,
        "right_before": _share(figures.get("before")),
        "right_now": _share(figures.get("after")),
        "originals_before": _share(figures.get("replay_before")),
        "originals_now": _share(figures.get("replay_after")),
        "why": _why(one)
        if one.state is LearningState.REFUSED or not learned_figures.is_whole(one.figures)
        else None,
    }


def _figures(one: JudgeRevision) -> dict[str, Any]:
    return one.figures if learned_figures.is_whole(one.figures) else {}


def _row(one: JudgeRevision) -> dict[str, object]:
    figures = _figures(one)
    counts = {
        name: _share(figures.get(name)) for name in ("before", "after", "replay_before", "replay_after")
    }
    return {
        "number": one.id,
        "state": one.state,
        "in_force": one.is_active,
        "model_revision": one.model_revision,
        "asked_at": one.asked_at,
        "by": one.user_id,
        "reason": one.reason or None,
        **counts,
    }


def _share(pair: list[int] | None) -> str | None:
    return f"{pair[0]} of {pair[1]}" if pair else None
