"""The queue under a person's hands: keys, menus, the place that is kept, the way back, several rows at once."""

from collections.abc import Callable
from typing import Any

import pytest

from desk.base import db
from desk.base.words import CaseStatus, CloseReason, Intent
from desk.cases import assignment, handling
from desk.models import User
from tests.webapp.hands import case_in_pane, focus
from tests.world.desk import World

pytestmark = pytest.mark.browser
Browse = Callable[..., Any]


def fill(world: World, number: int, words: str = "Жалоба") -> list[int]:
    """That many cases in one pass of the judge, in the order of the list."""
    for one in range(number):
        world.say(f"c{one}", f"{words} {one}", thread_title=f"Товар {one}")
    world.judge()
    return [world.case_of(f"c{one}") for one in range(number)]


def test_enter_works_on_whatever_has_the_focus(browse: Browse, world: World) -> None:
    first, *_more = fill(world, 3)
    page = browse()
    case_in_pane(page, first)
    page.locator('[data-tab="mine"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?tab=mine")
    page.goto(page.url.split("?")[0])
    case_in_pane(page, first)
    page.locator('[data-test="close-menu"]').focus()
    page.keyboard.press("Enter")
    page.locator('[data-test="close-duplicate"]').wait_for()
    page.keyboard.press("Escape")
    with page.expect_response(lambda answer: answer.url.endswith("/correct")):
        page.locator('[data-test="correct-question"]').focus()
        page.keyboard.press("Enter")
    page.locator('[data-test="correct-question"][aria-pressed="true"]').wait_for()
    page.locator(".rail-item").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/mentions")


def test_enter_on_a_row_opens_the_case_whole(browse: Browse, world: World) -> None:
    _first, second, *_more = fill(world, 3)
    page = browse()
    page.locator(".row.is-here").wait_for()
    page.keyboard.press("ArrowDown")
    case_in_pane(page, second)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{second}")


PRESS_AT_ONCE = """() => document.body.addEventListener("htmx:afterSwap", function press(event) {
  if (event.target.id !== "pane") return;
  document.body.removeEventListener("htmx:afterSwap", press);
  queueMicrotask(() => document.querySelector('#pane [data-test="take"]').click());
})"""


def test_who_acts_the_moment_a_case_is_shown_stays_in_the_queue(browse: Browse, world: World) -> None:
    first, second, *_more = fill(world, 3)
    page = browse()
    case_in_pane(page, first)
    page.evaluate(PRESS_AT_ONCE)
    with page.expect_response(lambda answer: answer.url.endswith(f"/cases/{second}/take")) as taken:
        page.keyboard.press("j")
    assert taken.value.request.headers.get("hx-request") == "true", "the form was sent as a page of its own"
    page.locator("[data-queue]").wait_for()


def test_menus_know_escape_arrows_and_digits(browse: Browse, world: World) -> None:
    first, second, *_more = fill(world, 3)
    page = browse()
    case_in_pane(page, first)
    page.keyboard.press("e")
    assert focus(page) == "close-no_answer_needed"
    page.keyboard.press("ArrowDown")
    assert focus(page) == "close-not_for_us"
    page.keyboard.press("End")
    assert focus(page) == "close-duplicate"
    page.keyboard.press("ArrowDown")
    assert focus(page) == "close-no_answer_needed"
    page.keyboard.press("Escape")
    assert page.locator("details.menu[open]").count() == 0
    assert focus(page) == f"case-{first}"
    page.keyboard.press("e")
    page.keyboard.press("2")
    case_in_pane(page, second)
    assert world.case(first).close_reason is CloseReason.NOT_FOR_US


def test_tags_are_a_letter_and_a_digit_and_the_place_is_kept(browse: Browse, world: World) -> None:
    first, *_more = fill(world, 3)
    page = browse()
    case_in_pane(page, first)
    page.keyboard.press("c")
    page.keyboard.press("2")
    page.locator('[data-test="correct-question"][aria-pressed="true"]').wait_for()
    page.locator('[data-test="undo"]').wait_for()
    case_in_pane(page, first)
    page.wait_for_function(f"document.activeElement.closest('.row')?.id === 'case-{first}'")
    assert world.case(first).intent is Intent.QUESTION
    # In a Russian layout the letters are others and their places the same.
    page.keyboard.press("z")
    page.locator('[data-test="correct-complaint"][aria-pressed="true"]').wait_for()
    case_in_pane(page, first)
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'с', code: 'KeyC', bubbles: true, cancelable: true}))"
    )
    assert focus(page).startswith("correct-")


def test_the_list_is_one_stop_of_the_tab_key(browse: Browse, world: World) -> None:
    first, *_more = fill(world, 20)
    page = browse()
    case_in_pane(page, first)
    assert focus(page) == f"case-{first}"
    presses = 0
    while page.evaluate("document.activeElement.closest('.tags') === null"):
        page.keyboard.press("Tab")
        presses += 1
        assert presses <= 20
    assert page.locator(".row-link[tabindex='0'], .pick[tabindex='0']").count() == 1
    # And from the top of the page one link leads to the case.
    page.evaluate(
        "document.activeElement.blur(); window.getSelection().removeAllRanges(); document.body.focus()"
    )
    page.locator(".skip[href='#pane']").focus()
    page.keyboard.press("Enter")
    assert focus(page) == "pane"


def test_r_puts_the_caret_behind_the_draft(browse: Browse, world: World) -> None:
    case_id = world.complain()
    page = browse()
    case_in_pane(page, case_id)
    page.keyboard.press("r")
    page.keyboard.type("Здравствуйте")
    page.get_by_text("Draft saved").wait_for()
    page.reload()
    case_in_pane(page, case_id)
    page.keyboard.press("r")
    page.keyboard.type("!")
    assert page.locator('[data-test="answer-text"]').input_value() == "Здравствуйте!"


@pytest.mark.parametrize(("where", "words"), [("blog", "Publish"), ("feed", "Copy and open the page")])
def test_the_sheet_says_what_ctrl_enter_does_there(
    browse: Browse, world: World, where: str, words: str
) -> None:
    case_id = world.complain(where=where)
    page = browse()
    case_in_pane(page, case_id)
    page.keyboard.press("?")
    assert page.locator('[data-says-chord="Control+Enter"]').inner_text() == words


def test_a_decision_goes_on_to_the_next_row_and_keeps_the_place(browse: Browse, world: World) -> None:
    ids = fill(world, 20)
    page = browse(height=700)
    case_in_pane(page, ids[0])
    for _ in range(12):
        page.keyboard.press("j")
    case_in_pane(page, ids[12])
    height = page.evaluate("document.documentElement.scrollHeight")
    scrolled = page.evaluate("document.getElementById('queue').scrollTop")
    assert scrolled > 0
    for place, keys in ((12, ("t",)), (13, ("Shift+E",)), (14, ("s", "1"))):
        for key in keys:
            page.keyboard.press(key)
        case_in_pane(page, ids[place + 1])
        page.locator(f"#case-{ids[place]}").wait_for(state="detached")
        page.wait_for_function(f"document.activeElement.closest('.row')?.id === 'case-{ids[place + 1]}'")
        assert page.locator('[data-test="undo"]').is_visible()
    assert page.evaluate("document.getElementById('queue').scrollTop") == pytest.approx(scrolled, abs=80)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    assert [world.case(ids[n]).status for n in (12, 13, 14)] == [
        CaseStatus.TAKEN, CaseStatus.CLOSED, CaseStatus.ON_HOLD,
    ]  # fmt: skip


def test_a_row_that_a_colleague_took_leaves_the_place_where_it_was(browse: Browse, world: World) -> None:
    ids = fill(world, 5)
    page = browse()
    case_in_pane(page, ids[0])
    page.keyboard.press("j")
    page.keyboard.press("j")
    case_in_pane(page, ids[2])
    with db.transaction() as session:
        assignment.take(session, ids[2], session.get_one(User, world.people["other"]), world.now)
    page.locator(f"#case-{ids[2]}").wait_for(state="detached")
    # The case stays under the reader's eyes; the next step leads to its neighbour.
    page.locator(f'#pane [data-case="{ids[2]}"]').wait_for()
    page.keyboard.press("j")
    case_in_pane(page, ids[3])


@pytest.mark.parametrize("way", ["z", "Control+z", "click"])
def test_a_step_is_undone_by_key_and_by_button(browse: Browse, world: World, way: str) -> None:
    first, second, *_more = fill(world, 3)
    page = browse()
    case_in_pane(page, first)
    page.keyboard.press("e")
    page.keyboard.press("1")
    case_in_pane(page, second)
    assert world.case(first).status is CaseStatus.CLOSED
    notice = page.locator('[data-test="notice"]')
    assert notice.bounding_box()["y"] + notice.bounding_box()["height"] <= 860
    if way == "click":
        page.locator('[data-test="undo"]').click()
    else:
        page.keyboard.press(way)
    case_in_pane(page, first)
    page.get_by_text("Undone: 1 case.").wait_for()
    assert world.case(first).status is CaseStatus.OPEN
    assert focus(page) == f"case-{first}"


def test_an_undo_that_comes_too_late_says_why(browse: Browse, world: World) -> None:
    first, second = fill(world, 2)
    page = browse()
    case_in_pane(page, first)
    page.keyboard.press("Shift+E")
    case_in_pane(page, second)
    with db.transaction() as session:
        handling.reopen(session, first, session.get_one(User, world.people["other"]), world.now)
    page.keyboard.press("z")
    page.get_by_text("The case has changed since then, so this cannot be undone.").wait_for()
    assert world.case(first).status is CaseStatus.REOPENED


def test_undo_works_without_scripts(browse: Browse, world: World, address: str) -> None:
    first = world.complain()
    page = browse(java_script_enabled=False)
    page.goto(f"{address}/cases/{first}")
    page.locator('[data-test="take"]').click()
    page.locator('[data-test="undo"]').click()
    page.get_by_text("Undone: 1 case.").wait_for()
    assert world.case(first).status is CaseStatus.OPEN


def test_ranges_all_and_the_undo_of_a_bulk(browse: Browse, world: World) -> None:
    ids = fill(world, 8)
    page = browse()
    case_in_pane(page, ids[0])
    chosen = lambda: page.evaluate(
        "[...document.querySelectorAll('.pick:checked')].map(b => Number(b.value))"
    )
    page.locator(f"#case-{ids[1]} .pick").click()
    page.locator(f"#case-{ids[4]} .pick").click(modifiers=["Shift"])
    assert chosen() == ids[1:5]
    page.locator('[data-test="pick-all"]').click()
    assert chosen() == ids
    page.locator('[data-test="pick-all"]').click()
    assert chosen() == []
    page.locator(f"#case-{ids[0]} .row-link").focus()
    for key in ("x", "Shift+J", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert chosen() == ids[:3]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    assert chosen() == ids[:5]
    # The keys act on the chosen rows now, and what they did is seen without scrolling.
    page.keyboard.press("e")
    page.keyboard.press("2")
    page.get_by_text("Done: 5 cases.").wait_for()
    assert page.locator('[data-test="undo"]').bounding_box()["y"] < 860
    assert {world.case(one).close_reason for one in ids[:5]} == {CloseReason.NOT_FOR_US}
    case_in_pane(page, ids[5])
    assert chosen() == []
    page.keyboard.press("z")
    page.get_by_text("Undone: 5 cases.").wait_for()
    assert {world.case(one).status for one in ids} == {CaseStatus.OPEN}


def test_what_a_bulk_could_not_do_stays_chosen(browse: Browse, world: World) -> None:
    ids = fill(world, 3)
    with db.transaction() as session:
        assignment.take(session, ids[1], session.get_one(User, world.people["other"]), world.now)
    page = browse()
    page.goto(page.url.split("#")[0] + "?tab=team:service")
    case_in_pane(page, ids[0])
    page.locator('[data-test="pick-all"]').click()
    page.keyboard.press("t")
    page.get_by_text("Done: 2 cases.").wait_for()
    page.get_by_text("has taken this case").wait_for()
    assert page.evaluate("[...document.querySelectorAll('.pick:checked')].map(b => Number(b.value))") == [
        ids[1]
    ]


def test_letters_off_leaves_arrows_and_ctrl_z(browse: Browse, world: World, address: str) -> None:
    first, second = fill(world, 2)
    with db.transaction() as session:
        session.get_one(User, world.people["agent"]).preferences = {"keys": False}
    page = browse()
    case_in_pane(page, first)
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    case_in_pane(page, second)
    assert world.case(first).status is CaseStatus.OPEN
    page.locator('[data-test="take"]').click()
    page.locator('[data-test="undo"]').wait_for()
    page.keyboard.press("Control+z")
    page.get_by_text("Undone: 1 case.").wait_for()
