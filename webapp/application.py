"""The application, put together part by part: reading this from top to bottom tells the whole of it."""

from importlib import import_module

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from desk import signed_in
from desk.settings import Settings
from webapp import (
    access,
    assets,
    clock,
    components,
    errors,
    explanations,
    figures,
    first_run,
    formats,
    frame,
    headers,
    ids,
    languages,
    learned_words,
    live,
    presence,
    sign_in,
    steps,
    typed,
    unit,
    words,
)

VIEWS = (
    "queue",
    "case",
    "answer",
    "undo",
    "events",
    "account",
    "sources",
    "mentions",
    "health",
    "numbers",
    "team",
    "settings",
    "judge",
    "why",
    "removal",
)


def create_app(settings: Settings, now: clock.Clock = clock.system) -> Flask:
    app = Flask("webapp")
    app.request_class = typed.Request
    app.config.update(_configuration(settings), CLOCK=now)
    if settings.proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    ids.install(app)
    unit.install(app)
    headers.install(app)
    assets.install(app)
    components.install(app)
    CSRFProtect(app)
    sign_in.install(app)
    access.install(app)
    languages.install(app)
    formats.install(app)
    figures.install(app)
    words.install(app)
    steps.install(app)
    learned_words.install(app)
    frame.install(app)
    first_run.install(app)
    errors.install(app)
    presence.install(app)
    live.install(app)
    explanations.install(app)
    for name in VIEWS:
        app.register_blueprint(import_module(f"webapp.views.{name}").bp)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.key("web"),
        "SESSION_COOKIE_NAME": "otklik",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.is_behind_tls,
        "PERMANENT_SESSION_LIFETIME": signed_in.LASTS,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page may stand open all day
        "MAX_CONTENT_LENGTH": 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "TRUSTED_HOSTS": _trusted_hosts(settings),
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _trusted_hosts(settings: Settings) -> list[str] | None:
    """A page elsewhere must not reach a desk on loopback under a name of its own. None where any name may be ours."""
    loopback = ["localhost", "127.0.0.1", "[::1]"]
    if settings.public_url is not None:
        return [*loopback, settings.public_url.split("//", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0]]
    return loopback if settings.host in ("127.0.0.1", "localhost", "::1") else None
