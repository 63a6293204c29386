"""One case: what was said, who has it, and the steps of its owner. Answers are written in views/answer.py."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from desk import cases, db, people, queue, triage
from desk.errors import DeskError, Invalid
from desk.models.words import CloseReason, Kind, Sentiment, Urgency
from webapp import access, casefile, clock, errors, ids, languages, presence, snoozes, unit
from webapp.words import word

bp = Blueprint("case", __name__, url_prefix="/cases")


@bp.get("/<int:case_id>")
def index(case_id: int) -> ResponseReturnValue:
    """The whole page, or its inside for the pane beside the queue."""
    return page(case_id)


@bp.post("/<int:case_id>/take")
def take(case_id: int) -> ResponseReturnValue:
    cases.take(unit.session(), case_id, current_user, clock.now())
    return after(case_id, _("The case is yours."))


@bp.post("/<int:case_id>/release")
def release(case_id: int) -> ResponseReturnValue:
    cases.release(unit.session(), case_id, current_user, clock.now())
    return after(case_id, _("The case is free for the team again."))


@bp.post("/<int:case_id>/assign")
def assign(case_id: int) -> ResponseReturnValue:
    """`to` is "user:<id>" or "team:<key>"; the word for whoever gets it is a private note."""
    kind, _colon, key = request.form.get("to", "").partition(":")
    text, session, now = request.form.get("note", ""), unit.session(), clock.now()
    if kind == "team":
        cases.hand_over(session, case_id, current_user, key, text, now)
        return after(case_id, _("Handed over."))
    person = ids.read(key) if kind == "user" else None
    if person is None:
        raise Invalid(_("Choose who gets it."), "to")
    case = cases.assign(session, case_id, current_user, people.load(session, person), now)
    if text.strip():
        cases.note(session, case_id, current_user, text, now)
    return after(case_id, _("%(name)s has it now.", name=case.assignee.name if case.assignee else "?"))


@bp.post("/<int:case_id>/note")
def note(case_id: int) -> ResponseReturnValue:
    cases.note(unit.session(), case_id, current_user, request.form.get("text", ""), clock.now())
    return after(case_id, _("Noted. Only colleagues see it."))


@bp.post("/<int:case_id>/snooze")
def snooze(case_id: int) -> ResponseReturnValue:
    until = snoozes.until(request.form.get("until", ""), clock.now(), languages.zone())
    cases.snooze(unit.session(), case_id, current_user, until, clock.now())
    return after(case_id, _("It comes back by itself. The promise to the customer runs on."))


@bp.post("/<int:case_id>/close")
def close(case_id: int) -> ResponseReturnValue:
    reason = word(CloseReason, request.form.get("reason"))
    if reason is None:
        raise Invalid(_("Say why it is closed."), "reason")
    cases.close(unit.session(), case_id, current_user, reason, clock.now())
    return after(case_id, _("Closed."))


@bp.post("/<int:case_id>/reopen")
def reopen(case_id: int) -> ResponseReturnValue:
    cases.reopen(unit.session(), case_id, current_user, clock.now())
    return after(case_id, _("Open again."))


@bp.post("/<int:case_id>/correct")
def correct(case_id: int) -> ResponseReturnValue:
    """One button is one corrected tag of the message the case was opened for."""
    session, form = unit.session(), request.form
    mention_id = cases.load(session, case_id).mention_id
    triage.correct(
        session,
        mention_id,
        current_user,
        clock.now(),
        sentiment=word(Sentiment, form.get("sentiment")),
        kind=word(Kind, form.get("kind")),
        urgency=word(Urgency, form.get("urgency")),
    )
    return after(case_id, _("Corrected. Your word counts more than the machine's."))


@bp.post("/<int:case_id>/watch")
def watch(case_id: int) -> ResponseReturnValue:
    """Says that this person looks at the case, and returns who else does. Changes no row, but for the sign of what is
    new: its owner has now seen the case as it was at that `version`."""
    here = presence.here()
    watcher = presence.Watcher(current_user.id, current_user.name, "is_writing" in request.form)
    here.look(case_id, watcher)
    if (version := ids.read(request.form.get("version"))) is not None and cases.has_news_for(
        unit.session(), case_id, current_user.id, version
    ):
        with db.transaction() as session:
            cases.seen(session, case_id, current_user.id, version)
    return render_template("case/watchers.html", watchers=here.others(case_id, current_user.id))


def page(
    case_id: int, *, said: str = "", problem: DeskError | None = None, typed: dict[str, object] | None = None
) -> Response:
    """The case as it stands after whatever was done to it in this request."""
    shown = casefile.gather(unit.session(), case_id, typed)
    whole = "case/case.html" if access.is_fragment() else "case/index.html"
    body = render_template(
        whole,
        file=shown,
        case=shown.case,
        said=said,
        problem=errors.sentence(problem) if problem else "",
        snoozes=snoozes.TITLES.items(),
        is_senior=cases.is_senior(current_user),
        version=queue.version(unit.session()),
    )
    response = make_response(body, 409 if problem else 200)
    if access.is_fragment() and request.method == "POST":
        response.headers["HX-Trigger"] = "otklik:changed"
    return response


def after(case_id: int, said: str) -> ResponseReturnValue:
    """A script gets the case anew; a plain form is sent back to the page it came from."""
    unit.session().flush()
    if access.is_fragment():
        return page(case_id, said=said)
    flash(said, "success")
    return redirect(
        access.local_target(request.form.get("next"), url_for("case.index", case_id=case_id)), 303
    )
