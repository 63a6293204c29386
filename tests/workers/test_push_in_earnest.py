"""The real web process takes in what a site sends, and a worker reads it, while both are killed: the site sends again what was not
answered, and in the end everything was told once."""

import http.client
import json
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from channels import KINDS
from desk.base import db
from desk.base.words import Arrival, DeliveryState
from desk.models import Delivery, Mention
from desk.sources import accounts, deliveries, sources
from tests.channels import made_up
from tests.processes import eventually, free_port
from tests.world import rows

Start = Callable[..., "subprocess.Popen[str]"]
EVENTS = 40


@pytest.fixture
def address(local: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a source at the made-up network, with the word that it wants and the secret that it signs with."""
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)
    for name, value in made_up.environment().items():
        monkeypatch.setenv(name, value)
    now = datetime.now(UTC)
    with db.transaction() as session:
        brand = rows.brand(session)
        account = accounts.add(
            session, brand, "social_network", title="Заря", settings_values={"url": "http://x"}, now=now
        )
        source = sources.add(
            session, brand, "social_network", "http://x/zarya", title="Стена", now=now, arrives=Arrival.PUSH,
            settings_values={"confirmation": "c0nf1rm"}, secrets={"secret": "s"},
        )  # fmt: skip
        accounts.use(session, source, account.id)
        deliveries.open_address(session, source, now)
        session.flush()
        return f"/in/{deliveries.token(source)}"


def serve(start: Start, port: int) -> "subprocess.Popen[str]":
    process = start("-m", "webapp", OTKLIK_PORT=str(port), OTKLIK_HOST="127.0.0.1")
    eventually(lambda: post(port, "/in/nobody", {}), lambda found: found is not None)
    return process


def post(port: int, path: str, event: dict[str, object]) -> tuple[int, bytes] | None:
    """What was answered; None where nothing was."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, json.dumps(event).encode(), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_nothing_that_was_taken_is_lost_and_nothing_is_told_twice(address: str, start: Start) -> None:
    port = free_port()
    web = serve(start, port)
    assert post(port, address, {"type": "confirmation", "secret": "s"}) == (200, b"c0nf1rm")
    assert (post(port, address, {"type": "confirmation", "secret": "wrong"}) or (0,))[0] == 403
    worker = start("-c", "from workers import jobs; jobs.run('receive')")
    for number in range(EVENTS):
        event = {
            "type": "comment", "secret": "s", "event_id": number,
            "object": {"id": number, "text": f"Event {number}", "by": "Anna"},
        }  # fmt: skip
        if number % 10 == 5:
            worker.kill()
            web.kill()  # what it was answering then, the site sends again
        while (post(port, address, event) or (0, b"")) != (200, b"ok"):
            if web.poll() is not None:
                web = serve(start, port)
                worker = start("-c", "from workers import jobs; jobs.run('receive')")
            time.sleep(0.01)
        if number % 7 == 3:
            assert post(port, address, event) == (200, b"ok"), "a repeat is answered like the first"
    web.kill()
    worker.kill()
    worker.wait()
    with db.transaction() as session:
        for row in session.query(Delivery).filter_by(state=DeliveryState.NEW):
            row.claimed_until = None
    assert start("-c", "from workers import jobs; jobs.run('receive')").wait(60) == 0
    with db.snapshot() as session:
        assert {row.state for row in session.query(Delivery)} == {DeliveryState.READ}
        assert session.query(Delivery).count() == EVENTS
        assert sorted(row.text for row in session.query(Mention)) == sorted(
            f"Event {n}" for n in range(EVENTS)
        )
