"""Nobody is kept out: axe-core finds nothing critical, serious or moderate, in both themes, wide and narrow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, abort

from channels import KINDS
from channels.contract import Attachment, Reach
from desk.base import db, settings
from desk.base.words import Intent, Sentiment
from desk.cases import assignment, notes
from desk.models import Brand, Mention, Rule, User
from desk.replies import drafts, sending
from tests.channels import made_up
from tests.crawler.site import Site, serve
from tests.webapp.axe import problems
from tests.world.desk import World

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
def case_id(world: World) -> int:
    """A desk with something of everything that a row and a case may show."""
    long = world.complain(
        "c1", "Течёт с первого дня.", rating=1.0, title="Не берите", reach=Reach(likes=5), handle={"chat": "5"},
        facts={"Товар": "Кофеварка", "Филиал": "Тверь, " + "длинный адрес " * 20},
        attachments=[Attachment("image", "https://cdn.example/1.jpg", "течёт.jpg", 2_048)],
    )  # fmt: skip
    world.say("c2", "Когда починят?", thread="t-c1")
    world.say("c3", "Где купить фильтр?", thread="other", where="feed")
    world.judge(intent=Intent.QUESTION, sentiment=Sentiment.NEUTRAL, is_uncertain=True)
    mine = world.complain("c4", "Сломалась кнопка")
    broken = world.send(world.complain("c5", "Верните деньги", published_at=world.now - timedelta(days=4)))
    with db.transaction() as session:
        me = session.get_one(User, world.people["agent"])
        assignment.take(session, mine, me, world.now)
        notes.write(session, long, me, "Склад подтвердил", world.now)
        sending.failed(session, broken, "refused", "Comments are closed", world.now)
        drafts.save_draft(session, long, me, "Здравствуйте", 0, world.now)
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
        found += in_both_themes(page, width)
    assert found == [], "\n" + "\n".join(found)


# The other pages, opened one after the other in one window. A new page belongs here.
PAGES = (
    "/?tab=unassigned",
    "/?tab=on_hold",
    "/?tab=answered",
    "/?tab=closed",
    "/?tab=team:service",
    "/?q=слон",
    "/mentions",
    "/mentions?intent=question",
    "/mentions?q=слон",
    "/mentions/{mention}",
    "/mentions/{mention}/why",
    "/numbers",
    "/numbers?period=custom&since=2026-11-09&until=2026-11-03",
    "/sources",
    "/sources/{source}",
    "/sources/{source}/remove",
    "/sources/new",
    "/settings",
    "/settings/judge",
    "/settings/brands/{brand}",
    "/settings/brands/{brand}/remove",
    "/settings/brands/{brand}/rules/new",
    "/settings/brands/{brand}/rules/{rule}",
    "/team",
    "/team/{person}",
    "/health",
    "/account",
    "/account/password",
    "/nowhere",
    "/refuses/403",
    "/refuses/409",
    "/refuses/422",
    "/refuses/500",
)


@pytest.fixture
def refusals(app: Flask) -> None:
    app.add_url_rule("/refuses/<int:code>", "refuses", abort)


@pytest.fixture
def site(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    settings.current.cache_clear()
    with serve({"/feed": FEED}) as running:
        yield running


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>http://x.example/</link>
<description>d</description><item><title>One</title><guid>1</guid><link>http://x.example/1</link>
<description>Words</description></item></channel></rss>"""


def in_both_themes(page: Any, width: int) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        # Where a key has scrolled the page, a button may stand half below the bar: it is reached by scrolling.
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        found += [f"{page.url}, {width} px, {theme}: {one}" for one in problems(page)]
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_keeps_anybody_out(
    browse: Callable[..., Any], refusals: None, case_id: int, world: World, address: str, width: int
) -> None:
    with db.snapshot() as session:
        ids = {
            "mention": session.query(Mention).first().id,
            "source": world.sources["blog"],
            "brand": session.query(Brand).first().id,
            "rule": session.query(Rule).first().id,
            "person": world.people["other"],
        }
    page = browse("admin", width=width, height=900)
    found = []
    for path in PAGES:
        page.goto(address + path.format(**ids), wait_until="load")
        found += in_both_themes(page, width)
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in", wait_until="load")
    found += in_both_themes(page, width)
    page.locator('[data-test="submit"]').click()
    page.locator(".field-error").first.wait_for()
    found += in_both_themes(page, width)
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_site_tells_and_sends_keeps_nobody_out(
    browse: Callable[..., Any],
    case_id: int,
    world: World,
    address: str,
    width: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(KINDS, "shop_hook", made_up.KINDS["shop_hook"])
    page = browse("lead", width=width, height=900)
    page.goto(f"{address}/mentions/{world.case(case_id).mention_id}", wait_until="load")
    for folded in page.locator(".folded summary, [data-test='technical'] summary").all():
        folded.click()
    found = in_both_themes(page, width)
    page.goto(f"{address}/sources/new", wait_until="load")
    found += in_both_themes(page, width)
    page.locator('[data-test="kind-shop_hook"]').click()
    page.locator('[data-test="save-form"]').wait_for()
    found += in_both_themes(page, width)
    page.locator('[data-test="save"]').click()
    page.locator('[data-test="push-address"]').wait_for()
    found += in_both_themes(page, width)
    page.goto(f"{address}/sources/accounts", wait_until="load")
    found += in_both_themes(page, width)
    assert found == [], "\n" + "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_adding_a_source_keeps_nobody_out(
    site: Site, browse: Callable[..., Any], world: World, address: str, width: int
) -> None:
    page = browse("lead", width=width, height=900)
    found = []
    for path, answer in (("/feed", "found"), ("/nowhere", "cannot-listen")):
        page.goto(f"{address}/sources/new", wait_until="load")
        page.locator("#f-url").fill(site.url(path))
        page.locator('[data-test="look"]').click()
        page.locator(f'[data-test="{answer}"]').wait_for()
        found += in_both_themes(page, width)
    assert found == [], "\n" + "\n".join(found)
