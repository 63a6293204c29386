"""`otklik judge again`: what it asks for, what it prints, and who does the work."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from click.testing import CliRunner, Result

from desk.base import db, wakeups
from desk.base.words import Intent, Sentiment, Urgency
from desk.models import Mention, Rejudging, Verdict
from desk.pipeline import reclassification_progress, reclassification_runs
from desk.pipeline.reclassification_scope import Scope
from tests.world import rows
from webapp.cli import judge as command
from webapp.cli import otklik

MANY = 5


def run(*arguments: str) -> Result:
    return CliRunner().invoke(otklik, ["judge", "again", *arguments])


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """What is logged goes beside what is printed, and a test that is over has no place for either."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def judged(database: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Mentions of a year ago, judged by an older model."""
    monkeypatch.setenv("OTKLIK_HOME", str(home))
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        ids = [
            rows.mention(session, source, published_at=rows.NOON - timedelta(days=365)).id
            for _ in range(MANY)
        ]
        session.execute(
            sa.insert(Verdict),
            [
                {
                    "mention_id": one, "by": "model", "backend": "old", "model_revision": "1", "made_at": rows.NOON,
                    "language": "ru", "sentiment": Sentiment.NEGATIVE, "intent": Intent.COMPLAINT,
                    "urgency": Urgency.NORMAL, "is_uncertain": False,
                }
                for one in ids
            ],
        )  # fmt: skip
    return ids


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is there, so the work is left to the workers."""
    monkeypatch.setattr(wakeups, "lengths", lambda: {"tag": 0, "again": 0})


def newest() -> Scope:
    with db.snapshot() as session:
        row = session.scalars(sa.select(Rejudging).order_by(Rejudging.id.desc())).first()
        assert row is not None
        return Scope(row.only_open, row.since)


def test_with_nobody_at_work_it_does_the_work_itself(judged: list[int]) -> None:
    done = run("--all", "--json")
    assert done.exit_code == 0, done.output
    (printed,) = json.loads(done.stdout)
    assert (printed["total"], printed["passed"], printed["judged"]) == (MANY, MANY, MANY)
    assert printed["finished_at"] is not None
    assert printed["opened"] == 0
    with db.snapshot() as session:
        assert session.query(Verdict).filter(Verdict.backend != "old").count() == MANY
    told = run("--status")
    assert told.exit_code == 0
    assert told.stdout.startswith("Done ")
    assert f"{MANY} tagged again" in told.stdout


def test_by_default_only_what_is_open(judged: list[int]) -> None:
    done = run()
    assert done.exit_code == 0, done.output
    assert "Nothing to tag again" in done.stdout
    assert newest() == Scope(only_open=True)


@pytest.mark.usefixtures("somebody")
def test_ctrl_c_ends_the_watching_and_not_the_work(
    judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", interrupt)
    done = run("--since", "2020-01-01")
    assert done.exit_code == 0, done.output
    assert f"Up to {MANY} mentions" in done.stderr
    assert "goes on in the background" in done.stderr
    scope = newest()
    assert not scope.only_open
    assert scope.since is not None
    assert scope.since.isoformat() == "2019-12-31T21:00:00+00:00", "midnight in Moscow"
    with db.snapshot() as session:
        assert not reclassification_progress.is_over(session)
    told = run("--status")
    assert f"0 of {MANY} (everything since 20" in told.stdout


@pytest.mark.usefixtures("somebody")
def test_a_round_behind_another_is_told_as_itself_and_why_it_waits(
    judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        rows.case(session, session.query(Mention).first())
    with db.transaction() as session:
        first = reclassification_runs.ask(session, None, True, None, rows.NOON)
        reclassification_runs.claim(session, rows.NOON)
    nothing = run("--since", "2100-01-01", "--json")
    (printed,) = json.loads(nothing.stdout)
    assert (printed["id"], printed["total"]) == (first.id + 1, 0)
    looks = []

    def sleep(_seconds: float) -> None:
        looks.append(1)
        if len(looks) > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(command.time, "sleep", sleep)
    monkeypatch.setattr(command, "NOBODY_SECONDS", -1)
    done = run("--since", "2020-01-01")
    assert f"Up to {MANY} mentions will be tagged again: everything since 2020-01-01." in done.stderr
    assert "Another round has to finish first: 0 of 1 (what still waits for an answer)" in done.stderr
    assert "Nobody has begun" not in done.stderr


@pytest.mark.usefixtures("somebody")
def test_since_is_a_day_of_the_desk_wherever_the_machine_stands(
    judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        monkeypatch.setattr(command, "_watch", command._round)
        done = run("--since", "2020-01-01")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert "everything since 2020-01-01" in done.stderr


@pytest.mark.parametrize(
    "wrong", [["--all", "--open"], ["--all", "--since", "2026-01-01"], ["--since", "soon"]]
)
def test_what_does_not_go_together_is_refused(judged: list[int], wrong: list[str]) -> None:
    done = run(*wrong)
    assert done.exit_code == 2
    with db.snapshot() as session:
        assert session.query(Rejudging).count() == 0


def test_the_status_of_nothing_says_how_to_begin(database: None) -> None:
    done = run("--status")
    assert done.exit_code == 1
    assert "otklik judge again" in str(done.exception)
