"""What became of a refit of the judge, in plain words: what it would have got right before and after, or why it was
refused and what helps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.base.words import LearningState
from desk.models import JudgeRevision
from desk.verdicts import learned_figures

# Why nothing was kept, by what the worker says. A reason of a later version is shown by its own word.
REASONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "too_few": lambda facts: _(
        "Not enough texts to train on: people have tagged %(texts)s, at least %(needed)s are "
        "needed. Correct tags in cases; 50 corrections already help.",
        texts=int(facts.get("texts", 0)),
        needed=int(facts.get("needed", 0)),
    ),
    "no_gain": lambda _facts: _(
        "What was learned from some corrections did not help with the others, so the tags would "
        "not have improved. This happens when corrections contradict each other or are few and "
        "very different. More corrections help."
    ),
    "forgets": lambda _facts: _(
        "The new version was right more often on your corrections, but lost half a percentage "
        "point or more on the original texts. More corrections help."
    ),
    "same": lambda facts: _(
        "The result is the same as version %(number)s.", number=facts.get("same_as", "?")
    ),
    "same_again": lambda facts: _(
        "The result is the same as version %(number)s, so that version is active again.",
        number=facts.get("same_as", "?"),
    ),
    "model_changed": lambda _facts: _(
        "The model has been replaced since training was requested. The new one takes over with "
        "the next mention; start training again then."
    ),
    "no_model": lambda facts: _("The model could not be loaded: %(words)s", words=facts.get("words", "")),
    "cannot_learn": lambda _facts: _(
        "The model set by OTKLIK_SENTIMENT_MODEL cannot be trained here; only the built-in one can."
    ),
    "no_replay": lambda facts: _("The original texts are missing: %(words)s", words=facts.get("words", "")),
    "other_replay": lambda _facts: _(
        "The original texts (replay.npz) belong to another model. Reinstall Otklik so that both "
        "come from the same version."
    ),
    "failed": lambda _facts: _(
        "Training failed. The model works as before; the reason is in the worker's log (crawl.log)."
    ),
}
STATES = {
    LearningState.SHIPPED: (_l("built in"), "quiet"),
    LearningState.ASKED: (_l("training"), "soon"),
    LearningState.ADOPTED: (_l("accepted"), "fine"),
    LearningState.REFUSED: (_l("rejected"), "quiet"),
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
    app.add_template_global(learned_figures.is_whole, "are_figures_whole")


def refusal(row: JudgeRevision) -> str:
    if not learned_figures.is_whole(row.figures, is_adopted=row.state is LearningState.ADOPTED):
        return str(
            _("The figures of this version are damaged in the database. The version itself is not affected.")
        )
    words = REASONS.get(row.reason)
    return str(words(row.figures)) if words else row.reason


def state(row: JudgeRevision) -> tuple[str, str]:
    """In words, and the tone of its chip."""
    words, tone = STATES[row.state]
    return str(words), tone


def heads(row: JudgeRevision, which: str = "") -> list[Line]:
    """The tags one by one, on corrections, or, with `replay_`, on the texts that the judge came with."""
    titles = {"sentiment": _("Sentiment"), "intent": _("Kind"), "urgency": _("Urgency")}
    if not learned_figures.is_whole(row.figures):
        return []
    known = row.figures.get("heads", {})
    found = []
    for head, title in titles.items():
        before, after = (known.get(head, {}).get(f"{which}{name}") or (0, 0) for name in ("before", "after"))
        if before[1]:
            found.append(Line(title, before[0], after[0], before[1]))
    return found
