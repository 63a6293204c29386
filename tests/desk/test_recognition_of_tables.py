"""Rows of a table are one mention each, in whatever export they stand."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Page
from desk.pipeline import arrivals
from tests.channels.conftest import page_of
from tests.desk.windows import DB, SAID, crawl, stored_after, texts
from tests.world.desk import World, acme

PLAIN = tuple(text.replace(",", "") for text in SAID)
"""For cells without quotes."""


@pytest.fixture
def world(database: None, now: datetime) -> World:
    return acme(now + timedelta(days=10))


def table(*rows: str, head: str = "Review Link,Date,Author,Rating,Text,Reply") -> Page:
    return page_of("\n".join([head, *rows]), "https://desk.example/import", "text/csv")


def test_a_review_that_was_edited_is_known_by_its_link_in_the_next_export(world: World) -> None:
    first = table("https://play.example/r?id=1,2026-11-10T09:00:00Z,,5,Отлично,Спасибо!")
    second = table("https://play.example/r?id=1,2026-11-10T09:00:00Z,,1,После обновления вылетает,Спасибо!")
    assert crawl(world, "file", first, second, second) == [
        arrivals.Recorded(new=2, answers=1), arrivals.Recorded(edited=1, known=1), arrivals.Recorded(known=2),
    ]  # fmt: skip


def test_rows_that_share_the_link_of_a_product_stay_apart(world: World) -> None:
    rows = [
        f"https://shop.example/k2,2026-11-1{number},,{number + 1},{text},"
        for number, text in enumerate(PLAIN[:4])
    ]
    first, whole, last = table(*rows[1:]), table(*rows), table(rows[0])
    assert crawl(world, "file", first, whole, last, first) == [
        arrivals.Recorded(new=3), arrivals.Recorded(new=1, known=3), arrivals.Recorded(known=1), arrivals.Recorded(known=3),
    ]  # fmt: skip
    assert texts(world) == sorted(PLAIN[:4])


def test_the_same_answer_to_two_reviews_of_one_link_is_two_answers(world: World) -> None:
    rows = [
        f"https://shop.example/k2,2026-11-1{number},,1,{text},Простите нас."
        for number, text in enumerate(PLAIN[:2])
    ]
    assert crawl(world, "file", table(*rows), table(*rows)) == [
        arrivals.Recorded(new=4, answers=2), arrivals.Recorded(known=4),
    ]  # fmt: skip


@DB
@given(data=st.data(), has_links=st.booleans(), is_signed=st.booleans())
def test_any_part_of_a_table_in_any_order_gives_the_same_mentions(
    world: World, data: Any, has_links: bool, is_signed: bool
) -> None:
    rows = [
        ",".join(
            [
                f"https://shop.example/r{number}" if has_links else "",
                f"2026-11-16 10:{10 + number}",
                f"Анна {number}" if is_signed else "",
                str(number % 5 + 1),
                text,
                "",
            ]
        )
        for number, text in enumerate(PLAIN)
    ]
    parts = data.draw(
        st.lists(st.lists(st.sampled_from(rows), min_size=1, unique=True), min_size=1, max_size=4)
    )
    found = stored_after(world, "file", [table(*part) for part in parts])
    assert found == Counter({row.split(",")[4] for part in parts for row in part})
