"""Which judge is in force: asked, learned, kept or refused, gone back to; each with who and when, on either database."""

from datetime import datetime, timedelta

import pytest

from desk.base import db
from desk.base.errors import Conflict, NotFound
from desk.base.words import Intent, LearningState, Sentiment, Urgency
from desk.models import EarlierWording, Journal, JudgeRevision, Mention, Rejudging, User
from desk.operations import pending_work
from desk.pipeline import adoptions, reclassification_progress, triage
from desk.verdicts import corrections, judge_revisions
from desk.verdicts.judge_revisions import Learned
from tests.world import rows


@pytest.fixture
def desk(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction() as session:
        rows.source(session, rows.brand(session))
        person = rows.user(session, "Ольга")
        from desk.models import Role

        person.roles = list(session.query(Role).filter(Role.name == "admin"))


def olga(session) -> User:
    return session.query(User).filter_by(name="Ольга").one()


def tag(now: datetime, count: int = 1, text: str = "", intent: Intent = Intent.QUESTION) -> list[int]:
    """So many mentions that Olga tags; their ids."""
    with db.transaction() as session:
        from desk.models import Source

        source = session.query(Source).first()
        found = [rows.mention(session, source, **({"text": text} if text else {})).id for _ in range(count)]
        for mention_id in found:
            triage.correct(session, mention_id, olga(session), now, intent=intent)
    return found


def meet(now: datetime, base: str = "m1") -> None:
    with db.transaction() as session:
        adoptions.register_model(session, "onnx", base, now)


def learned(code: str = "aa", base: str = "m1", seen: int = 0, **more: object) -> Learned:
    values = {
        "reason": "better",
        "model_revision": f"{base}+{code}",
        "adaptation": code.encode(),
        "seen_verdict_id": seen,
    }
    return Learned(base, "onnx", **{**values, **more})


def teach(now: datetime, what: Learned, by_whom: bool = True) -> int:
    with db.transaction() as session:
        number = judge_revisions.ask(session, olga(session) if by_whom else None, now).id
        assert judge_revisions.claim(session, now) == number
    with db.transaction() as session:
        adoptions.decide(session, number, what, now)
    return number


def in_force() -> str | None:
    with db.snapshot() as session:
        found = judge_revisions.active(session)
        return found.model_revision if found else None


def events() -> list[str]:
    with db.snapshot() as session:
        return [
            row.event for row in session.query(Journal).order_by(Journal.id) if row.event.startswith("judge_")
        ]


def test_a_model_that_comes_is_in_force_and_noted_once(desk, now):
    assert in_force() is None
    for _ in range(3):
        meet(now)
    assert in_force() == "m1"
    assert events() == ["judge_arrived"]


def test_a_new_model_judges_again_what_still_waits_and_the_first_one_nothing(desk, now):
    meet(now)
    with db.snapshot() as session:
        assert session.query(Rejudging).count() == 0
    for _ in range(2):
        meet(now, "m2")
    with db.snapshot() as session:
        found = session.query(Rejudging).one()
        assert found.only_open
        assert found.user_id is None


def test_what_was_learned_takes_over_and_open_mentions_are_judged_again(desk, now):
    meet(now)
    tag(now)
    number = teach(now, learned())
    assert in_force() == "m1+aa"
    with db.snapshot() as session:
        row = judge_revisions.load(session, number)
        assert (row.state, row.user_id, row.made_at, row.adaptation) == (
            "adopted",
            olga(session).id,
            now,
            b"aa",
        )
        assert [one.is_active for one in judge_revisions.history(session)] == [True, False]
        assert session.query(Rejudging).one().only_open
        told = session.query(Journal).filter_by(event="judge_learned").one()
        assert (told.user_id, told.facts["revision"]) == (olga(session).id, number)


def test_what_was_refused_changes_nothing_and_says_why(desk, now):
    meet(now)
    number = teach(
        now, learned(reason="no_gain", model_revision=None, adaptation=None, figures={"texts": 12})
    )
    assert in_force() == "m1"
    with db.snapshot() as session:
        row = judge_revisions.load(session, number)
        assert (row.state, row.reason, row.figures) == ("refused", "no_gain", {"texts": 12})
        assert session.query(Rejudging).count() == 0
    assert events() == ["judge_arrived", "judge_refused"]


def test_one_click_goes_back_and_names_who(desk, now):
    meet(now)
    tag(now)
    first = teach(now, learned("aa"))
    second = teach(now + timedelta(hours=1), learned("bb"))
    later = now + timedelta(hours=2)
    with db.transaction() as session:
        assert adoptions.go_back(session, None, olga(session), later).id == first
    assert in_force() == "m1+aa"
    with db.transaction() as session:
        shipped = session.query(JudgeRevision).filter_by(state=LearningState.SHIPPED).one()
        adoptions.go_back(session, shipped.id, None, later)
    assert in_force() == "m1"
    with db.transaction() as session:
        assert adoptions.go_back(session, second, None, later + timedelta(hours=1)).active_since > later
    assert events().count("judge_went_back") == 3


def refusal(number: int | None, now: datetime) -> str:
    with db.transaction() as session, pytest.raises(Conflict) as said:
        adoptions.go_back(session, number, None, now)
    return said.value.code


def test_there_is_no_way_back_to_what_never_was(desk, now):
    assert refusal(None, now) == "no_judge"
    meet(now)
    refused = teach(now, learned(reason="no_gain", model_revision=None, adaptation=None))
    assert refusal(refused, now) == "refused"
    assert refusal(revisions_of("m1"), now) == "in_force"
    meet(now, "m2")
    assert refusal(revisions_of("m1"), now) == "other_model"
    for number in (999, None):
        with db.transaction() as session, pytest.raises(NotFound):
            adoptions.go_back(session, number, None, now)
    assert in_force() == "m2"


def revisions_of(revision: str) -> int:
    with db.snapshot() as session:
        return session.query(JudgeRevision).filter_by(model_revision=revision).one().id


def test_another_model_begins_afresh_and_the_first_one_finds_what_it_knew(desk, now):
    meet(now)
    tag(now)
    teach(now, learned())
    meet(now + timedelta(days=1), "m2")
    assert in_force() == "m2"
    with db.snapshot() as session:
        assert judge_revisions.to_learn(session) == 1
    meet(now + timedelta(days=2))
    assert in_force() == "m1+aa"


def test_what_was_learned_on_a_model_that_is_gone_is_not_kept(desk, now):
    meet(now, "m2")
    with db.snapshot() as session:
        number = teach(now, learned(base="m1"))
        assert judge_revisions.load(session, number).reason == "model_changed"
    assert in_force() == "m2"


def test_what_is_known_already_is_said_and_not_kept_twice(desk, now):
    meet(now)
    first = teach(now, learned())
    again = teach(now, learned())
    with db.snapshot() as session:
        row = judge_revisions.load(session, again)
        assert (row.state, row.reason, row.figures["same_as"]) == ("refused", "same", first)
    assert in_force() == "m1+aa"


def test_learning_on_demand_what_was_left_puts_it_in_force_again(desk, now):
    meet(now)
    tag(now)
    first = teach(now, learned())
    teach(now, learned("bb"))
    for number, hours in ((revisions_of("m1"), 1), (first, 2), (revisions_of("m1"), 3)):
        with db.transaction() as session:
            adoptions.go_back(session, number, None, now + timedelta(hours=hours))
    again = teach(now + timedelta(hours=4), learned(seen=1), by_whom=False)
    assert in_force() == "m1+aa"
    with db.transaction() as session:
        row = judge_revisions.load(session, again)
        assert (row.state, row.reason, row.figures["same_as"]) == ("refused", "same_again", first)
        assert not judge_revisions.is_held(session, judge_revisions.active(session)), (
            "although the second is newer"
        )
        assert session.query(Rejudging).order_by(Rejudging.id.desc()).first().asked_at == row.made_at
    assert events()[-1] == "judge_went_back"
    tag(now)
    with db.transaction() as session:
        assert judge_revisions.ask_nightly(session, now + timedelta(days=1)) is not None


def test_learning_on_demand_begins_the_nights_again_even_if_nothing_was_kept(desk, now):
    meet(now)
    teach(now, learned())
    with db.transaction() as session:
        by_night = judge_revisions.ask(session, None, now).id
        current = adoptions.go_back(session, None, None, now + timedelta(hours=1))
        assert judge_revisions.is_held(session, current)
    refused = learned(reason="no_gain", model_revision=None, adaptation=None)
    with db.transaction() as session:
        adoptions.decide(session, by_night, refused, now + timedelta(hours=2))
        assert judge_revisions.is_held(session, judge_revisions.active(session)), "that was asked for before"
    teach(now + timedelta(hours=3), refused)
    with db.snapshot() as session:
        assert not judge_revisions.is_held(session, judge_revisions.active(session))


def test_what_takes_every_worker_down_is_refused_in_the_end(desk, now):
    with db.transaction() as session:
        number = judge_revisions.ask(session, olga(session), now).id
        for _ in range(judge_revisions.MOST_TRIES):
            now += judge_revisions.LEASE + timedelta(seconds=1)
            assert judge_revisions.claim(session, now) == number
        assert judge_revisions.claim(session, now) is None, "somebody has it"
        now += judge_revisions.LEASE + timedelta(seconds=1)
        assert judge_revisions.claim(session, now) is None
        assert judge_revisions.load(session, number).reason == "failed"
        assert judge_revisions.asked_row(session) is None
    assert events() == ["judge_refused"]


def test_what_was_stopped_by_hand_may_begin_again_at_once(desk, now):
    with db.transaction() as session:
        number = judge_revisions.ask(session, None, now).id
        for _ in range(judge_revisions.MOST_TRIES + 1):
            assert judge_revisions.claim(session, now) == number
            judge_revisions.release(session, number)
            session.expire_all()


def test_who_asks_twice_gets_one_learning(desk, now):
    with db.transaction() as session:
        assert (
            judge_revisions.ask(session, None, now).id == judge_revisions.ask(session, olga(session), now).id
        )
        assert "learn" in pending_work.names(session, now)
        number = judge_revisions.claim(session, now)
        assert judge_revisions.claim(session, now) is None
        assert "learn" not in pending_work.names(session, now)
        assert pending_work.has_leases(session, now)
        # Whoever held it is dead by then.
        assert judge_revisions.claim(session, now + judge_revisions.LEASE + timedelta(seconds=1)) == number


def test_a_late_worker_does_not_overrule_the_one_who_was_quicker(desk, now):
    meet(now)
    number = teach(now, learned())
    with db.transaction() as session:
        assert not adoptions.decide(session, number, learned("bb"), now)
    assert in_force() == "m1+aa"


def test_turned_off_nothing_is_learned(desk, now, monkeypatch):
    from desk.base import settings

    meet(now)
    tag(now)
    monkeypatch.setenv("OTKLIK_IS_LEARNING", "false")
    settings.current.cache_clear()
    with db.transaction() as session:
        assert judge_revisions.ask_nightly(session, now) is None
        with pytest.raises(Conflict):
            judge_revisions.ask(session, None, now)


def test_at_night_it_learns_once_and_only_what_is_new(desk, now):
    """Now is noon in Moscow, the quiet hour is three."""
    before = now.replace(hour=0) - timedelta(minutes=1)
    with db.transaction() as session:
        assert judge_revisions.ask_nightly(session, now) is None  # no judge yet
    meet(now - timedelta(days=2))
    with db.transaction() as session:
        assert judge_revisions.ask_nightly(session, now) is None  # nothing to learn
    tag(now)
    with db.transaction() as session:
        assert judge_revisions.ask_nightly(session, before) is None  # not yet
        asked = judge_revisions.ask_nightly(session, now)
        assert asked is not None
        assert judge_revisions.ask_nightly(session, now) is None
        judge_revisions.claim(session, now)
        seen = corrections.newest_id(session)
        adoptions.decide(session, asked.id, learned(seen=seen), now)
        assert judge_revisions.ask_nightly(session, now + timedelta(days=1)) is None  # nothing new
    tag(now)
    with db.transaction() as session:
        assert judge_revisions.to_learn(session) == 1
        assert judge_revisions.ask_nightly(session, now + timedelta(hours=1)) is None  # once a night
        assert judge_revisions.ask_nightly(session, now + timedelta(days=1)) is not None


def test_after_going_back_it_learns_only_when_asked(desk, now):
    meet(now)
    tag(now)
    teach(now - timedelta(days=1), learned())
    with db.transaction() as session:
        current = adoptions.go_back(session, None, olga(session), now)
        assert judge_revisions.is_held(session, current)
    tag(now)
    with db.transaction() as session:
        assert judge_revisions.ask_nightly(session, now + timedelta(days=1)) is None
    teach(now, learned("bb"))
    with db.snapshot() as session:
        assert not judge_revisions.is_held(session, judge_revisions.active(session))


def test_corrections_are_the_newest_word_of_people_with_the_text_as_the_judge_reads_it(desk, now):
    (first,) = tag(now, text="Где мой заказ?")
    (second,) = tag(now, text="Спасибо!", intent=Intent.PRAISE)
    with db.transaction() as session:
        session.get_one(Mention, second).title = "Отлично"
        triage.correct(session, first, olga(session), now, intent=Intent.COMPLAINT, urgency=Urgency.HIGH)
        source = session.get_one(Mention, first).source
        rows.mention(session, source, text="Nobody has tagged this one")
    with db.snapshot() as session:
        found = corrections.newest(session, 10)
        assert [(one.text, one.labels["intent"]) for one in found] == [
            ("Где мой заказ?", "complaint"), ("Отлично\nСпасибо!", "praise"),
        ]  # fmt: skip
        assert found[0].labels == {
            "intent": Intent.COMPLAINT, "sentiment": Sentiment.NEGATIVE, "urgency": Urgency.HIGH,
        }  # fmt: skip
        assert (corrections.count(session), corrections.newest_id(session)) == (2, found[0].verdict_id)
        assert corrections.count(session, found[1].verdict_id) == 1
        assert len(corrections.newest(session, 1)) == 1


def test_what_was_edited_after_somebody_tagged_it_teaches_nothing(desk, now):
    (mention_id,) = tag(now)
    with db.transaction() as session:
        session.add(
            EarlierWording(
                mention_id=mention_id, replaced_at=now + timedelta(hours=1), title="", text="before"
            )
        )
    with db.snapshot() as session:
        assert corrections.newest(session, 10) == []
        assert corrections.count(session) == 1


def test_going_back_asks_for_judging_again(desk, now):
    meet(now)
    tag(now)
    teach(now, learned())
    with db.transaction() as session:
        session.query(Rejudging).update({"finished_at": now})
        adoptions.go_back(session, None, olga(session), now)
    with db.snapshot() as session:
        assert reclassification_progress.progress(session) is not None
        assert session.query(Rejudging).count() == 2
