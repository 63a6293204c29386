"""The journal in words: what happened to a case, as a colleague would say it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from desk.base.damage import is_damaged
from desk.base.words import CloseReason, Intent, Sentiment, Urgency
from desk.models import Journal
from webapp.wording import formats
from webapp.wording.labels import label, word

SENTENCES: dict[str, Any] = {
    "opened": _l("case opened"),
    "joined": _l("another message from the same person"),
    "reworded": _l("the author edited the message"),
    "raised": _l("urgency raised"),
    "rerouted": _l("routed again"),
    "judged_by_person": _l("tags corrected"),
    "judged_again": _l("tagged again by a newer model"),
    "filed": _l("put into a folder"),
    "unfiled": _l("taken out of its folder"),
    "taken": _l("taken"),
    "released": _l("returned to the team"),
    "assigned": _l("assigned"),
    "handed_over": _l("handed over"),
    "noted": _l("note written"),
    "snoozed": _l("snoozed"),
    "woken": _l("snooze ended"),
    "breached": _l("response overdue"),
    "answered": _l("answered in public"),
    "reopened": _l("reopened"),
    "closed": _l("closed"),
    "undone": _l("undone"),
    "review_asked": _l("approval asked for"),
    "approved": _l("answer approved"),
    "withdrawn": _l("answer taken back to a draft"),
    "sending": _l("answer being sent"),
    "published": _l("answer accepted by the site"),
    "pending": _l("answer held for moderation by the site"),
    "failed": _l("answer refused by the site"),
    "lost_track": _l("sending was interrupted"),
    "verified": _l("answer seen in public"),
    "vanished": _l("answer gone from the site"),
    "cannot_tell": _l("the page does not show whether the answer is there"),
    "accepted": _l("answer accepted; nobody can check it"),
    "bounced": _l("answer returned as undeliverable"),
    "replaced": _l("answer replaced by a later one"),
    "rejected": _l("answer rejected by the site's moderator"),
    "posted_by_hand": _l("answer marked as posted by hand"),
    "discarded": _l("answer discarded"),
    "change_asked": _l("approval of a correction asked for"),
    "change_approved": _l("correction approved"),
    "change_discarded": _l("correction taken back before it was sent"),
    "change_sending": _l("correction being sent"),
    "change_failed": _l("the answer was not corrected"),
    "change_lost_track": _l("sending the correction was interrupted"),
    "change_seen": _l("correction seen on the site"),
    "change_not_seen": _l("the correction was not found on the site"),
    "corrected": _l("answer corrected, as the site says"),
    "answer_withdrawn": _l("answer withdrawn from the site"),
    "stopped": _l("sending stopped: the conversation had changed"),
    "answered_on_site": _l("answered on the site itself"),
    "judge_arrived": _l("tagging model installed"),
    "judge_learned": _l("model trained on corrections"),
    "judge_refused": _l("new version of the model not accepted"),
    "judge_went_back": _l("an older version of the model restored"),
    "source_paused": _l("source paused"),
    "source_resumed": _l("source resumed"),
    "source_removed": _l("source removed"),
    "source_moved": _l("source moved, according to the site"),
    "author_withdrew": _l("the author withdrew the message"),
    "account_added": _l("account added"),
    "account_changed": _l("account changed"),
    "account_removed": _l("account removed"),
    "account_needs_person": _l("account no longer accepted by the site"),
    "brand_removed": _l("brand removed"),
}
# Where a fact of the row says more than its event: why it is open again, what the looks came to.
KINDS: dict[tuple[str, str], Any] = {
    ("cannot_tell", "not_public"): _l("answer still not public after the last look"),
    ("cannot_tell", "not_seen"): _l("answer marked as posted was not found on the site"),
    ("change_asked", "withdraw"): _l("approval of a withdrawal asked for"),
    ("change_approved", "withdraw"): _l("withdrawal approved"),
    ("change_discarded", "withdraw"): _l("withdrawal taken back before it was sent"),
    ("change_sending", "withdraw"): _l("answer being withdrawn"),
    ("change_failed", "withdraw"): _l("the answer was not withdrawn"),
    ("change_lost_track", "withdraw"): _l("sending the withdrawal was interrupted"),
    ("change_seen", "withdraw"): _l("the answer is gone from the site, as asked"),
    ("change_not_seen", "withdraw"): _l("the withdrawal could not be confirmed"),
    ("reopened", "answer_withdrawn"): _l("reopened: the answer was withdrawn"),
    ("reopened", "bounced"): _l("reopened: the answer was returned as undeliverable"),
    ("reopened", "rejected"): _l("reopened: the answer was rejected"),
    ("reopened", "not_public"): _l("reopened: the answer is still not public"),
    ("reopened", "not_seen"): _l("reopened: the answer was not found on the site"),
    ("reopened", "vanished"): _l("reopened: the answer is gone from the site"),
    ("stopped", "too_long"): _l("sending stopped: the site would not accept this text"),
}

# What made it happen, where that is not a person's press of a button.
WHY: dict[str, dict[str, Any]] = {
    "released": {
        "left": _l("the owner no longer works here"),
        "reads_only": _l("the owner now has read-only access"),
    },
    "woken": {"customer": _l("the customer wrote")},
    "reopened": {
        "customer": _l("the customer wrote again"),
        "edited": _l("the customer edited the message"),
        "vanished": _l("the answer is gone from the site"),
        "not_ours": _l("the answer turned out not to be ours"),
        "restored": _l("the withdrawn message is there again"),
    },
}


def install(app: Flask) -> None:
    app.add_template_global(sentence, "step_sentence")


def sentence(step: Journal, names: dict[int, str], teams: dict[int, str]) -> str:
    """One journal row. An event of a later version is shown by its own word; of facts that somebody damaged by hand it is
    said that they cannot be read."""
    kind = str(step.facts.get("kind") or step.facts.get("why") or "")
    said = str(KINDS.get((step.event, kind)) or SENTENCES.get(step.event, step.event))
    try:
        detail = _detail(step, names, teams)
        is_readable = not is_damaged(step.facts)
    except (TypeError, ValueError, AttributeError):
        is_readable = False
    if not is_readable:
        return str(_("%(said)s (details damaged)", said=said))
    return f"{said}: {detail}" if detail else said


def _detail(step: Journal, names: dict[int, str], teams: dict[int, str]) -> str:
    facts = step.facts
    if step.event in WHY:
        return str(WHY[step.event].get(facts.get("why", ""), ""))
    if step.event == "assigned":
        return names.get(facts.get("to", 0), "")
    if step.event == "handed_over":
        return teams.get(facts.get("to_team", 0), "")
    if step.event == "snoozed" and facts.get("until"):
        return str(_("until %(when)s", when=formats.absolute(datetime.fromisoformat(facts["until"]))))
    if step.event == "closed" and (reason := word(CloseReason, facts.get("reason"))):
        return label(reason)
    if step.event == "undone":
        was = str(facts.get("undone", ""))
        return str(SENTENCES.get(was, was))
    if step.event == "reworded" and facts.get("after_answer"):
        return str(_("after the answer"))
    if step.event in ("judged_again", "raised"):
        return ", ".join(_turned(step))
    return ""


def _turned(step: Journal) -> Iterator[str]:
    """Each tag that changed, as it was and as it is."""
    facts = step.facts
    if step.event == "raised":
        facts = {"was_urgency": facts.get("was"), "urgency": facts.get("priority")}
    for name, kind in (("intent", Intent), ("sentiment", Sentiment), ("urgency", Urgency)):
        was, now = (word(kind, facts.get(key)) for key in (f"was_{name}", name))
        if now is not None:
            yield f"{label(was)} → {label(now)}"
