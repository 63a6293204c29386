"""A query from fields, and back into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.queries import builder, grammar
from desk.queries.builder import Fields

BOTH_WAYS = {
    "заря": Fields(some=("заря",)),
    "(заря OR zarya)": Fields(some=("заря", "zarya")),
    '(заря OR "горячая линия") (чайник OR #чай)': Fields(
        some=("заря", "горячая линия"), also=("чайник", "#чай")
    ),
    '(@zarya OR достав*) -отель -"над рекой" lang:ru': Fields(
        some=("@zarya", "достав*"), none=("отель", "над рекой"), language="ru"
    ),
    '!Заря !"Горячая линия"': Fields(some=("!Заря",), also=('!"Горячая линия"',)),
}


@pytest.mark.parametrize("query", BOTH_WAYS)
def test_fields_and_line_say_the_same(query: str) -> None:
    assert builder.compose(BOTH_WAYS[query]) == query
    assert builder.decompose(query) == BOTH_WAYS[query]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("заря OR zarya", Fields(some=("заря", "zarya"))),
        ("заря -(отель OR кафе)", Fields(some=("заря",), none=("отель", "кафе"))),
        ("«заря»", Fields(some=("заря",))),
        ("wi-fi", Fields(some=("wi-fi",))),
    ],
)
def test_other_ways_to_write_it_fill_the_fields_too(query: str, fields: Fields) -> None:
    assert builder.decompose(query) == fields


@pytest.mark.parametrize(
    "query", ["заря /3 чайник", "a b c", "(a b) OR c", "a -(b c)", "a lang:ru lang:en", "(a", ""]
)
def test_what_fields_cannot_say_fills_none(query: str) -> None:
    assert builder.decompose(query) is None


def test_an_operator_that_is_meant_as_a_word_is_quoted() -> None:
    assert builder.compose(Fields(some=(" НЕ ", "a OR b"))) == '("НЕ" OR "a OR b")'
    assert builder.compose(Fields(some=(" ", ""))) == ""


NAMES = st.lists(
    st.sampled_from(["заря", "hot line", "#tag", "@name", "wi-fi", "дост*", "!Заря", "НЕ"]), max_size=3
)


@given(NAMES, NAMES, NAMES, st.sampled_from(["", "ru"]))
def test_what_was_put_together_means_the_same_when_it_comes_back(
    some: list[str], also: list[str], none: list[str], language: str
) -> None:
    query = builder.compose(Fields(tuple(some), tuple(also), tuple(none), language))
    fields = builder.decompose(query)
    if not some and not also:
        assert fields is None
        return
    assert fields is not None
    assert grammar.parse(builder.compose(fields)) == grammar.parse(query)
