"""Mentions through the model: all of them, once, whatever breaks on the way."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from channels.contract import Sighting
from desk.base import db
from desk.base.words import MentionState
from desk.models import Mention, Source, Verdict
from desk.pipeline import arrivals
from sentiment import Label
from sentiment import Verdict as Said
from workers import jobs, tagging

MANY = 200


class Reader:
    """A model that calls everything a complaint, and cannot bear some texts."""

    name, revision = "reader", "1"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def classify(self, texts):
        self.batches.append(len(texts))
        if any("POISON" in text for text in texts):
            raise RuntimeError("this text breaks the model")
        return [
            Said(Label("en", 1.0), Label("negative", 0.9), Label("complaint", 0.9), Label("normal", 0.8),
                 Label("ok", 0.9), needs_look=False, backend=self.name, revision=self.revision)
            for _ in texts
        ]  # fmt: skip


@pytest.fixture
def reader(monkeypatch) -> Reader:
    reader = Reader()
    monkeypatch.setattr(tagging, "backend", lambda: reader)
    return reader


def collect(source: int, *texts: str) -> None:
    now = datetime.now(UTC)
    said = [
        Sighting(f"said-{n}", "https://blog.example/1", text, thread=f"thread-{n}", published_at=now)
        for n, text in enumerate(texts)
    ]
    with db.transaction() as session:
        arrivals.record(session, session.get_one(Source, source), said, now)


def states() -> dict[str, str]:
    with db.snapshot() as session:
        return {row.external_id: str(row.state) for row in session.query(Mention)}


def test_all_that_waits_is_judged_in_batches(source, reader):
    collect(source, *(f"text {n}" for n in range(150)))
    assert jobs.run("tag") == 150
    assert set(states().values()) == {"judged"}
    assert reader.batches == [64, 64, 22]
    assert jobs.run("tag") == 0
    with db.snapshot() as session:
        assert session.query(Verdict).count() == 150


def test_a_text_that_breaks_the_model_goes_to_a_person_and_the_others_on_their_way(source, reader):
    collect(source, "fine", "POISON", "also fine")
    assert jobs.run("tag") == 3
    with db.snapshot() as session:
        rows = {row.external_id: row for row in session.query(Mention)}
        assert rows["said-1"].is_uncertain
        assert not rows["said-0"].is_uncertain


def test_a_mention_that_cannot_be_recorded_does_not_keep_the_others_waiting(source, reader, monkeypatch):
    collect(source, "one", "two", "three")
    recorded = tagging.triage.judge

    def judge(session, mention_id, judgement, now, **more):
        if session.get(Mention, mention_id).external_id == "said-1":
            raise RuntimeError("no")
        recorded(session, mention_id, judgement, now, **more)

    monkeypatch.setattr(tagging.triage, "judge", judge)
    assert jobs.run("tag") == 2
    assert states() == {"said-0": "judged", "said-1": "new", "said-2": "judged"}


def test_what_is_edited_while_the_model_reads_it_is_read_again(source, reader, monkeypatch):
    collect(source, "It broke")
    classify = reader.classify

    def slow(texts):
        if texts == ["It broke"]:
            collect(source, "Thanks, all is well")
        return classify(texts)

    monkeypatch.setattr(reader, "classify", slow)
    jobs.run("tag")
    assert states() == {"said-0": "judged"}
    assert reader.batches == [1, 1]
    with db.snapshot() as session:
        assert session.query(Verdict).count() == 1


def test_a_tagger_killed_in_the_middle_leaves_nothing_untagged(source, start):
    collect(source, *(f"The courier was late again, order {n}. " * 8 for n in range(MANY)))
    # One text a transaction takes seconds for all, so that the middle is not missed between two looks.
    process = start("-c", "from workers import jobs; jobs.run('tag')", OTKLIK_TAG_BATCH="1")
    _wait_until(lambda: 0 < _judged() < MANY)
    process.kill()
    process.wait(10)
    assert 0 < _judged() < MANY
    with db.transaction() as session:
        # As a minute later, when the leases of the dead have run out.
        for row in session.query(Mention).filter(Mention.state == MentionState.NEW):
            row.claimed_until = row.claimed_until and row.claimed_until - timedelta(
                seconds=tagging.LEASE_SECONDS
            )
    process = start("-c", "from workers import jobs; jobs.run('tag')")
    assert process.wait(120) == 0
    assert set(states().values()) == {"judged"}
    with db.snapshot() as session:
        assert session.query(Verdict).count() == MANY


def _judged() -> int:
    with db.snapshot() as session:
        return session.query(Mention).filter(Mention.state == MentionState.JUDGED).count()


def _wait_until(is_so, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.02)
