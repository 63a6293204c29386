"""The turns of a lane: one after the other, whoever takes them."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from desk.base import db
from desk.models import Pace
from desk.sources import paces

GAP = 2.0
TAKES = 25


def take(now: datetime, lane: str = "a", longest: float = 60.0) -> float:
    return paces.take_turn(lane, GAP, longest, now=lambda: now)


def test_turns_of_a_lane_follow_each_other(database: None, now: datetime) -> None:
    assert [take(now) for _ in range(3)] == [0.0, 2.0, 4.0]
    assert take(now, "b") == 0.0
    assert take(now + timedelta(seconds=5)) == 1.0
    assert take(now + timedelta(seconds=60)) == 0.0


def test_a_turn_that_is_too_far_away_is_not_reserved(database: None, now: datetime) -> None:
    for _ in range(3):
        take(now)
    assert [take(now, longest=5.0) for _ in range(2)] == [6.0, 6.0]


def test_a_clock_that_was_ahead_holds_nobody_up(database: None, now: datetime) -> None:
    take(now + timedelta(days=300))
    assert [take(now), take(now)] == [0.0, GAP]


def test_lanes_that_nobody_uses_are_forgotten(database: None, now: datetime) -> None:
    take(now)
    take(now + timedelta(days=2), "b")
    with db.transaction() as session:
        assert paces.sweep(session, now + timedelta(days=2)) == 1
        assert [row.lane for row in session.query(Pace)] == ["b"]


TAKER = """
import json, sys
from datetime import datetime
from desk.sources import paces
now = datetime.fromisoformat(sys.argv[1])
print(json.dumps([paces.take_turn("shared", float(sys.argv[2]), 1e6, now=lambda: now) for _ in range(int(sys.argv[3]))]))
"""


@pytest.mark.processes
def test_two_processes_share_the_pace_of_an_account(
    database: None, now: datetime, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    """Both take turns at the same moment: no two turns are the same, and none is nearer to another than the gap."""
    arguments = ("-c", TAKER, now.isoformat(), str(GAP), str(TAKES))
    takers = [start(*arguments, output=subprocess.PIPE) for _ in range(2)]
    told = [json.loads(taker.communicate(timeout=120)[0]) for taker in takers]
    assert sorted(turn for turns in told for turn in turns) == [GAP * n for n in range(2 * TAKES)]
