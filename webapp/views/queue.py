"""The landing page: what waits for an answer, most urgent first, and what to do with several cases at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_security import current_user

from desk import brands, cases, people, queue, reviews
from desk.errors import DeskError, Invalid
from desk.models import Reply
from desk.models.words import CaseStatus, CloseReason, Kind, Sentiment
from webapp import access, clock, errors, ids, languages, places, presence, snoozes, unit
from webapp.words import word

bp = Blueprint("queue", __name__)

# Two screens full: more would cost every opening of the page what few scroll to.
ROWS = 25

LANDING_TAB = "unassigned"
MOST_AT_ONCE = 200
LANGUAGES = ("ru", "en")


@bp.get("/")
def index() -> ResponseReturnValue:
    """The whole page, or the list alone when a live page asks for it."""
    filters = _filters(request.args)
    session = unit.session()
    page = queue.page(
        session, filters, current_user.id, clock.now(), limit=ROWS, after=request.args.get("after") or None
    )
    shown = {
        "page": page,
        "filters": filters,
        "tabs": _tabs(page.counts),
        "watchers": _watchers(page),
        "version": queue.version(session),
        "link": _link,
    }
    if access.is_fragment():
        return render_template("queue/list.html", **shown)
    return render_template("queue/index.html", **shown, **_choices(), reviews=_reviews())


@bp.post("/bulk")
def bulk() -> ResponseReturnValue:
    """One step for several cases. What one of them refuses does not keep the others from it."""
    chosen = [one for text in request.form.getlist("case")[:MOST_AT_ONCE] if (one := ids.read(text))]
    done = 0
    for case_id in chosen:
        try:
            # Each of these functions checks before it changes anything, so a refusal leaves no half of a step.
            _act(request.form.get("action", ""), case_id)
            done += 1
        except DeskError as error:
            flash(_("Case %(id)s: %(why)s", id=case_id, why=errors.sentence(error)), "error")
    if not chosen:
        flash(_("Select some cases first."), "info")
    if done:
        flash(ngettext("Done for %(num)s case.", "Done for %(num)s cases.", done), "success")
    return redirect(access.local_target(request.form.get("next"), url_for("queue.index")))


def _act(action: str, case_id: int) -> None:
    session, now, form = unit.session(), clock.now(), request.form
    if action == "take":
        cases.take(session, case_id, current_user, now)
    elif action == "hand_over":
        cases.hand_over(session, case_id, current_user, form.get("team", ""), form.get("note", ""), now)
    elif action == "snooze":
        until = snoozes.until(form.get("until", ""), now, languages.zone())
        cases.snooze(session, case_id, current_user, until, now)
    elif action == "close":
        cases.close(
            session, case_id, current_user, word(CloseReason, form.get("reason")) or _no_reason(), now
        )
    else:
        raise Invalid(_("Choose what to do."), "action")


def _no_reason() -> CloseReason:
    raise Invalid(_("Say why it is closed."), "reason")


def _filters(args: Mapping[str, str]) -> queue.Filters:
    return queue.Filters(
        tab=args.get("tab") or LANDING_TAB,
        team=args.get("team") or None,
        brand_id=ids.read(args.get("brand")),
        channel=args.get("channel") or None,
        sentiment=word(Sentiment, args.get("sentiment")),
        kind=word(Kind, args.get("kind")),
        language=args.get("language") or None,
        status=word(CaseStatus, args.get("status")),
        text=args.get("q", "")[:1000],
    )


def _tabs(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    teams = [(f"team:{team.key}", _team_name(team)) for team in people.teams(unit.session())]
    named = [
        ("unassigned", _("Unassigned")),
        ("mine", _("Mine")),
        *teams,
        ("waiting", _("On hold")),
        ("problems", _("Problems")),
        ("answered", _("Answered")),
        ("closed", _("Closed")),
    ]
    return [{"key": key, "title": title, "count": counts.get(key)} for key, title in named]


def _choices() -> dict[str, Any]:
    session = unit.session()
    teams = people.teams(session)
    return {
        "teams": [(team.key, _team_name(team)) for team in teams],
        "brands": [(brand.id, brand.name) for brand in brands.all_brands(session)],
        "channels": places.names(),
        "languages": [(code, get_locale().languages.get(code, code)) for code in LANGUAGES],
        "snoozes": snoozes.TITLES.items(),
    }


def _team_name(team: Any) -> str:
    return str(team.name_ru if languages.language() == "ru" else team.name_en)


def _reviews() -> Sequence[Reply]:
    """What waits for this person's approval."""
    return reviews.waiting(unit.session()) if cases.is_senior(current_user) else ()


def _watchers(page: queue.QueuePage) -> dict[int, list[str]]:
    here = presence.here()
    return {row.id: [one.name for one in here.others(row.id, current_user.id)] for row in page.rows}


def _link(**changes: Any) -> str:
    """This page with other filters; an empty value drops one. Changing any begins at the first page again."""
    kept = {name: value for name, value in request.args.items() if name != "after"}
    return url_for("queue.index", **{k: v for k, v in {**kept, **changes}.items() if v not in (None, "")})
