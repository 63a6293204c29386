"""One case: the thread as it stands, and every step of its owner, with a script and without one."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import CaseStatus, CloseReason, Intent
from desk.people import users
from desk.replies import sending
from tests.world.desk import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Заказ везли три недели", rating=1.0)


def test_the_page_shows_why_it_is_here_and_what_is_due(client: FlaskClient, case_id: int) -> None:
    page = client.get(f"/cases/{case_id}").text
    for words in (
        "Заказ везли три недели",
        "Rule ",
        "91%",
        "97%",
        "74%",
        "Today v",
        "unassigned",
        "case opened",
    ):
        assert words in page


def test_the_rule_is_told_in_the_readers_language(sign_in: Callable[..., FlaskClient], case_id: int) -> None:
    page = sign_in("agent", language="ru").get(f"/cases/{case_id}").text
    assert "Правило" in page
    assert "Сегодня v" in page


def test_an_edit_is_shown_word_by_word(client: FlaskClient, world: World, case_id: int) -> None:
    world.say("c1", "Заказ везли почти месяц", rating=2.0, thread_title="Кофеварка")
    page = client.get(f"/cases/{case_id}").text
    assert "show changes" in page
    assert "<del>три недели</del>" in page or "<del>три</del>" in page
    assert "<ins>" in page


def test_what_the_same_author_said_elsewhere_stands_beside_it(
    client: FlaskClient, world: World, case_id: int
) -> None:
    world.say("old", "А весной всё было хорошо", thread="other", published_at=world.now - timedelta(days=20))
    page = client.get(f"/cases/{case_id}").text
    assert "А весной всё было хорошо" in page
    assert "2 messages" in page


def test_links_to_the_outside_tell_nothing_of_us(client: FlaskClient, case_id: int) -> None:
    page = client.get(f"/cases/{case_id}").text
    for link in page.split("<a ")[1:]:
        tag = link.split(">")[0]
        if "https://" in tag:
            assert "noopener" in tag
            assert "noreferrer" in tag


def test_take_and_give_back(client: FlaskClient, world: World, case_id: int) -> None:
    assert client.post(f"/cases/{case_id}/take").status_code == 303
    assert world.case(case_id).assignee_id == world.people["agent"]
    assert "assigned to you" in client.get(f"/cases/{case_id}").text
    client.post(f"/cases/{case_id}/release")
    assert world.case(case_id).assignee_id is None


def test_with_a_script_the_case_comes_back_as_it_stands_now(client: FlaskClient, case_id: int) -> None:
    answer = client.post(f"/cases/{case_id}/take", headers=HTMX)
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"]) == {"otklik:went": {"shown": case_id, "from": case_id}}
    assert answer.text.lstrip().startswith("<article")
    assert "assigned to you" in answer.text


def test_of_two_people_one_gets_it_and_the_other_is_told_who(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], world: World, case_id: int
) -> None:
    sign_in("other").post(f"/cases/{case_id}/take")
    answer = client.post(f"/cases/{case_id}/take")
    assert answer.status_code == 409
    assert "Ольга Смирнова has taken this case." in answer.text
    part = client.post(f"/cases/{case_id}/take", headers=HTMX)
    assert part.headers["HX-Retarget"] == "#notices"
    assert world.case(case_id).assignee_id == world.people["other"]


def test_assign_to_a_person_with_a_note(client: FlaskClient, world: World, case_id: int) -> None:
    client.post(
        f"/cases/{case_id}/assign", data={"to": f"user:{world.people['other']}", "note": "Это по складу"}
    )
    assert world.case(case_id).assignee_id == world.people["other"]
    page = client.get(f"/cases/{case_id}").text
    assert "Это по складу" in page
    assert "assigned: Ольга Смирнова" in page


def test_hand_over_to_a_team(client: FlaskClient, world: World, case_id: int) -> None:
    client.post(f"/cases/{case_id}/assign", data={"to": "team:marketing", "note": "Обещали в рекламе"})
    with db.snapshot() as session:
        teams = {team.id: team.key for team in users.teams(session)}
    assert teams[world.case(case_id).team_id] == "marketing"
    assert "handed over: Marketing" in client.get(f"/cases/{case_id}").text


@pytest.mark.parametrize("to", ["", "user:", "user:x", "user:999999", "team:nowhere", "x"])
def test_nobody_is_no_owner(client: FlaskClient, world: World, case_id: int, to: str) -> None:
    assert client.post(f"/cases/{case_id}/assign", data={"to": to}).status_code in (404, 422)
    assert world.case(case_id).assignee_id is None


def test_an_analyst_cannot_be_given_a_case(client: FlaskClient, world: World, case_id: int) -> None:
    form = {"to": f"user:{world.people['analyst']}"}
    assert client.post(f"/cases/{case_id}/assign", data=form).status_code == 403


def test_a_note_is_private_and_looks_it(client: FlaskClient, case_id: int) -> None:
    client.post(f"/cases/{case_id}/note", data={"text": "<b>Склад</b> подтвердил"})
    page = client.get(f"/cases/{case_id}").text
    assert "&lt;b&gt;Склад&lt;/b&gt; подтвердил" in page
    assert "private note" in page
    assert client.post(f"/cases/{case_id}/note", data={"text": "  "}).status_code == 422


def test_snooze_and_come_back(client: FlaskClient, world: World, case_id: int) -> None:
    client.post(f"/cases/{case_id}/snooze", data={"until": "tomorrow"})
    case = world.case(case_id)
    assert case.status is CaseStatus.ON_HOLD
    assert case.snoozed_until is not None
    assert client.post(f"/cases/{case_id}/snooze", data={"until": "1999-01-01T09:00"}).status_code == 422
    assert client.post(f"/cases/{case_id}/snooze", data={"until": "whenever"}).status_code == 422


def test_close_needs_a_reason_and_can_be_undone(client: FlaskClient, world: World, case_id: int) -> None:
    assert client.post(f"/cases/{case_id}/close").status_code == 422
    assert client.post(f"/cases/{case_id}/close", data={"reason": "answered"}).status_code == 422
    client.post(f"/cases/{case_id}/close", data={"reason": "not_for_us"})
    assert world.case(case_id).close_reason is CloseReason.NOT_FOR_US
    assert "not for us" in client.get(f"/cases/{case_id}").text
    client.post(f"/cases/{case_id}/reopen")
    assert world.case(case_id).status is CaseStatus.REOPENED


def test_one_press_corrects_a_tag(client: FlaskClient, world: World, case_id: int) -> None:
    client.post(f"/cases/{case_id}/correct", data={"intent": "question"})
    assert world.case(case_id).intent is Intent.QUESTION
    page = client.get(f"/cases/{case_id}").text
    assert "corrected by Иван Петров" in page
    assert "the model said: complaint, negative" in page


def test_who_else_looks_is_said(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], case_id: int
) -> None:
    other = sign_in("other")
    assert other.post(f"/cases/{case_id}/watch", data={"is_writing": "1"}).text == ""
    assert client.post(f"/cases/{case_id}/watch").text == "Ольга Смирнова is writing an answer"
    assert "Ольга Смирнова is writing an answer" in client.get(f"/cases/{case_id}").text
    assert "Ольга Смирнова" in client.get("/").text


def test_a_case_that_is_not_there(client: FlaskClient, world: World) -> None:
    assert client.get("/cases/12345").status_code == 404
    assert client.post("/cases/12345/take").status_code == 404
    assert client.get("/cases/99999999999999999999999").status_code == 404


def test_a_kind_of_source_that_is_gone_still_opens(client: FlaskClient, world: World, case_id: int) -> None:
    from desk.models import Case, Source

    with db.transaction() as session:
        session.get_one(Source, world.sources["blog"]).kind = "myspace"
        session.get_one(Case, case_id).source_kind = "myspace"
    assert "I have posted it" in client.get(f"/cases/{case_id}").text


def test_an_answer_seen_in_public_is_shown_once_with_its_state(
    client: FlaskClient, world: World, case_id: int
) -> None:
    reply_id = world.send(case_id, "Мы вернули деньги")
    with db.transaction() as session:
        sending.taken(
            session,
            reply_id,
            external_id="a9",
            url="https://blog.example/#a9",
            state="public",
            at=None,
            now=world.now,
        )
    assert "published, not seen in public yet" in client.get(f"/cases/{case_id}").text
