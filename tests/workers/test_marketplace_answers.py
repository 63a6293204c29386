"""Answers at marketplaces, by the real worker against their sandboxes: checked by a moderator, rejected, and lost on the way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from demo.sandboxes.base import Trouble
from desk.base import db, settings
from desk.base.words import CaseStage
from desk.models import Reply
from desk.sources import accounts, sources
from tests.channels.sandboxes import Connected, connected
from tests.workers.made_up import due, shares, stage
from tests.world.desk import World, agent, listen
from workers import jobs

TEXT = "Здравствуйте! Разберёмся."
State = Callable[[int], Reply]


@dataclass
class Sold:
    """A review at that marketplace, and the approved answer to it."""

    source: Connected
    review: str
    reply: int

    @property
    def standing(self) -> list[str]:
        return [one.text for one in self.source.sandbox.answers() if one.parent == self.review]

    def decide(self, state: Any) -> None:
        (ours,) = [one for one in self.source.sandbox.answers() if one.parent == self.review]
        self.source.sandbox.decide(ours.external_id, state)


@pytest.fixture(params=["wildberries", "ozon", "yandex_market", "avito"])
def sold(request: pytest.FixtureRequest, local: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sold]:
    kind, now = str(request.param), datetime.now(UTC)
    with connected(kind) as source:
        monkeypatch.setenv("OTKLIK_API_URLS", f'{{"{kind}": "{source.sandbox.url}"}}')
        settings.current.cache_clear()
        site = source.sandbox
        answered = {one.parent for one in site.answers()}
        review = next(
            one
            for one in source.read().sightings
            if one.kind == "review" and one.external_id not in answered and one.can_be_answered is not False
        )
        source_id = listen(
            site.address, kind, brand="Заря", title=kind, settings_values=source.place.settings, now=now
        )
        with db.transaction() as session:
            row = sources.load(session, source_id)
            account = accounts.add(
                session, row.brand, kind, title=kind, settings_values=dict(site.settings), secrets=dict(site.secrets), now=now
            )  # fmt: skip
            accounts.use(session, row, account.id)
            row.next_crawl_at = datetime(2100, 1, 1, tzinfo=UTC)
        world = World(now, {kind: source_id}, agent(now))
        world.complain(
            review.external_id,
            review.text,
            url=review.url,
            author="Анна",
            thread=review.thread,
            handle=dict(review.handle),
        )
        reply = world.draft(TEXT)
        world.approve(reply)
        yield Sold(source, review.external_id, reply)


def test_what_a_moderator_lets_through_is_confirmed_by_the_account(sold: Sold, state: State) -> None:
    sold.source.sandbox.state_of_new = "held"
    assert jobs.run("publish") == 1
    assert sold.standing == [TEXT]
    assert state(sold.reply).state in ("pending", "published")
    due(sold.reply)
    jobs.run("verify")
    assert state(sold.reply).state in ("pending", "published")
    sold.decide("public")
    due(sold.reply)
    jobs.run("verify")
    seen = state(sold.reply)
    assert (seen.state, seen.proof, stage()) == ("verified", "account", CaseStage.ANSWERED)
    assert shares() == (0, 1, 0, 0)


def test_what_a_moderator_rejects_waits_for_its_owner_again(sold: Sold, state: State) -> None:
    sold.source.sandbox.state_of_new = "held"
    jobs.run("publish")
    sold.decide("rejected")
    due(sold.reply)
    jobs.run("verify")
    refused = state(sold.reply)
    assert (refused.state, refused.error_kind, stage()) == ("rejected", "rejected", CaseStage.UNANSWERED)
    assert refused.error


def test_a_lost_answer_is_found_and_not_said_twice(sold: Sold, state: State) -> None:
    publishes = {"ozon": "create", "yandex_market": "update"}.get(sold.source.kind, "answer")
    lost = Trouble(path=publishes, method="POST", is_taken=True, cuts_at=1)
    sold.source.sandbox.troubles = [lost]
    jobs.run("publish")
    assert state(sold.reply).state == "unknown"
    due(sold.reply)
    jobs.run("verify")
    assert state(sold.reply).state == "verified"
    assert sold.standing == [TEXT]
