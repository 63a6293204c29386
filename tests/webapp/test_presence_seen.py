"""Who looks and who writes, as a colleague sees it: only what a person opened, and at once."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.webapp.hands import case_in_pane
from tests.webapp.test_queue_by_hand import fill
from tests.world.desk import World

pytestmark = pytest.mark.browser
Browse = Callable[..., Any]


def test_the_row_that_the_queue_opens_by_itself_is_not_looked_at(browse: Browse, world: World) -> None:
    first, second = fill(world, 2)
    ivan = browse()
    case_in_pane(ivan, first)
    posts: list[str] = []
    ivan.on("request", lambda asked: posts.append(asked.url) if asked.url.endswith("/watch") else None)
    olga = browse("other")
    case_in_pane(olga, first)
    olga.keyboard.press("j")
    case_in_pane(olga, second)
    # Olga opened the second one by a key; nobody has opened the first.
    ivan.locator(f'[data-watched="{second}"]').get_by_text("Ольга").wait_for()
    assert posts == []
    assert olga.locator('#pane [data-test="watchers"]').inner_text() == ""
    assert olga.locator(f'[data-watched="{first}"]').inner_text() == ""
    # A press inside the case says that he reads it.
    ivan.locator('#pane [data-test="thread"]').click()
    olga.locator(f'[data-watched="{first}"]').get_by_text("Иван").wait_for()


def test_writing_is_told_at_the_first_key_and_leaving_too(browse: Browse, world: World, address: str) -> None:
    case_id = world.complain()
    ivan, olga = browse(), browse("other")
    for page in (ivan, olga):
        page.goto(f"{address}/cases/{case_id}")
    watchers = ivan.locator('[data-test="watchers"]')
    watchers.get_by_text("Ольга Смирнова is viewing this case").wait_for()
    olga.locator('[data-test="answer-text"]').press("a")
    # Pushed, not asked for: well below the 15 seconds of the next question.
    watchers.get_by_text("Ольга Смирнова is writing an answer").wait_for(timeout=8_000)
    olga.goto(f"{address}/account")
    watchers.get_by_text("Ольга Смирнова").wait_for(state="detached", timeout=8_000)
