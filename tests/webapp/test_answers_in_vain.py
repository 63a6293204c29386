"""Whoever answers in vain is told why, keeps his text, and sees beside it what his colleague has written."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from channels.contract import AuthorSeen
from desk.base import db
from desk.base.words import CloseReason
from desk.replies import sending, verification
from tests.world.desk import World

Write = Callable[..., Any]


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Капает из-под крышки")


@pytest.fixture
def other(sign_in: Callable[..., FlaskClient], world: World, case_id: int) -> Write:
    """A colleague presses a button of the composer; `keep` only lets the draft be kept."""
    client = sign_in("other")

    def write(text: str = "Мой ответ", action: str = "publish", **more: object) -> Any:
        form = {"text": text, "thread_seen": world.newest(case_id), "action": action} | more
        return client.post(f"/cases/{case_id}/{'draft' if action == 'keep' else 'answer'}", data=form)

    return write


def begin(world: World, case_id: int) -> int:
    return world.send(case_id, "Замена уедет завтра")


def publish(world: World, reply_id: int, *, is_pending: bool = False) -> None:
    with db.transaction() as session:
        sending.taken(session, reply_id, external_id="a", url="https://blog.example/#a", state="held" if is_pending else "public",
                          at=None, now=world.now)  # fmt: skip


def see(world: World, reply_id: int) -> None:
    publish(world, reply_id)
    with db.transaction() as session:
        verification.seen(session, reply_id, external_id="a", url="https://blog.example/#a", now=world.now)


def lose(world: World, reply_id: int) -> None:
    with db.transaction() as session:
        sending.lost_track(session, reply_id, "timed out", world.now)


FAR = {
    "sending": (lambda world, reply: None, "The answer of Иван Петров is being sent (since"),
    "cut off": (
        lose,
        "Sending the answer of Иван Петров was interrupted",
    ),
    "held": (
        lambda world, reply: publish(world, reply, is_pending=True),
        "the site holds the answer for moderation",
    ),
    "accepted": (publish, "the answer has not been seen on the site yet"),
    "seen": (see, "the answer is on the site"),
}


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("begins_first", [True, False])
def test_he_is_told_who_answered_when_and_how_far_it_is(
    world: World, case_id: int, other: Write, far: str, begins_first: bool
) -> None:
    if begins_first:
        other(action="keep")
    reply_id = begin(world, case_id)
    go, words = FAR[far]
    go(world, reply_id)
    page = other()
    assert page.status_code == 409
    assert words in page.text
    assert "Иван Петров" in page.text.split('data-test="beside"')[0]
    assert "Nothing of yours was sent; your text is kept." in page.text
    beside = page.text.split('data-test="beside"')[1].split("</div>")[0]
    assert "Замена уедет завтра" in beside
    assert ">Мой ответ</textarea>" in page.text
    assert [text for state, text in world.replies() if state == "draft"] == ["Мой ответ"]


def test_in_his_own_language(sign_in: Callable[..., FlaskClient], world: World, case_id: int) -> None:
    begin(world, case_id)
    client = sign_in("other", "ru")
    form = {"text": "Мой ответ", "thread_seen": world.newest(case_id), "action": "publish"}
    page = client.post(f"/cases/{case_id}/answer", data=form).text
    assert "Иван Петров" in page and "Ваш ответ не отправлен, текст сохранён." in page


def test_his_own_second_press_is_told_apart(client: FlaskClient, world: World, case_id: int) -> None:
    begin(world, case_id)
    form = {"text": "И ещё одно", "thread_seen": world.newest(case_id), "action": "publish"}
    page = client.post(f"/cases/{case_id}/answer", data=form)
    assert "Your answer to this case is already being sent. It was not sent twice." in page.text


def test_a_closed_case_says_who_closed_it_and_why(
    client: FlaskClient, world: World, case_id: int, other: Write
) -> None:
    other(action="keep")
    client.post(f"/cases/{case_id}/close", data={"reason": CloseReason.NOT_FOR_US})
    page = other()
    assert page.status_code == 409
    assert "Иван Петров closed the case" in page.text
    assert ">Мой ответ</textarea>" in page.text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "The customer has written again"),
        ({"author": AuthorSeen("Заря")}, "The brand has answered on the site itself"),
        ({"author": None}, "Somebody else has written in this conversation"),
    ],
)
def test_what_changed_in_the_conversation_is_named(
    world: World, case_id: int, other: Write, more: dict[str, Any], words: str
) -> None:
    seen = world.newest(case_id)
    world.say("c2", "И ещё одно сообщение", thread="t-c1", **more)
    page = other(thread_seen=seen)
    assert page.status_code == 409
    assert words in page.text


@pytest.mark.parametrize("far", ["held", "accepted", "seen"])
def test_beside_a_standing_answer_he_may_publish_a_newer_one_by_a_clear_choice(
    sign_in: Callable[..., FlaskClient], world: World, case_id: int, far: str
) -> None:
    """A lead began before the agent answered: his draft stays older than that answer however long he writes."""
    lead = sign_in("lead")
    form = {"text": "Замена и подарок", "thread_seen": world.newest(case_id)}
    lead.post(f"/cases/{case_id}/draft", data=form)
    answered = begin(world, case_id)
    FAR[far][0](world, answered)
    refused = lead.post(f"/cases/{case_id}/answer", data={**form, "action": "publish"})
    assert refused.status_code == 409
    assert "press “Publish this one too”" in refused.text
    assert f'name="besides" value="{answered}"' in refused.text
    blind = lead.post(f"/cases/{case_id}/answer", data={**form, "action": "publish_besides"})
    assert blind.status_code == 409, "only beside an answer that was shown to him"
    done = lead.post(
        f"/cases/{case_id}/answer", data={**form, "action": "publish_besides", "besides": answered}
    )
    assert done.status_code == 303
    assert [text for state, text in world.replies() if state == "approved"] == ["Замена и подарок"]


def test_nothing_is_published_beside_an_answer_under_way(other: Write, world: World, case_id: int) -> None:
    other(action="keep")
    sending_now = begin(world, case_id)
    page = other(action="publish_besides", besides=sending_now)
    assert page.status_code == 409
    assert 'data-test="publish-besides"' not in page.text


def test_the_choice_is_about_the_answer_he_has_seen_and_no_later_one(
    sign_in: Callable[..., FlaskClient], world: World, case_id: int
) -> None:
    lead = sign_in("lead")
    form = {"text": "Замена и подарок", "thread_seen": world.newest(case_id), "action": "publish_besides"}
    lead.post(f"/cases/{case_id}/draft", data=form)
    first = begin(world, case_id)
    see(world, first)
    world.now += timedelta(minutes=5)
    second = world.send(case_id, "И ещё письмо")
    with db.transaction() as session:
        sending.taken(session, second, external_id="b", url="https://blog.example/#b", state="public",
                          at=None, now=world.now)  # fmt: skip
    assert lead.post(f"/cases/{case_id}/answer", data={**form, "besides": first}).status_code == 409
    assert lead.post(f"/cases/{case_id}/answer", data={**form, "besides": second}).status_code == 303


def test_a_lead_may_approve_a_draft_beside_a_colleagues_answer(
    sign_in: Callable[..., FlaskClient], world: World, case_id: int, other: Write
) -> None:
    other(action="review")
    draft_id = world.reply().id
    answered = begin(world, case_id)
    see(world, answered)
    lead = sign_in("lead")
    refused = lead.post(f"/replies/{draft_id}/approve")
    assert refused.status_code == 409
    assert 'data-test="reply-approve-besides"' in refused.text
    assert lead.post(f"/replies/{draft_id}/approve", data={"besides": answered}).status_code == 303
    assert ("approved", "Мой ответ") in world.replies()


@pytest.mark.browser
def test_a_colleagues_answer_appears_beside_the_draft_while_he_writes(
    browse: Callable[..., Any], world: World, address: str, case_id: int
) -> None:
    page = browse("other")
    page.goto(f"{address}/cases/{case_id}")
    field = page.locator('[data-test="answer-text"]')
    field.fill("Я как раз пишу")
    begin(world, case_id)
    page.locator('[data-test="beside"]', has_text="Замена уедет завтра").wait_for()
    assert field.input_value() == "Я как раз пишу"
    page.locator('[data-test="publish"]').click()
    page.locator("#notices .notice-error", has_text="is being sent").wait_for()
    assert page.locator(".notice-error").count() == 1
    assert field.input_value() == "Я как раз пишу"
    assert page.locator('[data-test="beside"]').count() == 1
