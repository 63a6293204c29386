"""Which language and clock the reader sees: his own choice, else the browser's."""

from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_domain, get_locale
from flask_security import current_user

from desk.base import settings
from desk.people.users import LOCALES, THEMES

FOLDER = Path(__file__).parents[1] / "translations"
NAMES = {"ru": "Русский", "en": "English"}


def install(app: Flask) -> None:
    app.config.update(BABEL_DEFAULT_LOCALE="en", BABEL_TRANSLATION_DIRECTORIES=str(FOLDER))
    Babel(app, locale_selector=locale, timezone_selector=time_zone_name)
    # Flask-Babel asks anew for locale and catalogue at every sentence; a queue page has hundreds of them.
    app.jinja_env.install_gettext_callables(_sentence, _sentences, newstyle=True)  # type: ignore[attr-defined]


def locale() -> str:
    """Ru or en."""
    chosen = _of_the_user("locale") or request.cookies.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or "en"


def language() -> str:
    """The language this page is being written in."""
    return str(get_locale() or "en")[:2]


def theme() -> str:
    chosen = _of_the_user("theme") or request.cookies.get("theme")
    return str(chosen) if chosen in THEMES else "auto"


def time_zone_name() -> str:
    """The browser tells its zone in a cookie (static/js/frame.js); without it, the zone of the brands."""
    told = request.cookies.get("zone", "").replace("%2F", "/") if has_request_context() else ""
    return told if told in _zones() else settings.current().time_zone


def zone() -> ZoneInfo:
    return ZoneInfo(time_zone_name())


def _catalogue() -> Any:
    if "catalogue" not in g:
        g.catalogue = get_domain().get_translations()
    return g.catalogue


def _sentence(text: str) -> str:
    return str(_catalogue().ugettext(text))


def _sentences(one: str, many: str, number: int) -> str:
    return str(_catalogue().ungettext(one, many, number))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() | {str(UTC)})


def _of_the_user(choice: str) -> str | None:
    # A failed request has no user to ask when finding him is what failed.
    if "request_failed" in g and "_login_user" not in g:
        return None
    return getattr(current_user, choice, None) if current_user.is_authenticated else None
