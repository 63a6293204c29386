"""The people of the desk. Everybody sees who is here; an administrator adds and changes. A password is shown once."""

import secrets

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from desk.base.errors import Conflict, Invalid
from desk.base.words import RoleName
from desk.models import User
from desk.people import users
from desk.pipeline import staff
from webapp.request import access, clock, errors, transaction
from webapp.request import users as accounts

bp = Blueprint("team", __name__, url_prefix="/team")

PASSWORD_BYTES = 12


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.get("/<int:user_id>")
def person(user_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.ADMIN)
    return _person(users.load(transaction.session(), user_id))


@bp.post("")
def add() -> ResponseReturnValue:
    access.require_role(RoleName.ADMIN)
    form, password = request.form, secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        user = accounts.add_user(
            transaction.session(),
            form.get("email", ""),
            form.get("name", ""),
            password,
            form.getlist("roles"),
            form.get("team") or None,
            clock.now(),
        )
    except (Invalid, Conflict) as error:
        return _page(mistake=_mistake(error)), 422
    return _shown_once(user, password)


@bp.post("/<int:user_id>")
def save(user_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.ADMIN)
    form = request.form
    try:
        staff.change(
            transaction.session(),
            user_id,
            name=form.get("name", ""),
            roles=form.getlist("roles"),
            team_key=form.get("team") or None,
            by=current_user,
            now=clock.now(),
        )
    except (Invalid, Conflict) as error:
        return _person(users.load(transaction.session(), user_id), _mistake(error)), 422
    flash(_("Saved."), "success")
    return redirect(url_for("team.index"))


@bp.post("/<int:user_id>/<any(deactivate, activate):step>")
def switch(user_id: int, step: str) -> ResponseReturnValue:
    access.require_role(RoleName.ADMIN)
    try:
        if step == "activate":
            staff.activate(transaction.session(), user_id)
        else:
            staff.deactivate(transaction.session(), user_id, current_user, clock.now())
    except Conflict as error:
        return _person(users.load(transaction.session(), user_id), _mistake(error)), 422
    flash(
        _("Access is restored: this person can sign in.")
        if step == "activate"
        else _("Access is blocked and all sessions are ended. The cases went back to their teams."),
        "success",
    )
    return redirect(url_for("team.index"))


@bp.post("/<int:user_id>/password")
def new_password(user_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.ADMIN)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = staff.keep_new_password(transaction.session(), user_id, accounts.keep_password(password))
    return _shown_once(user, password)


def _page(mistake: tuple[str, str] | None = None) -> str:
    session = transaction.session()
    return render_template(
        "team/index.html",
        everybody=staff.everybody(session),
        workload=staff.workload(session),
        teams=users.teams(session),
        mistake=mistake,
        form=request.form,
    )


def _person(user: User, mistake: tuple[str, str] | None = None) -> str:
    return render_template(
        "team/person.html", person=user, teams=users.teams(transaction.session()), mistake=mistake
    )


def _shown_once(user: User, password: str) -> Response:
    """In the answer itself: neither a cookie nor a cache may keep it."""
    response = make_response(render_template("team/password.html", person=user, password=password))
    response.headers["Cache-Control"] = "no-store"
    return response


def _mistake(error: Invalid | Conflict) -> tuple[str, str]:
    """The field and what is wrong with it."""
    if isinstance(error, Conflict):
        return {
            "exists": ("email", _("This address already has an account.")),
            "last_admin": (
                "roles",
                _("At least one administrator is needed: make another person an administrator first."),
            ),
            "self": ("roles", _("You cannot block your own access.")),
        }.get(error.code, ("roles", errors.sentence(error)))
    words = {
        "email": _("This is not an e-mail address."),
        "roles": _("Choose at least one role."),
        "name": _("Enter a name."),
        "team": _("There is no such team."),
    }
    field = error.field or "email"
    return field, words.get(field, errors.sentence(error))
