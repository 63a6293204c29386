"""Accounts of the brands at sites: added, changed, and removed when no source uses them. Credentials are never shown."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from desk.base.errors import Invalid
from desk.base.words import RoleName
from desk.brands import brands
from desk.sources import accounts
from webapp.accounts import check
from webapp.request import access, clock, errors, transaction
from webapp.sources import channel_forms
from webapp.wording import sources as source_words

bp = Blueprint("accounts", __name__, url_prefix="/sources/accounts")


@bp.before_request
def _leads_alone() -> None:
    access.require_role(RoleName.LEAD)


@bp.get("")
def index() -> ResponseReturnValue:
    session = transaction.session()
    found = accounts.all_accounts(session)
    used = {account.id: len(accounts.used_by(session, account.id)) for account in found}
    kinds = channel_forms.kinds_with_accounts()
    return render_template("accounts/index.html", found=found, used=used, kinds=kinds, **_words())


@bp.get("/new/<kind>")
def new(kind: str) -> ResponseReturnValue:
    return _new(kind)


@bp.post("/new/<kind>")
def add(kind: str) -> ResponseReturnValue:
    try:
        made = accounts.add(
            transaction.session(),
            channel_forms.brand(),
            channel_forms.channel_of(kind).about.kind,
            title=request.form.get("title", ""),
            settings_values=channel_forms.values(kind, "account", is_secret=False),
            secrets=channel_forms.values(kind, "account", is_secret=True),
            now=clock.now(),
            user=current_user,
        )
    except Invalid as error:
        return _new(kind, _mistakes(error), 422)
    flash(_("Saved."), "success")
    return redirect(url_for("accounts.page", account_id=made.id))


@bp.get("/<int:account_id>")
def page(account_id: int) -> ResponseReturnValue:
    return _page(account_id)


@bp.post("/<int:account_id>")
def save(account_id: int) -> ResponseReturnValue:
    account = accounts.load(transaction.session(), account_id)
    try:
        accounts.change(
            transaction.session(),
            account_id,
            title=request.form.get("title", ""),
            settings_values=channel_forms.values(account.kind, "account", is_secret=False),
            fresh=channel_forms.values(account.kind, "account", is_secret=True),
            forget=request.form.getlist("forget"),
            now=clock.now(),
            user=current_user,
        )
    except Invalid as error:
        return _page(account_id, _mistakes(error), 422)
    flash(_("Saved."), "success")
    return redirect(url_for("accounts.page", account_id=account_id))


@bp.post("/<int:account_id>/remove")
def remove(account_id: int) -> ResponseReturnValue:
    accounts.remove(transaction.session(), account_id, clock.now(), current_user)
    flash(_("The account was removed."), "success")
    return redirect(url_for("accounts.index"))


def _page(account_id: int, mistakes: dict[str, str] | None = None, code: int = 200) -> ResponseReturnValue:
    session = transaction.session()
    account = accounts.load(session, account_id)
    body = render_template(
        "accounts/page.html",
        account=account,
        stored=accounts.stored(account),
        used=accounts.used_by(session, account_id),
        channel=channel_forms.channel_of(account.kind),
        can=check.abilities(account.kind),
        mistakes=mistakes or {},
        **_words(),
    )
    return body, code


def _new(kind: str, mistakes: dict[str, str] | None = None, code: int = 200) -> ResponseReturnValue:
    body = render_template(
        "accounts/new.html",
        channel=channel_forms.channel_of(kind),
        brands=brands.all_brands(transaction.session()),
        mistakes=mistakes or {},
        **_words(),
    )
    return body, code


def _mistakes(error: Invalid) -> dict[str, str]:
    return {
        error.field or "title": str(_("Enter a name.")) if error.field == "title" else errors.sentence(error)
    }


def _words() -> dict[str, Any]:
    return {"condition": source_words.account_condition, **channel_forms.words()}
