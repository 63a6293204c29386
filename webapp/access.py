"""Two walls in front of every view: nobody passes without signing in, and who only reads posts nothing."""

from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from desk.errors import NotAllowed
from desk.models.words import RoleName
from desk.people import may_write
from webapp import unit

# The whole list of what a stranger may ask for. tests/webapp/test_access.py walks the map of addresses against it.
PUBLIC = frozenset(
    {"static", "security.login", "account.language", "account.theme", "health.live", "health.metrics"}
)
# What an analyst may post: his own choices, never anything of the desk's.
OWN_AFFAIRS = frozenset(
    {
        "security.login",
        "security.logout",
        "security.change_password",
        "account.language",
        "account.theme",
        "account.save",
        "account.rows",
        "account.end_elsewhere",
        "case.watch",
    }
)


def install(app: Flask) -> None:
    app.before_request(_ask_to_sign_in)
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


def _ask_to_sign_in() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PUBLIC or current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" and not is_fragment() else None
    address = (
        url_for("security.login", next=wanted) if wanted and wanted != "/" else url_for("security.login")
    )
    if is_fragment() or request.headers.get("Sec-Fetch-Mode") == "cors":
        return "", 401, {"HX-Redirect": address}
    return redirect(address)


def _keep_readers_reading() -> None:
    if request.method in unit.SAFE_METHODS or request.endpoint is None or request.endpoint in OWN_AFFAIRS:
        return
    if not may_write(current_user):
        abort(403)
