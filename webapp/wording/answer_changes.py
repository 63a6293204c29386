"""What has become of a correction or a withdrawal: what happened, what is safe, and what to do."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from desk.base.words import ChangeKind as K
from desk.base.words import ChangeState as S
from desk.models import ReplyChange
from webapp.wording import formats


@dataclass(frozen=True, slots=True)
class Words:
    happened: str
    next_step: Any = ""
    is_problem: bool = False


HAPPENED: dict[tuple[K, S], Any] = {
    (K.CORRECT, S.ASKED): _l("A correction waits for a lead's approval."),
    (K.WITHDRAW, S.ASKED): _l("A withdrawal waits for a lead's approval."),
    (K.CORRECT, S.APPROVED): _l("The correction is waiting to be sent."),
    (K.WITHDRAW, S.APPROVED): _l("The withdrawal is waiting to be sent."),
    (K.CORRECT, S.SENDING): _l("The correction is being sent…"),
    (K.WITHDRAW, S.SENDING): _l("The answer is being withdrawn…"),
    (K.CORRECT, S.TAKEN): _l(
        "Corrected %(when)s, as the site says; the new wording has not been seen there yet."
    ),
    (K.WITHDRAW, S.TAKEN): _l(
        "Withdrawn %(when)s, as the site says; it has not been checked yet that it is gone."
    ),
    (K.CORRECT, S.SEEN): _l("Corrected %(when)s; the new wording has been seen there."),
    (K.WITHDRAW, S.SEEN): _l("Withdrawn %(when)s; it is no longer there."),
    (K.CORRECT, S.NOT_SEEN): _l("The site accepted the correction, but the new wording was not found there."),
    (K.WITHDRAW, S.NOT_SEEN): _l("The site accepted the withdrawal, but it could not be confirmed."),
    (K.CORRECT, S.FAILED): _l("The answer was not corrected. It stands as before."),
    (K.WITHDRAW, S.FAILED): _l("The answer was not withdrawn. It stands as before."),
    (K.CORRECT, S.UNKNOWN): _l(
        "Sending the correction was interrupted; it is not known yet whether the site received it."
    ),
    (K.WITHDRAW, S.UNKNOWN): _l(
        "Sending the withdrawal was interrupted; it is not known yet whether the site received it."
    ),
}
# Where nobody but the author sees the answer: the site's word is all there will ever be.
BY_WORD: dict[K, Any] = {
    K.CORRECT: _l("Corrected %(when)s, as the site says. This cannot be checked here."),
    K.WITHDRAW: _l("Withdrawn %(when)s, as the site says. This cannot be checked here."),
}
NEXT_STEP: dict[S, Any] = {
    S.FAILED: _l("Send it again, or do it on the site by hand."),
    S.NOT_SEEN: _l("Open the page and check; if it is still as before, do it there by hand."),
    S.UNKNOWN: _l("Otklik is checking the site; it is not sent again automatically."),
}
LEFT_TO_A_PERSON = _l("Otklik cannot check this. Look in the channel itself, then say what you found.")
PROBLEMS = (S.FAILED, S.NOT_SEEN, S.UNKNOWN)


def install(app: Flask) -> None:
    app.add_template_filter(words, "change_words")


def words(change: ReplyChange) -> Words:
    said = HAPPENED.get((change.kind, change.state), change.state.value)
    next_step = NEXT_STEP.get(change.state, "")
    if change.next_look_at is None:
        said = BY_WORD[change.kind] if change.state is S.TAKEN else said
        next_step = LEFT_TO_A_PERSON if change.state is S.UNKNOWN else next_step
    when = formats.absolute(change.seen_at or change.done_at or change.changed_at)
    return Words(str(said) % {"when": when}, next_step, change.state in PROBLEMS)
