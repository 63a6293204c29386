"""The journal in words: what happened to a case, as a colleague would say it."""

from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.models import Journal
from desk.models.words import CloseReason
from webapp import formats
from webapp.words import label, word

SENTENCES: dict[str, Any] = {
    "opened": _l("case opened"),
    "joined": _l("a further message of the same person"),
    "rerouted": _l("routed anew"),
    "judged_by_person": _l("tags corrected"),
    "taken": _l("taken"),
    "released": _l("given back to the team"),
    "assigned": _l("assigned"),
    "handed_over": _l("handed over"),
    "noted": _l("note written"),
    "snoozed": _l("snoozed"),
    "woken": _l("came back by itself"),
    "breached": _l("the promised time passed without an answer"),
    "answered": _l("answered in public"),
    "reopened": _l("opened again"),
    "closed": _l("closed"),
    "review_asked": _l("approval asked for"),
    "approved": _l("answer approved"),
    "withdrawn": _l("answer taken back to a draft"),
    "sending": _l("answer being sent"),
    "published": _l("answer accepted by the site"),
    "pending": _l("answer held for moderation by the site"),
    "failed": _l("answer refused by the site"),
    "lost_track": _l("sending was cut off"),
    "verified": _l("answer seen in public"),
    "vanished": _l("answer gone from the site"),
    "cannot_tell": _l("the page does not tell whether the answer stands there"),
    "posted_by_hand": _l("answer posted by hand"),
    "discarded": _l("answer discarded"),
    "stopped": _l("sending stopped: the conversation had changed"),
    "answered_on_site": _l("answered on the site itself"),
    "source_paused": _l("source paused"),
    "source_resumed": _l("source resumed"),
}


def install(app: Flask) -> None:
    app.add_template_global(sentence, "step_sentence")


def sentence(step: Journal, names: dict[int, str], teams: dict[int, str]) -> str:
    """One journal row. An event of a later version is shown by its own word."""
    said = str(SENTENCES.get(step.event, step.event))
    detail = _detail(step, names, teams)
    return f"{said}: {detail}" if detail else said


def _detail(step: Journal, names: dict[int, str], teams: dict[int, str]) -> str:
    facts = step.facts
    if step.event == "assigned":
        return names.get(facts.get("to", 0), "")
    if step.event == "handed_over":
        return teams.get(facts.get("to_team", 0), "")
    if step.event == "snoozed" and facts.get("until"):
        return str(_("till %(when)s", when=formats.absolute(datetime.fromisoformat(facts["until"]))))
    if step.event == "closed" and (reason := word(CloseReason, facts.get("reason"))):
        return label(reason)
    return ""
