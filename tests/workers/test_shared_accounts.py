"""Sources that share an account, through the real job of answering: the token is had once and used by all."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from channels import KINDS
from desk.base import db
from desk.base.words import AccountState, ReplyState
from desk.models import Account, Reply
from desk.people import users
from desk.pipeline import brand_setup
from desk.sources import accounts
from tests.channels import made_up
from tests.channels.made_up.api_site import ApiSite, api_site
from tests.world import rows
from tests.world.desk import World, agent
from workers import jobs

KEY = "-----BEGIN KEY-----\n" + "x" * 3_000 + "\n-----END KEY-----\n"


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)


@pytest.fixture
def site() -> Iterator[ApiSite]:
    with api_site(key=KEY, clock=lambda: datetime.now(UTC)) as running:
        yield running


def listen(site: ApiSite, kind: str, secrets: dict[str, str], count: int = 1) -> tuple[int, list[int]]:
    """An account and sources that share it, each with one approved answer; the account and the answers."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        brand = brand_setup.create(session, "Заря", time_zone="Europe/Moscow", now=now)
        account = accounts.add(
            session, brand, kind, title="Заря", settings_values={"url": site.url}, secrets=secrets, now=now
        )
        made = [
            rows.source(session, brand, kind=kind, url=f"{site.url}/{n}", account_id=account.id).id
            for n in range(count)
        ]
    world = World(now, {f"shop {source_id}": source_id for source_id in made}, agent(now))
    return account.id, [approved(world, where) for where in world.sources]


def approved(world: World, where: str) -> int:
    case_id = world.complain(f"c{world.sources[where]}", where=where, url=None)
    reply_id = world.draft(case_id=case_id)
    world.approve(reply_id)
    return reply_id


def state(reply_id: int) -> Reply:
    with db.snapshot() as session:
        return session.get_one(Reply, reply_id)


def account_of(account_id: int) -> Account:
    with db.snapshot() as session:
        return accounts.load(session, account_id)


@pytest.mark.parametrize(
    ("kind", "secrets"), [("social_network", {"refresh_token": "refresh-0"}), ("store_console", {"key": KEY})]
)
def test_a_token_is_had_before_the_first_answer_and_serves_all_sources(
    local: None, site: ApiSite, kind: str, secrets: dict[str, str]
) -> None:
    account_id, replies = listen(site, kind, secrets, count=3)
    assert jobs.run("publish") == 3
    assert len(site.answers) == 3
    assert (site.renewals, site.refused) == (1, 0), "had once, and never a request without it"
    assert {state(one).state for one in replies} <= {
        ReplyState.PUBLISHED,
        ReplyState.PENDING,
        ReplyState.ACCEPTED,
    }
    found = account_of(account_id)
    assert found.expires_at is not None
    assert set(accounts.stored(found)) == {*secrets, "access_token"}


def test_a_token_that_ran_out_is_renewed_with_the_token_that_came_last(local: None, site: ApiSite) -> None:
    account_id, _ = listen(site, "social_network", {"refresh_token": "refresh-0"})
    assert jobs.run("publish") == 1
    with db.transaction() as session:
        accounts.load(session, account_id).expires_at = datetime.now(UTC) - timedelta(seconds=1)
        who = session.query(users.User).one().id
        brand = session.query(rows.Brand).one()
        another = rows.source(
            session, brand, kind="social_network", url=f"{site.url}/more", account_id=account_id
        ).id
    approved(World(datetime.now(UTC), {"more": another}, {"agent": who}), "more")
    assert jobs.run("publish") == 1
    assert (site.renewals, len(site.answers), site.refused) == (2, 2, 0)


def test_an_account_that_was_revoked_sends_nothing_and_says_why(local: None, site: ApiSite) -> None:
    site.revoke()
    account_id, [reply_id] = listen(site, "social_network", {"refresh_token": "refresh-0"})
    jobs.run("publish")
    assert (state(reply_id).state, state(reply_id).error_kind) == (ReplyState.FAILED, "unauthorized")
    assert site.answers == []
    assert account_of(account_id).state is AccountState.NEEDS_PERSON


def test_a_key_that_is_not_that_of_the_store_is_told_without_a_word_of_it(local: None, site: ApiSite) -> None:
    account_id, [reply_id] = listen(site, "store_console", {"key": KEY.replace("x", "y")})
    jobs.run("publish")
    assert state(reply_id).error == "The store does not take the key file."
    assert account_of(account_id).error == "The store does not take the key file."
