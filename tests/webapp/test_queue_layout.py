"""What fits where: rows on a screen, menus on a phone, a band above the list, words that are not covered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from desk.base import db
from desk.cases import assignment
from desk.models import Source, User
from tests.webapp.hands import case_in_pane
from tests.webapp.test_queue_by_hand import fill
from tests.world.desk import World

pytestmark = pytest.mark.browser
Browse = Callable[..., Any]
LONG = "Заказ везли три недели, поддержка отвечает «ожидайте», а деньги не возвращает никто. " * 3
WHOLE_ROWS = """[...document.querySelectorAll('.row')].filter(row => {
    const box = row.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight + 1; }).length"""
OUTSIDE = """selector => [...document.querySelectorAll(selector)].filter(one => one.offsetParent !== null).filter(one => {
    const box = one.getBoundingClientRect();
    return box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight; }).map(one => one.innerText)"""


def test_ten_rows_at_900_px_and_more_when_compact(browse: Browse, world: World) -> None:
    ids = fill(world, 20, LONG)
    page = browse(width=1280, height=900)
    case_in_pane(page, ids[0])
    normal = page.evaluate(WHOLE_ROWS)
    assert normal >= 10
    page.locator('[data-test="compact"]').click()
    page.locator(".queue.is-compact").wait_for()
    assert page.evaluate(WHOLE_ROWS) >= normal + 3
    # It is kept with the person.
    page.reload()
    page.locator(".queue.is-compact").wait_for()
    assert page.locator('[data-test="compact"]').get_attribute("aria-pressed") == "true"


def test_the_sample_band_pushes_nothing_out_of_sight(browse: Browse, world: World) -> None:
    ids = fill(world, 20, LONG)
    with db.transaction() as session:
        for source in session.query(Source):
            source.brand.is_sample = True
    page = browse("admin", width=1280, height=900)
    case_in_pane(page, ids[0])
    page.locator('[data-test="sample-band"]').wait_for()
    assert page.evaluate("[scrollY, document.documentElement.scrollHeight - innerHeight]") == [0, 0]
    clock = page.locator(f'#case-{ids[0]} [data-test="time-left"]').bounding_box()
    assert 0 < clock["y"] < 300
    assert page.evaluate(WHOLE_ROWS) >= 10


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_tabs_stand_on_one_line(browse: Browse, world: World, language: str) -> None:
    fill(world, 3)
    with db.transaction() as session:
        session.get_one(User, world.people["agent"]).locale = language
    page = browse(width=1280)
    assert page.locator("html").get_attribute("lang") == language
    tops = page.evaluate(
        "[...new Set([...document.querySelectorAll('.list-tab')].map(t => t.getBoundingClientRect().top))]"
    )
    assert len(tops) == 1
    words = page.evaluate(
        "[...document.querySelectorAll('.rail-item span')].filter(s => s.scrollWidth > s.clientWidth + 1).map(s => s.innerText)"
    )
    assert words == []
    seen = page.locator(".rail-item span:visible").all_inner_texts()
    assert len(seen) == page.locator(".rail-item").count() > 3
    assert all(word.strip() for word in seen), "an icon without a word"


def test_the_buttons_of_an_answer_stand_on_one_line(browse: Browse, world: World, address: str) -> None:
    case_id = world.complain()
    page = browse(width=1280)
    page.goto(f"{address}/cases/{case_id}")
    page.locator('[data-test="publish"]').wait_for()
    tops = page.evaluate(
        "[...new Set([...document.querySelectorAll('.composer-buttons .button')].filter(b => b.offsetParent).map(b => b.getBoundingClientRect().top))]"
    )
    assert len(tops) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", [390, 320])
def test_menus_stay_on_a_phones_screen(
    browse: Browse, world: World, address: str, width: int, language: str
) -> None:
    case_id = world.complain("a", "Течёт " * 40)
    with db.transaction() as session:
        session.get_one(User, world.people["agent"]).locale = language
    page = browse(width=width, height=700)
    page.goto(f"{address}/cases/{case_id}")
    for name in ("close", "snooze", "assign", "note"):
        page.locator(f'[data-test="{name}-menu"]').click()
        page.locator("details.menu[open] .menu-body").wait_for()
        assert page.evaluate(OUTSIDE, "details.menu[open] :is(.menu-item, textarea, .button-primary)") == []
        page.keyboard.press("Escape")
    page.goto(address)
    page.locator(".pick").first.check()
    for name in ("hand-over", "snooze", "close"):
        page.locator(f'[data-test="bulk-{name}-menu"]').click()
        assert page.evaluate(OUTSIDE, "details.menu[open] .menu-item") == []
        page.keyboard.press("Escape")
    page.locator('[data-test="filters"] summary').click()
    assert page.evaluate(OUTSIDE, ".filters-box select") == []


@pytest.mark.parametrize("where", ["", "mentions", "cases/1", "?tab=mine"])
def test_a_small_phone_covers_nothing(browse: Browse, world: World, address: str, where: str) -> None:
    world.complain("a", "Оченьдлинноесловобезпробелов" * 12, thread_title="Ещёоднодлинноеслово" * 10)
    page = browse(width=320, height=640)
    page.goto(f"{address}/{where}")
    page.locator("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    heading = page.locator(".top-heading")
    assert heading.evaluate("h => h.scrollWidth - h.clientWidth") <= 0, "the title is cut"
    inside = page.evaluate(
        """() => { const h = document.querySelector('.top-heading').getBoundingClientRect();
        return [...document.querySelectorAll('.top-tools > *')].filter(one => one.offsetParent !== null &&
          one.getBoundingClientRect().left < h.right - 1).map(one => one.outerHTML.slice(0, 60)); }"""
    )
    assert inside == [], "the tools stand on the title"


def test_rows_do_not_repeat_what_the_reader_knows(browse: Browse, world: World, address: str) -> None:
    mine = world.complain("a", "Моё")
    with db.transaction() as session:
        assignment.take(session, mine, session.get_one(User, world.people["agent"]), world.now)
    page = browse()
    page.goto(f"{address}/?tab=mine")
    row = page.locator(f"#case-{mine}")
    row.wait_for()
    assert "Иван Петров" not in row.inner_text()
    assert "assigned to you" not in row.inner_text()
    page.goto(f"{address}/?tab=team:service")
    assert "assigned to you" in page.locator(f"#case-{mine}").inner_text()
    colleague = browse("other")
    colleague.goto(f"{address}/?tab=team:service")
    assert "Иван Петров" in colleague.locator(f"#case-{mine}").inner_text()


def test_the_badge_names_the_site_only_where_sites_differ(browse: Browse, world: World) -> None:
    from desk.brands import brands
    from desk.sources import sources

    world.complain("a", where="feed")
    badge = browse().locator(".row .badge")
    assert badge.inner_text() == "Feed"
    with db.transaction() as session:
        brand = brands.all_brands(session)[0]
        sources.add(session, brand, "rss", "https://other.example/rss", title="Другая", now=world.now - timedelta(days=1))  # fmt: skip
    assert browse().locator(".row .badge").inner_text() == "feed.example"
