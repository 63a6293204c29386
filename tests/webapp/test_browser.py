"""The pages under a person's hands, in Chromium: keys, the pane, drafts kept while writing, live rows, the phone."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from desk.base import db
from desk.base.words import CaseStatus
from desk.models import ReplyChange
from desk.replies import sending, verification
from tests.webapp.hands import focus
from tests.webapp.test_why_page import FakeJudge
from tests.world.desk import World
from webapp.mentions.explanations import JudgeProvider

pytestmark = pytest.mark.browser


def test_a_case_is_answered_by_keys_alone(browse: Callable[..., Any], world: World) -> None:
    first, second = world.complain("a", "Первая"), world.complain("b", "Вторая")
    page = browse()
    pane = page.locator("#pane")
    pane.get_by_text("unassigned").wait_for()
    page.keyboard.press("j")
    pane.locator(f'[data-case="{second}"]').wait_for()
    page.keyboard.press("k")
    pane.locator(f'[data-case="{first}"]').wait_for()
    page.keyboard.press("t")
    pane.locator(f'[data-case="{second}"]').wait_for()
    assert world.case(first).status is CaseStatus.TAKEN
    page.keyboard.press("r")
    page.keyboard.type("Замена уедет завтра")
    with page.expect_response(lambda answer: answer.url.endswith("/answer")):
        page.keyboard.press("Control+Enter")
    page.locator('[data-test="reply-state"][data-state="approved"]').wait_for()
    assert world.replies() == [("approved", "Замена уедет завтра")]


def test_the_draft_is_kept_while_he_writes_and_survives_the_page(
    browse: Callable[..., Any], world: World
) -> None:
    world.complain()
    page = browse()
    field = page.locator('[data-test="answer-text"]')
    field.fill("Здравствуйте")
    page.get_by_text("Draft saved").wait_for()
    assert page.locator("[data-left] b").inner_text() == "65,501"  # UTF-8 bytes, as the site counts
    page.reload()
    field.wait_for()
    assert field.input_value() == "Здравствуйте"


def test_new_cases_come_in_by_themselves_without_a_jump(browse: Callable[..., Any], world: World) -> None:
    for number in range(20):
        world.complain(f"old{number}", f"Старая {number}")
    page = browse(height=600)
    page.locator(".row").first.wait_for()
    page.locator('#pane [data-test="case"]').wait_for()
    world.complain("new1", "Новая жалоба")
    page.locator(".row").get_by_text("Новая жалоба").wait_for()
    page.evaluate("document.getElementById('queue').scrollTop = 400")
    world.complain("new2", "Ещё одна жалоба")
    chip = page.locator('[data-test="new-chip"]')
    chip.wait_for()
    assert chip.inner_text() == "1 new"
    assert page.evaluate("document.getElementById('queue').scrollTop") == pytest.approx(400, abs=2)
    chip.click()
    page.locator(".row").get_by_text("Ещё одна жалоба").wait_for()


def test_a_new_message_stops_the_sending_under_his_hands(browse: Callable[..., Any], world: World) -> None:
    world.complain("c1")
    page = browse()
    field = page.locator('[data-test="answer-text"]')
    field.fill("Мой ответ")
    page.get_by_text("Draft saved").wait_for()
    world.say("c2", "Уже не надо, разобрались", thread="t-c1")
    page.locator('[data-test="publish"]').click()
    page.locator('[data-test="news"]').get_by_text("Уже не надо").wait_for()
    assert field.input_value() == "Мой ответ"
    assert world.replies() == [("draft", "Мой ответ")]


def test_what_becomes_of_an_answer_is_seen_without_reloading(
    browse: Callable[..., Any], world: World, address: str
) -> None:
    case_id = world.complain("c1", published_at=world.now)
    reply_id = world.send(case_id)
    for where in ("", f"cases/{case_id}"):
        page = browse()
        page.goto(f"{address}/{where}?tab=mine")
        page.locator('[data-test="reply-state"]').wait_for()
        if not where:
            with db.transaction() as session:
                sending.taken(session, reply_id, external_id="a", url="https://blog.example/#a", state="public",
                                  at=None, now=world.now)  # fmt: skip
            page.locator('[data-state="published"]').wait_for()
        else:
            with db.transaction() as session:
                verification.seen(
                    session, reply_id, external_id="a", url="https://blog.example/#a", now=world.now
                )
            page.locator('[data-state="verified"]').get_by_text("seen in public").wait_for()


def test_several_are_chosen_by_keys_and_snoozed(browse: Callable[..., Any], world: World) -> None:
    ids = [world.complain(name) for name in "abc"]
    page = browse()
    page.locator(".row.is-here").wait_for()
    for key in ("x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("[data-count]").inner_text() == "2"
    page.locator('[data-test="bulk-snooze-menu"]').click()
    page.locator('[data-test="bulk-snooze-hour"]').click()
    page.get_by_text("Done: 2 cases.").wait_for()
    assert sorted(world.case(one).status.value for one in ids) == ["on_hold", "on_hold", "open"]


def test_the_command_bar_and_the_sheet_of_keys(browse: Callable[..., Any], world: World) -> None:
    page = browse()
    page.keyboard.press("?")
    page.locator("#keys[open]").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("account")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account")


def test_the_command_bar_keeps_what_is_typed_the_moment_it_opens(
    browse: Callable[..., Any], world: World
) -> None:
    page = browse()
    typed_at_once = """async () => {
        const words = document.getElementById("command-words");
        words.value = "of before";
        document.getElementById("commands").showModal();
        const first = words.value;
        words.value = "account";
        words.dispatchEvent(new Event("input"));
        await new Promise((done) => setTimeout(done, 100));
        const chosen = document.querySelector("#command-list > [aria-selected=true] > a");
        return [first, words.value, new URL(chosen.href).pathname];
    }"""
    assert page.evaluate(typed_at_once) == ["", "account", "/account"]


def test_letters_can_be_turned_off(browse: Callable[..., Any], world: World, address: str) -> None:
    case_id = world.complain()
    page = browse()
    page.goto(f"{address}/account")
    page.get_by_label("Single letters act as keys").uncheck()
    page.locator('[data-test="save-keys"]').click()
    page.goto(f"{address}/cases/{case_id}")
    page.keyboard.press("t")
    page.wait_for_timeout(300)
    assert world.case(case_id).status is CaseStatus.OPEN


def test_why_opens_in_place_and_stays_open_when_the_case_changes(
    browse: Callable[..., Any], world: World, address: str, app: Flask
) -> None:
    app.extensions["otklik_judge_provider"] = JudgeProvider(FakeJudge)
    case_id = world.complain("a", "Всё плохо")
    page = browse()
    page.goto(f"{address}/cases/{case_id}")
    page.locator('[data-test="why"] summary').focus()
    page.keyboard.press("Enter")
    page.locator(".why-for", has_text="плохо").wait_for()
    page.locator('[data-test="why-intent"]').focus()
    page.keyboard.press("Enter")
    page.locator('[data-test="why-intent"][aria-current]').wait_for()
    assert page.evaluate("document.activeElement.dataset.test") == "why-intent"
    world.say("b", "И до сих пор плохо", thread="t-a")
    world.judge()
    page.locator(".thread").get_by_text("И до сих пор плохо").wait_for()
    assert page.locator('.case-side [data-test="why-said"]').is_visible()
    assert page.locator('.thread [data-test="why"][open]').count() == 0


def test_everything_works_without_scripts(browse: Callable[..., Any], world: World) -> None:
    case_id = world.complain("a", "Первая")
    page = browse(java_script_enabled=False)
    page.locator('[data-test="row"]').first.click()
    page.locator('[data-test="take"]').click()
    page.get_by_text("The case is yours.").wait_for()
    page.locator('[data-test="answer-text"]').fill("Без скриптов")
    page.locator('[data-test="save-draft"]').click()
    page.get_by_text("Draft saved.").wait_for()
    page.locator('[data-test="publish"]').click()
    page.get_by_text("This page shows when it is public.").wait_for()
    assert world.replies() == [("approved", "Без скриптов")]
    assert world.case(case_id).status is CaseStatus.TAKEN


@pytest.mark.parametrize("where", ["", "cases/1", "account"])
def test_a_phone_never_scrolls_sideways(
    browse: Callable[..., Any], world: World, address: str, where: str
) -> None:
    world.complain("a", "Оченьдлинноесловобезпробелов" * 12, thread_title="Ещёоднодлинноеслово" * 10)
    page = browse(width=390, height=844)
    page.goto(f"{address}/{where}")
    page.locator("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.locator(".rail-item").first.wait_for()


def test_an_answer_that_stands_is_corrected_by_keys_alone(browse: Callable[..., Any], world: World) -> None:
    case_id = world.complain("c1")
    reply_id = world.answer()
    with db.transaction() as session:
        verification.seen(session, reply_id, external_id="77", url=None, now=world.now)
    page = browse()
    page.goto(page.url.split("/?")[0].rstrip("/") + f"/cases/{case_id}")
    page.locator('[data-test="change-answer"] summary').wait_for()
    page.keyboard.press("d")
    assert focus(page) == "corrected-text"
    page.keyboard.type(" Замена уедет завтра.")
    world.say("c2", "И ещё вопрос", thread="t-c1")
    world.judge()
    page.get_by_text("another message from the same person").wait_for()
    assert focus(page) == "corrected-text", "what comes meanwhile takes nothing from under his hands"
    with page.expect_response(lambda answer: answer.url.endswith("/correct")):
        page.keyboard.press("Control+Enter")
    page.locator('[data-test="reply-change"][data-state="approved"]').wait_for()
    with db.snapshot() as session:
        assert session.query(ReplyChange.text).scalar() == "Здравствуйте! Замена уедет завтра."
