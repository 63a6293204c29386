"""What was typed survives whatever happens to the page: a refresh, a lost network, the end of the session."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from desk.base import db
from desk.replies import sending
from tests.world.desk import World

pytestmark = pytest.mark.browser

KEPT_HERE = "Object.keys(localStorage).filter((name) => name.startsWith('otklik:draft:')).length"


@pytest.fixture
def case_id(world: World) -> int:
    return world.complain("c1", "Капает из-под крышки")


@pytest.fixture
def page(browse: Callable[..., Any], address: str, case_id: int) -> Any:
    opened = browse("agent")
    opened.goto(f"{address}/cases/{case_id}")
    return opened


def field(page: Any) -> Any:
    return page.locator('[data-test="answer-text"]')


def renew_session(page: Any, address: str, client: FlaskClient) -> None:
    """As signing in does in another tab."""
    cookie = client.get_cookie("otklik")
    assert cookie is not None
    page.context.add_cookies([{"name": "otklik", "value": cookie.value, "url": address}])


def test_a_refresh_before_the_desk_has_it_brings_it_back(page: Any, world: World) -> None:
    page.route("**/draft", lambda route: route.abort())
    page.evaluate("navigator.sendBeacon = () => false")
    field(page).fill("Первая мысль")
    page.reload()
    page.locator('[data-test="restored"]').wait_for()
    assert field(page).input_value() == "Первая мысль"
    page.unroute("**/draft")
    field(page).press("End")
    page.keyboard.type("!")
    page.get_by_text("Draft saved").wait_for()
    assert world.replies() == [("draft", "Первая мысль!")]
    assert page.evaluate(KEPT_HERE) == 0


def test_a_refresh_right_after_typing_never_shows_an_empty_or_an_old_field(page: Any, world: World) -> None:
    for text in ("Здравствуйте", "Здравствуйте, Анна", "Здравствуйте, Анна! Замена уедет завтра"):
        field(page).fill(text)
        page.reload()
        assert field(page).input_value() == text
    page.get_by_text("Draft saved").wait_for()
    assert world.replies()[-1] == ("draft", text)


def test_what_was_emptied_stays_empty(page: Any) -> None:
    field(page).fill("Не то")
    page.get_by_text("Draft saved").wait_for()
    page.route("**/draft", lambda route: route.abort())
    field(page).fill("")
    page.reload()
    assert field(page).input_value() == ""


def test_what_was_sent_never_comes_back_as_a_draft(page: Any, world: World, case_id: int) -> None:
    page.route("**/draft", lambda route: route.abort())
    field(page).fill("Замена уедет завтра")

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/answer", lose_the_answer)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/answer")):
        page.locator('[data-test="publish"]').click()
    assert page.evaluate(KEPT_HERE) == 1
    with db.transaction() as session:
        reply_id = world.reply().id
        assert sending.begin(session, reply_id, world.now) is not None
        sending.taken(session, reply_id, external_id="a", url="https://blog.example/#a", state="public",
                          at=None, now=world.now)  # fmt: skip
    page.reload()
    page.locator('[data-test="composer"]').wait_for(state="attached")
    assert field(page).input_value() == ""
    assert page.evaluate(KEPT_HERE) == 0


def test_a_draft_changed_elsewhere_is_shown_and_the_text_of_this_browser_offered(
    page: Any, client: FlaskClient, world: World, case_id: int
) -> None:
    page.route("**/draft", lambda route: route.abort())
    field(page).fill("Написано здесь")
    client.application.config["WTF_CSRF_ENABLED"] = False
    form = {"text": "Написано в другом месте", "thread_seen": world.newest(case_id)}
    assert client.post(f"/cases/{case_id}/draft", data=form).status_code == 200
    client.application.config["WTF_CSRF_ENABLED"] = True
    page.reload()
    page.locator('[data-test="typed-here"]').wait_for()
    assert field(page).input_value() == "Написано в другом месте"
    page.locator('[data-test="bring-back"]').click()
    assert field(page).input_value() == "Написано здесь"


def test_a_session_that_ends_while_he_writes_costs_nothing(
    page: Any, address: str, sign_in: Callable[..., FlaskClient], world: World, case_id: int
) -> None:
    field(page).fill("Начало")
    page.get_by_text("Draft saved").wait_for()
    page.context.clear_cookies(name="otklik")
    field(page).fill("Начало и продолжение")
    page.get_by_text("Not saved: you are signed out.").wait_for()
    told = page.locator('[data-test="session-over"]')
    told.wait_for()
    assert f"next=/cases/{case_id}" in told.locator("a").get_attribute("href")
    page.locator('[data-test="publish"]').click()
    expect(told).to_have_count(1)
    expect(field(page)).to_have_value("Начало и продолжение")
    renew_session(page, address, sign_in("agent"))
    page.evaluate("dispatchEvent(new Event('focus'))")
    told.wait_for(state="detached")
    page.get_by_text("Draft saved").wait_for()
    page.locator('[data-test="publish"]').click()
    page.locator('[data-test="reply-state"][data-state="approved"]').wait_for()
    assert world.replies() == [("approved", "Начало и продолжение")]


def test_a_page_older_than_the_sign_in_takes_up_the_new_session(
    page: Any, address: str, sign_in: Callable[..., FlaskClient], world: World
) -> None:
    page.context.clear_cookies(name="otklik")
    renew_session(page, address, sign_in("agent"))
    field(page).fill("Ответ")
    page.get_by_text("Draft saved").wait_for()  # refused once, and tried again with the new session by itself
    page.locator('[data-test="publish"]').click()
    page.locator('[data-test="reply-state"][data-state="approved"]').wait_for()
    assert world.replies() == [("approved", "Ответ")]


def test_any_button_says_that_the_session_is_over(browse: Callable[..., Any], case_id: int) -> None:
    page = browse("agent")
    page.locator(f'#pane [data-test="case"][data-case="{case_id}"]').wait_for()
    page.context.clear_cookies(name="otklik")
    page.keyboard.press("t")
    page.locator('[data-test="session-over"]').wait_for()
    assert page.locator('[data-test="row"]').count() == 1


def test_signing_in_brings_back_the_page_and_the_text(page: Any, case_id: int) -> None:
    page.context.clear_cookies(name="otklik")
    field(page).fill("Текст до входа")
    page.reload()
    page.wait_for_url(f"**/sign-in?next=/cases/{case_id}")
    page.locator("input[name=email]").fill("ivan@example.org")
    page.locator("input[type=password]").fill("a long enough password")
    page.locator("[data-test=submit]").click()
    page.locator('[data-test="restored"]').wait_for()
    assert field(page).input_value() == "Текст до входа"


def test_signing_out_leaves_nothing_in_the_browser(page: Any, world: World) -> None:
    field(page).fill("Личное")
    page.locator('[data-test="person-menu"] summary').click()
    page.locator('[data-test="sign-out"]').click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate(KEPT_HERE) == 0
    assert world.replies() == [("draft", "Личное")]
