"""Whether a site still takes an account: it is renewed where that can be done, and asked what it may do. Nothing is published."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from channels import errors
from channels.contract import Connects, Place, Renews, Replies
from desk.base.words import RoleName
from desk.sources import accounts, places
from webapp.request import access, transaction
from webapp.sources import channel_forms
from webapp.wording.texts import said

bp = Blueprint("account_check", __name__, url_prefix="/sources/accounts")


@dataclass(frozen=True, slots=True)
class Abilities:
    """`connects`: by a consent on the site. `checks`: its credentials can be tried."""

    connects: bool
    checks: bool


def abilities(kind: str) -> Abilities:
    found: object = channel_forms.channel_of(kind)
    return Abilities(isinstance(found, Connects), isinstance(found, Renews | Replies))


@bp.post("/<int:account_id>/check")
def check(account_id: int) -> ResponseReturnValue:
    access.require_role(RoleName.LEAD)
    account = accounts.load(transaction.session(), account_id)
    kind, place = account.kind, Place.of(places.place_of_account(account))
    from webapp.accounts import credentials  # what speaks to sites: nothing else on the pages needs it

    transaction.release()  # before a call to another server
    try:
        credentials.ask(account_id, kind, place)
    except errors.ChannelError as error:
        flash(_("The site did not accept the credentials: %(words)s", words=said(error)), "error")
    else:
        flash(_("The site accepts these credentials. Nothing was written there."), "success")
    return redirect(url_for("accounts.page", account_id=account_id))
