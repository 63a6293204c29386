"""What a site tells beside the words, on the pages of a case and of a mention: facts, reach, files by name and host, and
whether it takes an answer."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from channels.contract import Attachment, AuthorSeen, Reach, Sighting, Withdrawn
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


@pytest.fixture
def told(world: World) -> tuple[str, str]:
    """The addresses of both pages of a message of which the site tells a lot."""
    case_id = world.complain(
        "c2", "Не включается.", facts={"branch": "Тверь, " + "очень длинный адрес " * 20, "order": "47"},
        reach=Reach(likes=1200, views=0), handle={"chat": {"id": 5}, "to": HOSTILE}, attachments=FILES,
    )  # fmt: skip
    return f"/cases/{case_id}", f"/mentions/{world.case(case_id).mention_id}"


def test_both_pages_show_it_alike(client: FlaskClient, told: tuple[str, str]):
    for address in told:
        page = client.get(address).text
        assert "Likes" in page and "1,200" in page
        assert "Views" in page and ">0<" in page
        assert "Shares" not in page, "the site does not say"
        assert "at cdn.example" in page and 'href="https://cdn.example/photo.jpg"' in page
        assert "<details" in page.split("branch")[1].split("order")[0], "a long one is folded"
        assert "{&#34;id&#34;: 5}" in page, "what the channel needs is text"
        assert HOSTILE not in page and "javascript:" not in page
        assert "<img" not in page


def test_damaged_values_are_said_to_be_damaged_and_odd_ones_are_text(
    client: FlaskClient, told: tuple[str, str]
):
    odd = '{"list": [1, {"a": null}], "": "no name", "flag": true}'
    with db.transaction() as session:
        session.connection().exec_driver_sql(f"UPDATE mentions SET facts = '{odd}', reach = '[1]'")
        session.connection().exec_driver_sql("UPDATE mentions SET attachments = '[7]', handle = '5'")
    for address in told:
        page = client.get(address)
        assert page.status_code == 200
        assert 'data-test="told-damaged"' in page.text
        assert "[1, {&#34;a&#34;: null}]" in page.text and "true" in page.text
        assert "Likes" not in page.text and "cdn.example" not in page.text


def test_numbers_that_cannot_be_are_left_out(client: FlaskClient, told: tuple[str, str]):
    odd = '{"likes": -1, "views": "many", "shares": true, "comments": 3}'
    with db.transaction() as session:
        session.connection().exec_driver_sql(f"UPDATE mentions SET reach = '{odd}'")
    page = client.get(told[1]).text
    assert "Comments" in page
    assert "Likes" not in page and "Views" not in page and "Shares" not in page


def test_an_automatic_message_says_so(client: FlaskClient, world: World):
    world.say("auto", "I am out of the office.", is_machine=True)
    with db.snapshot() as session:
        number = session.connection().exec_driver_sql("SELECT id FROM mentions").scalar_one()
    assert "automatic message" in client.get(f"/mentions/{number}").text


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
