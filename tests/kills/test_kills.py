"""Processes are killed again and again while a little town of bad sites is read and answered. In the end nothing is lost,
nothing is there twice, and everything has come to rest.

A few kills by default. In earnest, with a line of progress a round:

    OTKLIK_TEST_KILLS=1000 OTKLIK_TEST_SEED=7 python -m pytest tests/kills -s
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from desk.base import db, logs, settings, wakeups
from desk.operations import schema
from tests.kills import account, town
from tests.kills.agent import EMAIL, PASSWORD, Agent
from tests.kills.machine import Machine, pause
from tests.kills.town import Town
from tests.processes import eventually
from tests.world.desk import listen
from webapp.request import users

KILLS = int(os.environ.get("OTKLIK_TEST_KILLS", "15"))
SEED = int(os.environ.get("OTKLIK_TEST_SEED", "1"))
A_ROUND = 125
SPEAKS_EVERY = 3

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(400 + KILLS * 6),
    pytest.mark.xdist_group("kills"),
]


@dataclass
class Ordeal:
    town: Town
    machine: Machine
    agent: Agent
    chance: random.Random
    begun: float = field(default_factory=time.monotonic)
    kills: int = 0
    rounds: int = 0

    def round(self, kills: int) -> None:
        self.rounds += 1
        self.town.temper.is_calm = False
        before = self.kills
        spoken = 0
        while (number := self.kills - before) < kills:
            if number >= spoken * SPEAKS_EVERY:
                self.town.speak(self.rounds, number)
                spoken += 1
            account.make_due()
            pause(self.chance, self.town.temper.under_way)
            if self.machine.kill_one(self.chance):
                self.kills += 1
        self._come_to_rest()

    def _come_to_rest(self) -> None:
        self.town.temper.is_calm = True
        time.sleep(2)  # longer than the slowest of the sites still thinks about its answer
        self.machine.cut_power()
        account.let_time_pass()
        since = datetime.now(UTC)
        account.make_due()
        self.machine.start()
        eventually(lambda: account.unrest(since), lambda found: not found, seconds=300)
        found = account.faults(self.town, self.agent.written)
        assert found == [], "\n".join([*found, self.summary()])
        self._say()

    def summary(self) -> str:
        figures = {
            "seed": SEED,
            "kills": self.kills,
            "rounds": self.rounds,
            "seconds": round(time.monotonic() - self.begun),
            "killed": dict(self.machine.killed.most_common()),
            "mentions": sum(len(forum.topics) for forum in self.town.forums) + len(self.town.blog) * 2,
            "answers posted": sum(len(forum.posted) for forum in self.town.forums),
            "moods of the sites": dict(self.town.temper.moods.most_common()),
            "pages that said no": len(self.agent.troubles),
        }
        return json.dumps(figures, ensure_ascii=False)

    def _say(self) -> None:
        sys.stderr.write(f"\n{self.summary()}\n")
        sys.stderr.flush()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that this process and the killed ones share."""
    for name in [n for n in os.environ if n.startswith("OTKLIK_") and not n.startswith("OTKLIK_TEST_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "var"
    folder.mkdir()
    monkeypatch.setenv("OTKLIK_HOME", str(folder))
    db.forget()
    settings.current.cache_clear()
    wakeups.connection.cache_clear()
    logs.to_stderr("ERROR")  # wake-ups are lost here all the time
    yield folder
    structlog.reset_defaults()
    wakeups.connection.cache_clear()
    db.forget()
    settings.current.cache_clear()


def _listen(everything: Town) -> None:
    schema.upgrade()
    now = datetime.now(UTC)
    with db.transaction() as session:
        users.add_user(session, EMAIL, "Agent", PASSWORD, ["agent", "lead"], None, now)
    lumen: Any = {"brand": "Lumen", "own_names": [town.OWN_NAME], "now": now}
    for forum in everything.forums:
        named = {"name": town.OWN_NAME}
        listen(forum.address, "forum", title=f"forum {forum.number}", settings_values=named, **lumen)
    listen(everything.blog_site.url("/feed"), title="blog", **lumen)
    # The list grows at its end, beyond the usual twenty pages.
    many = {"max_pages": "500"}
    listen(everything.shop_site.url("/shop"), "schema_org", title="shop", settings_values=many, **lumen)


def quoted(home: Path) -> list[str]:
    """Lines of logs that hold what customers or agents wrote, or a customer's name."""
    words = ("Покупатель", "не привезли", "Деньги за заказ", "Отличный чайник", "Читал про")
    lines = [
        line
        for path in (home / "log").glob("*.log*")
        for line in path.read_text(errors="replace").splitlines()
    ]
    return [line for line in lines if any(word in line for word in words)]


def test_nothing_is_lost_and_nothing_is_doubled_whoever_is_killed(home: Path) -> None:
    machine = Machine(home)
    with town.standing(SEED) as everything:
        _listen(everything)
        agent = Agent(machine.address)
        ordeal = Ordeal(everything, machine, agent, random.Random(SEED))
        at_work = threading.Thread(target=agent.work, daemon=True)
        try:
            machine.start()
            at_work.start()
            while ordeal.kills < KILLS:
                ordeal.round(min(A_ROUND, KILLS - ordeal.kills))
        finally:
            agent.stopped.set()
            machine.stop()
            at_work.join(30)
    assert quoted(home) == [], "customers in a log"
    assert sum(len(forum.posted) for forum in everything.forums) > 0, ordeal.summary()
