"""What a site tells beside the words, on the case's page: facts, files by name, whether it takes an answer."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from channels.contract import Attachment, AuthorSeen, Sighting, Withdrawn
from desk.base import db
from desk.pipeline import arrivals
from desk.sources import sources
from tests.world.desk import HOSTILE, World

FILES = [
    Attachment("image", "https://cdn.example/photo.jpg", "течёт.jpg", 204_800),
    Attachment("video", "javascript:alert(1)", "clip.mp4"),
    Attachment("audio", None),
]
FACTS = {"product": "Coffee maker K2", "order": "№ 1047-22", "app version": HOSTILE}


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Течёт с первого дня.", facts=FACTS, attachments=FILES, can_be_answered=False)


def test_facts_and_files_stand_beside_the_text_and_nothing_is_loaded(client: FlaskClient, case_id: int):
    page = client.get(f"/cases/{case_id}").text
    assert "Coffee maker K2" in page
    assert "№ 1047-22" in page
    assert HOSTILE not in page
    assert 'href="https://cdn.example/photo.jpg"' in page
    assert "204.8 kB" in page
    assert "clip.mp4" in page
    assert "javascript:" not in page
    assert 'src="https://cdn.example' not in page
    assert "The site accepts no answer to this message." in page


def test_it_is_said_in_russian(sign_in: Callable[..., FlaskClient], case_id: int):
    page = sign_in(language="ru").get(f"/cases/{case_id}").text
    assert "Площадка не принимает ответ на это сообщение." in page
    assert "аудио" in page


def test_a_message_without_an_address_has_no_dead_link(client: FlaskClient, world: World):
    seen = Sighting("5/1", None, "Где посылка?", kind="message", author=AuthorSeen("Анна К."), thread="5")
    with db.transaction() as session:
        arrivals.record(session, sources.load(session, world.sources["blog"]), [seen], world.now)
    world.judge()
    number = world.case_of("5/1")
    case = client.get(f"/cases/{number}").text
    assert 'href=""' not in case
    assert "open in the source" not in case
    with db.snapshot() as session:
        mention_id = session.connection().exec_driver_sql("SELECT id FROM mentions").scalar_one()
    page = client.get(f"/mentions/{mention_id}").text
    assert 'href=""' not in page
    assert "message" in page


def test_what_was_withdrawn_says_so(client: FlaskClient, world: World, case_id: int):
    with db.transaction() as session:
        source = sources.load(session, world.sources["blog"])
        arrivals.record(session, source, [], world.now, withdrawals=[Withdrawn("c1")])
    page = client.get(f"/cases/{case_id}").text
    assert "withdrawn by its author" in page
    assert "the author withdrew the message" in page


def test_nobody_can_close_a_case_as_withdrawn(client: FlaskClient, world: World, case_id: int):
    assert 'value="withdrawn"' not in client.get(f"/cases/{case_id}").text
    assert client.post(f"/cases/{case_id}/close", data={"reason": "withdrawn"}).status_code == 422
