"""What a channel asks people for, as forms show it and as they send it back: for a source, or for an account that sources share."""

from collections.abc import Iterable
from typing import Any, Literal

from flask import request
from flask_babel import gettext as _

import channels
from channels import fields
from channels.contract import Channel, Field
from desk.base.errors import Invalid
from desk.brands import brands
from desk.models import Account, Brand
from desk.sources import accounts
from webapp.request import row_ids, transaction
from webapp.wording import channels as channel_words
from webapp.wording import sources as source_words
from webapp.wording import texts

Scope = Literal["source", "account"]


def channel_of(kind: str) -> Channel:
    """Raises Invalid for a kind that no channel of this version has."""
    if kind not in channels.KINDS:
        raise Invalid(_("This channel does not exist."), "kind")
    return channels.channel(kind)


def asked(kind: str, scope: Scope) -> list[Field]:
    return [field for field in channel_of(kind).about.fields if field.scope == scope]


def values(kind: str, scope: Scope, *, is_secret: bool) -> dict[str, str]:
    """What the form says for these fields; empty where it says nothing. Raises Invalid."""
    return {field.name: _value(field) for field in asked(kind, scope) if field.is_secret is is_secret}


def given(said: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in said.items() if value}


def kinds_with_accounts() -> list[str]:
    return [kind for kind in channels.KINDS if asked(kind, "account")]


def brand() -> Brand:
    """That which the form names. Raises Invalid."""
    wanted = row_ids.read(request.form.get("brand"))
    found = next((brand for brand in brands.all_brands(transaction.session()) if brand.id == wanted), None)
    if found is None:
        raise Invalid(_("Choose the brand this source is about."), "brand")
    return found


def account_options(found: Iterable[Account]) -> list[tuple[int, str]]:
    return [(account.id, account.title) for account in found]


def accounts_for(kind: str, brand_id: int | None = None) -> list[Account]:
    """Those that a source of this kind may share; none where the channel knows no accounts."""
    return accounts.all_accounts(transaction.session(), brand_id, kind) if asked(kind, "account") else []


def words() -> dict[str, Any]:
    return {
        "trouble": source_words.trouble,
        "channel_title": channel_words.name,
        "said": texts.said,
        "choices": lambda field: [(name, texts.said(title)) for name, title in field.choices],
        "brand_options": lambda found: [(brand.id, brand.name) for brand in found],
        "account_options": account_options,
        "asked": asked,
    }


def _value(field: Field) -> str:
    name = f"field-{field.name}"
    try:
        return fields.read(field, request.form.get(name, ""))
    except fields.Wrong as wrong:
        raise Invalid(texts.said(wrong.text), name) from None
