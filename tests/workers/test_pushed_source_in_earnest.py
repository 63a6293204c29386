"""A source that is only sent to, in the real processes: added on the page by a browser without scripts, told on the site by
its push address, and what the site sends is a mention that the page counts."""

import http.client
import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from channels import KINDS
from desk.base import db
from desk.models import Mention, Source
from tests.channels import made_up
from tests.channels.made_up.webhook import signature
from tests.processes import eventually, free_port
from tests.stack import Visitor
from tests.world import rows
from webapp.request.users import add_user

Start = Callable[..., "subprocess.Popen[str]"]
PASSWORD = "correct horse battery"


@pytest.fixture
def port(local: None, monkeypatch: pytest.MonkeyPatch, start: Start) -> int:
    """Where the web process with the made-up channels answers; the desk has one brand and one lead."""
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)
    for name, value in made_up.environment().items():
        monkeypatch.setenv(name, value)
    with db.transaction() as session:
        rows.brand(session)
        add_user(session, "lead@example.org", "Lead", PASSWORD, ["lead"], None, datetime.now(UTC))
    port = free_port()
    monkeypatch.setenv("OTKLIK_PORT", str(port))
    start("-m", "webapp", OTKLIK_HOST="127.0.0.1")
    eventually(lambda: _answers(port))
    return port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/sign-in")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def send(address: str, secret: str, event: dict[str, object]) -> int:
    body, parts = json.dumps(event).encode(), urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=10)
    try:
        connection.request("POST", parts.path, body, {"X-Signature": signature(secret, body)})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.processes
@pytest.mark.timeout(300)
def test_from_the_form_to_the_mention(port: int, start: Start) -> None:
    lead = Visitor(f"http://127.0.0.1:{port}").sign_in("lead@example.org", PASSWORD)
    lead.open("/sources/new")
    lead.send("/sources/new", kind="shop_hook")
    page = lead.send("/sources", **{"title": "Shop", "field-secret": "s3cret", "own_ids": "77"})
    address = page.css('[data-test="push-address"]::text').get() or ""
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/in/\S+", address)
    assert page.css('[data-test="received-at"]::text').get() == "nothing yet"

    event = {"items": [{"id": "1", "text": "The lamp broke.", "by": "Anna"}]}
    assert send(address, "wrong", event) == 403
    assert send(address, "s3cret", event) == 202
    assert start("-c", "from workers import jobs; jobs.run('receive')").wait(60) == 0
    with db.snapshot() as session:
        assert [row.text for row in session.query(Mention)] == ["The lamp broke."]
        source_id = session.query(Source).one().id

    page = lead.open(f"/sources/{source_id}")
    assert page.css('[data-test="received-count"]::text').get() == "1"
    assert page.css('[data-test="push-address"]').get() is None
    lead.send(f"/sources/{source_id}/push/address")
    assert send(address, "s3cret", event) == 404
