"""Models that come to judge: which takes over, which waits, and that one is left when several come at once."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread

import pytest

from desk.base import db
from desk.base.words import Intent, Sentiment, Urgency
from desk.models import Rejudging, Source
from desk.pipeline import adoptions, triage
from desk.verdicts import judge_revisions
from desk.verdicts.star_ratings import Judgement
from tests.desk.test_revisions import events, in_force, learned, meet, revisions_of, teach
from tests.world import rows


@pytest.fixture(autouse=True)
def _desk(database: None) -> None:
    with db.transaction() as session:
        rows.source(session, rows.brand(session))
        rows.user(session, "Ольга")


@pytest.mark.parametrize(("revision", "rounds"), [("m0", 1), ("m1", 0)])
def test_the_first_model_judges_again_where_an_older_one_has_judged(now, revision, rounds):
    """A desk from a version that did not write down which model judged."""
    with db.transaction() as session:
        mention = rows.mention(session, session.query(Source).first(), published_at=now, state="new")
        said = Judgement(
            "ru", Sentiment.NEUTRAL, Intent.OTHER, Urgency.NORMAL, backend="onnx", model_revision=revision
        )
        triage.judge(session, mention.id, said, now)
    meet(now)
    with db.snapshot() as session:
        assert session.query(Rejudging).count() == rounds


def test_a_model_that_was_here_before_waits_until_another_has_settled(now):
    """Two machines, one with the new version: a worker of the old one that starts then turns nothing back."""
    meet(now)
    soon, later = now + adoptions.SETTLING / 2, now + 2 * adoptions.SETTLING
    with db.transaction() as session:
        assert adoptions.register_model(session, "onnx", "m2", now)
        assert not adoptions.register_model(session, "onnx", "m1", soon)
        assert adoptions.register_model(session, "onnx", "m2", soon)
    assert in_force() == "m2"
    assert events() == ["judge_arrived"] * 2
    with db.transaction() as session:
        assert session.query(Rejudging).count() == 1
        assert adoptions.register_model(session, "onnx", "m1", later)
    assert in_force() == "m1"


@pytest.mark.parametrize("change", ["go back", "learn", "come"])
def test_of_two_who_change_the_judge_at_the_same_moment_one_judge_is_left(now, change):
    meet(now)
    shipped, later = revisions_of("m1"), now + timedelta(days=1)
    teach(now, learned("aa"))
    with db.transaction() as session:
        number = judge_revisions.ask(session, None, now).id
    changes: dict[str, Callable[[db.Session], object]] = {
        "go back": lambda session: adoptions.go_back(session, shipped, None, later),
        "learn": lambda session: adoptions.decide(session, number, learned("bb"), later),
        "come": lambda session: adoptions.register_model(session, "onnx", "m2", later),
    }
    other = Thread(target=meet, args=(later, "m3"))
    with db.transaction() as session:
        changes[change](session)
        other.start()
        other.join(0.5)
        assert other.is_alive(), "it waits for this transaction"
    other.join(30)
    with db.snapshot() as session:
        assert [row.model_revision for row in judge_revisions.history(session) if row.is_active] == ["m3"]
