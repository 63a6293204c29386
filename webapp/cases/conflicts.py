"""Why a step did not happen because somebody was faster: who, when, and how far his step has come."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user

from desk.base.errors import Conflict
from desk.base.words import STANDS, ReplyState
from webapp.wording import formats
from webapp.wording.labels import label

SENT = _l("The answer of %(name)s is being sent (since %(when)s).")
ANSWERED: dict[ReplyState, Any] = {
    ReplyState.APPROVED: SENT,
    ReplyState.SENDING: SENT,
    ReplyState.UNKNOWN: _l(
        "Sending the answer of %(name)s was interrupted (%(when)s); Otklik is checking the site."
    ),
    ReplyState.PENDING: _l("%(name)s has answered (%(when)s); the site holds the answer for moderation."),
    ReplyState.PUBLISHED: _l(
        "%(name)s has answered (%(when)s); the answer has not been seen on the site yet."
    ),
    ReplyState.VERIFIED: _l("%(name)s has answered (%(when)s); the answer is on the site."),
    ReplyState.CANNOT_TELL: _l(
        "%(name)s has answered (%(when)s); it is not known whether the answer is on the site."
    ),
}
THREAD = {
    "customer": _l("The customer has written again since you began to write."),
    "brand": _l("The brand has answered on the site itself since you began to write."),
    "edit": _l("A message of this conversation has been changed since you began to write."),
    "other": _l("Somebody else has written in this conversation since you began to write."),
}
ALSO = _l("If both answers are needed, press “Publish this one too” or “I have posted this one too”.")
KEPT = _l("Nothing of yours was sent; your text is kept.")


def words(error: Conflict) -> str:
    """One or two sentences, or an empty text for a conflict that has no words of its own."""
    facts = error.facts
    match error.code:
        case "taken":
            said = str(_("%(name)s has taken this case.", name=facts.get("by", "?")))
            return f"{said} {KEPT}" if facts.get("is_text_kept") else said
        case "gone":
            name = facts.get("by", "?")
            return str(_("%(name)s does not work here any more. Choose somebody else.", name=name))
        case "thread_changed":
            return f"{THREAD.get(str(facts.get('who')), THREAD['other'])} {KEPT}"
        case "already_sent":
            return _already_sent(facts)
        case "closed":
            return f"{_closed(facts)} {_('To answer, open it again.')} {KEPT}"
        case "account_in_use":
            return str(_("Sources use this account. Choose another one for them first, or remove them."))
        case "undo_late":
            return str(_("It is too late to undo this."))
        case "undo_overtaken":
            return str(_("The case has changed since then, so this cannot be undone."))
        case "undo_damaged":
            return str(_("What the case was before is damaged in the database, so this cannot be undone."))
    return ""


def _already_sent(facts: dict[str, Any]) -> str:
    state = facts.get("state")
    if facts.get("by_id") == current_user.id:
        return str(_("Your answer to this case is already being sent. It was not sent twice."))
    said = ANSWERED.get(state, SENT) if isinstance(state, ReplyState) else SENT
    told = f"{said % {'name': facts.get('by', '?'), 'when': _when(facts)}} {KEPT}"
    return f"{told} {ALSO}" if state in STANDS else told


def _closed(facts: dict[str, Any]) -> str:
    reason = label(facts["reason"]) if facts.get("reason") else "?"
    if not facts.get("by"):
        return str(_("The case was closed %(when)s: %(reason)s.", when=_when(facts), reason=reason))
    name = facts["by"]
    return str(
        _("%(name)s closed the case %(when)s: %(reason)s.", name=name, when=_when(facts), reason=reason)
    )


def _when(facts: dict[str, Any]) -> str:
    at = facts.get("at")
    return formats.absolute(at) if isinstance(at, datetime) else "?"
