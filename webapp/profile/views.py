"""What a person chooses for himself: language, theme, keys. Everything else about him is the team page's."""

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_security import current_user

from desk.base.errors import Invalid
from desk.people import signed_in, users
from webapp.assets import A_YEAR
from webapp.request import access, clock, transaction
from webapp.request.users import sign_in_key

bp = Blueprint("profile", __name__, url_prefix="/account")


@bp.get("")
def index() -> ResponseReturnValue:
    devices = signed_in.of_person(transaction.session(), current_user.id, clock.now())
    return render_template("profile/index.html", themes=users.THEMES, devices=devices, here=sign_in_key())


@bp.post("")
def save() -> ResponseReturnValue:
    """Whether single letters act as keys; kept with the person."""
    current_user.preferences = {**current_user.preferences, "keys": "keys" in request.form}
    flash(_("Saved."), "success")
    return redirect(url_for("profile.index"))


@bp.post("/rows")
def rows() -> ResponseReturnValue:
    """How high the rows of the queue are; kept with the person."""
    chosen = "compact" if request.form.get("rows") == "compact" else "normal"
    current_user.preferences = {**current_user.preferences, "rows": chosen}
    if access.is_fragment():
        return "", 204
    return redirect(access.local_target(request.form.get("next"), url_for("queue.index")), 303)


@bp.post("/elsewhere")
def end_elsewhere() -> ResponseReturnValue:
    """Ends every sign-in of this person but the one that asks."""
    signed_in.end_all(transaction.session(), current_user.id, but=sign_in_key())
    flash(_("All other sessions are ended."), "success")
    return redirect(url_for("profile.index"))


@bp.post("/language")
def language() -> ResponseReturnValue:
    chosen = request.form.get("locale", "")
    if chosen not in users.LOCALES:
        raise Invalid(_("There is no such language here."), "locale")
    if current_user.is_authenticated:
        users.choose_locale(current_user, chosen)
        refresh()
    return _remember("locale", chosen)


@bp.post("/theme")
def theme() -> ResponseReturnValue:
    chosen = request.form.get("theme", "")
    if chosen not in users.THEMES:
        raise Invalid(_("There is no such theme here."), "theme")
    if current_user.is_authenticated:
        users.choose_theme(current_user, chosen)
    return _remember("theme", chosen)


def _remember(name: str, value: str) -> ResponseReturnValue:
    """The cookie serves before sign-in, and pages that fail before they know who asks."""
    target = access.local_target(request.form.get("next"), url_for("security.login"))
    response = make_response(redirect(target))
    response.set_cookie(
        name,
        value,
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )
    return response
