"""What a site sends to the address of a source: admitted by its channel, kept once, and nobody else gets in."""

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from channels import KINDS
from desk.base import db, settings
from desk.base.words import DeliveryState
from desk.models import Delivery, Source
from desk.sources import deliveries, sources
from tests.channels import made_up
from tests.channels.made_up.webhook import signature
from tests.world import rows
from webapp.hooks import incoming

SECRET = "signing secret"
EVENT = {"items": [{"id": "7", "text": "It broke.", "by": "Anna"}]}


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "shop_hook", made_up.KINDS["shop_hook"])


@pytest.fixture
def source_id(app: Flask, now: datetime) -> int:
    with db.transaction() as session:
        source = sources.add(
            session,
            rows.brand(session),
            "shop_hook",
            "shop_hook:",
            title="Hook",
            secrets={"secret": SECRET},
            now=now,
        )
        deliveries.open_address(session, source, now)
        return source.id


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def address(source_id: int) -> str:
    with db.snapshot() as session:
        return f"/in/{deliveries.token(sources.load(session, source_id))}"


def send(client: FlaskClient, to: str, body: bytes | None = None, key: str | None = "k1", **more: str):
    said = json.dumps(EVENT).encode() if body is None else body
    headers = {"X-Signature": signature(SECRET, said), **more}
    if key:
        headers["Idempotency-Key"] = key
    return client.post(to, data=said, headers=headers)


def kept() -> list[Delivery]:
    with db.snapshot() as session:
        return session.query(Delivery).order_by(Delivery.id).all()


def test_an_event_is_kept_and_answered_as_the_channel_says(stranger, source_id, now) -> None:
    answer = send(stranger, address(source_id))
    assert (answer.status_code, answer.data, answer.content_type) == (202, b"{}", "application/json")
    assert "Set-Cookie" not in answer.headers, "no session for a program"
    [row] = kept()
    assert (row.source_id, row.key, row.role, row.state) == (source_id, "k1", "push", DeliveryState.NEW)
    assert (json.loads(row.body), row.received_at) == (EVENT, now)


def test_the_same_key_twice_is_one_delivery(stranger, source_id) -> None:
    assert [send(stranger, address(source_id)).status_code for _ in range(3)] == [202] * 3
    assert len(kept()) == 1
    send(stranger, address(source_id), key="k2")
    send(stranger, address(source_id), key=None)
    send(stranger, address(source_id), key=None)
    assert [row.key for row in kept()] == ["k1", "k2", None, None]


def test_a_key_that_is_too_long_is_told_from_another(stranger, source_id) -> None:
    for key in ("x" * 4000, "x" * 4000, "x" * 3999 + "y"):
        assert send(stranger, address(source_id), key=key).status_code == 202
    assert len(kept()) == 2


def test_a_wrong_signature_keeps_nothing(stranger, source_id) -> None:
    assert stranger.post(address(source_id), data=b"{}").status_code == 403
    assert kept() == []


@pytest.mark.parametrize("token", ["7", "1-", "1-x", "999999999-x", "a-b", "1-%FF", "٣-x", "1" * 400])
def test_an_address_that_nobody_has_is_not_there(stranger, source_id, token: str) -> None:
    answer = stranger.post(f"/in/{token}", data=b"{}")
    assert (answer.status_code, answer.content_type) == (404, "text/plain")


def test_another_address_closes_the_old_one(stranger, source_id) -> None:
    old = address(source_id)
    with db.transaction() as session:
        deliveries.open_address(session, sources.load(session, source_id), rows.NOON)
    assert address(source_id) != old
    assert send(stranger, old).status_code == 404
    assert send(stranger, address(source_id)).status_code == 202


def test_the_address_cannot_be_made_of_what_the_database_holds(source_id) -> None:
    was = address(source_id)
    (settings.current().home / "vault.key").write_text("another key, of another desk")
    settings.current.cache_clear()
    assert address(source_id) != was


def test_a_body_that_is_too_large_is_refused(stranger, source_id) -> None:
    assert send(stranger, address(source_id), body=b"x" * 1_100_000).status_code == 413
    assert kept() == []


def test_who_guesses_addresses_is_asked_to_wait(stranger, source_id) -> None:
    for _ in range(incoming.WRONG_ADDRESSES):
        assert stranger.post("/in/1-wrong").status_code == 404
    answer = send(stranger, address(source_id))
    assert (answer.status_code, answer.content_type) == (429, "text/plain")


def test_a_source_that_is_being_removed_takes_nothing(stranger, source_id, now) -> None:
    to = address(source_id)
    with db.transaction() as session:
        sources.stop_for_good(sources.load(session, source_id), now)
    assert send(stranger, to).status_code == 404


def test_what_is_stored_damaged_is_asked_for_later(stranger, source_id) -> None:
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE sources SET settings = '[1]'")
    answer = send(stranger, address(source_id))
    assert (answer.status_code, answer.content_type) == (503, "text/plain")


def test_a_source_whose_channel_is_told_nothing_has_no_address(stranger, app, now) -> None:
    with db.transaction() as session:
        other = rows.source(session, rows.brand(session, "Other"), kind="rss")
        deliveries.open_address(session, other, now)
        other_id = other.id
    assert send(stranger, address(other_id)).status_code == 404


def test_old_deliveries_go_and_waiting_ones_stay(stranger, source_id, now) -> None:
    for key in ("read", "failed", "new"):
        send(stranger, address(source_id), key=key)
    later = now + timedelta(days=settings.current().delivery_days, seconds=1)
    with db.transaction() as session:
        ids = [row.id for row in session.query(Delivery).order_by(Delivery.id)]
        assert deliveries.settle(session, ids[0], now)
        deliveries.fail(session, ids[1], "unreadable", "No.")
    with db.transaction() as session:
        assert deliveries.sweep(session, now) == 0
        assert deliveries.sweep(session, later) == 2
    assert [row.key for row in kept()] == ["new"]


def test_a_reader_who_is_signed_in_is_nobody_special_here(sign_in, source_id) -> None:
    assert sign_in("analyst").post(address(source_id), data=b"{}").status_code == 403


def test_a_source_goes_with_what_was_sent_to_it(stranger, source_id) -> None:
    send(stranger, address(source_id))
    with db.transaction() as session:
        session.delete(session.get_one(Source, source_id))
    assert kept() == []
