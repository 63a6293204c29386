"""The page of the judge: which one is in force, what it can learn from, what became of each learning, and the way back."""

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from desk.base import db, settings
from desk.base.errors import Conflict
from desk.base.words import Intent
from desk.models import JudgeRevision, Mention, User
from desk.pipeline import adoptions, triage
from desk.verdicts import judge_revisions
from desk.verdicts.judge_revisions import Learned
from webapp.cli import learning, otklik
from webapp.wording.judge import REASONS

PAGE = "/settings/judge"
FIGURES = {
    "texts": 60,
    "left_out": 3,
    "before": (98, 180),
    "after": (121, 180),
    "replay_before": (15010, 18000),
    "replay_after": (15020, 18000),
    "heads": {
        "intent": {"before": (20, 60), "after": (43, 60), "replay_before": (1, 2), "replay_after": (1, 2), "reason": "better"},
        "abuse": {"before": (0, 0), "after": (0, 0), "replay_before": (0, 0), "replay_after": (0, 0), "reason": ""},
    },
}  # fmt: skip


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


def meet(now) -> None:
    with db.transaction() as session:
        adoptions.register_model(session, "onnx", "m1", now)


def teach(now, people, **more) -> int:
    values = {
        "base": "m1",
        "backend": "onnx",
        "reason": "better",
        "model_revision": "m1+aa",
        "adaptation": b"x",
        "figures": FIGURES,
    } | more
    with db.transaction() as session:
        number = judge_revisions.ask(session, session.get(User, people["admin"]), now).id
        judge_revisions.claim(session, now)
        adoptions.decide(session, number, Learned(**values), now)
        return number


def refuse(now, people, reason: str, **figures) -> int:
    return teach(now, people, reason=reason, figures=figures, model_revision=None, adaptation=None)


def in_force() -> int:
    with db.snapshot() as session:
        return judge_revisions.active_number(session)


def test_before_any_judge_and_any_correction_the_page_says_what_to_do(admin):
    page = admin.get(PAGE).text
    assert "No model has been used here yet" in page
    assert "No corrections yet" in page
    assert "50 already help" in page


def test_what_stands_to_be_learned_is_counted(admin, world, people, now):
    meet(now)
    world.complain()
    with db.transaction() as session:
        mention = session.query(Mention).one()
        triage.correct(session, mention.id, session.get(User, people["agent"]), now, intent=Intent.QUESTION)
    page = admin.get(PAGE).text
    assert "1 mention is tagged by people." in page
    assert "New since the last training: 1." in page
    assert "onnx" in page
    assert "the original texts only" in page


def test_learning_is_asked_for_with_a_button_and_the_page_waits_for_it(admin, people, now):
    meet(now)
    assert 'data-test="learn"' in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/learn").status_code == 302
    assert admin.post(f"{PAGE}/learn").status_code == 302
    with db.snapshot() as session:
        asked = session.query(JudgeRevision).filter_by(state="asked").one()
        assert asked.user_id == people["admin"]
    page = admin.get(PAGE).text
    assert 'data-test="learning"' in page
    assert 'hx-trigger="every 3s"' in page
    assert 'data-test="learn"' not in page


def test_before_and_after_are_told_in_plain_words(admin, people, now):
    meet(now)
    number = teach(now, people)
    page = " ".join(admin.get(PAGE).text.split())
    assert "Of 180 tags set by people, right before and now: <b>98 → 121</b>" in page
    assert "tags of the original texts: <b>15,010 → 15,020</b>" in page
    assert "3 corrections were not used" in page
    assert f'data-test="judge-{number}"' in page
    assert "m1+aa" in page
    assert "By tag" in page


def test_one_click_goes_back_and_the_page_says_that_it_no_longer_learns_by_itself(admin, people, now):
    meet(now)
    shipped = in_force()
    teach(now, people)
    page = admin.get(PAGE).text
    assert f'data-test="back-{shipped}"' in page
    answer = admin.post(f"{PAGE}/{shipped}/back", follow_redirects=True).text
    assert f"Version {shipped} is active again" in answer
    assert "nightly training is off" in answer
    assert in_force() == shipped


def test_a_way_back_that_is_none_changes_nothing(admin, people, now):
    meet(now)
    shipped = in_force()
    refused = refuse(now, people, "no_gain")
    assert "was not accepted" in admin.post(f"{PAGE}/{refused}/back", follow_redirects=True).text
    assert "is already active" in admin.post(f"{PAGE}/{shipped}/back", follow_redirects=True).text
    assert admin.post(f"{PAGE}/999/back").status_code == 404
    assert in_force() == shipped
    assert f'data-test="back-{refused}"' not in admin.get(PAGE).text


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_refusal_has_its_words_in_both_languages(sign_in, people, now, reason, language):
    meet(now)
    refuse(now, people, reason, texts=3, needed=10, words="words of the program", same_as=1)
    page = sign_in("admin", language).get(PAGE).text
    assert f">{reason}<" not in page
    assert ("rejected" if language == "en" else "не принята") in page
    assert "%(" not in page


def test_a_refusal_of_a_later_version_is_shown_by_its_own_word(admin, people, now):
    meet(now)
    refuse(now, people, "moon_phase")
    assert "moon_phase" in admin.get(PAGE).text


def test_turned_off_there_is_no_button_and_the_page_says_why(admin, now, monkeypatch):
    meet(now)
    monkeypatch.setenv("OTKLIK_IS_LEARNING", "false")
    settings.current.cache_clear()
    page = admin.get(PAGE).text
    assert "OTKLIK_IS_LEARNING" in page
    assert 'data-test="learn"' not in page
    answer = admin.post(f"{PAGE}/learn", follow_redirects=True).text
    assert "Nothing was changed" in answer


def test_leads_read_and_administrators_decide(sign_in, people, now):
    meet(now)
    teach(now, people)
    lead = sign_in("lead")
    page = lead.get(PAGE)
    assert page.status_code == 200
    assert 'data-test="learn"' not in page.text
    assert 'data-test="back-' not in page.text
    assert lead.post(f"{PAGE}/learn").status_code == 403
    assert lead.post(f"{PAGE}/1/back").status_code == 403
    for who in ("agent", "analyst"):
        assert sign_in(who).get(PAGE).status_code == 403
    assert PAGE in sign_in("admin").get("/settings").text


def test_the_terminal_tells_the_history_and_goes_back(people, now):
    assert "otklik run" in CliRunner().invoke(otklik, ["judge", "history"]).output
    meet(now)
    shipped = in_force()
    number = teach(now + timedelta(hours=1), people)
    said = json.loads(CliRunner().invoke(otklik, ["judge", "history", "--json"]).output)
    assert [(row["number"], row["in_force"], row["before"], row["after"]) for row in said] == [
        (number, True, "98 of 180", "121 of 180"), (shipped, False, None, None),
    ]  # fmt: skip
    table = CliRunner().invoke(otklik, ["judge", "history"]).output
    assert "built in" in table and "accepted" in table, "in the words of the page"
    answer = CliRunner().invoke(otklik, ["judge", "back"])
    assert f"Version {shipped} (m1) is active again" in answer.output
    assert in_force() == shipped
    again = CliRunner().invoke(otklik, ["judge", "back", str(shipped)])
    assert isinstance(again.exception, Conflict)
    assert CliRunner().invoke(otklik, ["judge", "back", str(number)]).exit_code == 0
    assert in_force() == number


def test_the_terminal_begins_again_what_somebody_left_when_his_lease_is_out(people, now, monkeypatch):
    """He was killed; `otklik judge learn` once more finds it leased."""
    with db.transaction() as session:
        number = judge_revisions.ask(session, None, now).id
        judge_revisions.claim(session, now)
    clock = iter([now, now + judge_revisions.LEASE / 2, now + 2 * judge_revisions.LEASE])
    begun = []

    def learn() -> None:
        begun.append(1)
        with db.transaction() as session:
            later = now + 2 * judge_revisions.LEASE
            assert judge_revisions.claim(session, later) == number
            adoptions.decide(session, number, Learned("m1", "onnx", "too_few"), later)

    monkeypatch.setattr(learning, "now", lambda: next(clock))
    monkeypatch.setattr(learning, "_begin", learn)
    monkeypatch.setattr(learning, "LOOK_SECONDS", 0)
    monkeypatch.setattr(learning, "TELL_SECONDS", -1)
    answer = CliRunner().invoke(otklik, ["judge", "learn"])
    assert answer.exit_code == 0, answer.output
    assert "training starts again at" in answer.output
    assert begun == [1]


def test_the_terminal_gives_up_when_no_worker_can_begin(people, monkeypatch):
    begun = []
    monkeypatch.setattr(learning, "_begin", lambda: begun.append(1))
    answer = CliRunner().invoke(otklik, ["judge", "learn"])
    assert "The training is not finished" in str(answer.exception)
    assert len(begun) == judge_revisions.MOST_TRIES + 1


@pytest.mark.processes
def test_the_terminal_learns_and_says_why_nothing_was_kept(people, monkeypatch):
    monkeypatch.setenv("OTKLIK_HOME", str(settings.current().home))
    answer = CliRunner().invoke(otklik, ["judge", "learn"])
    assert answer.exit_code == 0, answer.output
    assert (
        "Rejected, nothing changed: not enough texts to train on: people have tagged 0, at least 10 are needed"
        in answer.output
    )
    with db.snapshot() as session:
        assert [row.state for row in judge_revisions.history(session)] == ["shipped", "refused"]
