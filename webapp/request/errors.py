"""What people read when something did not work: what happened, what is safe, what to do. Never a stack trace."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from desk.base import logs
from desk.base.errors import Conflict, Damaged, DeskError, IllegalStep, Invalid, NotAllowed, NotFound
from desk.base.sentences import Sentence
from webapp.cases import conflicts
from webapp.request import access, transaction
from webapp.wording import formats, texts

log = logs.logger()


@dataclass(frozen=True, slots=True)
class Words:
    happened: Any
    safe: Any
    next_step: Any


PAGES: dict[int, Words] = {
    400: Words(
        _l("The request could not be read."),
        _l("Nothing was changed."),
        _l("Go back, reload the page and try again."),
    ),
    403: Words(
        _l("Your role does not permit this."),
        _l("Nothing was changed."),
        _l("If you need access, ask an administrator for the role."),
    ),
    404: Words(
        _l("There is no such page."),
        _l("Nothing is lost: addresses of cases and mentions do not change."),
        _l("Check the address or search the queue."),
    ),
    405: Words(
        _l("This address cannot be opened this way."),
        _l("Nothing was changed."),
        _l("Go to the queue and use its buttons."),
    ),
    409: Words(
        _l("The case has changed: somebody else was faster."),
        _l("Nothing was changed, and nothing was sent."),
        _l("Open the case to see what has changed."),
    ),
    413: Words(
        _l("The request is too large."),
        _l("Nothing was changed."),
        _l("Go back: your text is still in the form. Shorten it and try again."),
    ),
    422: Words(
        _l("One of the values cannot be accepted."),
        _l("Nothing was changed."),
        _l("Go back, correct it and try again."),
    ),
    429: Words(
        _l("Too many attempts."),
        _l("Your account is safe; nobody was signed in."),
        _l("Wait a moment and try again."),
    ),
    500: Words(
        _l("An error occurred in Otklik."),
        _l(
            "Everything saved before is safe. This action was rolled back completely, and nothing was"
            " sent twice."
        ),
        _l("Try again in a minute. If it happens again, tell your administrator the time and this address."),
    ),
}
DAMAGED: dict[str, Words] = {
    "settings": Words(
        _l("What the database keeps of this source is damaged."),
        _l("Nothing was read or sent; what was collected is safe."),
        _l("Check the settings on the source's page and save them."),
    ),
    "own_names": Words(
        _l("The names under which the brand writes are damaged in the database."),
        _l("Nothing was read or sent; what was collected is safe."),
        _l("Enter the names again under Settings, brand."),
    ),
    "handle": Words(
        _l("What the site needs to find the message is damaged in the database."),
        _l("Nothing was sent; what was collected is safe."),
        _l(
            "The record is repaired when the message is read from the site again; until then, answer there by hand."
        ),
    ),
}
CSRF = Words(
    _l("This form has expired or was sent from another site."),
    _l("Nothing was changed."),
    _l("Go back, reload the page and try again."),
)
STATUS: dict[type[DeskError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    IllegalStep: 409,
    Damaged: 409,
    Conflict: 409,
    Invalid: 422,
}


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DeskError, _desk)
    # One of the three borders where every error ends: here it becomes a page.
    app.register_error_handler(Exception, _broken)


def sentence(error: DeskError) -> str:
    """Why the desk refused, in the reader's language."""
    if isinstance(error, Conflict):
        return conflicts.words(error) or str(PAGES[409].happened)
    if isinstance(error, Damaged):
        return str(DAMAGED.get(error.what, DAMAGED["settings"]).happened)
    if isinstance(error, NotAllowed):
        return str(PAGES[403].happened)
    if isinstance(error, NotFound):
        return str(_("It was not found: it may have been removed."))
    if isinstance(error, IllegalStep):
        return str(_("The case has changed, so this is no longer possible."))
    return invalid(error) if isinstance(error, Invalid) else str(PAGES[409].happened)


def invalid(error: Invalid) -> str:
    if isinstance(error.said, Sentence):
        return texts.said(error.said)
    return str(_(error.sentence, **error.values)) if error.values else str(_(error.sentence))


def _csrf(error: CSRFError) -> ResponseReturnValue:
    """A token that does not fit is what a session that ended looks like as well, and that is told apart."""
    transaction.abandon(error)
    if not current_user.is_authenticated and request.endpoint not in access.PUBLIC:
        return access.ask_to_sign_in()
    if access.is_fragment():
        body = render_template("errors/session.html", state="stale")
        target = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"}
        return make_response(body, 400, {**target, **access.SESSION_STALE})
    return render_template("errors/page.html", code=400, words=CSRF, typed=access.typed_text()), 400


def _http(error: HTTPException) -> ResponseReturnValue:
    transaction.abandon(error)
    if isinstance(error, SecurityError):
        return error.get_response()  # asked under a name that is not ours: no address of ours can be built
    code = error.code or 500
    if code < 400:
        return error.get_response()
    words = PAGES.get(code, PAGES[500] if code >= 500 else PAGES[400])
    if code == 429 and (error.description or "").isdigit():
        wait = formats.span(max(60, int(error.description or 0)))
        words = Words(words.happened, words.safe, _("Wait %(span)s and try again.", span=wait))
    return _page(code, words)


def _desk(error: DeskError) -> ResponseReturnValue:
    transaction.abandon(error)
    code = STATUS.get(type(error), 409)
    if isinstance(error, Damaged):
        return _page(code, DAMAGED.get(error.what, DAMAGED["settings"]))
    return _page(code, Words(sentence(error), PAGES[code].safe, PAGES[code].next_step))


def _broken(error: Exception) -> ResponseReturnValue:
    transaction.abandon(error)
    log.error("request_failed", method=request.method, path=request.path, exc_info=error)
    return _page(500, PAGES[500])


def _page(code: int, words: Words) -> ResponseReturnValue:
    if request.blueprint == "hooks":
        return make_response(f"{code}\n", code, {"Content-Type": "text/plain"})  # a program reads it
    if access.is_fragment():
        body = render_template("errors/notice.html", code=code, words=words)
        return make_response(body, code, {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML"})
    return render_template("errors/page.html", code=code, words=words), code
