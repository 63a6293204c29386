"""Corrections and withdrawals by the real worker, at the made-up social network and store: sent once, looked for, refused in
words, and not repeated after a kill."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels import KINDS
from desk.base import db
from desk.base.words import ChangeState, ReplyState
from desk.models import Reply, ReplyChange, User
from desk.replies import change_sending, changes
from tests.channels import made_up
from tests.channels.made_up.api_site import ApiSite, api_site
from tests.workers.made_up import stage
from tests.workers.test_shared_accounts import listen
from workers import jobs, speaking

BETTER = "We are sorry. It was sent yesterday."


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)
    for name, value in made_up.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def site(local: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiSite]:
    monkeypatch.setattr(speaking, "TIMEOUT_SECONDS", 0.5)
    with api_site() as running:
        yield running
        running.gate.set()


@pytest.fixture
def posted(site: ApiSite) -> int:
    """An answer that the network shows to our account."""
    _, [reply_id] = listen(site, "social_network", {"refresh_token": "refresh-0"})
    jobs.run("publish")
    due(Reply)
    jobs.run("verify")
    assert reply(reply_id).state is ReplyState.VERIFIED
    return reply_id


def ask(act: Callable[..., ReplyChange], reply_id: int, *more: Any) -> int:
    with db.transaction() as session:
        return act(session, reply_id, session.query(User).one(), *more, datetime.now(UTC)).id


def due(model: type[Reply] | type[ReplyChange]) -> None:
    with db.transaction() as session:
        for row in session.query(model).filter(model.next_look_at.is_not(None)):
            row.next_look_at = datetime.now(UTC) - timedelta(seconds=1)


def change(change_id: int) -> ReplyChange:
    with db.snapshot() as session:
        return session.get_one(ReplyChange, change_id)


def reply(reply_id: int) -> Reply:
    with db.snapshot() as session:
        return session.get_one(Reply, reply_id)


def test_a_correction_is_sent_once_and_seen(posted: int, site: ApiSite) -> None:
    change_id = ask(changes.correct, posted, BETTER)
    assert jobs.run("change") == 1
    assert [one["text"] for one in site.answers] == [BETTER]
    assert (change(change_id).state, reply(posted).text) == (ChangeState.TAKEN, BETTER)
    due(ReplyChange)
    assert (jobs.run("change"), jobs.run("change")) == (1, 0)
    assert (change(change_id).state, reply(posted).state) == (ChangeState.SEEN, ReplyState.VERIFIED)
    assert site.changed == ["PUT 1"]


def test_a_withdrawal_is_sent_once_and_its_absence_is_seen(posted: int, site: ApiSite) -> None:
    change_id = ask(changes.withdraw, posted)
    jobs.run("change")
    assert (site.answers, reply(posted).state, stage()) == ([], ReplyState.WITHDRAWN, "1_unanswered")
    due(ReplyChange)
    jobs.run("change")
    assert (change(change_id).state, site.changed) == (ChangeState.SEEN, ["DELETE 1"])


def test_one_that_is_gone_already_is_withdrawn(posted: int, site: ApiSite) -> None:
    site.answers.clear()
    ask(changes.withdraw, posted)
    jobs.run("change")
    assert reply(posted).state is ReplyState.WITHDRAWN


@pytest.mark.parametrize("act", [changes.correct, changes.withdraw])
def test_a_refusal_is_told_in_the_words_of_the_site_and_the_answer_stands(
    posted: int, site: ApiSite, act: Callable[..., ReplyChange]
) -> None:
    site.mode = "refuse"
    change_id = ask(act, posted, *([BETTER] if act is changes.correct else []))
    jobs.run("change")
    refused = change(change_id)
    assert (refused.state, refused.error_kind) == (ChangeState.FAILED, "refused")
    assert "Too late to change it." in str(refused.error)
    assert "Ответ сайта" in refused.error.ru  # type: ignore[union-attr]
    assert (reply(posted).state, stage()) == (ReplyState.VERIFIED, "3_answered")


def test_one_that_the_site_took_without_saying_so_is_found_by_a_look(posted: int, site: ApiSite) -> None:
    site.mode = "hang"
    site.gate.clear()
    change_id = ask(changes.correct, posted, BETTER)
    jobs.run("change")
    site.gate.set()
    assert (change(change_id).state, reply(posted).text == BETTER) == (ChangeState.SEEN, True)
    assert site.changed == ["PUT 1"], "the look that follows at once has found it"


def test_a_channel_that_cannot_do_it_sends_nothing(site: ApiSite) -> None:
    key = "-----BEGIN KEY-----"
    site.key, site.clock = key, lambda: datetime.now(UTC)
    _, [reply_id] = listen(site, "store_console", {"key": key})
    jobs.run("publish")
    change_id = ask(changes.withdraw, reply_id)
    jobs.run("change")
    assert (change(change_id).error_kind, site.changed, len(site.answers)) == ("refused", [], 1)
    better = ask(changes.correct, reply_id, BETTER)
    jobs.run("change")
    assert (change(better).state, site.answers[0]["text"]) == (ChangeState.TAKEN, BETTER)


WORK = "from workers import jobs; jobs.run('change')"


@pytest.mark.processes
@pytest.mark.parametrize("act", [changes.correct, changes.withdraw])
def test_killed_while_the_site_has_it_it_is_looked_for_and_not_sent_again(
    posted: int, site: ApiSite, start: Callable[..., Any], act: Callable[..., ReplyChange]
) -> None:
    site.mode = "hang"
    site.gate.clear()
    change_id = ask(act, posted, *([BETTER] if act is changes.correct else []))
    process = start("-c", WORK)
    assert site.has_changed.wait(60)
    process.kill()
    process.wait(10)
    assert change(change_id).state is ChangeState.SENDING
    site.mode = "take"
    site.gate.set()
    assert jobs.run("change") == 0, "nobody knows yet that it was cut off"
    with db.transaction() as session:
        later = datetime.now(UTC) + timedelta(seconds=change_sending.STALE_SECONDS + 5)
        assert change_sending.recover(session, later, speaking.terms_of) == 1
    due(ReplyChange)
    assert start("-c", WORK).wait(60) == 0
    assert (change(change_id).state, len(site.changed)) == (ChangeState.SEEN, 1)
