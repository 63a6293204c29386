"""Whether Otklik itself is well: a page for people, one plain answer for a watchdog, figures for Prometheus."""

import secrets
import time

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from desk.base import db, settings
from desk.base.words import RoleName
from desk.operations import system_health
from webapp.health import checks
from webapp.request import access, clock, transaction

bp = Blueprint("health", __name__)

ANSWER_KEPT_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
GAUGES = {
    "to_tag": "mentions that wait to be tagged",
    "to_crawl": "sources that are due",
    "to_send": "answers on their way to a site",
    "to_look": "published answers that are due to be looked for",
    "failing_sources": "sources whose last reading failed",
    "open_cases": "cases without a public answer",
    "overdue_cases": "cases past their time",
    "disk_free_bytes": "room on the disk of the home folder",
    "database_bytes": "size of the database",
}


@bp.get("/health")
def index() -> ResponseReturnValue:
    measured = system_health.measure(transaction.session(), clock.now())
    signs, pulses, queues = checks.look(measured, clock.now())
    return render_template(
        "health/index.html",
        vitals=measured,
        signs=signs,
        pulses=pulses,
        queues=queues,
        most_counted=system_health.MOST_COUNTED,
    )


@bp.get("/health/dot")
def dot() -> ResponseReturnValue:
    """What the top right corner of every page shows."""
    signs, pulses, _queues = checks.look(
        system_health.measure(transaction.session(), clock.now()), clock.now()
    )
    return render_template("health/dot.html", worst=_worst(signs), pulses=pulses)


@bp.get("/healthz")
def live() -> ResponseReturnValue:
    """For a watchdog, without signing in: 200 and "ok", or 503 and what is wrong. `?only=web` leaves the others out."""
    with db.snapshot() as session:
        problem = system_health.database_problem(session)
    wrong = [problem] if problem else ([] if request.args.get("only") == "web" else _wrong())
    return Response("\n".join(wrong or ["ok"]) + "\n", 503 if wrong else 200, mimetype="text/plain")


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """For Prometheus on this machine, for whoever has the key in home/metrics.key, and for administrators."""
    if not (_is_from_here() or _has_key()):
        if not current_user.is_authenticated:
            abort(404)
        access.require_role(RoleName.ADMIN)
    return Response(_exposition(), mimetype=CONTENT_TYPE_LATEST)


def _worst(signs: list[checks.Sign]) -> checks.Sign | None:
    order = {"late": 0, "soon": 1}
    return min((sign for sign in signs if not sign.is_fine), key=lambda sign: order[sign.tone], default=None)


def _wrong() -> list[str]:
    """Kept for a few seconds, because anybody may ask and asking costs queries."""
    kept = current_app.extensions.get("otklik_healthz")
    if kept is None or time.monotonic() - kept[0] > ANSWER_KEPT_SECONDS:
        with db.snapshot() as session:
            signs, _pulses, _queues = checks.look(system_health.measure(session, clock.now()), clock.now())
        kept = time.monotonic(), [sign.plain for sign in signs if sign.tone == "late"]
        current_app.extensions["otklik_healthz"] = kept
    wrong: list[str] = kept[1]
    return wrong


def _is_from_here() -> bool:
    """A proxy on this machine makes everybody look as if he came from here, so behind one nobody does."""
    is_behind_proxy = settings.current().public_url is not None or any(
        name in request.headers for name in FORWARDED
    )
    return request.remote_addr in LOOPBACK and not is_behind_proxy


def _has_key() -> bool:
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(shown) and secrets.compare_digest(shown.encode(), settings.current().key("metrics").encode())


def _exposition() -> bytes:
    with db.snapshot() as session:
        # A figure that stops somewhere would be a wrong one: whoever watches gets whole numbers.
        measured = system_health.measure(session, clock.now(), most=None)
        unanswered = system_health.unanswered_cases(session, clock.now())
    signs, pulses, queues = checks.look(measured, clock.now())
    registry = CollectorRegistry()
    for name, words in GAUGES.items():
        if (value := unanswered[name] if name in unanswered else getattr(measured, name)) is not None:
            Gauge(f"otklik_{name}", words, registry=registry).set(value)
    waits = (clock.now() - measured.oldest_unjudged_at).total_seconds() if measured.oldest_unjudged_at else 0
    Gauge("otklik_oldest_untagged_seconds", "how long the oldest mention waits", registry=registry).set(waits)
    _labelled(registry, "sign_is_fine", "1 where all is well", "sign", {s.key: int(s.is_fine) for s in signs})
    _labelled(
        registry,
        "problems",
        "answers that need a person",
        "state",
        {s.value: n for s, n in measured.problems.items()},
    )
    _labelled(registry, "queued_jobs", "jobs that stand in a queue", "queue", queues or {})
    living = [one.name for one in pulses if one.is_alive]
    _labelled(
        registry, "processes", "living processes", "name", {name: living.count(name) for name in living}
    )
    return generate_latest(registry)


def _labelled(registry: CollectorRegistry, name: str, words: str, label: str, values: dict[str, int]) -> None:
    gauge = Gauge(f"otklik_{name}", words, [label], registry=registry)
    for key, value in values.items():
        gauge.labels(key).set(value)
