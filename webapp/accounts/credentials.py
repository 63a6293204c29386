"""What the credentials of an account are worth, asked of its site. For pages and commands; never inside a transaction."""

from datetime import UTC, datetime

import channels
from channels import errors
from channels.contract import Place, Renews, Replies
from channels.wire import renewing
from channels.wire.client import GuardedWire, Terms
from desk.base import settings
from desk.sources import paces, renewal


def renewer(kind: str) -> renewal.Renewer:
    """How an account of that kind is renewed."""
    return renewal.Renewer(renewing.asker(kind, terms(), lambda: datetime.now(UTC)), errors.Unauthorized)


def ask(account_id: int, kind: str, place: Place) -> None:
    """Renews the account, if its channel can do that, else asks what its credentials may do. Raises ChannelError."""
    found: object = channels.channel(kind)
    if isinstance(found, Renews):
        renewal.fresh(account_id, place.secrets, renewer(kind))
    elif isinstance(found, Replies):
        with GuardedWire(terms(), datetime.now(UTC), place, found) as wire:
            found.check(place, wire)


def terms() -> Terms:
    return Terms.of(settings.current(), paces.take_turn)
