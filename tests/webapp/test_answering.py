"""Writing an answer: nothing written is ever lost, nothing is sent that its writer did not mean."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import ReplyOrigin, ReplyState
from desk.models import Source
from desk.replies import sending
from tests.world.desk import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Капает из-под крышки")


@pytest.fixture
def write(client: FlaskClient, world: World, case_id: int) -> Callable[..., object]:
    def send(text: str = "Замена уедет завтра", action: str = "publish", **more: object) -> object:
        form = {"text": text, "thread_seen": world.newest(case_id), "action": action} | more
        return client.post(f"/cases/{case_id}/answer", data=form)

    return send


def test_the_composer_says_that_it_is_public_where_and_as_whom(client: FlaskClient, case_id: int) -> None:
    page = client.get(f"/cases/{case_id}").text
    for words in (
        "PUBLIC on blog.example",
        "Answer as “zarya-support”",
        "65,525",
        "bytes left",
        "they write: Russian",
    ):
        assert words in page


def test_publish_approves_what_was_written(write: Callable[..., object], world: World) -> None:
    assert write().status_code == 303
    reply = world.reply()
    assert (reply.state, reply.text, reply.closes_case) == (ReplyState.APPROVED, "Замена уедет завтра", False)


def test_publish_and_close_remembers_to_close(write: Callable[..., object], world: World) -> None:
    write(action="publish_close")
    assert world.reply().closes_case is True


def test_the_draft_is_kept_as_he_writes_and_shown_again(
    client: FlaskClient, world: World, case_id: int
) -> None:
    form = {"text": "Здрав", "thread_seen": world.newest(case_id)}
    kept = client.post(f"/cases/{case_id}/draft", data=form, headers=HTMX)
    assert kept.text == "Draft saved 12:00"
    client.post(f"/cases/{case_id}/draft", data=form | {"text": "Здравствуйте!\r\n<b>"}, headers=HTMX)
    assert world.replies() == [("draft", "Здравствуйте!\n<b>")]
    assert "Здравствуйте!\n&lt;b&gt;</textarea>" in client.get(f"/cases/{case_id}").text


def test_a_draft_that_arrives_after_its_own_publication_is_no_draft(
    client: FlaskClient, write: Callable[..., object], world: World, case_id: int
) -> None:
    write("Замена уедет завтра")
    form = {"text": "Замена уедет завтра", "thread_seen": world.newest(case_id)}
    assert client.post(f"/cases/{case_id}/draft", data=form, headers=HTMX).text == ""
    assert world.replies() == [("approved", "Замена уедет завтра")]


def test_a_new_message_stops_the_sending_and_keeps_the_text(
    client: FlaskClient, world: World, case_id: int
) -> None:
    seen = world.newest(case_id)
    world.say("c2", "И ещё: деньги тоже не вернули", thread="t-c1")
    answer = client.post(
        f"/cases/{case_id}/answer", data={"text": "Замена уедет", "thread_seen": seen, "action": "publish"}
    )
    assert answer.status_code == 409
    assert "The customer has written again since you began to write" in answer.text
    assert "A new message has come since you began to write:" in answer.text
    assert answer.text.index("A new message has come") < answer.text.rindex("И ещё: деньги тоже не вернули")
    assert ">Замена уедет</textarea>" in answer.text
    assert f'name="thread_seen" value="{world.newest(case_id)}"' in answer.text
    assert world.replies() == [("draft", "Замена уедет")]


def test_having_read_it_he_publishes_after_all(client: FlaskClient, world: World, case_id: int) -> None:
    seen = world.newest(case_id)
    world.say("c2", "И ещё", thread="t-c1")
    form = {"text": "Замена уедет", "thread_seen": seen, "action": "publish"}
    client.post(f"/cases/{case_id}/answer", data=form)
    assert (
        client.post(
            f"/cases/{case_id}/answer", data=form | {"thread_seen": world.newest(case_id)}
        ).status_code
        == 303
    )
    assert world.replies() == [("approved", "Замена уедет")]


def test_a_case_that_a_colleague_took_is_not_answered_over_his_head(
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    write: Callable[..., object],
    world: World,
    case_id: int,
) -> None:
    sign_in("other").post(f"/cases/{case_id}/take")
    answer = write("Мой текст")
    assert answer.status_code == 409
    assert "Ольга Смирнова has taken this case." in answer.text
    assert ">Мой текст</textarea>" in answer.text
    assert world.replies() == [("draft", "Мой текст")]


def test_of_two_answers_one_goes_out(
    sign_in: Callable[..., FlaskClient], write: Callable[..., object], world: World, case_id: int
) -> None:
    write("Первый")
    lead = sign_in("lead")
    form = {"text": "Второй", "thread_seen": world.newest(case_id), "action": "publish"}
    assert lead.post(f"/cases/{case_id}/answer", data=form).status_code == 409
    assert world.replies() == [("approved", "Первый"), ("draft", "Второй")]


def test_an_empty_answer_is_refused_in_words(write: Callable[..., object], world: World) -> None:
    answer = write("  \n ")
    assert answer.status_code == 409
    assert "Write the answer first." in answer.text
    assert world.replies() == []


def test_a_text_too_long_to_keep_is_not_lost_from_the_page(
    write: Callable[..., object], world: World
) -> None:
    text = "я" * 70_000
    answer = write(text)
    assert answer.status_code == 409
    assert text in answer.text
    assert world.replies() == []


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30])
def test_a_damaged_form_sends_nothing(write: Callable[..., object], world: World, seen: str) -> None:
    assert write(thread_seen=seen).status_code == 409
    assert [state for state, _text in world.replies()] == ["draft"]


def test_a_lead_approves_what_an_agent_asked_about(
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    write: Callable[..., object],
    world: World,
    case_id: int,
) -> None:
    write("Можно так?", action="review")
    page = client.get(f"/cases/{case_id}").text
    assert "A lead has to approve it" in page
    assert write("Можно так?").status_code == 409
    lead = sign_in("lead")
    assert "Approve and publish" in lead.get(f"/cases/{case_id}").text
    assert lead.post(f"/replies/{world.reply().id}/approve").status_code == 303
    assert world.replies() == [("approved", "Можно так?")]


def test_a_refusal_shows_the_sites_words_and_the_next_step(
    client: FlaskClient, world: World, case_id: int
) -> None:
    reply_id = world.send(case_id, "Замена уедет")
    with db.transaction() as session:
        sending.failed(session, reply_id, "refused", "Комментарии закрыты <b>", world.now)
    page = client.get(f"/cases/{case_id}").text
    assert "The site refused the answer." in page
    assert "Комментарии закрыты &lt;b&gt;" in page
    client.post(f"/replies/{reply_id}/retry")
    assert world.reply().state is ReplyState.APPROVED


def test_a_refused_answer_can_be_written_again(client: FlaskClient, world: World, case_id: int) -> None:
    reply_id = world.send(case_id, "Замена уедет")
    with db.transaction() as session:
        sending.failed(session, reply_id, "refused", "no", world.now)
    client.post(f"/replies/{reply_id}/edit")
    assert world.reply().state is ReplyState.DRAFT
    assert ">Замена уедет</textarea>" in client.get(f"/cases/{case_id}").text


def test_what_was_cut_off_is_never_sent_again_by_a_button(
    client: FlaskClient, world: World, case_id: int
) -> None:
    reply_id = world.send(case_id)
    with db.transaction() as session:
        sending.lost_track(session, reply_id, "timed out", world.now)
    page = client.get(f"/cases/{case_id}").text
    assert "not known yet whether the site received the answer" in page
    assert "Send it again" not in page
    assert client.post(f"/replies/{reply_id}/retry").status_code == 409
    assert world.reply().state is ReplyState.UNKNOWN


def test_while_one_is_under_way_no_second_one_is_offered(
    client: FlaskClient, world: World, case_id: int
) -> None:
    world.send(case_id)
    page = client.get(f"/cases/{case_id}").text
    assert "The answer is being sent." in page
    assert "data-composer" not in page


def test_a_channel_without_replies_is_answered_by_hand(client: FlaskClient, world: World) -> None:
    case_id = world.complain("f1", "Не работает", where="feed")
    page = client.get(f"/cases/{case_id}").text
    for words in (
        "Copy and open the page",
        "Posted, close",
        "I have posted it",
        "Otklik cannot publish on this channel",
    ):
        assert words in page
    assert 'value="publish"' not in page
    client.post(
        f"/cases/{case_id}/answer",
        data={"text": "Ответили там", "thread_seen": world.newest(case_id), "action": "by_hand"},
    )
    reply = world.reply()
    assert (reply.state, reply.origin) == (ReplyState.PUBLISHED, ReplyOrigin.BY_HAND)


def test_a_source_without_its_password_says_what_it_lacks(
    client: FlaskClient, world: World, case_id: int
) -> None:
    with db.transaction() as session:
        session.get_one(Source, world.sources["blog"]).secrets = None
    page = client.get(f"/cases/{case_id}").text
    assert "lacks: Application password" in page
    assert 'value="publish"' not in page


def test_credentials_that_cannot_be_opened_do_not_hide_the_case(
    client: FlaskClient, world: World, case_id: int
) -> None:
    with db.transaction() as session:
        session.get_one(Source, world.sources["blog"]).secrets = "sealed with another key"
    assert "lacks: Application password" in client.get(f"/cases/{case_id}").text
