"""Where the desk listens, how each source is doing, and adding one by its address alone. Credentials are never shown."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

import channels
from channels import lengths
from channels.contract import Collects, Finding, Place, Receives, Replies, Verifies
from channels.errors import ChannelError
from desk.base import settings, vault
from desk.base.errors import Conflict, Invalid
from desk.base.words import Arrival, RoleName, SourceState
from desk.brands import brands
from desk.models import Source
from desk.sources import accounts, changes, crawls, deliveries, health, places, remarks, sources
from webapp.request import access, clock, errors, languages, row_ids, transaction, typed
from webapp.sources import channel_forms, push
from webapp.wording import sources as source_words
from webapp.wording import texts

bp = Blueprint("sources", __name__, url_prefix="/sources")

INTERVALS = (60, 300, 900, 1800, 3600, 10_800, 43_200, 86_400)
LONGEST_ADDRESS = 2000


@bp.get("")
def index() -> ResponseReturnValue:
    session, brand_id = transaction.session(), row_ids.read(request.args.get("brand"))
    found = health.overview(session, clock.now(), languages.zone(), brand_id)
    return render_template(
        "sources/index.html", found=found, brands=brands.all_brands(session), brand_id=brand_id, **_words()
    )


@bp.get("/<int:source_id>")
def page(source_id: int) -> ResponseReturnValue:
    return _page(source_id)


@bp.post("/<int:source_id>/<any(pause, resume, crawl):step>")
def change_state(source_id: int, step: str) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    if step == "crawl":
        changes.crawl_now(transaction.session(), source_id, clock.now())
        flash(_("The crawl starts within a minute."), "success")
    else:
        change = sources.pause if step == "pause" else sources.resume
        change(transaction.session(), source_id, current_user, clock.now())
    is_on_page = request.form.get("back") == "page"
    return redirect(url_for("sources.page", source_id=source_id) if is_on_page else url_for("sources.index"))


@bp.post("/<int:source_id>/settings")
def save_settings(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    source = sources.load(transaction.session(), source_id)
    was_whole = sources.is_whole(source)
    try:
        changes.change(
            transaction.session(),
            source_id,
            title=request.form.get("title", ""),
            settings_values=channel_forms.values(source.kind, "source", is_secret=False),
            interval_seconds=_interval() or source.interval_seconds,
            accepts_replies="accepts_replies" in request.form,
            language=request.form.get("language") or None,
        )
        if channel_forms.asked(source.kind, "account"):
            accounts.use(transaction.session(), source, row_ids.read(request.form.get("account")))
        fresh = channel_forms.values(source.kind, "source", is_secret=True)
        changes.change_secrets(transaction.session(), source_id, fresh, request.form.getlist("forget"))
    except Invalid as error:
        return _page(source_id, {error.field or "title": error_words(error)}, code=422)
    if not was_whole and source.state is SourceState.ACTIVE:
        crawls.crawl_soon(transaction.session(), source, clock.now())
    flash(_("Saved."), "success")
    return redirect(url_for("sources.page", source_id=source_id))


@bp.post("/<int:source_id>/check")
def check(source_id: int) -> ResponseReturnValue:
    """Asks the site whether it takes the stored credentials; writes nothing there."""
    access.require_role(RoleName.LEAD)
    source = sources.load(transaction.session(), source_id)
    if not isinstance(channel_forms.channel_of(source.kind), Replies):
        raise Invalid(_("This channel cannot publish answers, so there is nothing to check."))
    from webapp.sources import probe  # the readers of every channel: nothing else on the pages needs them

    kind, place = source.kind, Place.of(places.place_of(transaction.session(), source))
    told = probe.check(kind, place, source_id)
    if isinstance(told, ChannelError):
        return _page(source_id, checked=(told,))
    sources.remember(transaction.session(), source_id, lengths.remembered(told.limits))
    return _page(source_id, checked=(None,))


@bp.get("/new")
def new() -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    return _new_page()


@bp.post("/new")
def look() -> ResponseReturnValue:
    """One box: says what the address is, what Otklik can do there, and shows what was said there last."""
    access.require_role(RoleName.LEAD)
    address, kind = request.form.get("url", "").strip()[:LONGEST_ADDRESS], request.form.get("kind", "")
    if not address:
        return _new_page(error=_("Enter an address."), code=422)
    from webapp.sources import probe

    own_names = _own_names(row_ids.read(request.form.get("brand")))
    with probe.lent(Place(address)) as wire:
        manners = probe.manners(wire)
        looked = (
            probe.permit(_finding(kind, address), manners)
            if kind
            else probe.recognise(address, wire, manners)
        )
        chosen = next(iter(looked.findings), None)
        place = Place(chosen.url, own_names=own_names) if chosen else None
        seen = probe.preview(chosen.kind, place, wire, manners) if chosen and place else None
    return _new_page(chosen=chosen, others=looked.findings[1:], problem=looked.error, seen=seen)


@bp.post("")
def add() -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    finding = _finding(request.form.get("kind", ""), request.form.get("url", "").strip())
    kind = finding.kind
    from channels.wire import guard

    chosen = settings.current()
    reason = guard.refuse_reason(finding.url, chosen.allow_private_addresses)
    if reason is not None and channel_forms.channel_of(finding.kind).about.address == "url":
        raise Invalid(texts.said(reason), "url")
    try:
        source = sources.add(
            transaction.session(),
            channel_forms.brand(),
            finding.kind,
            finding.url,
            arrives=Arrival(channel_forms.channel_of(finding.kind).about.arrives[0]),
            title=request.form.get("title", "").strip(),
            settings_values=channel_forms.given(channel_forms.values(kind, "source", is_secret=False)),
            secrets=channel_forms.given(channel_forms.values(kind, "source", is_secret=True)),
            language=request.form.get("language") or None,
            interval_seconds=_interval(),
            accepts_replies="accepts_replies" in request.form,
            now=clock.now(),
        )
        accounts.use(transaction.session(), source, _account_of_form(source))
        if isinstance(channel_forms.channel_of(kind), Receives):
            deliveries.open_address(transaction.session(), source, clock.now())
    except Conflict as error:
        flash(_("This source already exists: this is its page."), "info")
        return redirect(url_for("sources.page", source_id=error.facts["id"]))
    flash(_("Saved. The first crawl starts within a minute."), "success")
    return redirect(url_for("sources.page", source_id=source.id))


def error_words(error: Invalid) -> str:
    words = {
        "title": _("Enter a name."),
        "interval_seconds": _("At most once a minute, at least once a week."),
        "language": _("A code such as ru or en, or nothing."),
    }
    return str(words.get(error.field or "") or errors.sentence(error))


def abilities(kind: str) -> dict[str, bool]:
    found = channel_forms.channel_of(kind)
    return {
        "listens": isinstance(found, Collects),
        "answers": isinstance(found, Replies),
        "checks": isinstance(found, Verifies),
    }


def _page(
    source_id: int, mistakes: Mapping[str, str] | None = None, checked: tuple[Any, ...] = (), code: int = 200
) -> ResponseReturnValue:
    session = transaction.session()
    source = sources.load(session, source_id)
    before = row_ids.read(request.args.get("before"))
    history = health.crawls(session, source_id, limit=31, before=before)
    body = render_template(
        "sources/page.html",
        source=source,
        stored=_stored(source),
        accounts=channel_forms.accounts_for(source.kind, source.brand_id),
        push=push.of(source),
        history=history[:30],
        has_more=len(history) > 30,
        remarks=remarks.listed(session, source_id),
        one=health.one(session, source, clock.now(), languages.zone()),
        channel=channel_forms.channel_of(source.kind),
        abilities=abilities(source.kind),
        mistakes=mistakes or {},
        checked=checked,
        before=before,
        intervals=sorted({*INTERVALS, source.interval_seconds}),
        **_words(),
    )
    return body, code


def _new_page(code: int = 200, error: str | None = None, **found: Any) -> ResponseReturnValue:
    chosen: Finding | None = found.get("chosen")
    body = render_template(
        "sources/new.html",
        error=error,
        brands=brands.all_brands(transaction.session()),
        form=request.values,
        kinds=[c.about.kind for c in channels.available() if isinstance(c, Collects)],
        intervals=INTERVALS,
        usual=settings.current().crawl_interval_seconds,
        channel=channel_forms.channel_of(chosen.kind) if chosen else None,
        accounts=channel_forms.accounts_for(chosen.kind) if chosen else [],
        abilities=abilities(chosen.kind) if chosen else {},
        **found,
        **_words(),
    )
    return body, code


def _words() -> dict[str, Any]:
    return {
        "condition": source_words.condition,
        "before_saving": source_words.before_saving,
        "abilities_of": abilities,
        **channel_forms.words(),
    }


def _account_of_form(source: Source) -> int | None:
    """The account that was chosen, or a new one of what was typed for it; None where there is neither."""
    if chosen := row_ids.read(request.form.get("account")):
        return chosen
    told = channel_forms.given(channel_forms.values(source.kind, "account", is_secret=False))
    secrets = channel_forms.given(channel_forms.values(source.kind, "account", is_secret=True))
    if not (told or secrets):
        return None
    made = accounts.add(
        transaction.session(),
        source.brand,
        source.kind,
        title=source.title,
        settings_values=told,
        secrets=secrets,
        now=clock.now(),
        user=current_user,
    )
    return made.id


def _stored(source: Source) -> set[str]:
    """Names of the secrets that are kept; their values never reach a page."""
    try:
        return {name for name, value in vault.unlock(source.secrets).items() if value}
    except Invalid:
        return set()


def _finding(kind: str, url: str) -> Finding:
    """What a person says an address is."""
    found = channel_forms.channel_of(kind)
    if not isinstance(found, Collects):
        raise Invalid(_("This channel does not read addresses."), "kind")
    from channels import detect  # with the readers of pages: nothing else here needs them

    finding = detect.named(kind, url)
    return replace(finding, url=finding.url[:LONGEST_ADDRESS])


def _own_names(brand_id: int | None) -> tuple[str, ...]:
    return next(
        (tuple(b.own_names) for b in brands.all_brands(transaction.session()) if b.id == brand_id), ()
    )


def _interval() -> int | None:
    """Seconds; None where nothing was chosen. Raises Invalid."""
    return typed.number_or_nothing(request.form.get("interval"), "interval_seconds")
