"""What became of a refit of the judge, in plain words: what it would have got right before and after, or why it was
refused and what helps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.models import JudgeRevision
from desk.models.words import LearningState

# Why nothing was kept, by what the worker says. A reason of a later version is shown by its own word.
REASONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "too_few": lambda facts: _(
        "Too few texts to learn from: people have tagged %(texts)s, and %(needed)s are the least. Correct tags in"
        " cases; 50 corrections already help.",
        texts=int(facts.get("texts", 0)),
        needed=int(facts.get("needed", 0)),
    ),
    "no_gain": lambda _facts: _(
        "What it learned from some corrections did not hold for the others, so the tags would not have got better."
        " Corrections that contradict each other do that, and so do few ones of very different texts. More of them help."
    ),
    "forgets": lambda _facts: _(
        "It would have been right more often on your corrections, but would have lost half a point or more on the texts"
        " it came with: it would have unlearned what others rely on. More corrections help to tell your cases apart."
    ),
    "same": lambda facts: _(
        "That is exactly what revision %(number)s knows already.", number=facts.get("same_as", "?")
    ),
    "same_again": lambda facts: _(
        "That is exactly what revision %(number)s knows already, so that one is in force again.",
        number=facts.get("same_as", "?"),
    ),
    "model_changed": lambda _facts: _(
        "Another model is in force than the one that was to learn. A new one takes over with the next mention that comes"
        " in; learn once more then."
    ),
    "no_model": lambda facts: _("The model could not be loaded: %(words)s", words=facts.get("words", "")),
    "cannot_learn": lambda _facts: _(
        "The model set by OTKLIK_SENTIMENT_MODEL cannot learn here; only the one that ships can."
    ),
    "no_replay": lambda facts: _(
        "The texts that a judge has to remember are missing: %(words)s", words=facts.get("words", "")
    ),
    "other_replay": lambda _facts: _(
        "The texts that a judge has to remember (replay.npz) belong to another model than the one that runs."
        " Install Otklik once more, so that both come from one version."
    ),
    "failed": lambda _facts: _(
        "Learning broke off. The judge works on as before; the reason stands in the worker's log (crawl.log)."
    ),
}
STATES = {
    LearningState.SHIPPED: (_l("came with the program"), "quiet"),
    LearningState.ASKED: (_l("being learned"), "soon"),
    LearningState.ADOPTED: (_l("learned and kept"), "fine"),
    LearningState.REFUSED: (_l("not kept"), "quiet"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Right before and after, of so many tags."""

    title: str
    before: int
    after: int
    of: int


def install(app: Flask) -> None:
    app.add_template_global(refusal, "judge_refusal")
    app.add_template_global(state, "judge_state")
    app.add_template_global(heads, "judge_heads")


def refusal(row: JudgeRevision) -> str:
    words = REASONS.get(row.reason)
    return str(words(row.figures)) if words else row.reason


def state(row: JudgeRevision) -> tuple[str, str]:
    """In words, and the tone of its chip."""
    words, tone = STATES[row.state]
    return str(words), tone


def heads(row: JudgeRevision, which: str = "") -> list[Line]:
    """The tags one by one, on corrections, or, with `replay_`, on the texts that the judge came with."""
    titles = {"sentiment": _("Tone"), "kind": _("Kind"), "urgency": _("Urgency")}
    known = row.figures.get("heads", {})
    found = []
    for head, title in titles.items():
        before, after = (known.get(head, {}).get(f"{which}{name}", (0, 0)) for name in ("before", "after"))
        if before[1]:
            found.append(Line(title, before[0], after[0], before[1]))
    return found
