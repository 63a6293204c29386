"""Searching in the queue goes through every list and says which holds what it found; filters in force are named."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import CloseReason
from tests.desk.test_queue import counted_queries
from tests.world.desk import World


@pytest.fixture
def places(world: World, client: FlaskClient, sign_in: Callable[..., FlaskClient]) -> dict[str, int]:
    """The same words in every list."""
    made = {
        name: world.complain(name, f"Сломалась кофеварка, {name}")
        for name in ("free", "mine", "hers", "asleep", "done")
    }
    client.post(f"/cases/{made['mine']}/take")
    sign_in("other").post(f"/cases/{made['hers']}/take")
    client.post(f"/cases/{made['asleep']}/snooze", data={"until": "hour"})
    client.post(f"/cases/{made['done']}/close", data={"reason": CloseReason.NOT_FOR_US})
    return made


def where(page: str) -> dict[int, str]:
    """Each row's case and the list that it is said to be in."""
    rows = page.split('<li class="row" id="case-')[1:]
    return {
        int(row.split('"')[0]): unescape(row.split('data-test="where">')[1].split("<")[0]) for row in rows
    }


@pytest.mark.parametrize("tab", ["unassigned", "mine", "on_hold", "closed", "team:marketing", ""])
def test_words_are_found_in_every_list_from_any_of_them(
    client: FlaskClient, places: dict[str, int], tab: str
) -> None:
    assert where(client.get(f"/?tab={tab}&q=кофеварок").text) == {
        places["free"]: "Unassigned, Service",
        places["mine"]: "Mine",
        places["hers"]: "With Ольга Смирнова",
        places["asleep"]: "On hold",
        places["done"]: "Closed",
    }


def test_the_way_back_leads_to_the_list_he_came_from(client: FlaskClient, places: dict[str, int]) -> None:
    page = client.get("/?tab=mine&q=кофеварка").text
    assert "Found in all lists, closed cases too" in page
    assert 'href="/?tab=mine">Back to the list' in page


@pytest.mark.parametrize(
    ("query", "name"),
    [("free", "free"), ("Анна done", "done"), ("пятьсот", "free"), ("4521-А", "hers"), ("№ {done}", "done")],
)
def test_a_note_an_order_an_author_and_the_number_of_a_case_are_found(
    client: FlaskClient,
    sign_in: Callable[..., FlaskClient],
    places: dict[str, int],
    query: str,
    name: str,
) -> None:
    client.post(f"/cases/{places['free']}/note", data={"text": "Обещали пятьсот рублей"})
    sign_in("other").post(f"/cases/{places['hers']}/note", data={"text": "Заказ 4521-а, второй склад"})
    found = client.get("/", query_string={"q": query.format(**places)}).text
    assert list(where(found)) == [places[name]]


def test_an_empty_result_says_what_was_searched_and_where_else_to_look(
    client: FlaskClient, places: dict[str, int]
) -> None:
    page = client.get("/?tab=mine&q=слон").text
    assert "No cases found for “слон”." in page
    assert "Searched in all cases, open, on hold, answered and closed" in page
    assert "Search all mentions" in page
    assert "filters" not in page.split('data-test="empty"')[1].split("</section>")[0]


def test_filters_are_blamed_only_where_there_are_some(client: FlaskClient, places: dict[str, int]) -> None:
    page = client.get("/?tab=mine&q=кофеварка&intent=praise").text
    assert "Only within the filters above." in page
    assert 'data-test="search-wider"' in page


def test_each_filter_in_force_is_named_and_can_be_taken_away(
    client: FlaskClient, places: dict[str, int]
) -> None:
    page = client.get("/?tab=open&intent=complaint&team=service&brand=999&channel=wordpress").text
    chips = page.split('data-test="in-force"')[1].split("</ul>")[0]
    for words in ("complaint", "Service", "999", "WordPress"):
        assert words in chips
    assert chips.count("<li") == 4 + 1
    assert 'href="/?tab=open&amp;intent=complaint&amp;team=service&amp;channel=wordpress"' in chips
    assert 'data-test="filters-count">4</span>' in page
    assert 'data-test="filters" open' not in page and "filters-box open" not in page


def test_what_a_search_costs(client: FlaskClient, places: dict[str, int]) -> None:
    client.get("/")
    spent = {}
    for address in ("/?tab=unassigned", "/?q=кофеварка"):
        with db.snapshot() as session, counted_queries(session) as statements:
            client.get(address)
        spent[address] = len([one for one in statements if one.lstrip().upper().startswith("SELECT")])
    assert spent["/?q=кофеварка"] - spent["/?tab=unassigned"] == 2  # one question to each index


@pytest.mark.browser
def test_the_filters_close_over_their_results(browse: Callable[..., Any], places: dict[str, int]) -> None:
    page = browse()
    page.locator('[data-test="filters"] summary').click()
    page.locator('[data-test="filters"] select[name=intent]').select_option("complaint")
    page.locator('[data-test="in-force"]').wait_for()
    assert page.locator('[data-test="filters"][open]').count() == 0
    with page.expect_navigation():
        page.locator('[data-test="in-force"] a').first.click()
    assert page.locator('[data-test="in-force"]').count() == 0
    page.locator('[data-test="search"]').fill("деньги вернуть")
    page.locator('[data-test="search"]').press("Enter")
    page.get_by_text("No cases found for “деньги вернуть”.").wait_for()
    page.locator('[data-test="search-mentions"]').click()
    page.wait_for_url("**/mentions?q=*")
