"""Consent on the site and the way back: for the person who began it, for the account it was begun for, once, in ten minutes."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from channels import KINDS
from desk.base import db, settings
from desk.base.words import AccountState
from desk.models import Account, Brand
from desk.sources import accounts, places
from tests.channels import made_up
from tests.channels.made_up.api_site import ApiSite, api_site
from tests.world import rows
from webapp.cli import otklik

RETURN = "/sources/connect/return"


@pytest.fixture(autouse=True)
def _made_up(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)
    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    settings.current.cache_clear()


@pytest.fixture
def site() -> Iterator[ApiSite]:
    with api_site(codes=["code-1", "code-2"]) as running:
        yield running


@pytest.fixture
def account_id(people: object, site: ApiSite, now: datetime) -> int:
    with db.transaction() as session:
        told = {"url": site.url, "client_id": "otklik"}
        brand = rows.brand(session)
        return accounts.add(session, brand, "social_network", title="Заря", settings_values=told, now=now).id


@pytest.fixture
def lead(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("lead")


def begin(client: FlaskClient, account_id: int) -> str:
    """The word that the site is to give back."""
    page = client.post(f"/sources/connect/{account_id}").text
    found = re.search(r'href="([^"]+)"[^>]*data-test="to-site"', page)
    assert found, page
    asked = parse_qs(urlsplit(unescape(found[1])).query)
    assert asked["redirect_uri"] == [settings.current().address + RETURN]
    return asked["state"][0]


def load(account_id: int) -> Account:
    with db.snapshot() as session:
        return accounts.load(session, account_id)


def secrets(account_id: int) -> dict[str, str]:
    return dict(places.place_of_account(load(account_id)).secrets)


def test_what_the_site_grants_is_stored_as_the_account(lead: FlaskClient, account_id: int) -> None:
    state = begin(lead, account_id)
    answer = lead.get(RETURN, query_string={"state": state, "code": "code-1"}, follow_redirects=True)
    assert "“Заря” is connected." in answer.text
    assert "access-1" not in answer.text
    assert secrets(account_id) == {"access_token": "access-1", "refresh_token": "refresh-1"}
    assert load(account_id).expires_at is not None


def test_a_consent_is_good_once(lead: FlaskClient, account_id: int, site: ApiSite) -> None:
    state = begin(lead, account_id)
    assert lead.get(RETURN, query_string={"state": state, "code": "code-1"}).status_code == 302
    assert lead.get(RETURN, query_string={"state": state, "code": "code-2"}).status_code == 422
    assert site.renewals == 1


def test_a_consent_that_was_begun_later_makes_the_earlier_one_void(
    lead: FlaskClient, account_id: int, site: ApiSite
) -> None:
    earlier, later = begin(lead, account_id), begin(lead, account_id)
    assert lead.get(RETURN, query_string={"state": earlier, "code": "code-1"}).status_code == 422
    assert site.renewals == 0
    assert lead.get(RETURN, query_string={"state": later, "code": "code-1"}).status_code == 302


def test_a_consent_is_for_the_person_who_began_it(
    sign_in: Callable[..., FlaskClient], account_id: int, site: ApiSite
) -> None:
    state = begin(sign_in("lead"), account_id)
    assert sign_in("admin").get(RETURN, query_string={"state": state, "code": "code-1"}).status_code == 422
    assert sign_in("agent").get(RETURN, query_string={"state": state, "code": "code-1"}).status_code == 403
    assert site.renewals == 0


def test_a_consent_is_for_the_brand_it_was_begun_for(lead: FlaskClient, account_id: int) -> None:
    state = begin(lead, account_id)
    with db.transaction() as session:
        accounts.load(session, account_id).brand = rows.brand(session, "Other")
    assert lead.get(RETURN, query_string={"state": state, "code": "code-1"}).status_code == 422


@pytest.mark.parametrize("state", ["", "x", "WzEsMSwxLCJ4Il0.abc.def"])
def test_a_word_that_is_not_ours_is_refused(lead: FlaskClient, account_id: int, state: str) -> None:
    begin(lead, account_id)
    assert lead.get(RETURN, query_string={"state": state, "code": "code-1"}).status_code == 422


def test_a_consent_lasts_ten_minutes(
    lead: FlaskClient, account_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = begin(lead, account_id)
    signer = "itsdangerous.timed.TimestampSigner.get_timestamp"
    monkeypatch.setattr(signer, lambda _self: int(datetime.now(UTC).timestamp()) + 601)
    assert lead.get(RETURN, query_string={"state": state, "code": "code-1"}).status_code == 422


def test_what_the_site_refuses_is_said_and_nothing_is_stored(lead: FlaskClient, account_id: int) -> None:
    for query in ({"error": "access_denied"}, {"code": "nobody's"}):
        state = begin(lead, account_id)
        answer = lead.get(RETURN, query_string={"state": state, **query}, follow_redirects=True)
        assert "was not connected" in answer.text
        assert secrets(account_id) == {}


def test_an_account_that_needed_a_person_is_ready_after_his_consent(
    lead: FlaskClient, account_id: int, now
) -> None:
    with db.transaction() as session:
        accounts.needs_person(session, accounts.load(session, account_id), "Revoked.", now)
    lead.get(RETURN, query_string={"state": begin(lead, account_id), "code": "code-1"})
    assert load(account_id).state is AccountState.READY


def test_a_check_renews_and_says_what_the_site_says(
    lead: FlaskClient, account_id: int, site: ApiSite
) -> None:
    lead.get(RETURN, query_string={"state": begin(lead, account_id), "code": "code-1"})
    page = lead.post(f"/sources/accounts/{account_id}/check", follow_redirects=True).text
    assert "The site accepts these credentials." in page
    assert secrets(account_id)["access_token"] == "access-2"
    site.revoke()
    page = lead.post(f"/sources/accounts/{account_id}/check", follow_redirects=True).text
    assert "The site takes the refresh token no more." in page
    assert load(account_id).state is AccountState.NEEDS_PERSON


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(otklik, ["account", *arguments])
    return done.exit_code, done.output


def test_the_command_does_what_the_pages_do(account_id: int, site: ApiSite) -> None:
    with db.snapshot() as session:
        name = session.query(Brand).one().name
    code, said = run("add", "social_network", "--title", "Second", "--brand", name, "--set", f"url={site.url}",
                     "--secret", "refresh_token=refresh-0")  # fmt: skip
    assert (code, said) == (0, "Account 2: social_network, Second\n")
    assert run("check", "2") == (0, "The site accepts the credentials.\n")
    code, said = run("list", "--json")
    assert '"state": "ready"' in said
    assert "refresh" not in said
    site.revoke()
    code, said = run("check", "2")
    assert code != 0
    assert run("set", "2", "--title", "Third", "--secret", "refresh_token=revoked")[0] == 0
    assert (load(2).title, load(2).state) == ("Third", AccountState.READY)
    with db.transaction() as session:
        rows.source(session, session.query(Brand).one(), kind="social_network", account_id=2)
    assert run("remove", "2")[0] != 0
    assert run("remove", "1") == (0, "Account 1: removed.\n")
    assert run("set", "2", "--secret", "secret=x")[0] != 0, "it belongs to a source"
