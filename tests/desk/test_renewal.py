"""Credentials are renewed by one at a time, stored before they are used, and never lost by a failure that can be seen."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings

from desk.base import db, settings
from desk.base.words import AccountState
from desk.models import Account, Journal
from desk.sources import accounts, crawls, renewal
from desk.sources.places import Place
from tests.channels.made_up.token_site import TokenSite, token_site
from tests.desk.renewing import Grant, Refused, ask_site
from tests.world import rows

NOON = rows.NOON
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def site() -> Iterator[TokenSite]:
    with token_site() as running:
        yield running


@pytest.fixture
def account(database: None, site: TokenSite, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("OTKLIK_HOME", str(settings.current().home))
    return new_account(site.url)


def new_account(server: str = "https://site.example") -> int:
    with db.transaction() as session:
        brand = rows.brand(session, f"Brand {next(rows.numbers)}")
        made = accounts.add(
            session,
            brand,
            "social_network",
            title="Заря",
            settings_values={"server": server},
            secrets={"refresh_token": "refresh-0"},
            now=NOON,
        )
        rows.source(session, brand, kind="social_network", account_id=made.id)
        return made.id


def load(account_id: int) -> Account:
    with db.snapshot() as session:
        return accounts.load(session, account_id)


def secrets(account_id: int) -> dict[str, str]:
    return dict(renewal.places.place_of_account(load(account_id)).secrets)


def fresh(account_id: int, renew: Callable[[Place], Grant], now: datetime = NOON) -> None:
    renewal.fresh(account_id, secrets(account_id), renewal.Renewer(renew, Refused), now=lambda: now)


def needs_person_lines() -> int:
    with db.snapshot() as session:
        return session.query(Journal).filter_by(event="account_needs_person").count()


@pytest.mark.processes
def test_of_two_processes_one_renews_and_both_use_what_it_got(
    account: int, site: TokenSite, start: Start
) -> None:
    site.gate.clear()
    both = [start("-m", "tests.desk.renewing", str(account), output=subprocess.PIPE) for _ in range(2)]
    assert site.arrived.acquire(timeout=60)
    site.gate.set()
    said = [process.communicate(timeout=60)[0] for process in both]
    assert said == ["access-1", "access-1"]
    assert (site.renewals, site.most_at_once) == (1, 1)
    assert secrets(account) == {"access_token": "access-1", "refresh_token": "refresh-1"}


@pytest.mark.processes
def test_a_kill_between_the_answer_and_the_commit_ends_with_a_person_who_is_told_why(
    account: int, site: TokenSite, start: Start
) -> None:
    """What the site handed out is lost: no database can store what it has not been told. It is said, and only once."""
    assert start("-m", "tests.desk.renewing", str(account), "die").wait(60) == 9
    assert site.renewals == 1
    assert secrets(account) == {"refresh_token": "refresh-0"}, "what is stored is what was stored"
    held = load(account)
    assert held.renewing_until is not None
    assert held.state is AccountState.READY
    later = datetime.now(UTC) + renewal.LEASE + timedelta(seconds=1)
    for _ in range(2):
        with pytest.raises(Refused):
            fresh(account, ask_site, later)
    found = load(account)
    assert found.state is AccountState.NEEDS_PERSON
    assert found.error == f"The site takes the token no more. {renewal.CUT_OFF}"
    assert needs_person_lines() == 1
    with db.snapshot() as session:
        source = accounts.used_by(session, account)[0]
        assert (source.error_kind, source.error) == ("unauthorized", found.error)


def test_a_lease_that_ran_out_is_taken_by_the_next(account: int, site: TokenSite) -> None:
    with db.transaction() as session:
        step = renewal.begin(session, account, secrets(account), NOON, renewal.Renewer(ask_site, Refused))
    assert isinstance(step, renewal.Lease)
    with db.transaction() as session:
        again = renewal.begin(
            session,
            account,
            {"refresh_token": "refresh-0"},
            NOON + renewal.LEASE / 2,
            renewal.Renewer(ask_site, Refused),
        )
    assert again == "busy"
    fresh(account, ask_site, NOON + renewal.LEASE + timedelta(seconds=1))
    assert site.renewals == 1


def test_a_failure_leaves_the_secrets_as_they_were_and_the_next_may_try(account: int) -> None:
    def fail(_place: Place) -> Grant:
        raise ConnectionError("no answer")

    before = load(account).secrets
    with pytest.raises(ConnectionError):
        fresh(account, fail)
    after = load(account)
    assert (after.secrets, after.state, after.error) == (before, AccountState.READY, None)
    fresh(account, lambda _place: Grant({"access_token": "a"}))
    assert secrets(account) == {"access_token": "a", "refresh_token": "refresh-0"}
    assert load(account).renewing_until is None


def test_a_database_that_is_away_for_a_moment_loses_nothing(
    account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, waits = renewal.store, []

    def store(*given: object) -> bool:
        if len(waits) < 2:
            raise db.Busy("", {}, Exception("locked"))
        return real(*given)

    monkeypatch.setattr(renewal, "store", store)
    renewal.fresh(
        account,
        {"refresh_token": "refresh-0"},
        renewal.Renewer(lambda _place: Grant({"refresh_token": "refresh-1"}), Refused),
        now=lambda: NOON,
        pause=waits.append,
    )
    assert secrets(account) == {"refresh_token": "refresh-1"}


def test_what_a_person_entered_meanwhile_is_not_overwritten(account: int) -> None:
    def slow(_place: Place) -> Grant:
        with db.transaction() as session:
            accounts.change(
                session,
                account,
                title="Заря",
                settings_values={},
                fresh={"refresh_token": "by hand"},
                now=NOON,
            )
        return Grant({"refresh_token": "late"})

    fresh(account, slow)
    assert secrets(account) == {"refresh_token": "by hand"}


def test_a_late_refusal_does_not_stop_what_a_person_entered_meanwhile(account: int) -> None:
    def slow(_place: Place) -> Grant:
        with db.transaction() as session:
            accounts.connect(session, account, {"refresh_token": "by hand"}, {}, None, now=NOON)
        raise Refused("The site takes the token no more.")

    fresh(account, slow)
    assert load(account).state is AccountState.READY


def test_credentials_that_somebody_renewed_already_are_not_renewed_again(
    account: int, site: TokenSite
) -> None:
    spent = secrets(account)
    fresh(account, ask_site)
    renewal.fresh(account, spent, renewal.Renewer(ask_site, Refused), now=lambda: NOON)
    assert site.renewals == 1


def test_an_account_that_needs_a_person_is_tried_again_when_he_has_given_other_credentials(
    account: int, site: TokenSite
) -> None:
    site.revoke()
    with pytest.raises(Refused):
        fresh(account, ask_site)
    with db.transaction() as session:
        assert not list(crawls.claim_due(session, NOON, 60)), "its sources are not read"
        accounts.change(
            session,
            account,
            title="Заря",
            settings_values={"server": site.url},
            fresh={"refresh_token": "revoked"},
            now=NOON,
        )
    fresh(account, ask_site)
    found = load(account)
    assert (found.state, found.error) == (AccountState.READY, None)
    with db.transaction() as session:
        assert accounts.used_by(session, account)[0].error is None
        assert crawls.claim_due(session, NOON, 60)


Moves = st.lists(st.sampled_from(["renew", "fail", "die", "lease ends", "person"]), max_size=12)


@given(moves=Moves)
@hypothesis_settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_whatever_happens_a_token_is_used_only_after_it_was_stored(database: None, moves: list[str]) -> None:
    """The refresh tokens that the site is asked with were all read from a committed row."""
    account, asked, given_out, now = new_account(), [], 0, NOON
    committed = {"refresh-0"}

    def renew(place: Place) -> Grant:
        nonlocal given_out
        asked.append(place.secrets["refresh_token"])
        assert asked[-1] in committed
        given_out += 1
        return Grant({"refresh_token": f"given-{given_out}"}, now + timedelta(hours=1))

    def fail(place: Place) -> Grant:
        renew(place)
        raise ConnectionError

    for move in moves:
        spent = secrets(account)
        if move == "lease ends":
            now += renewal.LEASE + timedelta(seconds=1)
        elif move == "person":
            with db.transaction() as session:
                accounts.connect(session, account, {"refresh_token": f"hand-{len(asked)}"}, {}, None, now=now)
        elif move == "die":
            with db.transaction() as session:
                renewal.begin(session, account, spent, now, renewal.Renewer(renew, Refused))
        elif not (held := load(account).renewing_until) or held <= now:
            try:
                fresh(account, renew if move == "renew" else fail, now)
            except ConnectionError:
                assert secrets(account) == spent
        committed.add(secrets(account)["refresh_token"])
