"""What a channel says to a site, each time over a wire of its own, as the workers lend it."""

from datetime import UTC, datetime
from typing import Any

from channels import channel
from channels.contract import Look, Place, Receipt, Rights, Target
from channels.wire.client import GuardedWire, Terms

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def wire_for(
    place: Place, speaker: object = None, *, seconds: float = 5, is_single: bool = False
) -> GuardedWire:
    """One that may visit loopback; `seconds` is how long it waits for an answer."""
    terms = Terms("otklik-test", allow_private=True, request_seconds=seconds, is_single=is_single)
    return GuardedWire(terms, NOW, place, speaker)


def send(kind: str, place: Place, target: Target, text: str, *, seconds: float = 5) -> Receipt:
    return _speak(kind, "send", place, target, text, seconds=seconds, is_single=True)  # type: ignore[no-any-return]


def check(kind: str, place: Place, *, seconds: float = 5) -> Rights:
    return _speak(kind, "check", place, seconds=seconds)  # type: ignore[no-any-return]


def look(
    kind: str, place: Place, target: Target, text: str, receipt: Receipt | None, *, seconds: float = 5
) -> Look:
    return _speak(kind, "look", place, target, text, receipt, seconds=seconds)  # type: ignore[no-any-return]


def ask(kind: str, place: Place, target: Target, text: str, receipt: Receipt) -> Look:
    return _speak(kind, "ask", place, target, text, receipt, seconds=5)  # type: ignore[no-any-return]


def _speak(kind: str, act: str, place: Place, *values: Any, seconds: float, is_single: bool = False) -> Any:
    speaker = channel(kind)
    with wire_for(place, speaker, seconds=seconds, is_single=is_single) as wire:
        return getattr(speaker, act)(place, *values, wire)


def edit(
    kind: str, place: Place, target: Target, receipt: Receipt, text: str, *, seconds: float = 5
) -> Receipt:
    return _speak(kind, "edit", place, target, receipt, text, seconds=seconds, is_single=True)  # type: ignore[no-any-return]


def delete(kind: str, place: Place, target: Target, receipt: Receipt, *, seconds: float = 5) -> None:
    _speak(kind, "delete", place, target, receipt, seconds=seconds, is_single=True)
