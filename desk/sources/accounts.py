"""Accounts: credentials that several sources of one site share. Added, changed and removed by people; how they are renewed
stands in desk/sources/renewal.py."""

import hmac
import secrets as secrets_of_chance
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import vault
from desk.base.errors import Conflict, Invalid, NotAllowed, NotFound
from desk.base.words import AccountState
from desk.models import Account, Brand, Source, User
from desk.people import permissions
from desk.sources import crawls


def add(
    session: Session,
    brand: Brand,
    kind: str,
    *,
    title: str,
    now: datetime,
    settings_values: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    expires_at: datetime | None = None,
    user: User | None = None,
) -> Account:
    """Raises Invalid for a name that is empty, NotAllowed."""
    _demand_lead(user)
    account = Account(
        brand=brand,
        kind=kind,
        title=_title(title),
        settings={name: value for name, value in (settings_values or {}).items() if value},
        secrets=vault.lock({name: value for name, value in (secrets or {}).items() if value}),
        expires_at=expires_at,
        created_at=now,
    )
    session.add(account)
    session.flush()
    _tell(session, "account_added", account, now, user)
    return account


def change(
    session: Session,
    account_id: int,
    *,
    title: str,
    settings_values: Mapping[str, str],
    fresh: Mapping[str, str],
    forget: Iterable[str] = (),
    now: datetime,
    user: User | None = None,
) -> Account:
    """An empty secret keeps the old one; those that can no longer be opened are replaced. It is tried anew, whatever was
    wrong with it. Raises NotFound, Invalid (its `field` names the argument), NotAllowed."""
    _demand_lead(user)
    account = locked(session, account_id)
    account.title = _title(title)
    account.settings = {name: value for name, value in settings_values.items() if value}
    given = {name: value for name, value in fresh.items() if value}
    kept = {} if not _is_openable(account) else vault.unlock(account.secrets)
    if given or set(forget) & set(kept):
        without = {name: value for name, value in kept.items() if name not in set(forget)}
        # What is derived from the old ones, a token among them, runs out with them.
        account.secrets, account.expires_at = vault.lock({**without, **given}), now
    _try_anew(session, account, now)
    _tell(session, "account_changed", account, now, user)
    return account


def begin_connect(session: Session, account_id: int, user: User | None) -> str:
    """A word that is good for one return from the site; the one before it is good for none."""
    _demand_lead(user)
    account = locked(session, account_id)
    account.connect_nonce = secrets_of_chance.token_hex(16)
    return account.connect_nonce


def end_connect(session: Session, account_id: int, nonce: str, user: User | None) -> None:
    """Spends the word. Raises Invalid for one that is spent already, or was never given."""
    _demand_lead(user)
    account = locked(session, account_id)
    known = account.connect_nonce
    if known is None or not hmac.compare_digest(known.encode(), nonce.encode()):
        raise Invalid("This consent has already been used, or another one was begun after it.", "state")
    account.connect_nonce = None


def connect(
    session: Session,
    account_id: int,
    secrets: Mapping[str, str],
    settings_values: Mapping[str, str],
    expires_at: datetime | None,
    *,
    now: datetime,
    user: User | None = None,
) -> Account:
    """What a site granted to a person takes the place of what stood there."""
    _demand_lead(user)
    account = locked(session, account_id)
    kept = vault.unlock(account.secrets) if _is_openable(account) else {}
    account.secrets = vault.lock({name: value for name, value in {**kept, **secrets}.items() if value})
    account.settings, account.expires_at = {**account.settings, **settings_values}, expires_at
    _try_anew(session, account, now)
    _tell(session, "account_changed", account, now, user)
    return account


def remove(session: Session, account_id: int, now: datetime, user: User | None = None) -> None:
    """Raises NotFound, NotAllowed, and Conflict (code "account_in_use", fact `count`) while sources use it."""
    _demand_lead(user)
    account = locked(session, account_id)
    if used := len(used_by(session, account_id)):
        raise Conflict(f"{used} sources use this account.", "account_in_use", count=used)
    _tell(session, "account_removed", account, now, user)
    session.delete(account)
    session.flush()


def use(session: Session, source: Source, account_id: int | None) -> None:
    """From now on the source shares that account, or none. Raises NotFound, Invalid for one of another brand or channel."""
    if account_id is not None:
        account = load(session, account_id)
        if (account.brand_id, account.kind) != (source.brand_id, source.kind):
            raise Invalid("This account is of another brand or channel.", "account")
    source.account_id = account_id
    session.flush()
    session.expire(source, ["account"])


def load(session: Session, account_id: int) -> Account:
    """Raises NotFound."""
    if (account := session.get(Account, account_id)) is None:
        raise NotFound(f"There is no account {account_id}.")
    return account


def locked(session: Session, account_id: int) -> Account:
    """As it stands now, and nobody else's to change before the commit. Raises NotFound."""
    query = sa.select(Account).where(Account.id == account_id).with_for_update(of=Account)
    account = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if account is None:
        raise NotFound(f"There is no account {account_id}.")
    return account


def all_accounts(session: Session, brand_id: int | None = None, kind: str | None = None) -> list[Account]:
    query = sa.select(Account).order_by(Account.title, Account.id)
    if brand_id is not None:
        query = query.where(Account.brand_id == brand_id)
    if kind is not None:
        query = query.where(Account.kind == kind)
    return list(session.scalars(query))


def used_by(session: Session, account_id: int) -> list[Source]:
    query = sa.select(Source).where(Source.account_id == account_id).order_by(Source.title, Source.id)
    return list(session.scalars(query))


def stored(account: Account) -> set[str]:
    """Names of the secrets that are kept; their values never reach a page."""
    return (
        {name for name, value in vault.unlock(account.secrets).items() if value}
        if _is_openable(account)
        else set()
    )


def needs_person(session: Session, account: Account, reason: str, now: datetime) -> None:
    """Only a person can give it other credentials. Its sources are not read meanwhile and each says why; told once."""
    if account.state is AccountState.NEEDS_PERSON:
        return
    account.state, account.error, account.renewing_until = AccountState.NEEDS_PERSON, reason[:2000], None
    for source in used_by(session, account.id):
        source.error_kind, source.error, source.error_at = "unauthorized", account.error, now
    _tell(session, "account_needs_person", account, now, None)


def mark_expired(session: Session, account_id: int, spent: Mapping[str, str], now: datetime) -> None:
    """The site takes its token no more, whatever its date says: it is renewed before it is used again, unless somebody has
    stored other secrets than the `spent` ones."""
    account = locked(session, account_id)
    kept = vault.unlock(account.secrets) if _is_openable(account) else {}
    if account.state is AccountState.READY and all(spent.get(name) == value for name, value in kept.items()):
        account.expires_at = min(account.expires_at or now, now)


def _try_anew(session: Session, account: Account, now: datetime) -> None:
    account.error = account.renewing_until = None
    if account.state is AccountState.READY:
        return
    account.state = AccountState.READY
    for source in used_by(session, account.id):
        source.error_kind = source.error = source.error_at = None
        crawls.crawl_soon(session, source, now)


def _is_openable(account: Account) -> bool:
    try:
        vault.unlock(account.secrets)
    except Invalid:
        return False
    return True


def _title(title: str) -> str:
    if not title.strip():
        raise Invalid("The name is empty.", "title")
    return title.strip()[:200]


def _tell(session: Session, event: journal.Event, account: Account, now: datetime, user: User | None) -> None:
    journal.write(
        session, event, now, user=user, brand_id=account.brand_id, account=account.id, title=account.title
    )


def _demand_lead(user: User | None) -> None:
    """None is a command on the machine itself."""
    if user is not None and not permissions.is_senior(user):
        raise NotAllowed("Only a lead or an administrator changes accounts.")
