"""Credentials that expired, renewed by the site. Whoever asks for that stores what is granted before using it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from channels import channel, errors
from channels.contract import Grant, Place, Renews, Text
from channels.wire.client import GuardedWire, Terms

LONGEST_SECONDS: Final = 20.0
"""No request is begun later than that after the first, and none lasts longer than a minute: desk.sources.renewal leases an
account for longer than both."""


def renew(kind: str, shape: object, terms: Terms, now: datetime, url: str = "") -> Grant:
    """`shape` is the place of an account as the desk built it; `url` is that of the source that asks, where the account has none. Raises ChannelError; Unauthorized where only a person can
    help, as with a channel that renews nothing."""
    found: object = channel(kind)
    if not isinstance(found, Renews):
        raise errors.Unauthorized(
            Text(
                "The credentials are no longer valid, and this channel cannot renew them.",
                "Данные для входа больше не действуют, и этот канал не может их обновить.",
            )
        )
    # It runs because the old ones ran out; the request for others must not be kept from going out by that.
    account = Place.of(shape)
    place = replace(account, expires_at=None, url=account.url or url)
    with GuardedWire(replace(terms, longest_seconds=LONGEST_SECONDS), now, place, found) as wire:
        return found.renew(place, wire)


def asker(kind: str, terms: Terms, clock: Callable[[], datetime], url: str = "") -> Callable[[object], Grant]:
    """The same, to be handed over to whoever leases the account."""
    return lambda shape: renew(kind, shape, terms, clock(), url)
