"""Adding a source: by its address alone, which is looked at first, or by its channel where there is no address to look at."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

import channels
from channels.contract import Channel, Collects, Finding, Place, Receives
from desk.base import settings
from desk.base.errors import Conflict, Invalid
from desk.base.words import Arrival, RoleName
from desk.brands import brands
from desk.models import Source
from desk.sources import accounts, deliveries, sources
from webapp.request import access, clock, row_ids, transaction, typed
from webapp.sources import channel_forms, push
from webapp.sources.views import INTERVALS, abilities, mistake_words, page_words
from webapp.wording import channels as channel_words
from webapp.wording import texts

bp = Blueprint("adding", __name__, url_prefix="/sources")

LONGEST_ADDRESS = 2000


@bp.get("/new")
def new() -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    return _page()


@bp.post("/new")
def look() -> ResponseReturnValue:
    """One box: says what the address is, what Otklik can do there, and shows what was said there last."""
    access.require_role(RoleName.LEAD)
    address, kind = request.form.get("url", "").strip()[:LONGEST_ADDRESS], request.form.get("kind", "")
    if kind and not has_address(_channel(kind)):
        return _page(chosen=_finding(kind, ""))
    if not address:
        return _page(error=_("Enter an address."), code=422)
    from webapp.sources import probe  # the readers of every channel: nothing else on the pages needs them

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
    return _page(chosen=chosen, others=looked.findings[1:], problem=looked.error, seen=seen)


@bp.post("")
def add() -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    kind, title = request.form.get("kind", ""), request.form.get("title", "").strip()
    finding = _finding(kind, request.form.get("url", "").strip())
    _demand_public(finding)
    try:
        source = _made(finding, title)
    except Conflict as error:
        flash(_("This source already exists: this is its page."), "info")
        return redirect(url_for("sources.page", source_id=error.facts["id"]))
    except Invalid as error:
        transaction.abandon(error)
        mistakes = {error.field or "title": mistake_words(error)}
        return _page(chosen=replace(finding, title=title or finding.title), mistakes=mistakes, code=422)
    if source.arrives is Arrival.PUSH:
        push.show_next(source.id)
        flash(
            _("Saved. Now enter the address below on the site: what it sends is read within a minute."),
            "success",
        )
        return redirect(url_for("sources.page", source_id=source.id) + "#push")
    flash(_("Saved. The first crawl starts within a minute."), "success")
    return redirect(url_for("sources.page", source_id=source.id))


def has_address(channel: Channel) -> bool:
    return channel.about.address != "none"


def _made(finding: Finding, title: str) -> Source:
    """Raises Conflict, Invalid."""
    session, kind = transaction.session(), finding.kind
    channel = _channel(kind)
    source = sources.add(
        session,
        channel_forms.brand(),
        kind,
        finding.url,
        arrives=Arrival(channel.about.arrives[0]),
        title=title or finding.title,
        settings_values=channel_forms.given(channel_forms.values(kind, "source", is_secret=False)),
        secrets=channel_forms.given(channel_forms.values(kind, "source", is_secret=True)),
        language=request.form.get("language") or None,
        interval_seconds=typed.number_or_nothing(request.form.get("interval"), "interval_seconds"),
        accepts_replies="accepts_replies" in request.form,
        is_filtered="is_filtered" in request.form,
        own_ids=request.form.get("own_ids", "").splitlines(),
        now=clock.now(),
    )
    accounts.use(session, source, _account(source))
    if isinstance(channel, Receives):
        deliveries.open_address(session, source, clock.now())
    return source


def _page(code: int = 200, error: str | None = None, **found: Any) -> ResponseReturnValue:
    chosen: Finding | None = found.get("chosen")
    about = _channel(chosen.kind).about if chosen else None
    body = render_template(
        "sources/new.html",
        error=error,
        brands=brands.all_brands(transaction.session()),
        form=request.values,
        kinds=[one.about.kind for one in _addable() if has_address(one)],
        without_address=[one.about.kind for one in _addable() if not has_address(one)],
        intervals=INTERVALS,
        usual=settings.current().crawl_interval_seconds,
        channel=_channel(chosen.kind) if chosen else None,
        is_crawled=about is not None and about.arrives[0] == "crawl",
        accounts=channel_forms.accounts_for(chosen.kind) if chosen else [],
        abilities=abilities(chosen.kind) if chosen else {},
        **{"mistakes": {}, **found},
        **page_words(),
    )
    return body, code


def _addable() -> list[Channel]:
    """What a person imports is no source that is added: the file itself makes it."""
    return [one for one in channels.available() if isinstance(one, Collects | Receives)]


def _channel(kind: str) -> Channel:
    return channel_forms.channel_of(kind)


def _account(source: Source) -> int | None:
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


def _finding(kind: str, url: str) -> Finding:
    """What a person says an address is; of a channel without addresses, what stands for one. Raises Invalid."""
    channel = _channel(kind)
    if channel not in _addable():
        raise Invalid(_("Nothing is collected by this channel itself."), "kind")
    if not has_address(channel):
        title = request.form.get("title", "").strip() or channel_words.name(kind)
        return Finding(kind, sources.address_of_named(kind, title), title, channel.about.title, 1.0)
    from channels import detect  # with the readers of pages: nothing else here needs them

    finding = detect.named(kind, url)
    return replace(finding, url=finding.url[:LONGEST_ADDRESS])


def _demand_public(finding: Finding) -> None:
    """Raises Invalid for an address that nobody may be sent to."""
    if _channel(finding.kind).about.address != "url":
        return
    from channels.wire import guard

    reason = guard.refuse_reason(finding.url, settings.current().allow_private_addresses)
    if reason is not None:
        raise Invalid(texts.said(reason), "url")


def _own_names(brand_id: int | None) -> tuple[str, ...]:
    return next(
        (tuple(b.own_names) for b in brands.all_brands(transaction.session()) if b.id == brand_id), ()
    )
