"""What somebody was given is told to him: in the list, on the row, in the case, and in why it is there."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.cases import assignment
from desk.models import User
from tests.world.desk import World

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def case_id(world: World) -> int:
    case_id = world.complain("c1", "Обещали скидку и обманули")
    with db.transaction() as session:
        ivan = session.get_one(User, world.people["agent"])
        assignment.hand_over(session, case_id, ivan, "marketing", "Это про <b>рекламу</b>", world.now)
    return case_id


def test_the_team_reads_who_handed_it_when_and_with_which_word(
    sign_in: SignIn, world: World, case_id: int
) -> None:
    queue = sign_in("lead").get("/").text
    assert "1 case was handed to you or your team:" in queue
    assert f"case {case_id} from Иван Петров" in queue
    assert "from Иван Петров</span>" in queue.split('data-test="row-handed"')[1].split("\n")[0]
    page = sign_in("lead").get(f"/cases/{case_id}").text
    handed = page.split('data-test="handed"')[1].split("</div>")[0]
    assert "Иван Петров handed it over" in handed and "to: Marketing." in handed
    assert "Это про &lt;b&gt;рекламу&lt;/b&gt;" in handed
    assert f"/cases/{case_id}/seen" in handed


def test_why_it_is_here_names_the_handover_and_the_team_of_today(sign_in: SignIn, case_id: int) -> None:
    sign_in("lead").post(f"/cases/{case_id}/seen")
    page = sign_in("lead").get(f"/cases/{case_id}").text
    assert 'data-test="handed"' not in page
    why = page.split('data-test="why-handed"')[1].split("</p>")[0]
    assert "Иван Петров handed it over" in why and "It is now with: Marketing." in why
    assert "Originally:" in page.split('data-test="rule"')[1].split("</p>")[0]


def test_others_see_that_it_was_not_opened_and_cannot_end_the_news(
    client: FlaskClient, sign_in: SignIn, world: World, case_id: int
) -> None:
    page = client.get(f"/cases/{case_id}").text
    assert "Not opened yet." in page and 'data-test="seen"' not in page
    assert client.post(f"/cases/{case_id}/seen").status_code == 303
    assert sign_in("analyst").post(f"/cases/{case_id}/seen").status_code == 403
    assert world.case(case_id).is_handover_new is True


def test_snoozing_says_to_whom_it_comes_back(client: FlaskClient, world: World) -> None:
    case_id = world.complain("c2")
    assert "snoozing does not assign it" in client.get(f"/cases/{case_id}").text
    headers = {"HX-Request": "true"}
    assert (
        "The case comes back to the team"
        in client.post(f"/cases/{case_id}/snooze", data={"until": "hour"}, headers=headers).text
    )
    assert world.case(case_id).assignee_id is None


@pytest.mark.browser
def test_opening_it_by_an_act_ends_the_news_and_the_page_by_itself_does_not(
    browse: Callable[..., Any], world: World, case_id: int
) -> None:
    page = browse("lead")
    page.locator(f'#pane [data-test="case"][data-case="{case_id}"]').wait_for()
    page.locator('[data-test="handed-band"]').wait_for()
    page.wait_for_timeout(600)  # longer than a case needs to be looked at
    assert world.case(case_id).is_handover_new is True
    with page.expect_response(lambda answer: answer.url.endswith("/watch")):
        page.locator('#pane [data-test="thread"]').click()
    assert world.case(case_id).is_handover_new is False
    page.reload()
    page.locator(f'#pane [data-test="case"][data-case="{case_id}"]').wait_for()
    assert page.locator('[data-test="handed-band"]').count() == 0
