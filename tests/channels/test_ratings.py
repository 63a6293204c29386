"""Ratings in all their spellings: read onto 1..5, or said to be unknown."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.reading import ratings
from tests.channels.conftest import page_of, parse, remarks, sightings


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4", 4.0),
        (4, 4.0),
        (3.5, 3.5),
        ("4,5", 4.5),
        ("4.0000", 4.0),
        ("3½", 3.5),
        ("½", 1.0),
        (" 5 ", 5.0),
        ("４", 4.0),
        ("4/5", 4.0),
        ("4 / 5", 4.0),
        ("4,5/5,0", 4.5),
        ("4 из 5", 4.0),
        ("4 of 5", 4.0),
        ("4 out of 5", 4.0),
        ("4 out of 5 stars", 4.0),
        ("4 stars out of 5", 4.0),
        ("5 звёзд из 5", 5.0),
        ("four out of five", 4.0),
        ("8/10", 4.11),
        ("10 из 10", 5.0),
        ("Rated 3 stars", 3.0),
        ("Rated 4.00 out of 5", 4.0),
        ("Rating: 2 out of 5 stars.", 2.0),
        ("rating-4", 4.0),
        ("5-star rating", 5.0),
        ("4.0 star rating", 4.0),
        ("3 of 5 bubbles", 3.0),
        ("Rating of 4", 4.0),
        ("5 звёзд", 5.0),
        ("5 звезд", 5.0),
        ("1 звезда", 1.0),
        ("Две звезды", 2.0),
        ("Оценка: 4", 4.0),
        ("Оценка пользователя: 4 балла из 5", 4.0),
        ("FIVE", 5.0),
        ("ONE", 1.0),
        ("THREE_STARS", 3.0),
        ("★★★☆☆", 3.0),
        ("★ ★ ☆ ☆ ☆", 2.0),
        ("★★⯨☆☆", 2.5),
        ("&#9733;&#9733;&#9734;&#9734;&#9734;", 2.0),
        ("⭐⭐", 2.0),
        ("⭐️⭐️⭐️⭐️⭐️", 5.0),
        ("★★★★★★★★☆☆", 4.11),
        ("4★", 4.0),
        ("★ 4.5", 4.5),
        ("5*", 5.0),
        ("★★★★☆ 4,3", 4.3),
        ("20%", 1.0),
        ("80%", 4.0),
        ("100 %", 5.0),
        ("width: 20%", 1.0),
        ("width:90%;", 4.5),
        ("10%", 1.0),
        ("8", 4.11),
    ],
)
def test_rating_is_read_as_people_read_it(value: Any, expected: float) -> None:
    assert ratings.from_text(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "отлично", "nan", "inf", "-3", "6/5", "120%", "4-5", "2–3", "4, 5", "2026-11-16", "4/5/2026", "10:30", "#4",
        "№ 4", "$5", "4+", "~4", "3 of 5 people found this helpful", "4 reviews", "12", "80", "☆☆☆", "☆★", "***",
        "★★★ 5", "★★★★★★★★★★★", "4/", "/", "%", "1e1", "4 4", "9" * 90, "9" * 30, "width:60px", True, [4], {"a": 1},
    ],
)  # fmt: skip
def test_doubtful_rating_is_unknown(value: Any) -> None:
    assert ratings.from_text(value) is None
    assert not isinstance(value, str) or not ratings.means_none(value)


@pytest.mark.parametrize("value", ["0", 0, "0.0", "0%", "0/5", "0 из 5", "☆☆☆☆☆", "zero stars"])
def test_zero_means_that_nothing_was_rated(value: Any) -> None:
    assert ratings.from_text(value) is None
    assert ratings.from_text(value, best="5", worst="1") is None
    assert ratings.means_none(value)


@pytest.mark.parametrize("value", ["", None, "  ", "—", "N/A", "нет оценки", "STAR_RATING_UNSPECIFIED"])
def test_nothing_written_is_no_rating_and_no_fault(value: Any) -> None:
    assert ratings.from_text(value) is None
    assert ratings.means_none(value)


@pytest.mark.parametrize(
    ("value", "best", "worst", "expected"),
    [
        ("20%", "100", "1", 1.0),
        ("80%", "100", "0", 4.0),
        ("80", 100, None, 4.0),
        (80, "100", "1", 4.0),
        (0, 100, 0, 1.0),
        (0, 100, None, None),
        ("0", "10", "0", 1.0),
        ("0", "10", None, None),
        ("0", "5", "0", 1.0),
        (5, 10, 0, 3.0),
        (5.5, "10", "1", 3.0),
        (10, 10, None, 5.0),
        (0.5, 5, 0.5, 1.0),
        (0.5, 5, 1, 1.0),
        (1, 1, 0, 5.0),
        (0, 1, 0, 1.0),
        (-1, 1, -1, 1.0),
        (3, 1, None, None),
        (2, 1, 6, None),
        (3, 5, 4, None),
        (6, 5, 1, None),
        ("4/5", 10, None, 4.0),
        (4, "five", None, 4.0),
        (4, "the sky", None, None),
        (4, 5, "low", None),
        (4, "", "", 4.0),
        (4, "nan", None, None),
    ],
)
def test_scale_of_the_source_counts(value: Any, best: Any, worst: Any, expected: float | None) -> None:
    assert ratings.from_text(value, best, worst) == expected


@given(st.one_of(st.text(), st.floats(), st.integers()), st.one_of(st.none(), st.text(), st.floats()))
def test_result_is_always_on_the_scale(value: Any, best: Any) -> None:
    found = ratings.from_text(value, best)
    assert found is None or 1 <= found <= 5


@given(st.integers(2, 200), st.integers(0, 1000), st.integers(0, 1000))
def test_better_is_never_worse(best: int, one: int, other: int) -> None:
    low, high = sorted((best * one / 1000, best * other / 1000))
    better, worse = ratings.from_text(high, best, 0), ratings.from_text(low, best, 0)
    assert better is not None and worse is not None and worse <= better


def test_stars_of_an_app_stores_feed() -> None:
    entries = "".join(
        f"<entry><id>{number}</id><title>T</title><content>x</content><im:rating>{value}</im:rating></entry>"
        for number, value in enumerate(("1", "5", "0", "so-so"))
    )
    xml = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:im="http://itunes.apple.com/rss">{entries}</feed>'
    parts = parse("rss", page_of(xml, content_type="text/xml"))
    assert [(seen.rating, seen.kind) for seen in sightings(parts)] == [
        (1.0, "review"), (5.0, "review"), (None, "post"), (None, "post"),
    ]  # fmt: skip
    assert [text for text in remarks(parts) if "rating" in text] == [
        f"Entry {sightings(parts)[3].external_id}: its rating “so-so” cannot be read for certain."
    ]
