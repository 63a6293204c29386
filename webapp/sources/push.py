"""The address that a site sends to, shown once when it is made and again when a lead asks; and what came of it."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from channels.contract import About, Receives, Subscribes
from desk.base import settings
from desk.base.words import RoleName
from desk.models import Delivery, Source
from desk.sources import deliveries, sources
from webapp.request import access, clock, transaction
from webapp.sources import channel_forms
from webapp.wording import channels as channel_words

bp = Blueprint("push", __name__, url_prefix="/sources")


SHOWN = "push_shown"


@dataclass(frozen=True, slots=True)
class Push:
    """`address` is shown to a lead, on the next page after he made it or asked for it; else None. `has_address`: there is one.
    `is_told_by_us`: nobody needs to enter it on the site. `is_reachable`: this desk has a name that a site can send to.
    `lacks`: what must be filled in before anything is accepted."""

    about: About
    has_address: bool
    address: str | None
    is_told_by_us: bool
    is_reachable: bool
    lacks: tuple[str, ...]
    tally: deliveries.Tally
    failed: list[Delivery]


def of(source: Source) -> Push | None:
    """None where the channel is told nothing by its site."""
    channel: object = channel_forms.channel_of(source.kind)
    if not isinstance(channel, Receives):
        return None
    opened = transaction.session()
    tally = deliveries.tallies(opened, [source.id]).get(source.id, deliveries.Tally())
    return Push(
        about=channel_forms.channel_of(source.kind).about,
        has_address=source.push_nonce is not None,
        address=_shown_now(source),
        is_told_by_us=isinstance(channel, Subscribes),
        is_reachable=settings.current().public_url is not None,
        lacks=channel_words.lacks(source, "push"),
        tally=tally,
        failed=deliveries.failed(opened, source.id),
    )


def show_next(source_id: int) -> None:
    """The next page of this source that the reader opens shows the address."""
    session[SHOWN] = source_id


def _shown_now(source: Source) -> str | None:
    is_asked = session.get(SHOWN) == source.id
    if is_asked:
        session.pop(SHOWN)
    if source.push_nonce is None or not is_asked or not current_user.has(RoleName.LEAD, RoleName.ADMIN):
        return None
    return deliveries.address_of(source.id, source.push_nonce)


@bp.post("/<int:source_id>/push/address")
def open_address(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    source = sources.load(transaction.session(), source_id)
    was_open = source.push_nonce is not None
    deliveries.open_address(transaction.session(), source, clock.now())
    said = _("There is a new address. Enter it on the site: the old one no longer works.")
    flash(said if was_open else _("There is an address now. Enter it on the site."), "success")
    return _back(source_id)


@bp.post("/<int:source_id>/push/show")
def show_address(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    return _back(source_id)


@bp.post("/<int:source_id>/push/again")
def try_again(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    deliveries.try_again(transaction.session(), source_id)
    flash(_("They will be read again within a minute."), "success")
    return redirect(url_for("sources.page", source_id=source_id) + "#push")


def _back(source_id: int) -> ResponseReturnValue:
    show_next(source_id)
    return redirect(url_for("sources.page", source_id=source_id) + "#push")
