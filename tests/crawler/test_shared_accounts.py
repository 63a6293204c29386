"""The real crawler at sources that share an account: the token is had once, and again when the site has taken it back."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from channels import KINDS
from desk.base import db
from desk.base.words import AccountState, Arrival
from desk.models import Brand
from desk.sources import accounts, sources
from tests.channels import made_up
from tests.channels.made_up.api_site import ApiSite, api_site

KEY = "a key of\nmany lines"
pytestmark = pytest.mark.processes


@pytest.fixture
def site() -> Iterator[ApiSite]:
    with api_site(key=KEY, clock=lambda: datetime.now(UTC)) as running:
        running.comments = [{"id": 1, "text": "It broke.", "by": "Anna"}]
        running.reviews = [{"id": "r1", "text": "Crashes.", "stars": 1, "by": "Boris", "version": "3.1"}]
        yield running


@pytest.fixture
def listen(
    brand: int, site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[int]]]:
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)
    for name, value in made_up.environment().items():
        monkeypatch.setenv(name, value)

    def add(kind: str, secrets: dict[str, str], count: int) -> tuple[int, list[int]]:
        now = datetime.now(UTC)
        with db.transaction() as session:
            of = session.get_one(Brand, brand)
            told = {"url": site.url}
            account = accounts.add(
                session, of, kind, title="Заря", settings_values=told, secrets=secrets, now=now
            )
            made = []
            for number in range(count):
                source = sources.add(
                    session, of, kind, f"{site.url}/{number}", title="x", now=now, arrives=Arrival.CRAWL
                )
                accounts.use(session, source, account.id)
                made.append(source.id)
            return account.id, made

    return add


Crawl = Callable[..., dict[int, dict[str, Any]]]


@pytest.mark.parametrize(
    ("kind", "secrets"), [("social_network", {"refresh_token": "refresh-0"}), ("store_console", {"key": KEY})]
)
def test_one_token_serves_all_sources_of_an_account(
    listen, crawl: Crawl, mentions, site: ApiSite, kind: str, secrets: dict[str, str]
) -> None:
    _, ids = listen(kind, secrets, 3)
    done = crawl("--due")
    assert {done[one]["outcome"] for one in ids} == {"ok"}, done
    assert all(len(mentions(one)) == 1 for one in ids)
    assert (site.renewals, site.most_at_once <= 1, site.refused) == (1, True, 0)


def test_a_token_that_the_site_took_back_is_renewed_by_the_next_crawl(
    listen, crawl: Crawl, site: ApiSite, source
) -> None:
    account_id, [one] = listen("social_network", {"refresh_token": "refresh-0"}, 1)
    crawl(one)
    site.access_token = "taken back"
    assert crawl(one)[one]["outcome"] == "failed"
    assert source(one).error_kind == "unauthorized"
    assert crawl(one)[one]["outcome"] == "ok"
    assert site.renewals == 2
    site.access_token = "taken back"
    site.revoke()
    crawl(one)
    assert crawl(one)[one]["outcome"] == "failed"
    with db.snapshot() as session:
        found = accounts.load(session, account_id)
        assert (found.state, found.error) == (
            AccountState.NEEDS_PERSON,
            "The site takes the refresh token no more.",
        )
    assert crawl("--due") == {}, "its sources are left alone until a person has helped"
