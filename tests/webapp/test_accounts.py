"""Accounts on the pages: asked once, shared, never shown, and told when they need a person."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from channels import KINDS
from desk.base import db
from desk.base.errors import Conflict, NotAllowed
from desk.base.words import AccountState
from desk.models import Account, Delivery, Journal, Source
from desk.people import users
from desk.sources import accounts, deliveries, sources
from tests.channels import made_up
from tests.world import rows

SECRET = "a very secret token"


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)


@pytest.fixture
def brand_id(people: object) -> int:
    with db.transaction() as session:
        return rows.brand(session).id


@pytest.fixture
def lead(sign_in: Callable[..., FlaskClient], brand_id: int) -> FlaskClient:
    return sign_in("lead")


@pytest.fixture
def account_id(brand_id: int, now: datetime) -> int:
    with db.transaction() as session:
        brand = session.get_one(rows.Brand, brand_id)
        made = accounts.add(
            session, brand, "social_network", title="Заря", secrets={"refresh_token": SECRET}, now=now
        )
        rows.source(session, brand, kind="social_network", title="Стена", account_id=made.id)
        return made.id


def load(account_id: int) -> Account:
    with db.snapshot() as session:
        return accounts.load(session, account_id)


def test_an_account_is_added_changed_and_removed(lead: FlaskClient, brand_id: int) -> None:
    form = {"brand": str(brand_id), "title": "Заря", "field-refresh_token": SECRET}
    answer = lead.post("/sources/accounts/new/social_network", data=form)
    address = answer.headers["Location"]
    page = lead.get(address).text
    assert "Stored. Leave it empty to keep it." in page
    assert SECRET not in page
    lead.post(address, data={"title": "Другое имя", "field-refresh_token": ""})
    with db.snapshot() as session:
        [found] = accounts.all_accounts(session)
        assert (found.title, accounts.stored(found)) == ("Другое имя", {"refresh_token"})
        assert SECRET not in (found.secrets or "")
    lead.post(f"{address}/remove")
    with db.snapshot() as session:
        assert accounts.all_accounts(session) == []
        lines = [(line.event, SECRET in str(line.facts)) for line in session.query(Journal)]
    assert lines == [("account_added", False), ("account_changed", False), ("account_removed", False)]


def test_what_is_wrong_is_said_beside_the_field(lead: FlaskClient, brand_id: int) -> None:
    answer = lead.post("/sources/accounts/new/social_network", data={"brand": str(brand_id), "title": " "})
    assert answer.status_code == 422
    assert "Enter a name." in answer.text
    assert lead.get("/sources/accounts/new/nobody").status_code == 422


def test_an_account_in_use_stays(lead: FlaskClient, account_id: int, now: datetime) -> None:
    answer = lead.post(f"/sources/accounts/{account_id}/remove")
    assert answer.status_code == 409
    assert "Sources use this account." in answer.text
    with db.transaction() as session, pytest.raises(Conflict):
        accounts.remove(session, account_id, now)


@pytest.mark.parametrize("who", ["agent", "analyst"])
def test_only_leads_see_and_change_accounts(
    sign_in: Callable[..., FlaskClient], account_id: int, who: str, people: dict[str, int], now: datetime
) -> None:
    client = sign_in(who)
    for address in ("/sources/accounts", f"/sources/accounts/{account_id}"):
        assert client.get(address).status_code == 403
    assert client.post(f"/sources/accounts/{account_id}", data={"title": "x"}).status_code == 403
    with db.transaction() as session, pytest.raises(NotAllowed):
        accounts.remove(session, account_id, now, users.load(session, people[who]))


def test_a_source_names_its_account_and_can_take_another(lead: FlaskClient, account_id: int) -> None:
    with db.snapshot() as session:
        source_id = accounts.used_by(session, account_id)[0].id
    page = lead.get(f"/sources/{source_id}").text
    assert f'href="/sources/accounts/{account_id}"' in page
    form = {"title": "Стена", "interval": "900"}
    lead.post(f"/sources/{source_id}/settings", data={**form, "account": ""})
    with db.snapshot() as session:
        assert session.get_one(Source, source_id).account_id is None
    lead.post(f"/sources/{source_id}/settings", data={**form, "account": str(account_id)})
    with db.snapshot() as session:
        assert session.get_one(Source, source_id).account_id == account_id


def test_an_account_of_another_brand_is_refused(lead: FlaskClient, account_id: int) -> None:
    with db.transaction() as session:
        other = rows.source(session, rows.brand(session, "Other"), kind="social_network").id
    answer = lead.post(
        f"/sources/{other}/settings", data={"title": "x", "interval": "900", "account": str(account_id)}
    )
    assert answer.status_code == 422
    with db.snapshot() as session:
        assert session.get_one(Source, other).account_id is None


def test_an_account_that_needs_a_person_says_so_everywhere_and_goes_on_after_new_credentials(
    lead: FlaskClient, account_id: int, now: datetime
) -> None:
    with db.transaction() as session:
        accounts.needs_person(session, accounts.load(session, account_id), "The token was revoked.", now)
    page = lead.get(f"/sources/accounts/{account_id}").text
    assert "The token was revoked." in page
    assert "account needs you" in lead.get("/sources").text
    lead.post(f"/sources/accounts/{account_id}", data={"title": "Заря", "field-refresh_token": "other"})
    assert load(account_id).state is AccountState.READY
    assert "account needs you" not in lead.get("/sources").text


def test_the_push_card_shows_the_address_to_leads_and_what_failed_to_all(
    sign_in: Callable[..., FlaskClient], brand_id: int, now: datetime
) -> None:
    with db.transaction() as session:
        brand = session.get_one(rows.Brand, brand_id)
        source_id = sources.add(session, brand, "shop_hook", "shop_hook:", title="Hook", now=now).id
    lead, agent = sign_in("lead"), sign_in("agent")
    assert "There is no address to send to yet." in lead.get(f"/sources/{source_id}").text
    lead.post(f"/sources/{source_id}/push/address")
    with db.transaction() as session:
        token = deliveries.token(sources.load(session, source_id))
        session.add(
            Delivery(
                source_id=source_id, url="", role="push", body=b"<", received_at=now, state="failed", error="No list."
            )
        )  # fmt: skip
    assert token
    assert f"/in/{token}" in lead.get(f"/sources/{source_id}").text
    seen = agent.get(f"/sources/{source_id}").text
    assert token not in seen
    assert "No list." in seen
    assert agent.post(f"/sources/{source_id}/push/again").status_code == 403
    assert "1 event sent by the site could not be read." in lead.get("/sources").text
    lead.post(f"/sources/{source_id}/push/again")
    assert "No list." not in lead.get(f"/sources/{source_id}").text
