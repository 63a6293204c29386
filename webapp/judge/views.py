"""Which judge is in force, what it has learned here, and the way back. Leads read it, administrators decide."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from desk.base import settings
from desk.base.errors import Conflict
from desk.base.words import RoleName
from desk.pipeline import adoptions
from desk.verdicts import corrections, judge_revisions
from webapp.request import access, clock, transaction

bp = Blueprint("judge", __name__, url_prefix="/settings/judge")


@bp.before_request
def _read_by_leads() -> None:
    access.require_role(*([RoleName.LEAD] if request.method == "GET" else []))


@bp.get("")
def index() -> ResponseReturnValue:
    session = transaction.session()
    current = judge_revisions.active(session)
    return render_template(
        "judge/index.html",
        current=current,
        history=judge_revisions.history(session),
        asked=judge_revisions.asked_row(session),
        corrections=corrections.count(session),
        to_learn=judge_revisions.to_learn(session),
        is_held=current is not None and judge_revisions.is_held(session, current),
        is_learning=settings.current().is_learning,
        learn_hour=settings.current().learn_hour,
        can_go_back_to=judge_revisions.can_go_back_to,
    )


@bp.post("/learn")
def learn() -> ResponseReturnValue:
    try:
        judge_revisions.ask(transaction.session(), current_user, clock.now())
    except Conflict:
        flash(_("Training is turned off by the setting OTKLIK_IS_LEARNING. Nothing was changed."), "error")
    return redirect(url_for("judge.index"))


@bp.post("/<int:number>/back")
def back(number: int) -> ResponseReturnValue:
    try:
        adoptions.go_back(transaction.session(), number, current_user, clock.now())
    except Conflict as error:
        flash(_refusal(error, number), "error")
    else:
        flash(
            _(
                "Version %(number)s is active again. Unanswered mentions are being tagged again in the "
                "background.",
                number=number,
            ),
            "success",
        )
    return redirect(url_for("judge.index"))


def _refusal(error: Conflict, number: int) -> str:
    words = {
        "in_force": _("Version %(number)s is already active.", number=number),
        "refused": _("Version %(number)s was not accepted, so it cannot be restored.", number=number),
        "other_model": _(
            "Version %(number)s belongs to another model than the current one. Nothing was changed.",
            number=number,
        ),
        "no_judge": _("No model has been used here yet, so there is no version to restore."),
    }
    return str(words.get(error.code, error))
