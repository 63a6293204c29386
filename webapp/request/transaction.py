"""One request, one transaction: a GET reads a snapshot, any other method is one transaction with one commit."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from desk.base import db
from desk.people.users import Session

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Checking a password takes long on purpose; it must not hold the one write lock that SQLite has.
READING_POSTS = frozenset({"security.login", "case.watch", "hooks.receive"})


def install(app: Flask) -> None:
    # Functions after a request run in the reverse order of their registration: install this before anything that
    # may still write to the session.
    app.after_request(_commit)
    app.teardown_request(_close)


def session() -> Session:
    """The session of this request, opened when first asked for."""
    if "request_session" not in g:
        is_reading = (
            request.method in SAFE_METHODS or request.endpoint in READING_POSTS or "request_failed" in g
        )
        _open(is_reading=is_reading)
    found: Session = g.request_session
    return found


def start_writing() -> Session:
    """A transaction from here on, also in a request that only reads until it knows that there is something to write.
    Rows that were read before belong to the old session then."""
    if "request_session" not in g or not g.request_is_writing:
        _end()
        _open(is_reading=False)
    return session()


def abandon(error: BaseException) -> None:
    """Rolls everything back; whatever the error page still reads comes from a fresh snapshot."""
    g.request_failed = True
    stack: ExitStack | None = g.pop("request_stack", None)
    g.pop("request_session", None)
    g.pop("_login_user", None)  # the rollback empties his row too; who asks for the reader loads him again
    if stack is not None:
        try:
            stack.__exit__(type(error), error, error.__traceback__)
        except type(error):
            return


def release() -> None:
    """Commits and closes now, before a call to another server; whoever asks next gets a new session. Rows that
    were read before, the reader's own among them, belong to the old one."""
    _end()
    g.pop("_login_user", None)  # the reader is loaded again with the next session


def begin_again(error: BaseException) -> None:
    """Rolls everything back and lets the same request write once more, to keep what must not be lost."""
    abandon(error)
    g.pop("request_failed")


def _open(*, is_reading: bool) -> None:
    g.request_stack, g.request_is_writing = ExitStack(), not is_reading
    g.request_session = g.request_stack.enter_context(db.snapshot() if is_reading else db.transaction())


def _commit(response: Response) -> Response:
    _end()
    return response


def _end() -> None:
    g.pop("request_session", None)
    stack: ExitStack | None = g.pop("request_stack", None)
    if stack is not None:
        stack.close()


def _close(error: BaseException | None) -> None:
    abandon(error or RuntimeError("the request ended without a response"))
