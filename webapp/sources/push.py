"""The address that a site sends to, and what of it could not be read."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from channels.contract import Receives
from desk.base.words import RoleName
from desk.models import Delivery, Source
from desk.sources import deliveries, sources
from webapp.request import access, clock, transaction
from webapp.sources import channel_forms

bp = Blueprint("push", __name__, url_prefix="/sources")


@dataclass(frozen=True, slots=True)
class Push:
    """`address` None: nobody has made one yet."""

    address: str | None
    tally: deliveries.Tally
    failed: list[Delivery]


def of(source: Source) -> Push | None:
    """None where the channel is told nothing by its site."""
    channel: object = channel_forms.channel_of(source.kind)
    if not isinstance(channel, Receives):
        return None
    session = transaction.session()
    tally = deliveries.tallies(session, [source.id]).get(source.id, deliveries.Tally())
    return Push(address(source), tally, deliveries.failed(session, source.id))


def address(source: Source) -> str | None:
    return None if source.push_nonce is None else deliveries.address_of(source.id, source.push_nonce)


@bp.post("/<int:source_id>/push/address")
def open_address(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    deliveries.open_address(
        transaction.session(), sources.load(transaction.session(), source_id), clock.now()
    )
    flash(_("There is a new address. Enter it on the site: the old one no longer works."), "success")
    return redirect(url_for("sources.page", source_id=source_id) + "#push")


@bp.post("/<int:source_id>/push/again")
def try_again(source_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    deliveries.try_again(transaction.session(), source_id)
    flash(_("They will be read again within a minute."), "success")
    return redirect(url_for("sources.page", source_id=source_id) + "#push")
