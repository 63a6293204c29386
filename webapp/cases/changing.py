"""Correcting an answer that the site has, and taking it back. A refusal never costs the text."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from desk.base.errors import DeskError, Invalid
from desk.models import ReplyChange
from desk.replies import change_rows, changes, replies
from desk.sources import sources
from webapp.cases.views import after, page
from webapp.request import clock, row_ids, transaction
from webapp.wording import channels as channel_words

bp = Blueprint("change", __name__)


@bp.post("/replies/<int:reply_id>/correct")
def correct(reply_id: int) -> ResponseReturnValue:
    session, text = transaction.session(), request.form.get("text", "")
    reply = replies.load(session, reply_id)
    source = sources.load(session, reply.source_id)
    case_id, asks = reply.case_id, _asks_approval()
    try:
        if said := channel_words.complaint(source, text):
            raise Invalid(said, "text")
        change = changes.correct(
            session, reply_id, current_user, text, clock.now(), asks_approval=asks,
            newest_seen=row_ids.read(request.form.get("newest_seen")) or 0,
            terms=channel_words.terms_of(source.kind),
        )  # fmt: skip
    except DeskError as error:
        transaction.begin_again(error)
        return page(case_id, problem=error, correcting={"reply": reply_id, "text": text})
    return after(
        case_id, _said(change, _("The correction is being sent. This page shows when it is seen there."))
    )


@bp.post("/replies/<int:reply_id>/withdraw")
def withdraw(reply_id: int) -> ResponseReturnValue:
    session = transaction.session()
    case_id = replies.load(session, reply_id).case_id
    try:
        change = changes.withdraw(
            session, reply_id, current_user, clock.now(), asks_approval=_asks_approval()
        )
    except DeskError as error:
        transaction.abandon(error)
        return page(case_id, problem=error)
    return after(case_id, _said(change, _("The answer is being withdrawn.")))


@bp.post("/changes/<int:change_id>/<any(approve, retry, discard, done, not_done):step>")
def step(change_id: int, step: str) -> ResponseReturnValue:
    """The next step of one that waits, has failed, or of which nobody but a person can tell."""
    session = transaction.session()
    reply = replies.load(session, change_rows.load(session, change_id).reply_id)
    case_id, kind = reply.case_id, sources.load(session, reply.source_id).kind
    decide = partial(changes.decide, terms=channel_words.terms_of(kind))
    steps: dict[str, tuple[Callable[..., ReplyChange], str]] = {
        "approve": (changes.approve, _("Approved. It is being sent.")),
        "retry": (changes.retry, _("It is being sent again.")),
        "discard": (changes.discard, _("Taken back: the answer stands as before.")),
        "done": (partial(decide, is_done=True), _("Noted: it is done there.")),
        "not_done": (partial(decide, is_done=False), _("Noted: it is as before there.")),
    }
    act, said = steps[step]
    try:
        act(session, change_id, current_user, clock.now())
    except DeskError as error:
        transaction.abandon(error)
        return page(case_id, problem=error)
    return after(case_id, said)


def _asks_approval() -> bool:
    return request.form.get("action") == "review"


def _said(change: ReplyChange, sent: str) -> str:
    return str(_("A lead has been asked to approve it.")) if change.state.value == "asked" else sent
