"""An account is connected by a consent that a person gives on the site: he is sent there with a signed word and comes back with it.

The word names the person, the account and its brand, is good for ten minutes and for one return. What the site grants is stored
before anybody uses it.
"""

import secrets
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from channels import errors
from channels.contract import Connects, Grant, Place
from desk.base import settings
from desk.base.errors import Invalid
from desk.base.words import RoleName
from desk.models import Account
from desk.sources import accounts, places
from webapp.request import access, clock, transaction
from webapp.sources import channel_forms
from webapp.wording.texts import said

bp = Blueprint("connect", __name__, url_prefix="/sources/connect")

LASTS_SECONDS = 600


@bp.before_request
def _leads_alone() -> None:
    access.require_role(RoleName.LEAD)


@bp.post("/<int:account_id>")
def begin(account_id: int) -> ResponseReturnValue:
    """A page with the way to the site: our own pages send no form to anybody else."""
    account = accounts.load(transaction.session(), account_id)
    channel = _channel(account.kind)
    nonce = accounts.begin_connect(transaction.session(), account_id, current_user)
    state = _signer().dumps([current_user.id, account.id, account.brand_id, nonce])
    place = Place.of(places.place_of_account(account))
    address = channel.consent(place, _return_url(), str(state))
    if not address.startswith(("https://", "http://")):
        raise Invalid(_("This account does not say where its site is. Fill in its settings first."), "url")
    return render_template("accounts/connect.html", account=account, address=address, **channel_forms.words())


@bp.get("/return")
def come_back() -> ResponseReturnValue:
    account, nonce = _whose(request.args.get("state", ""))
    account_id, kind, title = account.id, account.kind, account.title
    accounts.end_connect(transaction.start_writing(), account_id, nonce, current_user)
    transaction.release()  # spent before the site is asked: a second return finds nothing
    try:
        grant = _granted(account_id, kind)
    except errors.ChannelError as error:
        flash(_("“%(title)s” was not connected: %(words)s", title=title, words=said(error)), "error")
        return redirect(url_for("accounts.page", account_id=account_id))
    accounts.connect(
        transaction.start_writing(),
        account_id,
        grant.secrets,
        grant.settings,
        grant.expires_at,
        now=clock.now(),
        user=current_user,
    )
    flash(_("“%(title)s” is connected.", title=title), "success")
    return redirect(url_for("accounts.page", account_id=account_id))


def _granted(account_id: int, kind: str) -> Grant:
    from webapp.sources import probe

    place = Place.of(places.place_of_account(accounts.load(transaction.session(), account_id)))
    query = {name: value for name, value in request.args.items() if name != "state"}
    with probe.lent(place, kind) as wire:
        return _channel(kind).connect(place, query, _return_url(), wire)


def _whose(state: str) -> tuple[Account, str]:
    """Raises Invalid for a word that we did not give, that is too old, or that somebody else was given."""
    wrong = Invalid(
        _("This consent has expired, or somebody else began it. Begin again on the account's page."), "state"
    )
    try:
        given: Any = _signer().loads(state, max_age=LASTS_SECONDS)
    except BadData:
        raise wrong from None
    user_id, account_id, brand_id, nonce = given
    if user_id != current_user.id:
        raise wrong
    account = accounts.load(transaction.session(), account_id)
    if account.brand_id != brand_id:
        raise wrong
    return account, nonce


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or secrets.token_hex(), salt="connect an account")


def _return_url() -> str:
    return settings.current().address.rstrip("/") + url_for("connect.come_back")


def _channel(kind: str) -> Connects:
    found: object = channel_forms.channel_of(kind)
    if not isinstance(found, Connects):
        raise Invalid(_("This channel is connected by its settings, not by consent."), "kind")
    return found
