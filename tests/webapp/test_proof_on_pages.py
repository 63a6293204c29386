"""What pages say of answers that no stranger can see: confirmed to our account, accepted, returned, lost, replaced."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

import channels
from desk.base import db
from desk.base.words import AnswerProof
from desk.models import Reply
from desk.replies import sending, verification
from desk.replies.terms import Terms
from tests.world.desk import World

PRIVATE = Terms(looks_seconds=(), proof=AnswerProof.RECEIPT)
BY_ACCOUNT = Terms(proof=AnswerProof.ACCOUNT)


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Течёт")


def send(world: World, case_id: int, state: str, terms: Terms) -> int:
    reply_id = world.send(case_id, "Замена уедет завтра")
    with db.transaction() as session:
        sending.taken(
            session, reply_id, external_id="a1", url=None, state=state, at=None, now=world.now, terms=terms
        )
    return reply_id


def test_what_was_accepted_and_came_back_is_said_so(client: FlaskClient, world: World, case_id: int) -> None:
    reply_id = send(world, case_id, "accepted", PRIVATE)
    page = client.get(f"/cases/{case_id}").text
    assert "Whether it was read cannot be checked here." in page
    assert "answer accepted; nobody can check it" in page
    with db.transaction() as session:
        verification.bounced(session, reply_id, "550 No such mailbox", world.now, PRIVATE)
    page = client.get(f"/cases/{case_id}").text
    for words in (
        "it could not be delivered",
        "550 No such mailbox",
        "Edit again",
        "answer returned as undeliverable",
    ):
        assert words in page


def test_what_the_site_confirmed_is_not_called_seen(client: FlaskClient, world: World, case_id: int) -> None:
    reply_id = send(world, case_id, "held", BY_ACCOUNT)
    with db.transaction() as session:
        verification.seen(
            session, reply_id, external_id="a1", url=None, now=world.now, proof=AnswerProof.ACCOUNT
        )
        mention_id = session.get_one(Reply, reply_id).mention_id
    page = client.get(f"/cases/{case_id}").text
    assert "confirmed by the site" in page
    assert "seen in public" not in page.partition('data-test="reply-state"')[2].partition("</div>")[0]
    assert "(confirmed by the site)" in client.get(f"/mentions/{mention_id}").text


def test_what_nobody_can_look_for_is_left_to_a_person(
    client: FlaskClient, world: World, case_id: int
) -> None:
    reply_id = world.send(case_id, "Замена уедет завтра")
    with db.transaction() as session:
        sending.lost_track(session, reply_id, "No answer came.", world.now, PRIVATE)
    page = client.get(f"/cases/{case_id}").text
    assert "Otklik cannot check this." in page
    assert "Check now" not in page.partition('data-test="reply-state"')[2].partition("</form>")[0]
    client.post(f"/replies/{reply_id}/edit")
    assert world.reply().state == "draft"


def test_the_composer_says_that_an_answer_will_be_replaced(
    client: FlaskClient, world: World, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(world, case_id, "public", Terms())
    assert 'data-test="replaces"' not in client.get(f"/cases/{case_id}").text
    channel = channels.channel("wordpress")
    answering = replace(channel.about.answering, slots="single")  # type: ignore[type-var]
    monkeypatch.setattr(type(channel), "about", replace(channel.about, answering=answering))
    assert 'data-test="replaces"' in client.get(f"/cases/{case_id}").text


def test_these_words_are_russian_too(sign_in: Callable[..., FlaskClient], world: World, case_id: int) -> None:
    send(world, case_id, "accepted", PRIVATE)
    assert (
        "Прочитан ли ответ, здесь не проверить."
        in sign_in("agent", language="ru").get(f"/cases/{case_id}").text
    )
