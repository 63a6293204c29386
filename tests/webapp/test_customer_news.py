"""What a customer says later is shown where people look: an edit after the answer, a sign for the owner, a stranger
under the brand's name, and what a colleague who left has begun to write."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from channels.contract import AuthorSeen
from desk.base import db
from desk.base.words import Intent, Sentiment, Urgency
from desk.cases import assignment, cases
from desk.models import User
from desk.replies import approvals, conflicts, drafts, sending
from tests.world.desk import World
from webapp.cli import otklik


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Везли три недели", rating=3.0)


def take(world: World, case_id: int, who: int) -> None:
    with db.transaction() as session:
        assignment.take(session, case_id, session.get_one(User, who), world.now)


def answer(world: World, case_id: int, who: int) -> None:
    with db.transaction() as session:
        user, case = session.get_one(User, who), cases.load(session, case_id)
        draft = drafts.save_draft(
            session,
            case_id,
            user,
            "Простите, исправим.",
            conflicts.newest_in_thread(session, case),
            world.now,
        )
        assert draft is not None
        approvals.approve(session, draft.id, user, world.now)
        sending.begin(session, draft.id, world.now)
        sending.taken(session, draft.id, external_id="a1", url=None, state="public", at=None, now=world.now)


def test_an_edit_after_the_answer_stands_after_the_answer(
    sign_in: Callable[..., FlaskClient], world: World, case_id: int, people: dict[str, int]
) -> None:
    answer(world, case_id, people["agent"])
    world.now += timedelta(hours=5)
    world.say("c1", "Везли три недели. UPD: <b>загорелся</b>!", rating=1.0)
    world.judge(urgency=Urgency.CRITICAL)
    page = sign_in("agent", language="ru").get(f"/cases/{case_id}").text
    thread = page[page.index('data-test="thread"') : page.index('class="case-answer"')]
    assert thread.index("Простите, исправим.") < thread.index("изменено после ответа")
    assert "Было:" in thread
    assert thread.count(" → ") >= 1, "three stars became one"
    assert "&lt;b&gt;" in thread
    assert "<b>загорелся" not in page
    assert "автор изменил сообщение: после ответа" in page
    assert ": клиент изменил сообщение" in page
    assert "срочность повышена" in page


def test_the_owner_sees_the_sign_until_he_has_opened_the_case(
    sign_in: Callable[..., FlaskClient], world: World, case_id: int, people: dict[str, int]
) -> None:
    take(world, case_id, people["agent"])
    owner, other = sign_in("agent"), sign_in("other")
    before = re.search(r'data-case-version="(\d+)"', owner.get(f"/cases/{case_id}").text)[1]
    world.say("c2", "Загорелось!", thread="t-c1")
    world.judge(urgency=Urgency.CRITICAL)
    assert 'data-test="customer-news"' in owner.get("/?tab=mine").text
    page = owner.get(f"/cases/{case_id}").text
    assert 'data-test="customer-news"' in page
    shown = re.search(r'data-case-version="(\d+)"', page)[1]
    other.post(f"/cases/{case_id}/watch", data={"version": shown})
    owner.post(f"/cases/{case_id}/watch", data={"version": before})
    owner.post(f"/cases/{case_id}/watch", data={"version": "x" * 40})
    assert 'data-test="customer-news"' in owner.get("/?tab=mine").text
    assert owner.post(f"/cases/{case_id}/watch", data={"version": shown}).status_code == 200
    assert 'data-test="customer-news"' not in owner.get("/?tab=mine").text
    assert 'data-test="customer-news"' not in owner.get(f"/cases/{case_id}").text


def test_an_edit_while_he_writes_stops_the_sending_and_keeps_the_text(
    client: FlaskClient, world: World, case_id: int
) -> None:
    page = client.get(f"/cases/{case_id}").text
    seen = {
        name: re.search(rf'name="{name}" value="(\d+)"', page)[1] for name in ("thread_seen", "edit_seen")
    }
    world.say("c1", "Везли три недели, и коробка мокрая", rating=3.0)
    form = {"text": "Замена уедет", "action": "publish"} | seen
    refused = client.post(f"/cases/{case_id}/answer", data=form)
    assert refused.status_code == 409
    assert "A message of this conversation has been changed since you began to write" in refused.text
    assert "changed since" in refused.text
    assert ">Замена уедет</textarea>" in refused.text
    now_seen = re.search(r'name="edit_seen" value="(\d+)"', refused.text)[1]
    assert client.post(f"/cases/{case_id}/answer", data=form | {"edit_seen": now_seen}).status_code == 303
    assert world.replies() == [("approved", "Замена уедет")]


def test_a_stranger_under_the_brands_name_is_shown_as_one(client: FlaskClient, world: World) -> None:
    case_id = world.complain("c1", "Обманщики!", author=AuthorSeen("заря", "user:9"), is_by_brand=False)
    for address in ("/?tab=open", f"/cases/{case_id}", "/mentions"):
        page = client.get(address).text
        assert 'data-test="borrowed-name"' in page, address
    world.complain("c2", "Тоже плохо", author=AuthorSeen("Анна"))
    assert client.get("/mentions").text.count('data-test="borrowed-name"') == 1


def test_the_tags_in_force_are_about_the_words_that_stand_there(
    client: FlaskClient, world: World, case_id: int
) -> None:
    client.post(f"/cases/{case_id}/correct", data={"intent": "suggestion"})
    assert "corrected by Иван Петров" in client.get(f"/cases/{case_id}").text
    world.say("c1", "Верните деньги!", rating=1.0)
    world.judge(intent=Intent.COMPLAINT, sentiment=Sentiment.NEGATIVE)
    page = client.get(f"/cases/{case_id}").text
    assert "corrected by Иван Петров" not in page
    assert re.search(r'value="complaint" aria-pressed="true"', page)


def test_shutting_somebody_out_frees_his_cases_and_shows_his_draft(
    sign_in: Callable[..., FlaskClient], world: World, case_id: int, people: dict[str, int]
) -> None:
    agent, other = sign_in("agent"), sign_in("other")
    agent.post(f"/cases/{case_id}/take")
    form = {"text": "Мы уже разбираемся", "thread_seen": world.newest(case_id)}
    agent.post(f"/cases/{case_id}/draft", data=form)
    assert 'data-test="left-behind"' not in other.get(f"/cases/{case_id}").text
    assert sign_in("admin").post(f"/team/{people['agent']}/deactivate").status_code == 302
    page = other.get(f"/cases/{case_id}").text
    assert "unassigned" in page
    assert "returned to the team: the owner no longer works here" in page
    assert 'data-test="left-behind"' in page
    assert "Мы уже разбираемся" in page
    assert f'<option value="user:{people["agent"]}">' not in page
    refused = other.post(f"/cases/{case_id}/assign", data={"to": f"user:{people['agent']}"})
    assert refused.status_code == 409
    assert "Иван Петров does not work here any more" in refused.text
    assert other.post(f"/replies/{world.reply().id}/edit").status_code == 303
    page = other.get(f"/cases/{case_id}").text
    assert ">Мы уже разбираемся</textarea>" in page
    assert 'data-test="left-behind"' not in page


def test_the_command_shuts_out_and_lets_in(world: World, case_id: int, people: dict[str, int]) -> None:
    take(world, case_id, people["agent"])
    out = CliRunner().invoke(otklik, ["user", "deactivate", "ivan@example.org"])
    assert "went back to their teams" in out.output
    assert world.case(case_id).assignee_id is None
    refused = CliRunner().invoke(otklik, ["user", "deactivate", "admin@example.org"])
    assert "administer" in str(refused.exception)
    assert "can sign in again" in CliRunner().invoke(otklik, ["user", "activate", "ivan@example.org"]).output
