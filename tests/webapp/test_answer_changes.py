"""Correcting and withdrawing an answer from the case page: what is offered to whom, and that a refusal costs no text."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import ChangeState, ReplyState
from desk.models import Reply, ReplyChange
from desk.replies import change_looks, change_sending, sending, verification
from tests.world.desk import World

HTMX = {"HX-Request": "true"}
BETTER = "Здравствуйте! Замена уедет завтра."


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Капает из-под крышки")


@pytest.fixture
def reply_id(world: World, case_id: int) -> int:
    """An answer of the agent that a visitor has seen."""
    made = world.send(case_id)
    with db.transaction() as session:
        sending.taken(session, made, state="public", external_id="77", url=None, at=None, now=world.now)
        verification.seen(session, made, external_id="77", url=None, now=world.now)
    return made


def change() -> ReplyChange:
    with db.snapshot() as session:
        return session.query(ReplyChange).order_by(ReplyChange.id.desc()).first()


def send(world: World) -> int:
    with db.transaction() as session:
        assert change_sending.begin(session, change().id, world.now) is not None
    return change().id


def done(world: World, found: str = "done") -> None:
    change_id = send(world)
    with db.transaction() as session:
        change_sending.done(session, change_id, world.now)
        change_looks.record(session, change_id, found, "", world.now + timedelta(minutes=1))  # type: ignore[arg-type]


def test_a_correction_is_written_sent_and_shown_with_the_earlier_words(
    client: FlaskClient, world: World, case_id: int, reply_id: int
) -> None:
    page = client.get(f"/cases/{case_id}").text
    assert page.count('data-test="change-answer"') == 1
    assert 'data-key="d"' in page
    answer = client.post(f"/replies/{reply_id}/correct", data={"text": BETTER, "newest_seen": "0"})
    assert answer.status_code == 303
    page = client.get(f"/cases/{case_id}").text
    assert "The correction is waiting to be sent." in page
    assert 'data-test="change-answer"' not in page
    done(world)
    page = client.get(f"/cases/{case_id}").text
    assert BETTER in page
    assert "the new wording has been seen there" in page
    assert "Restore this wording" in page
    assert "Здравствуйте!" in page
    assert world.reply().state is ReplyState.VERIFIED


def test_the_earlier_words_are_restored_as_a_correction(
    client: FlaskClient, world: World, reply_id: int
) -> None:
    client.post(f"/replies/{reply_id}/correct", data={"text": BETTER})
    done(world)
    first = change()
    form = {"text": first.before, "newest_seen": str(first.id)}
    assert client.post(f"/replies/{reply_id}/correct", data=form).status_code == 303
    done(world)
    assert world.reply().text == "Здравствуйте!"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "The answer is empty."),
        ("Здравствуйте!", "The answer already says that."),
        ("ж" * 40_000, "bytes"),
    ],
)
def test_a_refused_correction_keeps_what_was_typed(
    client: FlaskClient, case_id: int, reply_id: int, text: str, said: str
) -> None:
    answer = client.post(f"/replies/{reply_id}/correct", data={"text": text}, headers=HTMX)
    assert answer.status_code == 409
    assert said in answer.text
    assert f">{text}</textarea>" in answer.text


def test_whoever_wrote_below_an_older_wording_is_told_and_keeps_his_text(
    client: FlaskClient, world: World, case_id: int, reply_id: int
) -> None:
    client.post(f"/replies/{reply_id}/correct", data={"text": BETTER})
    done(world)
    answer = client.post(f"/replies/{reply_id}/correct", data={"text": "Другое", "newest_seen": "0"})
    assert "The answer has been corrected since you began to write." in answer.text
    assert ">Другое</textarea>" in answer.text


def test_a_withdrawn_answer_opens_its_case_and_may_be_written_anew(
    client: FlaskClient, world: World, case_id: int, reply_id: int
) -> None:
    assert "the customer waits again" in client.get(f"/cases/{case_id}").text
    client.post(f"/replies/{reply_id}/withdraw", data={})
    done(world)
    page = client.get(f"/cases/{case_id}").text
    assert world.case(case_id).status.value == "reopened"
    for words in (
        "it is no longer there",
        "answer withdrawn from the site",
        "reopened: the answer was withdrawn",
    ):
        assert words in page
    assert client.post(f"/replies/{reply_id}/edit", data={}).status_code == 303
    assert world.reply().state is ReplyState.DRAFT


def test_one_that_was_not_sent_is_taken_back(client: FlaskClient, case_id: int, reply_id: int) -> None:
    client.post(f"/replies/{reply_id}/withdraw", data={})
    assert 'data-test="change-discard"' in client.get(f"/cases/{case_id}").text
    client.post(f"/changes/{change().id}/discard", data={})
    assert change().state is ChangeState.DISCARDED
    page = client.get(f"/cases/{case_id}").text
    assert 'data-test="reply-change"' not in page
    assert 'data-test="change-answer"' in page


def test_a_refusal_of_the_site_says_what_is_safe_and_what_to_do(
    client: FlaskClient, world: World, case_id: int, reply_id: int
) -> None:
    client.post(f"/replies/{reply_id}/correct", data={"text": BETTER})
    change_id = send(world)
    with db.transaction() as session:
        change_sending.failed(session, change_id, "refused", "Sorry, you may not.", world.now)
    page = client.get(f"/cases/{case_id}").text
    for words in (
        "It stands as before.",
        "Send it again, or do it on the site by hand.",
        "Sorry, you may not.",
        BETTER,
    ):
        assert words in page
    client.post("/account/language", data={"locale": "ru"})
    page = client.get(f"/cases/{case_id}").text
    assert "Ответ не исправлен. Он остаётся прежним." in page
    assert "Отправьте ещё раз или сделайте это на площадке вручную." in page
    client.post(f"/changes/{change_id}/retry", data={})
    assert change().state is ChangeState.APPROVED


def test_where_nobody_can_look_a_person_says_what_he_found(
    client: FlaskClient, world: World, case_id: int, reply_id: int
) -> None:
    client.post(f"/replies/{reply_id}/withdraw", data={})
    change_id = send(world)
    with db.transaction() as session:
        change_sending.lost_track(session, change_id, "cut", world.now)
        session.get_one(ReplyChange, change_id).next_look_at = None
    assert "then say what you found" in client.get(f"/cases/{case_id}").text
    client.post(f"/changes/{change_id}/done", data={})
    assert (change().state, world.reply().state) == (ChangeState.TAKEN, ReplyState.WITHDRAWN)


def test_what_a_lead_approved_is_changed_by_a_lead(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], case_id: int, reply_id: int
) -> None:
    with db.transaction() as session:
        session.get_one(Reply, reply_id).is_review_asked = True
    assert 'data-test="correct"' not in client.get(f"/cases/{case_id}").text
    client.post(f"/replies/{reply_id}/correct", data={"text": BETTER, "action": "send"})
    assert change().state is ChangeState.ASKED
    assert client.post(f"/changes/{change().id}/approve", data={}).status_code == 409
    lead = sign_in("lead")
    assert f"/cases/{case_id}" in lead.get("/").text
    assert "1 answer waits for your approval" in lead.get("/").text
    assert lead.post(f"/changes/{change().id}/approve", data={}).status_code == 303
    assert change().state is ChangeState.APPROVED


def test_others_are_offered_nothing(sign_in: Callable[..., FlaskClient], case_id: int, reply_id: int) -> None:
    for name in ("other", "analyst"):
        assert 'data-test="change-answer"' not in sign_in(name).get(f"/cases/{case_id}").text
        sign_in(name).post(f"/replies/{reply_id}/withdraw", data={})
    assert change() is None
