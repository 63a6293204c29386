"""Two walls in front of every view: nobody passes without signing in, and who only reads posts nothing."""

from urllib.parse import urlsplit

from flask import Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from desk.base.errors import NotAllowed
from desk.base.words import RoleName
from desk.people.permissions import may_write
from webapp.request import transaction

# The whole list of what a stranger may ask for. tests/webapp/test_access.py walks the map of addresses against it.
PUBLIC = frozenset(
    {
        "static",
        "security.login",
        "profile.language",
        "profile.theme",
        "health.live",
        "health.metrics",
        "hooks.receive",
    }
)
# What an analyst may post: his own choices, never anything of the desk's.
OWN_AFFAIRS = frozenset(
    {
        "security.login",
        "security.logout",
        "security.change_password",
        "profile.language",
        "profile.theme",
        "profile.save",
        "profile.rows",
        "profile.end_elsewhere",
        "case.watch",
        "hooks.receive",
    }
)


# What scripts look for (static/js/session.js): "over", or "stale" where the page is older than the session.
SESSION_OVER = {"Otklik-Session": "over"}
SESSION_STALE = {"Otklik-Session": "stale"}


def install(app: Flask) -> None:
    app.before_request(_wall)
    app.before_request(_keep_readers_reading)


def require_role(*roles: RoleName) -> None:
    """For views that a role is not enough for; an admin may do everything. Raises NotAllowed."""
    if not current_user.has(RoleName.ADMIN, *roles):
        raise NotAllowed("Your role does not permit this.")


def local_target(target: str | None, default: str) -> str:
    """An address within this site, or `default`: a form may not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc or not target.isprintable() else target


def is_fragment() -> bool:
    """Whether htmx asks for a piece of a page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def ask_to_sign_in() -> ResponseReturnValue:
    """For whoever is not signed in, or no longer. A script says it where the reader is; a form that held a text shows
    it once more, for it would be gone behind the page of signing in; other pages lead there and back."""
    address = _sign_in_address()
    if is_fragment():
        body = render_template("errors/session.html", state="over", sign_in=address)
        return body, 401, {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML", **SESSION_OVER}
    if request.headers.get("Sec-Fetch-Mode") == "cors":
        return "", 401, SESSION_OVER
    if typed := typed_text():
        return render_template("errors/signed_out.html", sign_in=address, typed=typed), 401
    return redirect(address)


def typed_text() -> str:
    """What a person wrote in the form of this request: the answer or the note."""
    return (request.form.get("text") or request.form.get("note") or "").strip()


def _sign_in_address() -> str:
    wanted = request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else _came_from()
    return url_for("security.login", next=wanted) if wanted != "/" else url_for("security.login")


def _came_from() -> str:
    """The page of ours that sent this request."""
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if parts.netloc != request.host or parts.path == url_for("security.login"):
        return "/"
    return local_target(f"{parts.path}?{parts.query}" if parts.query else parts.path, "/")


def _wall() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PUBLIC or current_user.is_authenticated:
        return None
    return ask_to_sign_in()


def _keep_readers_reading() -> None:
    if (
        request.method in transaction.SAFE_METHODS
        or request.endpoint is None
        or request.endpoint in OWN_AFFAIRS
    ):
        return
    if not may_write(current_user):
        abort(403)
