"""What was sent is read by the worker, once, in its order, whatever happens to it meanwhile."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from channels import KINDS
from channels.contract import Page
from desk.base import db
from desk.base.words import DeliveryState, RemarkOrigin
from desk.models import Delivery, Mention, Source
from desk.operations import pending_work
from desk.sources import deliveries, remarks, sources
from tests import processes
from tests.channels import made_up
from tests.world import rows
from workers import jobs, receiving

NOW = datetime.now(UTC)


@pytest.fixture
def hook(local: None, monkeypatch: pytest.MonkeyPatch) -> int:
    """A source that is only told. Children know the made-up channels too."""
    monkeypatch.setitem(KINDS, "shop_hook", made_up.KINDS["shop_hook"])
    for name, value in made_up.environment().items():
        monkeypatch.setenv(name, value)
    with db.transaction() as session:
        made = sources.add(session, rows.brand(session), "shop_hook", "shop_hook:", title="Hook", now=NOW)
        made.next_crawl_at = datetime(2100, 1, 1, tzinfo=UTC)
        return made.id


def sent(
    source_id: int, *items: dict[str, object], body: bytes | None = None, key: str | None = None
) -> None:
    said = json.dumps({"items": items}).encode() if body is None else body
    with db.transaction() as session:
        deliveries.keep(session, source_id, Page("shop_hook:", 200, {}, said, "push"), key, NOW)


def said(number: int, text: str = "It broke.") -> dict[str, object]:
    return {"id": str(number), "text": text, "by": "Anna"}


def states() -> list[str]:
    with db.snapshot() as session:
        return [row.state.value for row in session.query(Delivery).order_by(Delivery.id)]


def texts() -> list[str]:
    with db.snapshot() as session:
        return [row.text for row in session.query(Mention).order_by(Mention.id)]


def test_what_was_sent_becomes_mentions(hook: int) -> None:
    sent(hook, said(1), said(2))
    assert jobs.run("receive") == 1
    assert (texts(), states()) == (["It broke."] * 2, ["read"])
    assert jobs.run("receive") == 0


def test_a_later_event_of_the_same_thing_wins(hook: int) -> None:
    for text in ("first", "second", "third"):
        sent(hook, said(1, text))
    assert jobs.run("receive") == 3
    assert texts() == ["third"]


def test_two_workers_never_read_one_source_together(hook: int) -> None:
    sent(hook, said(1))
    first = receiving.claim()
    sent(hook, said(1, "newer"))
    assert first
    assert receiving.claim() == []
    receiving.read(first)
    assert [one.source_id for one in receiving.claim()] == [hook]


def test_what_cannot_be_read_is_kept_told_and_tried_again(hook: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(hook, body=b"<html>", key="a")
    sent(hook, said(1), key="b")
    assert jobs.run("receive") == 2
    assert states() == ["failed", "read"], "the rest goes on"
    with db.snapshot() as session:
        [failed] = deliveries.failed(session, hook)
        assert (failed.error_kind, failed.error) == ("unreadable", "This is not a list of items.")
        assert deliveries.tallies(session, [hook])[hook] == deliveries.Tally(0, 1)
    monkeypatch.setattr(
        "tests.channels.made_up.webhook.Webhook.parse", lambda *_: iter(())
    )  # as if the next version could
    with db.transaction() as session:
        assert deliveries.try_again(session, hook) == 1
    assert jobs.run("receive") == 1
    assert states() == ["read", "read"]


def test_an_error_of_ours_is_one_delivery_and_says_so(hook: int) -> None:
    sent(hook, body=b'{"items": [1]}')
    sent(hook, said(1))
    assert jobs.run("receive") == 2
    assert states() == ["failed", "read"]
    with db.snapshot() as session:
        [failed] = deliveries.failed(session, hook)
        assert failed.error == "It could not be read: an error of Otklik itself (AttributeError)."


def test_a_wish_to_look_makes_the_source_due(hook: int) -> None:
    sent(hook, {"look": True})
    jobs.run("receive")
    with db.snapshot() as session:
        due = session.get_one(Source, hook).next_crawl_at
        assert due <= datetime.now(UTC) + timedelta(minutes=1)


def test_a_paused_source_keeps_what_comes_until_it_is_resumed(hook: int) -> None:
    with db.transaction() as session:
        sources.pause(session, hook, None, NOW)
    sent(hook, said(1))
    assert jobs.run("receive") == 0
    with db.snapshot() as session:
        assert "receive" not in pending_work.names(session, datetime.now(UTC))
    with db.transaction() as session:
        sources.resume(session, hook, None, NOW)
    assert jobs.run("receive") == 1
    assert texts() == ["It broke."]


def test_what_a_dead_worker_held_is_read_after_its_lease(hook: int) -> None:
    sent(hook, said(1))
    assert receiving.claim()
    with db.snapshot() as session:
        assert pending_work.has_leases(session, datetime.now(UTC))
    assert jobs.run("receive") == 0
    let_the_lease_end()
    assert jobs.run("receive") == 1
    assert texts() == ["It broke."]


def test_what_ends_every_worker_is_put_aside_and_takes_no_other_along(hook: int) -> None:
    sent(hook, said(1))
    sent(hook, said(2, "fine"))
    for _ in range(deliveries.MOST_TRIES):
        assert receiving.claim()
        let_the_lease_end()
    assert jobs.run("receive") == 1
    assert (states(), texts()) == (["failed", "read"], ["fine"])


def test_a_slow_worker_that_comes_back_stores_nothing_twice(hook: int) -> None:
    sent(hook, said(1))
    slow = receiving.claim()
    let_the_lease_end()
    assert jobs.run("receive") == 1
    receiving.read(slow)
    assert (texts(), states()) == (["It broke."], ["read"])


@pytest.mark.processes
def test_a_worker_killed_anywhere_loses_nothing_and_tells_nothing_twice(
    hook: int, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    """Killed again and again while it reads; in the end each event was read once."""
    count = 60
    for number in range(count):
        sent(hook, said(number, f"Event {number}"), key=str(number))
    for _ in range(6):
        process = start("-c", "from workers import jobs; jobs.run('receive')", output=subprocess.PIPE)
        kill_in_the_middle(process)
        let_the_lease_end()
    while jobs.run("receive"):
        let_the_lease_end()
    assert states() == ["read"] * count
    assert sorted(texts()) == sorted(f"Event {number}" for number in range(count))


def kill_in_the_middle(process: "subprocess.Popen[str]") -> None:
    before = states().count("read")
    processes.eventually(
        lambda: process.poll() is not None or states().count("read") >= before + 5, pause=0.02
    )
    process.kill()
    process.wait()


def let_the_lease_end() -> None:
    with db.transaction() as session:
        for row in session.query(Delivery).filter_by(state=DeliveryState.NEW):
            row.claimed_until = None


def test_a_remark_reaches_the_page_of_its_source_once(hook: int) -> None:
    for key in ("a", "b"):
        sent(hook, {"id": "1"}, {"id": "2"}, said(3), key=key)
    jobs.run("receive")
    with db.snapshot() as session:
        [remark] = remarks.listed(session, hook)
        assert (remark.origin, remark.text, remark.times) == ("delivery", "An item without a text.", 2)


def test_only_the_newest_remarks_are_kept(hook: int) -> None:
    for number in range(remarks.MOST_KEPT + 5):
        with db.transaction() as session:
            at = NOW + timedelta(seconds=number)
            remarks.note(session, hook, RemarkOrigin.DELIVERY, [f"Line {number}."], at)
    with db.transaction() as session:
        kept = [one.text for one in remarks.listed(session, hook)]
        assert kept == [f"Line {number}." for number in range(24, 4, -1)]
        remarks.note(session, hook, RemarkOrigin.ANSWER, ["New."], NOW + timedelta(days=40))
        assert [one.text for one in remarks.listed(session, hook)] == ["New."]
