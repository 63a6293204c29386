"""Judging again by the workers: every mention once, whoever dies on the way, and new ones first."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from channels.contract import Sighting
from desk.base import db
from desk.base.words import MentionState
from desk.models import JudgeRevision, Mention, RejudgingRange, Source, Verdict
from desk.pipeline import (
    adoptions,
    arrivals,
    reclassification_batches,
    reclassification_progress,
    reclassification_runs,
)
from desk.verdicts import judge_revisions
from sentiment import Label
from sentiment import Verdict as Said
from workers import __main__, burst, jobs, judge, tagging

MANY = 60


class Reader:
    """A model that calls everything praise, so that no case is opened; `before` is called with every batch."""

    name = "reader"

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self.before: Callable[[Sequence[str]], object] = lambda _texts: None

    def classify(self, texts: Sequence[str]) -> list[Said]:
        self.before(texts)
        return [
            Said(Label("en", 1.0), Label("positive", 0.9), Label("praise", 0.9), Label("normal", 0.8),
                 Label("ok", 0.9), needs_look=False, backend=self.name, revision=self.revision)
            for _ in texts
        ]  # fmt: skip


@pytest.fixture
def reader(source: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """MANY mentions, judged by model 1; model 2 has come since."""
    judge.forget()
    reader = Reader("1")
    monkeypatch.setattr(tagging, "backend", lambda: reader)
    monkeypatch.setattr(reclassification_batches, "IDS_IN_RANGE", 16)
    monkeypatch.setenv("OTKLIK_TAG_BATCH", "4")
    tagging.settings.current.cache_clear()
    collect(source, *range(MANY))
    assert jobs.run("tag") == MANY
    reader.revision = "2"
    yield reader
    judge.forget()


def collect(source: int, *numbers: int) -> None:
    now = datetime.now(UTC)
    said = [
        Sighting(f"said-{n}", "https://blog.example/1", f"text {n}", thread=f"thread-{n}", published_at=now)
        for n in numbers
    ]
    with db.transaction() as session:
        arrivals.record(session, session.get_one(Source, source), said, now)


def ask() -> None:
    with db.transaction() as session:
        reclassification_runs.ask(session, None, False, None, datetime.now(UTC))


def verdicts(revision: str) -> dict[int, int]:
    """How many of that revision each mention has."""
    query = sa.select(Verdict.mention_id, sa.func.count()).where(Verdict.model_revision == revision)
    with db.snapshot() as session:
        return {row[0]: row[1] for row in session.execute(query.group_by(Verdict.mention_id))}


def is_over() -> bool:
    with db.snapshot() as session:
        return reclassification_progress.is_over(session)


def test_everything_is_judged_again_once(reader: Reader) -> None:
    assert jobs.run("judge_again") == 0
    ask()
    assert jobs.run("judge_again") == MANY + 4, "the mentions and their ranges"
    assert list(verdicts("2").values()) == [1] * MANY
    assert is_over()
    assert jobs.run("judge_again") == 0


def test_new_mentions_go_first_in_the_middle_of_a_range(reader: Reader, source: int) -> None:
    read: list[str] = []

    def before(texts: Sequence[str]) -> None:
        read.extend(texts)
        if len(read) == 4:
            collect(source, 1000, 1001)

    reader.before = before
    ask()
    jobs.run("judge_again")
    assert read[4:6] == ["text 1000", "text 1001"], "right after the batch that was in work"
    assert set(verdicts("2").values()) == {1}
    assert len(verdicts("2")) == MANY + 2


def test_several_workers_share_the_ranges(reader: Reader) -> None:
    ask()
    workers = [Thread(target=jobs.run, args=["judge_again"]) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert list(verdicts("2").values()) == [1] * MANY
    assert is_over()


def test_a_text_that_breaks_the_model_keeps_the_verdict_it_has(reader: Reader) -> None:
    def before(texts: Sequence[str]) -> None:
        if "text 7" in texts:
            raise RuntimeError("this text breaks the model")

    reader.before = before
    ask()
    jobs.run("judge_again")
    assert len(verdicts("2")) == MANY - 1
    assert is_over()


def test_a_mention_that_cannot_be_stored_does_not_hold_up_the_others(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = reclassification_runs.reclassification.apply_second_verdicts

    def give(session, pairs, now):
        if any(waiting.text == "text 7" for waiting, _ in pairs):
            raise RuntimeError("no")
        return given(session, pairs, now)

    monkeypatch.setattr(reclassification_runs.reclassification, "apply_second_verdicts", give)
    ask()
    jobs.run("judge_again")
    assert len(verdicts("2")) == MANY - 1
    assert is_over()


def test_a_database_that_is_locked_passes_no_mention_over(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, refusals = reclassification_runs.reclassification.apply_second_verdicts, 2

    def give(session, pairs, now):
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise db.Busy("INSERT", {}, Exception("database is locked"))
        return given(session, pairs, now)

    monkeypatch.setattr(reclassification_runs.reclassification, "apply_second_verdicts", give)
    ask()
    for _ in range(2):
        assert jobs.run("judge_again") == 0
        with db.snapshot() as session:
            assert {row.claimed_until for row in session.query(RejudgingRange)} == {None}
    jobs.run("judge_again")
    assert len(verdicts("2")) == MANY
    assert is_over()


def test_a_worker_with_another_model_leaves_the_round_to_the_one_in_force(reader: Reader) -> None:
    def come() -> None:
        with db.transaction() as session:
            adoptions.register_model(session, "other", "newer", datetime.now(UTC))

    come()
    assert not is_over(), "the new model asks for what is open"
    assert jobs.run("judge_again") == 0
    assert not is_over()
    judge.forget()
    assert jobs.run("judge_again") == 0, "started again, it waits all the same"
    with db.transaction() as session:
        assert judge_revisions.active(session).base == "newer"
        for row in session.query(JudgeRevision):
            row.active_since -= 2 * adoptions.SETTLING
    assert jobs.run("judge_again") > 0, "nobody with the new one has come since"
    assert is_over()


def test_a_new_model_says_that_it_has_come_as_soon_as_it_is_loaded(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        adoptions.register_model(session, "other", "older", datetime.now(UTC))
        for row in session.query(JudgeRevision):
            row.active_since -= 2 * adoptions.SETTLING
    judge.forget()
    served: list[str] = []
    monkeypatch.setattr("workers.queues.serve", lambda _kind, names: served.extend(names))
    assert __main__.tag() == 0
    assert served == ["tag", "again"]
    with db.snapshot() as session:
        assert judge_revisions.active(session).base == judge.base_of(judge.shipped()), (
            "and nothing new was said"
        )
    assert jobs.run("judge_again") > 0
    assert is_over()


def test_a_database_that_is_not_there_yet_keeps_no_worker_from_serving(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise db.Busy("select 1", {}, Exception("the database system is starting up"))

    served: list[str] = []
    monkeypatch.setattr("workers.queues.serve", lambda _kind, names: served.extend(names))
    monkeypatch.setattr(judge, "keep_up", away)
    assert __main__.tag() == 0
    assert served == ["tag", "again"]


def test_without_redis_it_is_done_in_one_process(reader: Reader) -> None:
    ask()
    assert burst.judge_again()
    assert len(verdicts("2")) == MANY


def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(source, start) -> None:
    collect(source, *range(MANY))
    assert start("-c", "from workers import jobs; jobs.run('tag')").wait(120) == 0
    with db.transaction() as session:
        session.execute(sa.update(Verdict).values(model_revision="older"))
    ask()
    command = "from workers import jobs; jobs.run('judge_again')"
    process = start("-c", command, OTKLIK_TAG_BATCH="2")
    _wait_until(lambda: 0 < _again() < MANY)
    process.kill()
    process.wait(10)
    assert 0 < _again() < MANY
    assert not is_over()
    with db.transaction() as session:
        # As after the lease of the dead has run out.
        for row in session.query(RejudgingRange):
            row.claimed_until = (
                row.claimed_until and row.claimed_until - reclassification_runs.LEASE - timedelta(seconds=1)
            )
    assert start("-c", command).wait(120) == 0
    assert is_over()
    with db.snapshot() as session:
        assert session.query(Verdict).count() == 2 * MANY
        assert session.query(Mention).filter(Mention.state == MentionState.NEW).count() == 0


def _again() -> int:
    with db.snapshot() as session:
        return session.query(Verdict).filter(Verdict.model_revision != "older").count()


def _wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.01)
