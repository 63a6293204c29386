"""Sign-in by e-mail and password through Flask-Security. Nobody registers himself, and guessing is slowed down."""

from datetime import timedelta
from typing import Any

from flask import Flask, abort, request, session
from flask_babel import lazy_gettext as _l
from flask_login import user_logged_out
from flask_security import LoginForm, PasswordUtil, Security, UserMixin, user_authenticated
from wtforms import EmailField

from desk.people import signed_in
from webapp.request import browsers, clock, common_passwords, transaction
from webapp.request.attempts import Attempts
from webapp.request.users import (
    PASSWORD_LENGTH_MAX,
    PASSWORD_LENGTH_MIN,
    SIGN_IN,
    Datastore,
    WebUser,
    sign_in_key,
)

COMMON = _l("This password is too common. Use several words that do not belong together.")
PERSON_AND_ADDRESS, PERSON, ADDRESS = 5, 30, 100  # failures within the window before a pause


class Passwords(PasswordUtil):
    """Refuses what is too short, as the library does, and what everybody has."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        if len(password) > PASSWORD_LENGTH_MAX:
            return [
                str(_l("A password can have at most %(length)s characters.", length=PASSWORD_LENGTH_MAX))
            ], password
        wrong, normal = super().validate(password, is_register, **kwargs)
        if not wrong and common_passwords.is_common(password):
            return [str(COMMON)], normal
        return wrong, normal


class SignInForm(LoginForm):
    """Flask-Security's form with a pause after too many failures and one answer to every wrong pair."""

    email = EmailField(filters=[lambda typed: (typed or "").strip().casefold()])

    def validate(self, **kwargs: Any) -> bool:
        limits = _limits(self.email.data)
        if (wait := attempts().wait_seconds(limits)) > 0:
            abort(429, description=str(wait))
        if super().validate(**kwargs):
            return True
        attempts().fail(limits)
        return False


def attempts() -> Attempts:
    from flask import current_app

    kept: Attempts = current_app.extensions["otklik_attempts"]
    return kept


def install(app: Flask) -> None:
    app.config.update(_configuration())
    app.extensions["otklik_attempts"] = Attempts()
    Security(app, Datastore(), login_form=SignInForm, password_util_cls=Passwords, register_blueprint=True)
    user_authenticated.connect(_forgive, app)
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_end, app)


def _forgive(_app: Flask, user: UserMixin, **_kwargs: Any) -> None:
    attempts().forgive(_limits(user.email)[0][0])


def _begin(_app: Flask, user: WebUser, authn_via: list[str] | None = None, **_kwargs: Any) -> None:
    writing = transaction.start_writing()
    if authn_via == ["change"]:
        signed_in.end_all(writing, user.id)
    elif sign_in_key():
        signed_in.end(writing, sign_in_key())
    session[SIGN_IN] = signed_in.begin(
        writing, user.id, browsers.name(request.user_agent.string), clock.now()
    )
    # Flask-Login's own cookie for "keep me signed in" would be a second key, and one that signing out cannot take away.
    if session.pop("_remember", None) == "set":
        session.permanent = True


def _end(_app: Flask, **_kwargs: Any) -> None:
    signed_in.end(transaction.start_writing(), str(session.pop(SIGN_IN, "")))
    session.permanent = False


def _limits(email: str) -> list[tuple[str, int]]:
    person, address = email.strip().casefold()[:255], request.remote_addr or ""
    return [
        (f"both:{person}:{address}", PERSON_AND_ADDRESS),
        (f"person:{person}", PERSON),
        (f"address:{address}", ADDRESS),
    ]


def _configuration() -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {
            "argon2"
        },  # argon2 adds a salt of its own; a lost key file locks nobody out
        "SECURITY_PASSWORD_SALT": "unused",
        "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_LENGTH_MIN,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": False,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_FRESHNESS": timedelta(seconds=-1),
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_LOGIN_USER_TEMPLATE": "profile/sign_in.html",
        "SECURITY_CHANGE_PASSWORD_TEMPLATE": "profile/password.html",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_POST_CHANGE_VIEW": "/account",
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": str.casefold, "case_insensitive": True}}],
        **_messages(),
    }


def _messages() -> dict[str, tuple[Any, str]]:
    """Flask-Security's sentences that our pages can show, in our own words and both languages."""
    return {
        "SECURITY_MSG_GENERIC_AUTHN_FAILED": (_l("Wrong e-mail or password."), "error"),
        "SECURITY_MSG_EMAIL_NOT_PROVIDED": (_l("Enter your e-mail address."), "error"),
        "SECURITY_MSG_INVALID_EMAIL_ADDRESS": (_l("This is not an e-mail address."), "error"),
        "SECURITY_MSG_PASSWORD_NOT_PROVIDED": (_l("Enter your password."), "error"),
        "SECURITY_MSG_INVALID_PASSWORD": (_l("This is not your current password."), "error"),
        "SECURITY_MSG_PASSWORD_IS_THE_SAME": (_l("The new password is the same as the old one."), "error"),
        "SECURITY_MSG_PASSWORD_INVALID_LENGTH": (
            _l("A password must have at least %(length)s characters.", length=PASSWORD_LENGTH_MIN),
            "error",
        ),
        "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": (_l("The new passwords do not match."), "error"),
        "SECURITY_MSG_PASSWORD_CHANGE": (
            _l("Your password is changed. All other sessions are ended."),
            "success",
        ),
        "SECURITY_MSG_UNAUTHENTICATED": (_l("Sign in to go on."), "error"),
        "SECURITY_MSG_UNAUTHORIZED": (_l("Your role does not permit this."), "error"),
    }
