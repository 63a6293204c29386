"""Rounds of judging again: who gets which range, what is passed, what a second ask does."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.words import CaseStatus, Intent, MentionState, Sentiment, Urgency
from desk.models import Mention, Rejudging, RejudgingRange, Verdict
from desk.operations import pending_work
from desk.pipeline import reclassification_batches, reclassification_progress, reclassification_runs
from desk.pipeline.reclassification_batches import Batch, Claim
from desk.pipeline.reclassification_scope import Scope
from desk.verdicts.star_ratings import Judgement
from tests.world import rows

NEW = ("test", "2")
SAME = Judgement(
    "ru", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.NORMAL, backend="test", model_revision="2"
)


@pytest.fixture(autouse=True)
def _short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassification_batches, "IDS_IN_RANGE", 4)


@pytest.fixture
def mentions(database: None) -> list[int]:
    """Ten old ones, each judged by model 1, the second by a person after it, the third by model 2 already."""
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        ids = [
            rows.mention(session, source, published_at=rows.NOON - timedelta(days=40 - n)).id
            for n in range(10)
        ]
        for mention_id in ids:
            verdict(session, mention_id, "model", "1")
        verdict(session, ids[1], "human", "")
        verdict(session, ids[2], "model", "2")
    return ids


def verdict(session: db.Session, mention_id: int, by: str, revision: str) -> None:
    session.add(
        Verdict(
            mention_id=mention_id, by=by, backend="human" if by == "human" else "test", model_revision=revision,
            made_at=rows.NOON, language="ru", sentiment=Sentiment.NEGATIVE, intent=Intent.COMPLAINT,
            urgency=Urgency.NORMAL,
        )
    )  # fmt: skip
    session.flush()


def ask(only_open: bool = False, since: datetime | None = None, now: datetime = rows.NOON) -> int:
    with db.transaction() as session:
        return reclassification_runs.ask(session, None, only_open, since, now).id


def claim(now: datetime = rows.NOON) -> Claim | None:
    with db.transaction() as session:
        return reclassification_runs.claim(session, now)


def plan(claimed: Claim, size: int = 64) -> list[Batch]:
    with db.snapshot() as session:
        return reclassification_batches.batches(session, claimed, *NEW, size)


def record(claimed: Claim, batch: Batch, now: datetime = rows.NOON) -> bool:
    with db.snapshot() as session:
        pairs = [(one, SAME) for one in reclassification_batches.texts(session, batch)]
    with db.transaction() as session:
        return reclassification_runs.record(session, claimed, batch, pairs, NEW, now)


def judge_all() -> list[int]:
    """The ids that were judged, in order."""
    found: list[int] = []
    while (claimed := claim()) is not None:
        for batch in plan(claimed, 3):
            assert record(claimed, batch)
            found += batch.due
    return found


def progress() -> reclassification_progress.Progress:
    with db.snapshot() as session:
        found = reclassification_progress.progress(session)
    assert found is not None
    return found


def test_everything_is_judged_once_but_what_a_person_or_this_model_judged_last(mentions: list[int]) -> None:
    ask()
    assert judge_all() == [mentions[0], *mentions[3:]]
    found = progress()
    assert (found.total, found.passed, found.judged, found.changed, found.opened) == (10, 10, 8, 0, 0)
    assert found.finished_at == rows.NOON
    assert (found.model, found.share) == ("test 2", 1.0)
    ask()
    assert judge_all() == []
    assert progress().passed == 10
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Verdict)) == 12 + 8
        assert session.scalars(sa.select(RejudgingRange)).all() == []


def test_two_workers_get_different_ranges(mentions: list[int]) -> None:
    ask()
    first, second, third = claim(), claim(), claim()
    assert first and second and third
    assert claim() is None
    ids = [(one.next_id, one.last_id) for one in (first, second, third)]
    assert ids == [(mentions[0], mentions[3]), (mentions[4], mentions[7]), (mentions[8], mentions[9])]
    for claimed in (second, third, first):
        assert progress().finished_at is None
        for batch in plan(claimed):
            assert record(claimed, batch)
    assert progress().finished_at is not None


def test_what_a_dead_worker_held_is_taken_where_he_stood(mentions: list[int]) -> None:
    ask()
    dead = claim()
    assert dead
    first, *_rest = plan(dead, 1)
    assert record(dead, first)
    later = rows.NOON + reclassification_runs.LEASE + timedelta(seconds=1)
    heir = claim(later)
    assert heir
    assert (heir.range_id, heir.next_id) == (dead.range_id, first.last + 1)
    assert all(record(heir, batch, later) for batch in plan(heir))
    assert not record(dead, _rest[0]), "the dead man comes back and stores nothing twice"
    assert progress().judged == 2


def test_a_range_given_back_goes_on_where_it_stood(mentions: list[int]) -> None:
    ask()
    claimed = claim()
    assert claimed
    first = plan(claimed, 1)[0]
    assert record(claimed, first)
    with db.snapshot() as session:
        assert pending_work.has_leases(session, rows.NOON)
    with db.transaction() as session:
        reclassification_runs.release(session, claimed)
    with db.snapshot() as session:
        assert not pending_work.has_leases(session, rows.NOON)
        assert pending_work.names(session, rows.NOON) >= {"judge_again"}
    again = claim()
    assert again
    assert (again.range_id, again.next_id) == (claimed.range_id, first.last + 1)


def test_a_worker_is_woken_while_there_is_something_to_take(mentions: list[int]) -> None:
    def is_waiting(now: datetime = rows.NOON) -> bool:
        with db.snapshot() as session:
            return "judge_again" in pending_work.names(session, now)

    assert not is_waiting()
    ask()
    assert is_waiting()
    held = [claim(), claim(), claim()]
    assert all(held)
    assert not is_waiting()
    assert is_waiting(rows.NOON + reclassification_runs.LEASE + timedelta(seconds=1))


def test_only_what_was_said_since(mentions: list[int]) -> None:
    ask(since=rows.NOON - timedelta(days=33))
    assert progress().total == 3
    assert judge_all() == mentions[7:]


def test_only_what_is_open(mentions: list[int]) -> None:
    with db.transaction() as session:
        rows.case(session, session.get_one(Mention, mentions[4]))
        rows.case(session, session.get_one(Mention, mentions[5]), status=CaseStatus.ON_HOLD)
        rows.case(session, session.get_one(Mention, mentions[6]), status=CaseStatus.ANSWERED)
        rows.case(session, session.get_one(Mention, mentions[7]), status=CaseStatus.CLOSED)
        source = rows.source(session, rows.brand(session, "Rowan"))
        recent = rows.mention(session, source).id
        rows.answered(session, source, timedelta(minutes=5))
    ask(only_open=True)
    assert progress().total == 3
    assert judge_all() == [mentions[4], mentions[5], recent]
    assert progress().passed == 3


def test_what_is_new_or_our_own_is_passed(mentions: list[int]) -> None:
    with db.transaction() as session:
        session.get_one(Mention, mentions[0]).state = MentionState.NEW
        session.get_one(Mention, mentions[3]).is_own = True
    ask()
    assert judge_all() == mentions[4:]
    assert progress().passed == 10


def test_gaps_between_ids_are_stepped_over(mentions: list[int]) -> None:
    with db.transaction() as session:
        source = session.get_one(Mention, mentions[0]).source
        far = rows.mention(session, source, id=1_000_000).id
    ask()
    assert judge_all()[-1] == far
    assert progress().finished_at is not None


def test_asking_for_nothing_is_over_at_once(database: None) -> None:
    with db.snapshot() as session:
        assert reclassification_progress.progress(session) is None
    ask()
    found = progress()
    assert (found.total, found.finished_at, found.share) == (0, rows.NOON, 1.0)
    assert claim() is None


def test_a_second_ask_starts_again_with_the_wider_scope(mentions: list[int]) -> None:
    first = ask(since=rows.NOON - timedelta(days=33))
    held = claim()
    assert held
    batch = plan(held)[0]
    second = ask()
    assert not record(held, batch), "its round was replaced"
    with db.snapshot() as session:
        assert session.get_one(Rejudging, first).replaced_by_id == second
        assert reclassification_progress.progress_of(session, first).rejudging_id == second
    third = ask(only_open=True)
    assert progress().rejudging_id == third
    assert progress().scope == Scope(), "the wider of the two is done"
    assert progress().rounds_after == 0
    assert judge_all() == [mentions[0], *mentions[3:]]
    with db.snapshot() as session:
        assert session.get_one(Rejudging, second).replaced_by_id == third
        assert session.get_one(Rejudging, third).replaced_by_id is None


def test_who_held_a_range_of_a_replaced_round_leaves_the_new_one_alone(mentions: list[int]) -> None:
    """SQLite gives the new range the number of the one that is gone."""
    ask()
    held = claim()
    assert held
    batch = plan(held)[0]
    ask()
    fresh = claim()
    assert fresh
    assert fresh.next_id == held.next_id
    assert not record(held, batch)
    with db.transaction() as session:
        reclassification_runs.release(session, held)
    with db.snapshot() as session:
        assert session.get_one(RejudgingRange, fresh.range_id).claimed_until is not None
    assert progress().passed == 0


def test_rounds_of_which_neither_covers_the_other_run_one_after_another(mentions: list[int]) -> None:
    first = ask(only_open=True)
    # No mention is open, so that round was over at once; with one it is not.
    with db.transaction() as session:
        rows.case(session, session.get_one(Mention, mentions[4]))
    first = ask(only_open=True)
    ask(since=rows.NOON - timedelta(days=33))
    found = progress()
    assert (found.rejudging_id, found.rounds_after) == (first, 1)
    assert judge_all() == [mentions[4], *mentions[7:]]
    with db.snapshot() as session:
        assert reclassification_progress.is_over(session)


@pytest.mark.parametrize(
    ("wide", "narrow", "does"),
    [
        (Scope(), Scope(True), True), (Scope(True), Scope(), False), (Scope(), Scope(), True),
        (Scope(False, rows.NOON), Scope(), False), (Scope(), Scope(False, rows.NOON), True),
        (Scope(True), Scope(False, rows.NOON), False), (Scope(False, rows.NOON), Scope(True), False),
        (Scope(False, rows.NOON), Scope(True, rows.NOON + timedelta(days=1)), True),
    ],
)  # fmt: skip
def test_which_scope_covers_which(wide: Scope, narrow: Scope, does: bool) -> None:
    assert wide.covers(narrow) is does


def test_progress_tells_the_rate_and_the_time_left(mentions: list[int]) -> None:
    ask()
    assert progress().seconds_left(rows.NOON) is None
    claimed = claim()
    assert claimed
    assert record(claimed, plan(claimed)[0])
    found, later = progress(), rows.NOON + timedelta(seconds=2)
    assert (found.passed, found.share, found.per_second(later), found.seconds_left(later)) == (
        4,
        0.4,
        2.0,
        3.0,
    )


def test_a_batch_falls_into_parts_without_losing_an_id() -> None:
    batch = Batch(first=1, last=9, passed=7, due=(2, 5, 6), is_end=True)
    assert list(batch.parts()) == [
        Batch(1, 2, 1, (2,), False),
        Batch(3, 5, 1, (5,), False),
        Batch(6, 9, 5, (6,), True),
    ]
