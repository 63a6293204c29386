"""A site is told where to send, outside any transaction; what it granted is stored at once."""

from dataclasses import replace
from datetime import UTC, datetime

import channels
from channels import errors
from channels.contract import Place, Subscribes
from channels.wire import renewing
from channels.wire.client import GuardedWire, Terms
from desk.base import db, logs, settings
from desk.base.sentences import Sentence
from desk.sources import paces, renewal, subscriptions
from desk.sources.subscriptions import Change

TIMEOUT_SECONDS, LONGEST_SECONDS = 20.0, 40.0

log = logs.logger()


def tell_next() -> bool:
    """Whether there was a source whose site was to be told."""
    with db.transaction() as session:
        change = subscriptions.claim(session, datetime.now(UTC))
    if change is None:
        return False
    try:
        _tell(change)
    except errors.ChannelError as error:
        _put_off(change, Sentence.of(error.text))
    except Exception as error:  # the job border: one channel's bug must not hold up the others
        log.exception("subscription_failed", source=change.source_id)
        name = type(error).__name__
        _put_off(change, Sentence(f"An error of Otklik itself ({name}).", f"Ошибка самого Отклика ({name})."))
    else:
        with db.transaction() as session:
            subscriptions.settle(session, change, datetime.now(UTC))
    return True


def _tell(change: Change) -> None:
    channel: object = channels.channel(change.kind) if change.kind in channels.KINDS else None
    if not isinstance(channel, Subscribes):
        return
    place = Place.of(change.place)
    if change.old is not None:
        with _wire(change, place) as wire:
            channel.unsubscribe(place, change.old, wire)
        with db.transaction() as session:
            subscriptions.stopped(session, change)
    if change.new is not None:
        with _wire(change, place) as wire:
            grant = channel.subscribe(place, change.new, wire)
        with db.transaction() as session:
            subscriptions.begun(session, change, grant.secrets, grant.settings)


def _wire(change: Change, place: Place) -> GuardedWire:
    usual = Terms.of(settings.current(), paces.take_turn)
    terms = replace(usual, request_seconds=TIMEOUT_SECONDS, longest_seconds=LONGEST_SECONDS)

    def renewed(used: Place) -> Place:
        ask = renewing.asker(change.kind, terms, lambda: datetime.now(UTC))
        renewer = renewal.Renewer(ask, errors.Unauthorized)
        return Place.of(renewal.fresh_place(change.source_id, used.account_id, used.secrets, renewer))

    return GuardedWire(terms, datetime.now(UTC), place, channels.channel(change.kind), renewed=renewed)


def _put_off(change: Change, error: str) -> None:
    with db.transaction() as session:
        subscriptions.put_off(session, change.source_id, error, datetime.now(UTC))
