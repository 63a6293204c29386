"""`otklik source kinds`: what can be connected, and what each kind asks for."""

from typing import Any

import click

import channels
from channels.contract import (
    About,
    Channel,
    Collects,
    Connects,
    Deletes,
    Edits,
    Field,
    Reads,
    Receives,
    Renews,
    Replies,
    Verifies,
)
from webapp.cli.common import as_json, show


@click.command()
@as_json
def kinds(is_json: bool) -> None:
    """Every kind of source: what it can do, the form of its address, and the fields it asks for. JSON has all of them, with the
    titles in both languages."""
    every = channels.available()
    show([_whole(one) if is_json else _row(one) for one in every], is_json, empty="There are no channels.")


def _row(channel: Channel) -> dict[str, object]:
    about = channel.about
    needed = [field.name for field in about.fields if field.needed_for == "listening"]
    return {
        "kind": about.kind,
        "title": about.title.en,
        "address": about.address,
        "can": ", ".join(_abilities(channel)),
        "needs": ", ".join(needed) or "nothing",
    }


def _whole(channel: Channel) -> dict[str, object]:
    about = channel.about
    return {
        "kind": about.kind,
        "title": about.title.en,
        "title_ru": about.title.ru,
        "address": about.address,
        "visibility": about.visibility,
        "abilities": _abilities(channel),
        "fields": [_field(field) for field in about.fields],
        "answers": _answers(about),
        "interval_seconds": about.pace.interval_seconds,
        "terms": about.terms.en if about.terms else None,
        "terms_ru": about.terms.ru if about.terms else None,
    }


def _abilities(channel: object) -> list[str]:
    """collect: crawled; receive: its site sends to us; import: a person brings it; answer, verify, edit, delete: of answers;
    consent: connected by a consent on the site; renew: its credentials are renewed by themselves."""
    held: dict[str, type] = {
        "collect": Collects, "receive": Receives, "answer": Replies, "verify": Verifies, "edit": Edits, "delete": Deletes,
        "consent": Connects, "renew": Renews,
    }  # fmt: skip
    found = [name for name, ability in held.items() if isinstance(channel, ability)]
    return (
        found if {"collect", "receive"} & set(found) or not isinstance(channel, Reads) else ["import", *found]
    )


def _field(field: Field) -> dict[str, object]:
    """`required`: nothing is collected without it. `for`: what it serves, and cannot be done without it if it is required for
    that; `scope` account: given once for all sources of an account."""
    return {
        "name": field.name,
        "title": field.title.en,
        "title_ru": field.title.ru,
        "kind": field.kind,
        "secret": field.is_secret,
        "required": field.needed_for == "listening",
        "needed_for": None if field.needed_for == "nothing" else field.needed_for,
        "for": field.part,
        "scope": field.scope,
        "choices": [name for name, _ in field.choices],
        "hint": field.hint.en if field.hint else None,
        "hint_ru": field.hint.ru if field.hint else None,
    }


def _answers(about: About) -> dict[str, Any] | None:
    answering = about.answering
    if answering is None:
        return None
    limits = answering.limits
    return {
        "length": limits.length if limits else None,
        "unit": limits.unit if limits else None,
        "proof": answering.proof,
        "is_moderated": answering.is_moderated,
        "edits": answering.edits,
    }
