"""Nobody is kept out: axe-core finds nothing critical, serious or moderate, in both themes, wide and narrow."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from desk import cases, db, replies, sending
from desk.models import User
from desk.models.words import Kind, Sentiment
from tests.webapp.axe import problems
from tests.webapp.stage import Stage

pytestmark = pytest.mark.browser
WIDTHS = (1280, 390)
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Place:
    """A page, who opens it, and what is pressed there before it is looked at. `{case}` is the case of the stage."""

    path: str
    who: str = "agent"
    keys: tuple[str, ...] = ()


# A new page belongs here.
PLACES = {
    "queue": Place("/"),
    "queue with rows chosen": Place("/", keys=("x", "Shift+J")),
    "queue after a decision": Place("/", keys=("t",)),
    "queue, mine": Place("/?tab=mine"),
    "queue, empty": Place("/?tab=problems"),
    "case": Place("/cases/{case}"),
    "case with the menu of reasons": Place("/cases/{case}", keys=("e",)),
    "case with the menu of receivers": Place("/cases/{case}", keys=("a",)),
    "case with a digit awaited": Place("/cases/{case}", keys=("c",)),
    "case, read only": Place("/cases/{case}", who="analyst"),
    "the sheet of keys": Place("/", keys=("?",)),
}


@pytest.fixture
def case_id(stage: Stage) -> int:
    """A desk with something of everything that a row and a case may show."""
    long = stage.complain("c1", "Течёт с первого дня.", rating=1.0, title="Не берите")
    stage.say("c2", "Когда починят?", thread="t-c1")
    stage.say("c3", "Где купить фильтр?", thread="other", where="feed")
    stage.judge(kind=Kind.QUESTION, sentiment=Sentiment.NEUTRAL, needs_look=True)
    mine = stage.complain("c4", "Сломалась кнопка")
    broken = stage.answer(stage.complain("c5", "Верните деньги", published_at=stage.now - timedelta(days=4)))
    with db.transaction() as session:
        me = session.get_one(User, stage.people["agent"])
        cases.take(session, mine, me, stage.now)
        cases.note(session, long, me, "Склад подтвердил", stage.now)
        sending.failed(session, broken, "refused", "Comments are closed", stage.now)
        replies.save_draft(session, long, me, "Здравствуйте", 0, stage.now)
    return long


@pytest.mark.parametrize("name", PLACES)
def test_nothing_keeps_anybody_out(browse: Callable[..., Any], case_id: int, address: str, name: str) -> None:
    place = PLACES[name]
    page = browse(place.who, width=WIDTHS[0], height=900)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address + place.path.format(case=case_id))
        page.wait_for_load_state("load")
        page.locator("#pane .case, main > .case, .row, .empty").first.wait_for()
        for key in place.keys:
            page.keyboard.press(key)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            found += [f"{width} px, {theme}: {one}" for one in problems(page)]
    assert found == [], "\n" + "\n".join(found)
