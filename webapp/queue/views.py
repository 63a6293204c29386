"""The landing page: what waits for an answer, most urgent first, and what to do with several cases at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_security import current_user

from desk.base.errors import DeskError, Invalid
from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, Sentiment
from desk.brands import brands
from desk.cases import assignment, handling, handovers, holding, queue, undo
from desk.models import Reply
from desk.people import permissions, users
from desk.replies import draft_list
from desk.sources import source_list
from webapp import notices
from webapp.cases import snoozes
from webapp.live import presence
from webapp.queue import filters_in_force
from webapp.request import access, clock, errors, languages, row_ids, transaction
from webapp.wording import channels as channel_words
from webapp.wording import formats
from webapp.wording.labels import word

bp = Blueprint("queue", __name__)

# Two screens full: more would cost every opening of the page what few scroll to.
ROWS = 25

LANDING_TAB = "unassigned"
MOST_AT_ONCE = 200
LANGUAGES = ("ru", "en")
COMPACT = "compact"
# The step of a bulk, as the journal names it.
EVENTS = {"take": "taken", "hand_over": "handed_over", "snooze": "snoozed", "close": "closed"}


@bp.get("/")
def index() -> ResponseReturnValue:
    """The whole page, or the list alone when a live page asks for it."""
    filters = _filters(request.args)
    session = transaction.session()
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
        "badge": _badge(session),
        "where": _where,
        "handed": handovers.told(session, current_user),
        "searched_from": request.args.get("tab") or LANDING_TAB,
        "is_compact": current_user.preferences.get("rows") == COMPACT,
    }
    is_whole = not access.is_fragment()
    choices = _choices() if is_whole or filters.is_narrowed else {}
    shown["in_force"] = filters_in_force.of_queue(filters, _titles(choices), _link)
    if not is_whole:
        return render_template("queue/live.html", **shown)
    return render_template("queue/index.html", **shown, **choices, reviews=_reviews())


@bp.post("/bulk")
def bulk() -> ResponseReturnValue:
    """One step for several cases. What one of them refuses does not keep the others from it."""
    chosen = [one for text in request.form.getlist("case")[:MOST_AT_ONCE] if (one := row_ids.read(text))]
    action, _colon, choice = request.form.get("action", "").partition(":")
    done, told = [], []
    with undo.kept(
        transaction.session(), chosen, EVENTS.get(action, action), current_user, clock.now()
    ) as step:
        for case_id in chosen:
            try:
                # Each of these functions checks before it changes anything, so a refusal leaves no half of a step.
                _act(action, choice, case_id)
                done.append(case_id)
            except DeskError as error:
                said = _("Case %(id)s: %(why)s", id=case_id, why=errors.sentence(error))
                told.append(notices.make(said, "error"))
    if not chosen:
        told.append(notices.make(_("Select some cases first."), "info"))
    if done:
        said = ngettext("Done: %(num)s case.", "Done: %(num)s cases.", len(done))
        told.append(notices.make(said, undo=step.token))
    return _told(told, done)


def _told(told: list[notices.Notice], done: list[int]) -> ResponseReturnValue:
    if not access.is_fragment():
        for one in told:
            notices.leave(**one)
        return redirect(access.local_target(request.form.get("next"), url_for("queue.index")))
    response = make_response(render_template("layout/notices.html", notices=told))
    response.headers["HX-Trigger"] = json.dumps({"otklik:bulk": {"done": done}})
    return response


def _act(action: str, choice: str, case_id: int) -> None:
    """`choice` comes with the button; a form without one names it in a field of its own."""
    session, now, form = transaction.session(), clock.now(), request.form
    if action == "take":
        assignment.take(session, case_id, current_user, now)
    elif action == "hand_over":
        team = choice or form.get("team", "")
        assignment.hand_over(session, case_id, current_user, team, form.get("note", ""), now)
    elif action == "snooze":
        until = snoozes.until(choice or form.get("until", ""), now, languages.zone())
        holding.snooze(session, case_id, current_user, until, now)
    elif action == "close":
        reason = word(CloseReason, choice or form.get("reason")) or _no_reason()
        handling.close(session, case_id, current_user, reason, now)
    else:
        raise Invalid(_("Choose what to do."), "action")


def _no_reason() -> CloseReason:
    raise Invalid(_("Choose a reason for closing."), "reason")


def _filters(args: Mapping[str, str]) -> queue.Filters:
    """Words are looked for in all lists at once: who searches does not know which of them holds the case."""
    text = args.get("q", "")[:1000]
    return queue.Filters(
        tab="all" if text.strip() else args.get("tab") or LANDING_TAB,
        team=args.get("team") or None,
        brand_id=row_ids.read(args.get("brand")),
        channel=args.get("channel") or None,
        sentiment=word(Sentiment, args.get("sentiment")),
        intent=word(Intent, args.get("intent")),
        language=args.get("language") or None,
        status=word(CaseStatus, args.get("status")),
        text=text,
    )


def _tabs(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    teams = [(f"team:{team.key}", _team_name(team)) for team in users.teams(transaction.session())]
    named = [
        ("unassigned", _("Unassigned")),
        ("mine", _("Mine")),
        *teams,
        ("on_hold", _("On hold")),
        ("problems", _("Problems")),
        ("answered", _("Answered")),
        ("closed", _("Closed")),
        ("all", _("All cases")),
    ]
    return [{"key": key, "title": title, "count": counts.get(key)} for key, title in named]


def _choices() -> dict[str, Any]:
    session = transaction.session()
    teams = users.teams(session)
    return {
        "teams": [(team.key, _team_name(team)) for team in teams],
        "brands": [(brand.id, brand.name) for brand in brands.all_brands(session)],
        "channels": channel_words.names(),
        "languages": [(code, get_locale().languages.get(code, code)) for code in LANGUAGES],
        "snoozes": snoozes.TITLES.items(),
    }


def _titles(choices: Mapping[str, Any]) -> dict[str, str]:
    """The names of those filters that are known by a key only; a key that nobody knows stands for itself."""
    lists = {"brand": "brands", "team": "teams", "language": "languages"}
    return {
        name: filters_in_force.title_of(key, choices[known]) or str(key)[:60]
        for name, known in lists.items()
        if choices and (key := request.args.get(name))
    }


def _where(row: queue.QueueRow) -> str:
    """Which list holds this case, for a search that went through all of them."""
    if row.stage is CaseStage.UNANSWERED and row.assignee_id is None:
        team = row.team_ru if languages.language() == "ru" else row.team_en
        return str(_("Unassigned, %(team)s", team=team))
    if row.stage is CaseStage.UNANSWERED:
        is_mine = row.assignee_id == current_user.id
        return str(_("Mine") if is_mine else _("With %(name)s", name=row.assignee_name))
    names = {
        CaseStage.ON_HOLD: _("On hold"),
        CaseStage.ANSWERED: _("Answered"),
        CaseStage.CLOSED: _("Closed"),
    }
    return str(names[row.stage])


def _team_name(team: Any) -> str:
    return str(team.name_ru if languages.language() == "ru" else team.name_en)


def _reviews() -> Sequence[Reply]:
    """What waits for this person's approval."""
    return draft_list.to_approve(transaction.session()) if permissions.is_senior(current_user) else ()


def _badge(session: users.Session) -> Callable[[queue.QueueRow], str]:
    """Where a row comes from, as far as that tells it from the others: the site where several sources are of one kind,
    else the kind where there are several, else nothing."""
    hosts = source_list.hosts_by_kind(session)

    def words(row: queue.QueueRow) -> str:
        if len(hosts.get(row.source_kind, ())) > 1:
            return formats.host(row.url)
        # The first word of "Reviews on a page (schema.org)" is enough here; the case's page has the whole.
        return channel_words.name(row.source_kind).split()[0] if len(hosts) > 1 else ""

    return words


def _watchers(page: queue.QueuePage) -> dict[int, list[str]]:
    here = presence.here()
    return {row.id: [one.name for one in here.others(row.id, current_user.id)] for row in page.rows}


def _link(**changes: Any) -> str:
    """This page with other filters; an empty value drops one. Changing any begins at the first page again."""
    kept = {name: value for name, value in request.args.items() if name != "after"}
    return url_for("queue.index", **{k: v for k, v in {**kept, **changes}.items() if v not in (None, "")})
