"""A source whose site sends by itself and that has no address: added, explained, told from others, and never said to miss a crawl."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from channels import KINDS
from desk.base import db, settings, vault
from desk.base.errors import DeskError
from desk.base.words import Arrival
from desk.models import Author, Mention, Source
from desk.sources import deliveries, sources
from tests.channels import made_up
from tests.channels.made_up.webhook import signature
from tests.world import rows
from webapp.cli import otklik
from workers import jobs

EVENT = {"items": [{"id": "7", "text": "It broke.", "by": "Anna"}]}


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("shop_hook", "social_network"):
        monkeypatch.setitem(KINDS, kind, made_up.KINDS[kind])


@pytest.fixture
def brand_id(people: dict[str, int]) -> int:
    with db.transaction() as session:
        return rows.brand(session).id


@pytest.fixture
def lead(brand_id: int, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("lead")


def add(lead: FlaskClient, brand_id: int, **more: str):
    told = {
        "kind": "shop_hook",
        "url": "",
        "brand": str(brand_id),
        "title": "Shop",
        "field-secret": "s",
    } | more
    return lead.post("/sources", data=told, follow_redirects=True)


def only() -> Source:
    with db.snapshot() as session:
        return session.query(Source).one()


def shown(page: str) -> str | None:
    found = re.search(r'data-test="push-address">([^<]+)<', page)
    return found[1] if found else None


def send(lead: FlaskClient, address: str, secret: str = "s", event: object = EVENT, key: str = "k") -> int:
    body = json.dumps(event).encode()
    headers = {"X-Signature": signature(secret, body), "Idempotency-Key": key}
    path = "/in/" + address.rsplit("/", 1)[1]
    return lead.application.test_client().post(path, data=body, headers=headers).status_code


def test_the_page_offers_it_and_says_that_it_has_no_address(lead: FlaskClient) -> None:
    assert 'data-test="kind-shop_hook"' in lead.get("/sources/new").text
    page = lead.post("/sources/new", data={"kind": "shop_hook", "url": ""}).text
    assert 'data-test="no-address"' in page and "you get an address of this desk" in page
    assert 'name="field-secret"' in page and 'name="interval"' not in page
    assert 'data-test="preview"' not in page


def test_it_is_added_and_its_push_address_is_shown_once(lead: FlaskClient, brand_id: int) -> None:
    answer = add(lead, brand_id, own_ids="77\n78")
    source = only()
    assert (source.arrives, source.url, source.title) == (Arrival.PUSH, "shop_hook:shop", "Shop")
    assert (source.own_ids, vault.unlock(source.secrets)) == (["77", "78"], {"secret": "s"})
    assert shown(answer.text) == deliveries.address_of(source.id, str(source.push_nonce))
    assert "Integrations, Webhooks" in answer.text and "Signing secret" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    page = lead.get(f"/sources/{source.id}")
    assert shown(page.text) is None and str(deliveries.token(source)) not in page.text
    assert "no-store" not in page.headers["Cache-Control"]
    again = lead.post(f"/sources/{source.id}/push/show", follow_redirects=True).text
    assert shown(again) == shown(answer.text)


def test_nothing_is_accepted_before_the_site_can_be_known(lead: FlaskClient, brand_id: int) -> None:
    page = add(lead, brand_id, **{"field-secret": ""}).text
    assert "Nothing is accepted until this is filled in below: Signing secret." in page
    assert send(lead, str(shown(page)), secret="") == 503, "the site keeps it and comes again"
    form = {"title": "Shop", "interval": "900", "field-secret": "s"}
    page = lead.post(f"/sources/{only().id}/settings", data=form, follow_redirects=True).text
    assert 'data-test="push-lacks"' not in page
    page = lead.post(f"/sources/{only().id}/push/show", follow_redirects=True).text
    assert send(lead, str(shown(page))) == 202


def test_nobody_but_a_lead_is_shown_it(lead: FlaskClient, brand_id: int, sign_in) -> None:
    add(lead, brand_id)
    agent, source_id = sign_in("agent"), only().id
    assert agent.post(f"/sources/{source_id}/push/show").status_code == 403
    assert agent.post(f"/sources/{source_id}/push/address").status_code == 403
    with agent.session_transaction() as cookie:
        cookie["push_shown"] = source_id
    assert shown(agent.get(f"/sources/{source_id}").text) is None


def test_another_address_takes_the_place_of_the_first(lead: FlaskClient, brand_id: int) -> None:
    first = shown(add(lead, brand_id).text)
    second = shown(lead.post(f"/sources/{only().id}/push/address", follow_redirects=True).text)
    assert first and second and first != second
    assert (send(lead, first), send(lead, second)) == (404, 202)


def test_saving_it_twice_leads_to_the_one_that_is_there(lead: FlaskClient, brand_id: int) -> None:
    add(lead, brand_id)
    assert "This source already exists" in add(lead, brand_id, title=" SHOP ").text
    add(lead, brand_id, title="Another shop")
    with db.snapshot() as session:
        urls = [source.url for source in session.query(Source).order_by(Source.id)]
    assert urls == ["shop_hook:shop", "shop_hook:another shop"]


def test_without_a_name_it_bears_that_of_its_channel(lead: FlaskClient, brand_id: int) -> None:
    add(lead, brand_id, title="")
    assert (only().title, only().url) == ("Webhook", "shop_hook:webhook")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"own_ids": "x" * 256}, "An id is at most 255 characters long."),
        ({"own_ids": "1\n2\t3"}, "An id contains no tabs"),
        ({"own_ids": "\n".join(map(str, range(101)))}, "at most 100 ids"),
        ({"field-secret": "s" * 2001}, "takes at most 2000 characters."),
        ({"brand": "99"}, "Choose the brand"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_nothing_is_saved(
    lead: FlaskClient, brand_id: int, told: dict[str, str], words: str
) -> None:
    answer = add(lead, brand_id, **{"title": "My shop", **told})
    assert answer.status_code == 422
    assert words in answer.text and "Nothing was saved." in answer.text
    assert 'value="My shop"' in answer.text
    with db.snapshot() as session:
        assert session.query(Source).count() == 0


def test_nothing_complains_of_a_crawl_that_is_missing(lead: FlaskClient, brand_id: int) -> None:
    add(lead, brand_id)
    page, listed = lead.get(f"/sources/{only().id}").text, lead.get("/sources").text
    for text in (page, listed):
        assert "nothing received yet" in text
        assert "not crawled yet" not in text and "The first crawl" not in text
    assert "Last crawl" not in page and "Next crawl" not in page and "shop_hook:shop" not in page
    lead.set_cookie("locale", "ru")
    assert "пока ничего не пришло" in lead.get("/sources").text


def test_what_has_come_is_counted_and_the_count_outlives_it(
    lead: FlaskClient, brand_id: int, now: datetime
) -> None:
    address = str(shown(add(lead, brand_id).text))
    assert [send(lead, address, key=key) for key in ("a", "a", "b")] == [202] * 3
    assert jobs.run("receive") == 2
    later = now + timedelta(days=settings.current().delivery_days + 1)
    with db.transaction() as session:
        assert deliveries.sweep(session, later) == 2
    assert (only().received_count, only().received_at) == (2, now)
    page = lead.get(f"/sources/{only().id}").text
    assert 'data-test="received-count">2<' in page and "receiving" in page


def test_what_could_not_be_read_is_its_condition(lead: FlaskClient, brand_id: int) -> None:
    address = str(shown(add(lead, brand_id).text))
    send(lead, address, event={"no": "items"})
    jobs.run("receive")
    assert "partly read" in lead.get("/sources").text
    assert "partly read" in lead.get(f"/sources/{only().id}").text


def test_ids_of_two_services_are_not_the_same_people(lead: FlaskClient, brand_id: int) -> None:
    for title in ("Shop", "Desk"):
        send(lead, str(shown(add(lead, brand_id, title=title).text)))
    jobs.run("receive")
    with db.snapshot() as session:
        assert session.query(Mention).count() == session.query(Author).count() == 2


def test_a_desk_without_a_public_address_says_so(lead: FlaskClient, brand_id: int, monkeypatch) -> None:
    assert 'data-test="push-unreachable"' in add(lead, brand_id).text
    monkeypatch.setenv("OTKLIK_PUBLIC_URL", "https://desk.example")
    settings.current.cache_clear()
    page = lead.post(f"/sources/{only().id}/push/show", follow_redirects=True).text
    assert 'data-test="push-unreachable"' not in page
    assert str(shown(page)).startswith("https://desk.example/in/")


def test_what_is_imported_cannot_be_added(lead: FlaskClient, brand_id: int) -> None:
    assert 'data-test="kind-file"' not in lead.get("/sources/new").text
    assert lead.post("/sources/new", data={"kind": "file", "url": ""}).status_code == 422
    assert add(lead, brand_id, kind="file").status_code == 422


def run(*arguments: str) -> Result:
    return CliRunner().invoke(otklik, ["source", *arguments])


def test_a_command_adds_it_and_says_where_the_site_sends_to(brand_id: int) -> None:
    told = ("--kind", "shop_hook", "--title", "Shop", "--secret", "secret=s", "--own-id", "77")
    output = run("add", *told).output
    source = only()
    assert (source.url, source.own_ids) == ("shop_hook:shop", ["77"])
    address = deliveries.address_of(source.id, str(source.push_nonce))
    assert f"Push address, for the site alone: {address}" in output
    assert "Integrations, Webhooks" in output and "secret (otklik source set)" in output
    assert "OTKLIK_PUBLIC_URL" in output and "otklik crawl" not in output
    assert address in run("address", str(source.id)).output
    changed = run("address", str(source.id), "--new").output
    assert address not in changed and deliveries.address_of(source.id, str(only().push_nonce)) in changed
    assert "last received: nothing yet" in run("check", str(source.id)).output
    crawled = CliRunner().invoke(otklik, ["crawl", str(source.id)]).exception
    assert f"Nothing is crawled at source {source.id}" in str(crawled)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("add",), "Say the address"),
        (("add",), "Without a URL: --kind "),
        (("add",), " or shop_hook."),
        (("add", "https://x.example/", "--kind", "shop_hook"), "has no address; leave the URL out"),
        (("add", "--kind", "file"), "otklik import FILE"),
        (("add", "--kind", "shop_hook", "--own-id", "1\n2"), "An id contains no tabs"),
    ],
)
def test_a_command_says_what_is_missing(brand_id: int, told: tuple[str, ...], words: str) -> None:
    error = run(*told).exception
    assert isinstance(error, DeskError) and words in str(error)
    with db.snapshot() as session:
        assert session.query(Source).count() == 0


def test_no_address_is_shown_of_what_is_crawled(brand_id: int, now: datetime) -> None:
    with db.transaction() as session:
        crawled = rows.source(session, session.get_one(rows.Brand, brand_id)).id
    for more in ((), ("--new",)):
        assert isinstance(run("address", str(crawled), *more).exception, DeskError)


def test_ids_are_changed_listed_and_taken_away_by_a_command(brand_id: int, now: datetime) -> None:
    with db.transaction() as session:
        number = str(rows.source(session, session.get_one(rows.Brand, brand_id)).id)
    run("set", number, "--own-id", "77", "--own-id", " 78 ", "--own-id", "77")
    assert only().own_ids == ["77", "78"]
    assert "(--own-id): 77, 78" in run("set", number).output
    run("set", number, "--own-id", "")
    assert only().own_ids == []


def test_ids_are_changed_on_the_page_or_nothing_is(lead: FlaskClient, brand_id: int, now: datetime) -> None:
    with db.transaction() as session:
        number = rows.source(session, session.get_one(rows.Brand, brand_id)).id
    form = {"title": "New name", "interval": "900", "own_ids": "77\r\n78"}
    lead.post(f"/sources/{number}/settings", data=form)
    assert (only().title, only().own_ids) == ("New name", ["77", "78"])
    assert "77\n78</textarea>" in lead.get(f"/sources/{number}").text
    refused = lead.post(f"/sources/{number}/settings", data=form | {"title": "Other", "own_ids": "7" * 300})
    assert refused.status_code == 422 and "7" * 300 in refused.text
    assert (only().title, only().own_ids) == ("New name", ["77", "78"])


def test_damaged_ids_are_put_right_by_saving(lead: FlaskClient, brand_id: int, now: datetime) -> None:
    with db.transaction() as session:
        number = rows.source(session, session.get_one(rows.Brand, brand_id)).id
        session.flush()
        session.connection().exec_driver_sql("UPDATE sources SET own_ids = '{\"a\": 1}'")
    assert lead.get(f"/sources/{number}").status_code == 200
    lead.post(f"/sources/{number}/settings", data={"title": "X", "interval": "900", "own_ids": "77"})
    with db.snapshot() as session:
        assert sources.is_whole(sources.load(session, number))
        assert sources.load(session, number).own_ids == ["77"]
