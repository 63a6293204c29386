"""`otklik judge learn`, `history` and `back`: what the judge learns from people's corrections, and the way back."""

import subprocess
import sys
import time

import click

from desk import adoptions, db, revisions
from desk.errors import DeskError
from desk.models import JudgeRevision
from desk.words import LearningState
from webapp.cli.ground import as_json, now, require_database, show
from webapp.cli.judge import judge

LOOK_SECONDS = 0.5
TELL_SECONDS = 15
LONGEST_WAIT_SECONDS = 900


@judge.command()
@as_json
def learn(is_json: bool) -> None:
    """Learn from people's corrections now, and keep the result only if it is better.

    It is better when it is right more often on corrections it has not seen, and loses less than half a point on the
    texts that the judge came with. What still waits for somebody is then judged again in the background.
    """
    require_database()
    with db.transaction() as session:
        number = revisions.ask(session, None, now()).id
    click.echo("Learning; that takes seconds.", err=True)
    found = _wait_for(number)
    show([_row(found)] if is_json else [], is_json, empty=_sentence(found))


@judge.command()
@as_json
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="At most so many, newest first; 20.")
def history(is_json: bool, limit: int) -> None:
    """What the judge has been: each model that worked here, and each time it learned."""
    require_database()
    with db.snapshot() as session:
        rows = [_row(one) for one in revisions.history(session, limit)]
    show(rows, is_json, empty="No judge has worked here yet. Start one: otklik run")


@judge.command()
@click.argument("number", type=int, required=False)
def back(number: int | None) -> None:
    """Put revision NUMBER in force again; without a number the one before. See `otklik judge history`."""
    require_database()
    with db.transaction() as session:
        found = adoptions.go_back(session, number, None, now())
    click.echo(
        f"Revision {found.id} ({found.revision}) is in force again. What still waits for somebody is judged again in the"
        " background."
    )


def _wait_for(number: int) -> JudgeRevision:
    """Learns it where nobody else does: at once, and again when the lease of one who was stopped has run out."""
    begun, times, is_told = time.monotonic(), 0, False
    while True:
        with db.snapshot() as session:
            found = revisions.load(session, number)
        if found.state is not LearningState.ASKED:
            return found
        spent = time.monotonic() - begun
        # One begins it more often than it may be tried, and so finds it refused.
        if spent > LONGEST_WAIT_SECONDS or times > revisions.MOST_TRIES:
            raise DeskError(
                "It is still not learned: a worker that has taken it does not answer. Nothing is lost; see"
                " `otklik judge history` in some minutes."
            )
        if found.claimed_until is None or found.claimed_until < now():
            times += 1
            _begin()
            continue
        if not is_told and spent > TELL_SECONDS:
            is_told = True
            click.echo(
                "A worker has taken it and does not answer yet. If it was stopped, it is begun again at"
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
        # It has heard that too, and gives back what it had taken.
        child.wait()
        raise DeskError("Stopped. The next `otklik run` or `otklik judge learn` learns it.") from None


def _sentence(found: JudgeRevision) -> str:
    figures = found.figures
    if found.state is LearningState.ADOPTED:
        return (
            f"Kept as revision {found.id} ({found.revision}). Of {figures['before'][1]} corrected tags it was right on"
            f" {figures['before'][0]} and is now on {figures['after'][0]}; of {figures['replay_before'][1]} tags of the"
            f" texts it came with on {figures['replay_before'][0]}, now on {figures['replay_after'][0]}. Each counted on"
            f" texts it had not learned from.{_left_out(figures)}"
        )
    return f"Not kept: {_why(found)}{_left_out(figures)}"


def _left_out(figures: dict[str, float]) -> str:
    count = int(figures.get("left_out", 0))
    return f" {count} corrections were left out: older ones, or of texts edited since." if count else ""


def _why(found: JudgeRevision) -> str:
    figures = found.figures
    words = {
        "too_few": f"people have tagged {figures.get('texts', 0)} texts, and {figures.get('needed')} are the least."
        " Correct tags in cases; 50 corrections already help.",
        "no_gain": "what it learned from some corrections did not hold for the others. More corrections help; those that"
        " contradict each other do not.",
        "forgets": "it would be right more often on your corrections, but lose half a point or more on the texts it came"
        " with.",
        "same": f"that is what revision {figures.get('same_as')} knows already.",
        "same_again": f"that is what revision {figures.get('same_as')} knows already, so that one is in force again.",
        "model_changed": "another model is in force than the one that was to learn. A new one takes over with the next"
        " mention that comes in; learn once more then.",
        "no_model": f"{figures.get('words')}",
        "cannot_learn": "the model set by OTKLIK_SENTIMENT_MODEL cannot learn; only the one that ships can.",
        "no_replay": f"{figures.get('words')}",
        "other_replay": "replay.npz belongs to another model. Install Otklik once more, so that both are of one version.",
        "failed": "learning broke off. The judge works on as before; the reason stands above, or in crawl.log.",
    }
    return words.get(found.reason, found.reason)


def _row(one: JudgeRevision) -> dict[str, object]:
    figures = one.figures
    counts = {
        name: _share(figures.get(name)) for name in ("before", "after", "replay_before", "replay_after")
    }
    return {
        "number": one.id,
        "state": one.state.value,
        "in_force": one.is_active,
        "revision": one.revision,
        "asked_at": one.asked_at,
        "by": one.user_id,
        "reason": one.reason or None,
        **counts,
    }


def _share(pair: list[int] | None) -> str | None:
    return f"{pair[0]} of {pair[1]}" if pair else None
