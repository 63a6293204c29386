"""The way back from a step of triage, for whoever made it."""

import json

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_security import current_user

from desk.base import db
from desk.cases import undo
from webapp import notices
from webapp.request import access, clock, transaction

bp = Blueprint("undo", __name__)


@bp.post("/undo/<token>")
def take_back(token: str) -> ResponseReturnValue:
    """The notice alone for a script, which then shows the case; else back to the page that the form stood on."""
    undone = undo.take_back(transaction.session(), token, current_user, clock.now())
    said = _words(undone)
    if not access.is_fragment():
        notices.leave(said)
        return redirect(access.local_target(request.form.get("next"), url_for("queue.index")), 303)
    db.flush(transaction.session())
    response = make_response(render_template("layout/notices.html", notices=[notices.make(said)]))
    response.headers["HX-Trigger"] = json.dumps({"otklik:undone": {"cases": undone.done}})
    return response


def _words(undone: undo.Undone) -> str:
    done = len(undone.done)
    said = ngettext("Undone: %(num)s case.", "Undone: %(num)s cases.", done)
    if not undone.refused:
        return str(said)
    numbers = ", ".join(str(one) for one in undone.refused)
    left = ngettext(
        "Left as it is, because something else has happened to it: %(ids)s.",
        "Left as they are, because something else has happened to them: %(ids)s.",
        len(undone.refused),
        ids=numbers,
    )
    return f"{said} {left}"
