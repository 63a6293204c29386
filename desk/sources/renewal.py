"""Renewing the credentials of an account: by one at a time, stored before anybody uses what the site handed out.

Leased in one transaction, asked of the site outside any, stored in another: `fresh` opens them itself, because the crawler,
the workers and the pages need the same three steps with the same commits between them, and import nothing of one another.
Channels are handed over as a function, because desk imports none.

What is lost when a process dies between the site's answer and the commit: the credentials that the site handed out. The row
keeps those of before. A site that still takes them gives new ones a lease later; one that does not refuses, and then the account
says that a renewal was cut off and that a person has to connect it again.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from desk.base import db, logs, vault
from desk.base.sentences import Sentence, told_by
from desk.base.words import AccountState
from desk.models import Account
from desk.sources import accounts, places, sources
from desk.sources.places import Place

LEASE = timedelta(seconds=90)
"""Longer than a renewal may take: no request is begun after 20 seconds, and none lasts longer than a minute."""
PAUSE_SECONDS = 0.2
STORE_TRIES, STORE_PAUSE_SECONDS = 5, 1.0
CUT_OFF = Sentence(
    "A renewal before this one was cut off before its result was stored, so credentials that the site handed out may be lost.",
    "Предыдущее обновление прервалось до того, как его результат был сохранён, и выданный площадкой доступ мог пропасть.",
)
SPENT = Sentence("The credentials are no longer valid.", "Данные для входа больше не действуют.")

log = logs.logger()


class Granted(Protocol):
    """What a site hands out; channels.contract.Grant has this shape and explains it."""

    @property
    def secrets(self) -> Mapping[str, str]: ...
    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def settings(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Renewer:
    """How an account is renewed. `renew` asks the site; `refusal` is what it raises where only a person can help, and what
    `fresh` raises for an account that needs one."""

    renew: Callable[[Place], Granted]
    refusal: type[Exception]


@dataclass(frozen=True, slots=True)
class Lease:
    """One renewal that this process has leased. `sealed` are the secrets that it began with."""

    account_id: int
    place: Place
    sealed: str | None
    until: datetime
    was_cut_off: bool


Step = Lease | Literal["renewed", "busy"]


def fresh(
    account_id: int,
    spent: Mapping[str, str],
    renewer: Renewer,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Returns once other credentials than the `spent` ones are stored and committed, whoever renewed them. Raises the
    renewer's refusal for an account that needs a person, and whatever `renew` raises: then the stored ones are as they
    were. Raises NotFound for an account that was removed."""
    while True:
        with db.transaction() as session:
            step = begin(session, account_id, spent, now(), renewer)
        if step == "renewed":
            return
        if step != "busy":
            _renew(step, renewer, now, pause)
            return
        pause(PAUSE_SECONDS)


def fresh_place(source_id: int, account_id: int | None, spent: Mapping[str, str], renewer: Renewer) -> Place:
    """The source with other credentials than the `spent` ones. Raises as `fresh`, and the renewer's refusal for a source
    without an account."""
    if account_id is None:
        raise renewer.refusal(SPENT)
    fresh(account_id, spent, renewer)
    with db.snapshot() as session:
        return places.place_of(session, sources.load(session, source_id))


def begin(
    session: Session, account_id: int, spent: Mapping[str, str], now: datetime, renewer: Renewer
) -> Step:
    """Leases the account to the caller, unless somebody renews it now or has renewed it already."""
    account = accounts.locked(session, account_id)
    if account.state is AccountState.NEEDS_PERSON:
        raise renewer.refusal(account.error or "")
    if account.renewing_until is not None and account.renewing_until > now:
        return "busy"
    place = places.place_of_account(account)
    if not is_due(account, now) and any(spent.get(name) != value for name, value in place.secrets.items()):
        return "renewed"
    was_cut_off = account.renewing_until is not None
    account.renewing_until = now + LEASE
    return Lease(account_id, place, account.secrets, account.renewing_until, was_cut_off)


def is_due(account: Account, now: datetime) -> bool:
    return account.expires_at is not None and account.expires_at <= now


def _renew(
    lease: Lease, renewer: Renewer, now: Callable[[], datetime], pause: Callable[[float], object]
) -> None:
    is_settled = False
    try:
        _store_surely(lease, renewer.renew(lease.place), pause)
        is_settled = True
    except renewer.refusal as error:
        with db.transaction() as session:
            is_refused = refuse(session, lease, told_by(error), now())
        is_settled = True
        if is_refused:
            raise
    finally:
        if not is_settled:
            with db.transaction() as session:
                give_back(session, lease, now())


def _store_surely(lease: Lease, grant: Granted, pause: Callable[[float], object]) -> None:
    """What the site has handed out it may never hand out again, so a database that is busy or away is tried some times."""
    for _ in range(STORE_TRIES - 1):
        try:
            with db.transaction() as session:
                store(session, lease, grant)
        except db.Busy as error:
            log.warning("grant_waits", account=lease.account_id, error=logs.words(error))
            pause(STORE_PAUSE_SECONDS)
        else:
            return
    with db.transaction() as session:
        store(session, lease, grant)


def store(session: Session, lease: Lease, grant: Granted) -> bool:
    """What was granted takes the place of what the renewal began with, all of it or none. False, and nothing changed,
    where somebody has stored other credentials meanwhile: a person, or whoever took over a lease that ran out."""
    account = accounts.locked(session, lease.account_id)
    if account.secrets != lease.sealed:
        log.warning("grant_not_stored", account=account.id)
        return False
    merged = {**lease.place.secrets, **grant.secrets}
    account.secrets = vault.lock({name: value for name, value in merged.items() if value})
    account.settings = {**account.settings, **grant.settings}
    account.expires_at, account.renewing_until = grant.expires_at, None
    return True


def refuse(session: Session, lease: Lease, reason: str, now: datetime) -> bool:
    """The site takes these credentials no more. False where others are stored by now, with which it may be tried again."""
    account = accounts.locked(session, lease.account_id)
    if account.secrets != lease.sealed:
        return False
    said = Sentence.alike(reason).with_more(CUT_OFF) if lease.was_cut_off else reason
    accounts.needs_person(session, account, said, now)
    return True


def give_back(session: Session, lease: Lease, now: datetime) -> None:
    """It came to nothing: the next may try at once. That it did not come to its end is remembered, because the site may
    have handed something out."""
    account = accounts.locked(session, lease.account_id)
    if account.renewing_until == lease.until:
        account.renewing_until = min(now, lease.until)
