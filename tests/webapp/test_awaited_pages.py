"""What pages say of answers that nobody can read yet, and of those that are too long for their site."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from channels import lengths
from channels.contract import Limits
from desk.base import db
from desk.base.words import ReplyState
from desk.models import User
from desk.replies import approvals, drafts, sending, verification
from desk.sources import sources
from tests.world.desk import World


@pytest.fixture
def by_hand(client: FlaskClient, world: World) -> int:
    """A case whose agent says that he has posted his answer himself; its id."""
    case_id = world.complain("f1", "Не работает", where="feed")
    form = {"text": "Ответили там", "thread_seen": world.newest(case_id), "action": "by_hand_close"}
    client.post(f"/cases/{case_id}/answer", data=form)
    return case_id


@pytest.fixture
def held(client: FlaskClient, world: World) -> int:
    case_id = world.complain("c1", "Течёт")
    reply_id = world.send(case_id, "Замена уедет завтра")
    with db.transaction() as session:
        sending.taken(session, reply_id, external_id="a1", url=None, state="held", at=None, now=world.now)
    return case_id


def look(world: World, record: Callable[..., None], times: int = 1, **facts: object) -> None:
    for _ in range(times):
        with db.transaction() as session:
            record(session, world.reply().id, now=world.now, **facts)


def test_posted_by_hand_is_said_to_be_unseen_everywhere(client: FlaskClient, by_hand: int) -> None:
    page = client.get(f"/cases/{by_hand}").text
    for words in (
        "You marked it as posted; it has not been seen on the site yet.",
        "answer not seen yet",
        "known once the answer is seen",
        "answer marked as posted by hand",
        "Not posted",
        "Write another answer",
    ):
        assert words in page
    for claim in ("accepted by the site", "answered in public", "· kept"):
        assert claim not in page
    assert 'data-test="time-left"' not in page
    row = client.get("/?tab=on_hold").text
    assert "answer not seen yet" in row
    assert 'data-test="time-left"' not in row
    assert "Не работает" in client.get("/?tab=mine").text
    assert "Не работает" not in client.get("/?tab=answered").text


def test_it_is_said_in_russian_too(sign_in: Callable[..., FlaskClient], by_hand: int) -> None:
    page = sign_in("agent", language="ru").get(f"/cases/{by_hand}").text
    assert "Вы отметили ответ опубликованным; на площадке он ещё не виден." in page
    assert "ответ ещё не виден" in page


def test_a_colleague_is_told_who_marked_it(sign_in: Callable[..., FlaskClient], by_hand: int) -> None:
    page = sign_in("other").get(f"/cases/{by_hand}").text
    assert "It was marked as posted; it has not been seen on the site yet." in page


def test_never_seen_it_is_a_problem_with_its_reason(client: FlaskClient, world: World, by_hand: int) -> None:
    look(world, verification.not_seen, 6, reason="It is not in the topic.")
    page = client.get(f"/cases/{by_hand}").text
    assert "It was marked as posted, but it was not found on the site." in page
    assert "Result of the check: <q>It is not in the topic.</q>" in page
    assert "reopened: the answer was not found on the site" in page
    assert "not confirmed in public" in client.get("/?tab=problems").text


def test_a_mark_set_by_mistake_is_taken_back(client: FlaskClient, world: World, by_hand: int) -> None:
    assert client.post(f"/replies/{world.reply().id}/edit").status_code == 303
    page = client.get(f"/cases/{by_hand}").text
    assert ">Ответили там</textarea>" in page
    assert 'data-test="time-left"' in page


def test_held_is_no_answer_yet_and_rejected_says_so(client: FlaskClient, world: World, held: int) -> None:
    page = client.get(f"/cases/{held}").text
    assert "The answer is held for moderation: nobody can see it yet." in page
    assert "Not posted" not in page
    look(world, verification.rejected, reason="No links <b>please")
    page = client.get(f"/cases/{held}").text
    assert "moderator rejected it." in page
    assert "message: <q>No links &lt;b&gt;please</q>" in page
    assert "Send it again" not in page
    assert "rejected by a moderator" in client.get("/?tab=problems").text
    assert client.post(f"/replies/{world.reply().id}/retry").status_code == 409
    client.post(f"/replies/{world.reply().id}/edit")
    assert world.reply().state is ReplyState.DRAFT


def test_held_to_the_last_look_is_not_called_gone(client: FlaskClient, world: World, held: int) -> None:
    look(world, verification.not_seen, 6, reason="")
    page = client.get(f"/cases/{held}").text
    assert "The site accepted the answer, but it is still not public." in page
    assert "no longer on the site" not in page
    assert 'data-test="time-left"' in page


def test_what_was_handed_over_may_be_closed_as_answered(client: FlaskClient, by_hand: int) -> None:
    assert 'data-test="close-answered"' in client.get(f"/cases/{by_hand}").text
    assert client.post(f"/cases/{by_hand}/close", data={"reason": "answered"}).status_code == 303


def learn(world: World, limits: Limits) -> None:
    with db.transaction() as session:
        sources.remember(session, world.sources["blog"], lengths.remembered(limits))


@pytest.mark.parametrize("action", ["publish", "publish_close", "review"])
def test_what_is_too_long_for_the_site_is_refused_before_sending(
    client: FlaskClient, world: World, action: str
) -> None:
    case_id = world.complain()
    learn(world, Limits(10, "graphemes"))
    form = {"text": "👨‍👩‍👧" * 11, "thread_seen": world.newest(case_id), "action": action}
    answer = client.post(f"/cases/{case_id}/answer", data=form)
    assert answer.status_code == 409
    assert answer.text.count("The site accepts at most 10 characters; the answer has 11.") == 1
    assert "<b>-1</b>" in answer.text
    assert world.replies() == [("draft", "👨‍👩‍👧" * 11)]
    assert "The site accepts at most 10 characters" in client.get(f"/cases/{case_id}").text
    fits = client.post(f"/cases/{case_id}/answer", data=form | {"text": "👨‍👩‍👧" * 10})
    assert fits.status_code == 303


def test_a_lead_cannot_approve_what_is_too_long(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], world: World
) -> None:
    case_id = world.complain()
    form = {"text": "я" * 20, "thread_seen": world.newest(case_id), "action": "review"}
    client.post(f"/cases/{case_id}/answer", data=form)
    learn(world, Limits(10))
    answer = sign_in("lead").post(f"/replies/{world.reply().id}/approve")
    assert answer.status_code == 409
    assert "at most 10 characters; the answer has 20" in answer.text
    assert world.reply().state is ReplyState.DRAFT


def test_all_that_the_site_counts_is_handed_to_the_page(client: FlaskClient, world: World) -> None:
    case_id = world.complain()
    page = client.get(f"/cases/{case_id}").text
    assert "&#34;unit&#34;: &#34;bytes&#34;" in page
    assert "&#34;length&#34;: 65525" in page


def test_where_no_limit_is_known_none_is_shown(client: FlaskClient, world: World) -> None:
    case_id = world.complain("f1", "Не работает", where="feed")
    page = client.get(f"/cases/{case_id}").text
    assert "<b>0</b> <span>characters</span>" in page


def test_stopped_by_the_worker_the_reason_stands_beside_the_draft(client: FlaskClient, world: World) -> None:
    case_id = world.complain()
    with db.transaction() as session:
        user = session.get_one(User, world.people["agent"])
        draft = drafts.save_draft(session, case_id, user, "я" * 20, world.newest(case_id), world.now)
        approvals.approve(session, draft.id, user, world.now)
    learn(world, Limits(10))
    with db.transaction() as session:
        assert (
            sending.begin(session, draft.id, world.now, lambda *_facts: "The site accepts at most 10") is None
        )
    page = client.get(f"/cases/{case_id}").text
    assert "The site accepts at most 10 characters; the answer has 20." in page
    assert "sending stopped: the site would not accept this text" in page
    assert world.case(case_id).assignee_id == world.people["agent"]
