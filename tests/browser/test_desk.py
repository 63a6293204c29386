"""A person at the desk: triage by keyboard, answer, see it become public; on a phone; without scripts; two at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.processes import eventually
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300), pytest.mark.xdist_group("stack")]


def open_case(page: Page, stack: Stack, words: str) -> int:
    case_id = stack.case_of(words)
    page.goto(f"{stack.address}/cases/{case_id}")
    return case_id


def test_triage_by_keyboard_and_answer(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("igor")
    expect(page.locator("[data-test=row]").first).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("[data-test=keys]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#pane [data-test=composer], #pane .case-readonly").first).to_be_visible()

    case_id = open_case(page, stack, "power base")
    page.keyboard.press("t")
    expect(page.locator("[data-test=release]")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type(
        "We are sorry! A courier brings the power base tomorrow morning, no charge. Order noted."
    )
    expect(page.locator("[data-test=draft-state]")).to_contain_text(re.compile("saved"), timeout=20_000)
    page.reload()
    expect(page.locator("[data-test=answer-text]")).to_have_value(re.compile("power base tomorrow"))
    page.locator("[data-test=publish]").click()
    eventually(lambda: stack.states(case_id), lambda found: found == ["verified"])
    page.goto(f"{stack.address}/cases/{case_id}")
    expect(page.get_by_text("brings the power base tomorrow morning")).to_have_count(1)
    expect(page.get_by_text(re.compile("seen in public", re.IGNORECASE)).first).to_be_visible()


def test_the_second_of_two_is_told_who_was_faster(sign_in: SignIn, stack: Stack) -> None:
    igor, maria = sign_in("igor"), sign_in("maria")
    case_id = open_case(igor, stack, "MORNING20")
    maria.goto(f"{stack.address}/cases/{case_id}")
    igor.locator("[data-test=take]").click()
    expect(igor.locator("[data-test=release]")).to_be_visible()
    maria.locator("[data-test=answer-text]").fill("Let me help you with the code.")
    maria.locator("[data-test=publish]").click()
    expect(maria.get_by_text(re.compile("Игорь")).first).to_be_visible()
    expect(maria.locator("[data-test=answer-text]")).to_have_value("Let me help you with the code.")
    assert stack.states(case_id) == []


def test_an_analyst_sees_everything_and_changes_nothing(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("boris")
    open_case(page, stack, "Роспотребнадзор")
    expect(page.get_by_text("Роспотребнадзор").first).to_be_visible()
    expect(page.locator("[data-test=take]")).to_have_count(0)
    expect(page.locator("[data-test=publish]")).to_have_count(0)


def test_the_correction_is_one_click(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("igor")
    open_case(page, stack, "repair desk in Riga")
    expect(page.locator("main")).to_contain_text(re.compile("question", re.IGNORECASE))
    buttons = page.locator("form[action$='/correct'] button")
    assert buttons.count() >= 3


def test_without_scripts_the_forms_still_work(sign_in: SignIn, stack: Stack) -> None:
    page = sign_in("igor", has_scripts=False)
    case_id = open_case(page, stack, "обуглил розетку")
    page.locator("[data-test=take]").click()
    page.locator("[data-test=answer-text]").fill(
        "Тамара Ивановна, не включайте чайник. Мастер приедет сегодня."
    )
    page.locator("[data-test=save-draft]").click()
    page.goto(f"{stack.address}/cases/{case_id}")
    expect(page.locator("[data-test=answer-text]")).to_have_value(re.compile("Мастер приедет"))


PLACES = ("/", "/mentions", "/numbers", "/sources", "/settings", "/health", "/account")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_nothing_is_cut_off(sign_in: SignIn, stack: Stack, width: int, language: str) -> None:
    """No page is wider than its window, and every page says its title in the reader's language."""
    # A second session, so that the account shows the button that ends it, whichever test runs first.
    sign_in("anna", width=width, language=language)
    page = sign_in("anna", width=width, language=language)
    case_id = stack.case_of("Роспотребнадзор")
    for place in (*PLACES, f"/cases/{case_id}"):
        answer = page.goto(stack.address + place)
        assert answer is not None
        assert answer.status == 200, place
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{place} is {overflow} px too wide at {width} px"
        assert page.locator("html").get_attribute("lang") == language[:2]
        assert page.title()


@pytest.mark.parametrize("language", ["ru-RU", "en-GB"])
def test_a_phone_shows_every_section_by_its_whole_name(sign_in: SignIn, language: str) -> None:
    page = sign_in("anna", width=390, language=language)
    cut = page.locator(".rail-item span").evaluate_all(
        "spans => spans.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    )
    assert cut == []
    page.goto(page.url.split("?")[0].rstrip("/") + "/sources")
    heading = page.locator(".top-heading").bounding_box()
    button = page.locator(".top .button-primary").bounding_box()
    assert heading is not None
    assert button is not None
    assert heading["x"] + heading["width"] <= button["x"]
