"""The application, put together part by part: reading this from top to bottom tells the whole of it."""

from importlib import import_module

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from desk.base.settings import Settings
from desk.people import signed_in
from webapp import assets, components, layout, onboarding
from webapp.live import events, presence
from webapp.mentions import explanations
from webapp.request import access, clock, errors, headers, languages, row_ids, sign_in, transaction, typed
from webapp.wording import answer_changes, formats, labels, texts
from webapp.wording import journal as journal_words
from webapp.wording import judge as judge_words
from webapp.wording import mentions as mention_words
from webapp.wording import numbers as number_words
from webapp.wording import processes as process_words

VIEWS = (
    "queue.views",
    "cases.views",
    "cases.answering",
    "cases.changing",
    "cases.undoing",
    "live.views",
    "profile.views",
    "sources.views",
    "sources.adding",
    "sources.removal",
    "sources.push",
    "accounts.views",
    "accounts.connect",
    "accounts.check",
    "mentions.views",
    "mentions.why",
    "health.views",
    "numbers.views",
    "team.views",
    "settings.views",
    "settings.query",
    "judge.views",
)
# What sites send to us bears no form of ours, and brings a signature of its own.
INCOMING = "hooks.incoming"


def create_app(settings: Settings, now: clock.Clock = clock.system) -> Flask:
    app = Flask("webapp")
    app.request_class = typed.Request
    app.config.update(_configuration(settings), CLOCK=now)
    if settings.proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    row_ids.install(app)
    transaction.install(app)
    headers.install(app)
    assets.install(app)
    components.install(app)
    protection = CSRFProtect(app)
    sign_in.install(app)
    access.install(app)
    languages.install(app)
    formats.install(app)
    texts.install(app)
    number_words.install(app)
    labels.install(app)
    mention_words.install(app)
    journal_words.install(app)
    answer_changes.install(app)
    judge_words.install(app)
    process_words.install(app)
    layout.install(app)
    onboarding.install(app)
    errors.install(app)
    presence.install(app)
    events.install(app)
    explanations.install(app)
    for name in VIEWS:
        app.register_blueprint(import_module(f"webapp.{name}").bp)
    incoming = import_module(f"webapp.{INCOMING}").bp
    protection.exempt(incoming)
    app.register_blueprint(incoming)
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
