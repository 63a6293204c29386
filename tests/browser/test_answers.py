"""What becomes of an answer, as its writer sees it: too long, held and rejected, posted by hand and not seen."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SignIn
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("stack")]


def case_at(stack: Stack, words: str) -> str:
    return f"{stack.address}/cases/{stack.case_of(words)}"


def test_the_limit_is_the_sites_own_and_one_refusal_is_one_banner(sign_in: SignIn, stack: Stack) -> None:
    """The forum's form takes 5,000 as `maxlength` counts, in which an emoji is two."""
    page = sign_in("igor")
    page.goto(case_at(stack, "возите в Самару"))
    page.locator("[data-test=answer-text]").fill("🙂" * 2_400 + "я" * 100)
    expect(page.locator("[data-left]")).to_have_text(re.compile("^100 "))
    page.locator("[data-test=answer-text]").fill("🙂" * 2_501)
    expect(page.locator("[data-left]")).to_have_text(re.compile("^-2 "))
    expect(page.locator("[data-left]")).to_have_class(re.compile("is-over"))
    page.locator("[data-test=publish]").click()
    expect(page.locator("#notices .notice-error")).to_contain_text(re.compile(r"5.?000"))
    expect(page.locator(".notice:visible")).to_have_count(1)
    expect(page.locator("[data-test=answer-text]")).to_have_value("🙂" * 2_501)


def test_a_held_answer_waits_and_a_rejected_one_comes_back(sign_in: SignIn, stack: Stack) -> None:
    """ "It is being sent" does not stay on top of what became of it."""
    page = sign_in("igor")
    page.goto(case_at(stack, "Роспотребнадзор"))
    page.locator("[data-test=answer-text]").fill("Виктор, кофеварка едет к вам, номер пришлём письмом.")
    page.locator("[data-test=publish-close]").click()
    state = page.locator("[data-test=reply-state]")
    expect(state).to_have_attribute("data-state", "pending", timeout=60_000)
    expect(page.locator(".notice-success")).to_have_count(0)
    expect(page.locator(".case-state [data-test=awaited]")).to_be_visible()
    expect(page.locator(".case-state [data-test=time-left]")).to_have_count(0)
    held = state.locator("a").last.get_attribute("href")
    assert held is not None
    httpx.post(held, data={"says": "no", "reason": "Без рекламы"})
    page.locator("[data-test=reply-look]").click()
    expect(state).to_have_attribute("data-state", "rejected", timeout=60_000)
    expect(page.locator("[data-test=site-words]")).to_contain_text("Без рекламы")
    expect(page.locator(".notice-success")).to_have_count(0)
    expect(page.locator(".case-state [data-test=time-left]")).to_be_visible()


def test_what_was_marked_as_posted_is_not_answered(sign_in: SignIn, stack: Stack) -> None:
    """Nobody has seen it on the site yet."""
    page = sign_in("igor")
    page.goto(case_at(stack, "кнопка подачи пара"))
    page.locator("[data-test=answer-text]").fill("Запчасть пришла, ждём вас сегодня.")
    page.locator("[data-test=by-hand]").click()
    expect(page.locator("[data-test=reply-state]")).to_contain_text(re.compile("You marked|Вы отметили"))
    expect(page.locator(".case-state [data-test=awaited]")).to_be_visible()
    expect(page.locator("[data-test=journal]")).not_to_contain_text(
        re.compile("accepted by the site|принят сайтом")
    )
    page.goto(f"{stack.address}/?tab=answered")
    expect(page.locator("main")).not_to_contain_text("кнопка подачи пара")
    page.goto(f"{stack.address}/?tab=on_hold")
    expect(
        page.locator("[data-test=row]").filter(has_text="кнопка подачи пара").locator("[data-test=awaited]")
    ).to_be_visible()
