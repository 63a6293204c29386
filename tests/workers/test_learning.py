"""Learning from the desk's corrections, with the judge that ships, from the asking to the next verdict."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from channels.contract import Sighting
from desk.base import db
from desk.base.words import Intent, Urgency
from desk.models import JudgeRevision, Mention, Source, User, Verdict
from desk.people import users
from desk.pipeline import adoptions, arrivals, triage
from desk.verdicts import judge_revisions
from sentiment import SHIPPED, replay
from sentiment.adaptation import Adaptation
from sentiment.contract import HEADS
from workers import jobs, judge, learning, tagging


@pytest.fixture(autouse=True)
def _fresh_judge():
    judge.forget()
    yield
    judge.forget()


def collect(source: int, *texts: str) -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        count = session.query(Mention).count()
        said = [
            Sighting(
                f"s{count + n}", "https://blog.example/1", text, thread=f"t{count + n}", published_at=now
            )
            for n, text in enumerate(texts)
        ]
        arrivals.record(session, session.get_one(Source, source), said, now)


def correct_all(urgency: Urgency) -> None:
    now = datetime.now(UTC)
    with db.transaction() as session:
        if users.by_email(session, "olga@example.com") is None:
            users.add(session, "olga@example.com", "Olga", "x", ["agent"], "service", now)
        user = users.by_email(session, "olga@example.com")
        for mention in session.query(Mention).all():
            triage.correct(session, mention.id, user, now, intent=Intent.QUESTION, urgency=urgency)


def ask() -> int:
    with db.transaction() as session:
        return judge_revisions.ask(session, session.query(User).first(), datetime.now(UTC)).id


def settled(number: int) -> JudgeRevision:
    with db.snapshot() as session:
        return judge_revisions.load(session, number)


def newest_verdict() -> Verdict:
    with db.snapshot() as session:
        return session.query(Verdict).filter_by(by="model").order_by(Verdict.id.desc()).first()


def adoption(number: int, code: int = 1) -> Adaptation:
    """Something that any worker can tell: everything is a question."""
    shipped = judge.shipped()
    bias = np.zeros(len(HEADS["kind"]), np.float32)
    bias[HEADS["kind"].index("question")] = 100 + code
    found = Adaptation(shipped.base, {"kind": np.zeros((384, len(bias)), np.float32)}, {"kind": bias})
    with db.transaction() as session:
        judge_revisions.claim(session, datetime.now(UTC))
        learned = judge_revisions.Learned(
            shipped.base, shipped.name, "better", {}, found.revision, found.to_bytes(), seen_verdict_id=1
        )
        assert adoptions.decide(session, number, learned, datetime.now(UTC))
    return found


WATCHES = [
    f"The watch number {n} came in the wrong colour, where can I see the right one?" for n in range(40)
]


def test_corrections_are_read_learned_and_settled(source):
    collect(source, *WATCHES)
    assert jobs.run("tag") == len(WATCHES)
    correct_all(Urgency.LOW)
    number = ask()
    assert learning.learn_all() == 1
    row = settled(number)
    assert row.reason in ("better", "no_gain", "forgets")
    assert row.figures["texts"] == len(WATCHES)
    assert set(row.figures["heads"]) == set(HEADS) - {"kind"} | {"intent"}  # as the desk calls it
    with db.snapshot() as session:
        assert judge_revisions.to_learn(session) == 0
    assert learning.learn_all() == 0


def test_one_correction_is_too_few(source):
    collect(source, WATCHES[0])
    jobs.run("tag")
    correct_all(Urgency.LOW)
    number = ask()
    learning.learn_all()
    assert (settled(number).state, settled(number).reason) == ("refused", "too_few")


def test_a_running_worker_takes_up_what_was_promoted_and_what_was_gone_back_to(source):
    collect(source, "Всё плохо, курьер не приехал, верните деньги!")
    jobs.run("tag")
    assert newest_verdict().model_revision == judge.shipped().revision
    learned = adoption(ask())
    collect(source, "Всё плохо, курьер не приехал, верните деньги сейчас же!")
    jobs.run("tag")
    assert (newest_verdict().model_revision, newest_verdict().intent) == (learned.revision, Intent.QUESTION)
    with db.transaction() as session:
        adoptions.go_back(session, None, None, datetime.now(UTC))
    collect(source, "Всё плохо, курьер не приехал, верните деньги немедленно!")
    jobs.run("tag")
    assert newest_verdict().model_revision == judge.shipped().revision


def test_what_waits_is_judged_again_by_what_was_learned(source):
    collect(source, "Всё плохо, курьер не приехал, верните деньги!")
    jobs.run("tag")
    learned = adoption(ask())
    jobs.run("judge_again")
    assert (newest_verdict().model_revision, newest_verdict().intent) == (learned.revision, Intent.QUESTION)


def test_a_learned_correction_that_cannot_be_read_leaves_the_judge_as_it_ships(source):
    collect(source, "one")
    jobs.run("tag")
    adoption(ask())
    with db.transaction() as session:
        session.query(JudgeRevision).filter_by(is_active=True).one().adaptation = b"broken"
    collect(source, "two")
    assert jobs.run("tag") == 1
    assert newest_verdict().model_revision == judge.shipped().revision


def test_the_question_which_judge_is_asked_once_a_batch(source, monkeypatch):
    asked = []
    number = judge_revisions.active_number
    monkeypatch.setattr(judge_revisions, "active_number", lambda session: asked.append(1) or number(session))
    collect(source, *(f"text {n}" for n in range(100)))
    jobs.run("tag")
    assert len(asked) == 3  # 64, 36 and the look that finds nothing more


def test_without_a_replay_set_it_says_so(source, monkeypatch, tmp_path):
    other = judge.shipped().adapted(None)
    other.folder = tmp_path
    monkeypatch.setattr(judge, "shipped", lambda: other)
    number = ask()
    learning.learn_all()
    assert settled(number).reason == "no_replay"
    kept = replay.read(SHIPPED)
    monkeypatch.setattr(replay, "read", lambda _folder: replace(kept, base="another"))
    number = ask()
    learning.learn_all()
    assert settled(number).reason == "other_replay"


def test_a_judge_that_cannot_learn_says_so(source, monkeypatch):
    class Reader:
        name, revision = "reader", "7"

        def classify(self, texts):
            return []

    monkeypatch.setattr(judge, "shipped", Reader)
    number = ask()
    learning.learn_all()
    assert (settled(number).reason, settled(number).base) == ("cannot_learn", "7")


def test_who_learns_with_another_model_than_the_one_in_force_changes_nothing(source):
    now = datetime.now(UTC)
    with db.transaction() as session:
        for base in ("older", "newer"):
            adoptions.register_model(session, "other", base, now)
    number = ask()
    learning.learn_all()
    assert (settled(number).state, settled(number).reason) == ("refused", "model_changed")
    with db.snapshot() as session:
        assert judge_revisions.active(session).base == "newer"


def test_ctrl_c_gives_the_learning_back(source, monkeypatch):
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(learning, "_learned", stop)
    number = ask()
    with pytest.raises(KeyboardInterrupt):
        learning.learn_all()
    assert (settled(number).state, settled(number).claimed_until) == ("asked", None)


def test_a_model_whose_arrival_was_rolled_back_comes_once_more(source):
    now = datetime.now(UTC)

    def arrive() -> None:
        with db.transaction() as session:
            assert judge.keep_up(session, now)
            assert judge_revisions.active(session) is not None
            if not has_failed:
                raise RuntimeError("the disk is full")

    has_failed = False
    with pytest.raises(RuntimeError):
        arrive()
    with db.snapshot() as session:
        assert judge_revisions.active(session) is None
    has_failed = True
    arrive()


def test_learning_that_breaks_off_is_told_and_the_judge_works_on(source, monkeypatch):
    def break_off(*_arguments):
        raise RuntimeError("no memory")

    monkeypatch.setattr(learning.refit, "refit", break_off)
    number = ask()
    assert learning.learn_all() == 1
    assert settled(number).reason == "failed"
    collect(source, "one")
    assert jobs.run("tag") == 1
    assert tagging.backend().revision == judge.shipped().revision


@pytest.mark.processes
def test_a_worker_killed_while_it_learns_is_followed_by_another(source, start):
    number = ask()
    with db.transaction() as session:
        judge_revisions.claim(session, datetime.now(UTC))
    assert start("-m", "workers", "learn").wait(60) == 0
    assert settled(number).state == "asked"
    with db.transaction() as session:
        session.get_one(JudgeRevision, number).claimed_until = datetime.now(UTC)
    assert start("-m", "workers", "learn").wait(120) == 0
    assert settled(number).reason == "too_few"
