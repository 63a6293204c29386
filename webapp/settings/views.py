"""How soon a brand answers and who gets what: names, open hours, targets, rules. Leads read it, administrators change it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security import current_user

from desk.base import settings
from desk.base.errors import Conflict, Invalid, NotFound
from desk.base.words import RoleName, SourceState, TargetKind, Urgency
from desk.brands import brands, calendars, policies
from desk.models import Rule
from desk.people import users
from desk.pipeline import brand_setup
from desk.routing import reasons, rulebook
from desk.sources import source_list, sources
from webapp.request import access, clock, errors, languages, row_ids, transaction, typed
from webapp.settings import rule_form
from webapp.wording import channels as channel_words
from webapp.wording import hours, regions
from webapp.wording.labels import word

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.before_request
def _read_by_leads() -> None:
    access.require_role(*([RoleName.LEAD] if request.method == "GET" else []))


@bp.get("")
def index() -> ResponseReturnValue:
    return _index()


@bp.post("/brands")
def add_brand() -> ResponseReturnValue:
    """Also the first run: a brand of one's own, and then straight to its first address."""
    form, session = request.form, transaction.session()
    try:
        brand = brand_setup.create(
            session,
            form.get("name", ""),
            words=_lines("words"),
            own_names=_lines("own_names"),
            time_zone=form.get("time_zone", "").strip() or settings.current().time_zone,
            now=clock.now(),
        )
    except (Invalid, Conflict) as error:
        return _index(_mistake(error)), 422
    if "leave_sample" in form:
        _leave_sample()
    flash(
        _("The brand is created with default hours, targets and rules. You can change them at any time."),
        "success",
    )
    if address := form.get("url", "").strip():
        return redirect(url_for("adding.new", url=address, brand=brand.id))
    return redirect(url_for("settings.brand", brand_id=brand.id))


@bp.get("/brands/<int:brand_id>")
def brand(brand_id: int) -> ResponseReturnValue:
    return _brand(brand_id)


@bp.post("/brands/<int:brand_id>/names")
def save_names(brand_id: int) -> ResponseReturnValue:
    return _try(brand_id, "names", lambda: brands.change(
        transaction.session(), brand_id, name=request.form.get("name", ""), words=_lines("words"), own_names=_lines("own_names"),
        is_competitor="is_competitor" in request.form,
    ))  # fmt: skip


@bp.post("/brands/<int:brand_id>/hours")
def save_hours(brand_id: int) -> ResponseReturnValue:
    form, session = request.form, transaction.session()
    return _try(brand_id, "hours", lambda: brands.change_hours(
        session, brands.load(session, brand_id).calendar_id,
        {day: spans for day in "0123456" if (spans := hours.read(form.get(f"day-{day}", "")))},
        hours.read_exceptions(form.get("exceptions", "")),
        regions.joined(form.get("holidays_of", ""), form.get("holidays_region", "")),
        time_zone=form.get("time_zone", "").strip() or None,
    ))  # fmt: skip


@bp.post("/brands/<int:brand_id>/targets")
def save_target(brand_id: int) -> ResponseReturnValue:
    """A new version of a known target, or a new target."""
    form = request.form
    keep = policies.add if "is_new" in form else policies.change
    return _try(
        brand_id, "targets", lambda: keep(transaction.session(), brand_id, form.get("name", ""), **_target())
    )


@bp.get("/brands/<int:brand_id>/rules/new")
def new_rule(brand_id: int) -> ResponseReturnValue:
    return _rule(brand_id, None)


@bp.get("/brands/<int:brand_id>/rules/<int:rule_id>")
def rule(brand_id: int, rule_id: int) -> ResponseReturnValue:
    return _rule(brand_id, _found(brand_id, rule_id))


@bp.post("/brands/<int:brand_id>/rules")
@bp.post("/brands/<int:brand_id>/rules/<int:rule_id>")
def save_rule(brand_id: int, rule_id: int | None = None) -> ResponseReturnValue:
    form, found = request.form, _found(brand_id, rule_id) if rule_id else None
    team, said = form.get("team", ""), form.get("name", "")
    values: dict[str, Any] = {
        "name_en": form.get("name_en") or said,
        "name_ru": form.get("name_ru") or said,
        "conditions": rule_form.conditions(form),
        "team_id": row_ids.read(team),
        "priority": word(Urgency, form.get("priority")),
        "policy_name": form.get("policy") or None,
    }
    try:
        if found is None:
            rulebook.add(transaction.session(), brand_id, **values)
        else:
            rulebook.change(transaction.session(), found.id, **values)
    except Invalid as error:
        transaction.begin_again(error)
        return _rule(brand_id, _found(brand_id, rule_id) if rule_id else None, _mistake(error)), 422
    return _saved(brand_id, "rules")


@bp.post("/brands/<int:brand_id>/rules/<int:rule_id>/<any(up, down, on, off, remove):step>")
def move_rule(brand_id: int, rule_id: int, step: str) -> ResponseReturnValue:
    session, found = transaction.session(), _found(brand_id, rule_id)
    if step in ("on", "off"):
        rulebook.switch(session, found.id, is_active=step == "on")
    elif step == "remove":
        rulebook.remove(session, found.id)
    else:
        order = [row.id for row in rulebook.rows(session, brand_id)]
        here = order.index(found.id)
        there = min(max(here + (1 if step == "down" else -1), 0), len(order) - 1)
        order[here], order[there] = order[there], order[here]
        rulebook.reorder(session, brand_id, order)
    return _saved(brand_id, "rules")


def _index(mistake: tuple[str, str] | None = None) -> str:
    return render_template(
        "settings/index.html",
        brands=brands.all_brands(transaction.session()),
        mistake=mistake,
        form=request.form,
        usual_zone=settings.current().time_zone,
        regions=regions,
    )


def _brand(brand_id: int, mistake: tuple[str, str] | None = None) -> str:
    session = transaction.session()
    found = brands.load(session, brand_id)
    listening = [source for source in source_list.all_sources(session) if source.brand_id == brand_id]
    return render_template(
        "settings/brand.html",
        brand=found,
        query=brands.query_of(found),
        hours=hours,
        regions=regions,
        are_hours_damaged=not calendars.is_whole(found.calendar),
        policies=policies.all_in_force(session, brand_id),
        rules=rulebook.rows(session, brand_id),
        in_words=lambda rule: rule_form.in_words(rule, listening),
        weekdays=_weekdays(),
        mistake=mistake,
        target_name=_target_name,
    )


def _rule(brand_id: int, found: Rule | None, mistake: tuple[str, str] | None = None) -> str:
    session = transaction.session()
    return render_template(
        "settings/rule.html",
        brand=brands.load(session, brand_id),
        rule=found,
        mistake=mistake,
        chosen=rule_form.conditions(request.form)
        if request.method == "POST"
        else found.conditions
        if found and rulebook.is_whole(found)
        else {},
        is_damaged_rule=found is not None and not rulebook.is_whole(found),
        teams=users.teams(session),
        policies=policies.all_in_force(session, brand_id),
        channels=channel_words.names(),
        target_name=_target_name,
        sources=[source for source in source_list.all_sources(session) if source.brand_id == brand_id],
    )


def _try(brand_id: int, anchor: str, change: Any) -> ResponseReturnValue:
    try:
        change()
    except (Invalid, Conflict) as error:
        transaction.begin_again(error)
        return _brand(brand_id, _mistake(error)), 422
    return _saved(brand_id, anchor)


def _saved(brand_id: int, anchor: str) -> ResponseReturnValue:
    flash(_("Saved. The change applies from now on; earlier decisions stay as they were."), "success")
    return redirect(url_for("settings.brand", brand_id=brand_id, _anchor=anchor))


def _found(brand_id: int, rule_id: int) -> Rule:
    """Raises NotFound, also for a rule of another brand."""
    for row in rulebook.rows(transaction.session(), brand_id):
        if row.id == rule_id:
            return row
    raise NotFound(f"There is no rule {rule_id} of this brand.")


def _target() -> dict[str, Any]:
    form = request.form
    if word(TargetKind, form.get("kind")) is TargetKind.BY_CLOCK:
        if (clock_time := typed.time_of_day(form.get("clock"))) is None:
            raise Invalid(_("A time of day is written like 11:00."), "clock")
        return {"kind": TargetKind.BY_CLOCK, "clock": clock_time}
    spent = sum(
        (typed.number_or_nothing(form.get(name), name) or 0) * unit_seconds
        for name, unit_seconds in (("hours", 3600), ("minutes", 60))
    )
    return {"kind": TargetKind.DURATION, "seconds": spent}


def _target_name(name: str) -> str:
    """Its name is its identity; those that every brand begins with are shown in the reader's language."""
    return reasons.POLICIES_RU.get(name, name) if languages.language() == "ru" else name


def _weekdays() -> list[tuple[str, str]]:
    """Monday is 0."""
    names = get_locale().days["stand-alone"]["wide"]
    return [(str(number), names[number]) for number in range(7)]


def _lines(name: str) -> list[str]:
    return [part for line in request.form.get(name, "").splitlines() for part in line.split(",")]


def _leave_sample() -> None:
    session = transaction.session()
    for source in source_list.all_sources(session):
        if source.brand.is_sample and source.state is SourceState.ACTIVE:
            sources.pause(session, source.id, current_user, clock.now())


def _mistake(error: Invalid | Conflict) -> tuple[str, str]:
    """The field, and what is wrong in the reader's language; an English reader gets the desk's own words."""
    field = "name" if isinstance(error, Conflict) else error.field or "name"
    words = {
        "name": _("A brand or a target needs a name of its own, up to 200 characters."),
        "name_en": _("Enter a name for the rule."),
        "name_ru": _("Enter a name for the rule."),
        "hours": _(
            "Write hours like 09:00-18:00, 19:00-21:00, in order, up to 24:00; at least one day must be open."
        ),
        "exceptions": _("One day per line: 2026-12-31 10:00-15:00, or the date alone for a closed day."),
        "holidays_of": _("The holidays of this region are not known: check its code, or leave it empty."),
        "time_zone": _("Choose the time zone from the list."),
        "seconds": _("Between a minute and 60 days of open hours."),
        "clock": _("A time of day such as 11:00."),
        "policy_name": _("Choose the target."),
        "team_id": _("Choose the team."),
    }
    sentence = words.get(field, errors.sentence(error))
    return field, sentence if languages.language() != "en" or isinstance(
        error, Conflict
    ) else f"{sentence} ({error})"
