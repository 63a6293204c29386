"""Where the desk listens, and how each source is doing. Credentials are never shown."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from channels import lengths
from channels.contract import Collects, Place, Receives, Replies, Verifies
from channels.errors import ChannelError
from desk.base import vault
from desk.base.damage import is_damaged
from desk.base.errors import Invalid
from desk.base.words import RoleName, SourceState
from desk.brands import brands
from desk.models import Source
from desk.sources import accounts, changes, crawls, health, places, remarks, sources
from webapp.request import access, clock, errors, languages, row_ids, transaction, typed
from webapp.sources import channel_forms, push
from webapp.wording import channels as channel_words
from webapp.wording import sources as source_words

bp = Blueprint("sources", __name__, url_prefix="/sources")

INTERVALS = (60, 300, 900, 1800, 3600, 10_800, 43_200, 86_400)


@bp.get("")
def index() -> ResponseReturnValue:
    session, brand_id = transaction.session(), row_ids.read(request.args.get("brand"))
    found = health.overview(session, clock.now(), languages.zone(), brand_id)
    return render_template(
        "sources/index.html",
        found=found,
        brands=brands.all_brands(session),
        brand_id=brand_id,
        **page_words(),
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
            is_filtered="is_filtered" in request.form,
            language=request.form.get("language") or None,
            own_ids=request.form.get("own_ids", "").splitlines(),
        )
        if channel_forms.asked(source.kind, "account"):
            accounts.use(transaction.session(), source, row_ids.read(request.form.get("account")))
        fresh = channel_forms.values(source.kind, "source", is_secret=True)
        changes.change_secrets(transaction.session(), source_id, fresh, request.form.getlist("forget"))
    except Invalid as error:
        transaction.abandon(error)  # all of it or nothing
        return _page(source_id, {error.field or "title": mistake_words(error)}, code=422)
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


def mistake_words(error: Invalid) -> str:
    words = {
        "title": _("Enter a name."),
        "interval_seconds": _("At most once a minute, at least once a week."),
        "language": _("A code such as ru or en, or nothing."),
    }
    return str(words.get(error.field or "") or errors.sentence(error))


def abilities(kind: str) -> dict[str, bool]:
    found = channel_forms.channel_of(kind)
    return {
        "listens": isinstance(found, Collects | Receives),
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
    shown = push.of(source)
    body = render_template(
        "sources/page.html",
        source=source,
        stored=_stored(source),
        accounts=channel_forms.accounts_for(source.kind, source.brand_id),
        push=shown,
        own_ids=_own_ids(source),
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
        **page_words(),
    )
    # An address that is shown once is not to be found in the browser's memory of pages.
    return body, code, {"Cache-Control": "no-store"} if shown is not None and shown.address else {}


def page_words() -> dict[str, Any]:
    return {
        "condition": source_words.condition,
        "before_saving": source_words.before_saving,
        "abilities_of": abilities,
        "has_address": channel_words.has_address,
        **channel_forms.words(),
    }


def _own_ids(source: Source) -> list[str]:
    """Nothing where they are damaged: the page says so, and saving puts what is typed in their place."""
    return [] if is_damaged(source.own_ids) else list(source.own_ids)


def _stored(source: Source) -> set[str]:
    """Names of the secrets that are kept; their values never reach a page."""
    try:
        return {name for name, value in vault.unlock(source.secrets).items() if value}
    except Invalid:
        return set()


def _interval() -> int | None:
    """Seconds; None where nothing was chosen. Raises Invalid."""
    return typed.number_or_nothing(request.form.get("interval"), "interval_seconds")
