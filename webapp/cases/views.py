"""One case: what was said, who has it, and the steps of its owner. Answers are written in webapp/cases/answering.py."""

import json
from contextlib import AbstractContextManager

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from werkzeug.wrappers import Response

from desk.base import db
from desk.base.errors import DeskError, Invalid, NotFound
from desk.base.words import CaseStage, CloseReason, Intent, Sentiment, Urgency
from desk.cases import assignment, cases, handling, handovers, holding, news, notes, queue, undo
from desk.people import permissions, users
from desk.pipeline import triage
from webapp import notices
from webapp.cases import page as case_page
from webapp.cases import snoozes
from webapp.live import presence
from webapp.request import access, clock, errors, languages, row_ids, transaction
from webapp.wording import formats
from webapp.wording.labels import label, word

bp = Blueprint("case", __name__, url_prefix="/cases")


@bp.get("/<int:case_id>")
def index(case_id: int) -> ResponseReturnValue:
    """The whole page, or its inside for the pane beside the queue."""
    return page(case_id)


@bp.post("/<int:case_id>/take")
def take(case_id: int) -> ResponseReturnValue:
    with _kept(case_id, "taken") as step:
        assignment.take(transaction.session(), case_id, current_user, clock.now())
    return after(case_id, _("The case is yours."), step, goes_on=True)


@bp.post("/<int:case_id>/release")
def release(case_id: int) -> ResponseReturnValue:
    with _kept(case_id, "released") as step:
        assignment.release(transaction.session(), case_id, current_user, clock.now())
    return after(case_id, _("The case is unassigned again."), step)


@bp.post("/<int:case_id>/assign")
def assign(case_id: int) -> ResponseReturnValue:
    """`to` is "user:<id>" or "team:<key>"; the word for whoever gets it is a private note."""
    kind, _colon, key = request.form.get("to", "").partition(":")
    text, session, now = request.form.get("note", ""), transaction.session(), clock.now()
    if kind == "team":
        with _kept(case_id, "handed_over") as step:
            assignment.hand_over(session, case_id, current_user, key, text, now)
        return after(case_id, _("Handed over."), step, goes_on=True)
    person = row_ids.read(key) if kind == "user" else None
    if person is None:
        raise Invalid(_("Choose who gets it."), "to")
    with _kept(case_id, "assigned") as step:
        case = assignment.assign(session, case_id, current_user, users.load(session, person), now)
        if text.strip():
            notes.write(session, case_id, current_user, text, now)
    said = _("Assigned to %(name)s.", name=case.assignee.name if case.assignee else "?")
    return after(case_id, said, step, goes_on=True)


@bp.post("/<int:case_id>/note")
def note(case_id: int) -> ResponseReturnValue:
    notes.write(transaction.session(), case_id, current_user, request.form.get("text", ""), clock.now())
    return after(case_id, _("Note saved. Only colleagues can see it."))


@bp.post("/<int:case_id>/snooze")
def snooze(case_id: int) -> ResponseReturnValue:
    until = snoozes.until(request.form.get("until", ""), clock.now(), languages.zone())
    with _kept(case_id, "snoozed") as step:
        case = holding.snooze(transaction.session(), case_id, current_user, until, clock.now())
    when = formats.absolute(until)
    if case.assignee_id is None:
        said = _("The case comes back to the team %(when)s. The due time does not change.", when=when)
    else:
        said = _("The case comes back %(when)s. The due time does not change.", when=when)
    return after(case_id, said, step, goes_on=True)


@bp.post("/<int:case_id>/close")
def close(case_id: int) -> ResponseReturnValue:
    reason = word(CloseReason, request.form.get("reason"))
    if reason is None:
        raise Invalid(_("Choose a reason for closing."), "reason")
    with _kept(case_id, "closed") as step:
        handling.close(transaction.session(), case_id, current_user, reason, clock.now())
    return after(case_id, _("Closed: %(reason)s.", reason=label(reason)), step, goes_on=True)


@bp.post("/<int:case_id>/reopen")
def reopen(case_id: int) -> ResponseReturnValue:
    with _kept(case_id, "reopened") as step:
        handling.reopen(transaction.session(), case_id, current_user, clock.now())
    return after(case_id, _("The case is open again."), step)


@bp.post("/<int:case_id>/correct")
def correct(case_id: int) -> ResponseReturnValue:
    """One button is one corrected tag of the message the case was opened for."""
    session, form = transaction.session(), request.form
    case = cases.load(session, case_id)
    was_closed = case.stage is CaseStage.CLOSED
    with _kept(case_id, "judged_by_person") as step:
        triage.correct(
            session,
            case.mention_id,
            current_user,
            clock.now(),
            sentiment=word(Sentiment, form.get("sentiment")),
            intent=word(Intent, form.get("intent")),
            urgency=word(Urgency, form.get("urgency")),
        )
    if case.stage is CaseStage.CLOSED and not was_closed:
        return after(case_id, _("Corrected and closed: such a message needs no answer."), step)
    return after(case_id, _("Corrected. Your tags override the model's."), step)


@bp.post("/<int:case_id>/seen")
def seen(case_id: int) -> ResponseReturnValue:
    """One of those whom the case was handed to has opened it, without a script that says so by itself."""
    news.see_handover(cases.locked(transaction.session(), case_id), current_user)
    return redirect(url_for("case.index", case_id=case_id), 303)


@bp.post("/<int:case_id>/watch")
def watch(case_id: int) -> ResponseReturnValue:
    """Says that this person looks at the case, writes there or has left, and returns who else is there. Changes no row,
    but for the signs of what is new: the customer's words to its owner, and the handing over to those who got it."""
    here = presence.here()
    if "is_leaving" in request.form:
        here.leave(case_id, current_user.id)
        return "", 204
    watcher = presence.Watcher(current_user.id, current_user.name, "is_writing" in request.form)
    here.look(case_id, watcher)
    if (version := row_ids.read(request.form.get("version"))) is not None:
        _see(case_id, version)
    return render_template("case/watchers.html", watchers=here.others(case_id, current_user.id))


def _see(case_id: int, version: int) -> None:
    """As the case was at that version. Most cases hold no news, so only a few looks of the many write."""
    reading = transaction.session()
    if news.has_news_for(reading, case_id, current_user.id, version):
        with db.transaction() as session:
            news.seen(session, case_id, current_user.id, version)
    if handovers.is_news_for(reading, case_id, current_user):
        with db.transaction() as session:
            news.see_handover(cases.locked(session, case_id), current_user)


def page(
    case_id: int,
    *,
    said: notices.Notice | None = None,
    problem: DeskError | None = None,
    typed: dict[str, object] | None = None,
    acted_on: int | None = None,
) -> Response:
    """The case as it stands after whatever was done in this request to it, or to the case `acted_on` before it."""
    shown = case_page.gather(transaction.session(), case_id, typed)
    whole = "case/case.html" if access.is_fragment() else "case/index.html"
    told = notices.make(errors.sentence(problem), "error") if problem else said
    body = render_template(
        whole,
        file=shown,
        case=shown.case,
        notices=[told] if told else [],
        problem=problem,
        snoozes=snoozes.TITLES.items(),
        is_senior=permissions.is_senior(current_user),
        version=queue.version(transaction.session()),
        draft_version=case_page.draft_version,
    )
    response = make_response(body, 409 if problem else 200)
    if access.is_fragment() and request.method == "POST":
        went = {"shown": case_id, "from": acted_on or case_id}
        response.headers["HX-Trigger"] = json.dumps({"otklik:went": went})
    return response


def after(
    case_id: int, said: str, step: undo.Step | None = None, *, goes_on: bool = False
) -> ResponseReturnValue:
    """A script gets the case anew, or the next one where the queue named it in `next_case`; a plain form is sent back
    to the page it came from."""
    db.flush(transaction.session())
    token = step.token if step else None
    if access.is_fragment():
        told = notices.make(said, undo=token)
        following = row_ids.read(request.form.get("next_case")) if goes_on else None
        try:
            return page(following or case_id, said=told, acted_on=case_id)
        except NotFound:
            return page(case_id, said=told)
    notices.leave(said, undo=token)
    return redirect(
        access.local_target(request.form.get("next"), url_for("case.index", case_id=case_id)), 303
    )


def _kept(case_id: int, event: str) -> AbstractContextManager[undo.Step]:
    return undo.kept(transaction.session(), [case_id], event, current_user, clock.now())
