"""What a site's search is asked for: never less than the query means, within what that search understands."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.mentions.lexicon import LEXICON
from desk.queries import grammar, searches
from desk.queries.matching import Matcher, Said
from desk.queries.nodes import Node
from tests.desk.test_query_matching import NODES, TEXTS, written


@dataclass(frozen=True)
class Site:
    has_and: bool = True
    has_or: bool = True
    has_not: bool = True
    has_phrases: bool = True
    has_parentheses: bool = True
    has_beginnings: bool = False
    or_sign: str = "OR"
    most_characters: int | None = None


EVERYTHING = Site()
WORDS_ALONE = Site(has_and=False, has_or=False, has_not=False, has_phrases=False, has_parentheses=False)
QUERY = '(заря OR zarya) (чайник OR "горячая линия") -отель -"над рекой"'


def asked(query: str, site: Site = EVERYTHING) -> tuple[str, ...]:
    return searches.asked(grammar.parse(query), site).lines


def test_a_search_that_understands_all_is_asked_all_at_once() -> None:
    assert asked(QUERY) == (
        '((заря чайник) OR ("горячая линия" заря) OR (zarya чайник) OR ("горячая линия" zarya)) -"над рекой" -отель',
    )
    assert asked("заря OR #заря OR @zarya", replace(EVERYTHING, or_sign="|")) == ("заря | #заря | @zarya",)


def test_a_search_without_or_is_asked_one_by_one() -> None:
    assert asked("(заря OR zarya) чайник", replace(EVERYTHING, has_or=False)) == (
        "заря чайник",
        "zarya чайник",
    )


def test_without_parentheses_only_single_words_stand_together() -> None:
    site = replace(EVERYTHING, has_parentheses=False)
    assert asked("заря OR zarya OR a b", site) == ("заря OR zarya", "a b")


def test_what_is_not_understood_is_left_to_the_filter() -> None:
    assert asked('заря -отель "горячая линия"', WORDS_ALONE) == ("горячая",)
    assert asked("заря /3 чайник lang:ru") == ("заря чайник",)
    assert asked("заря достав*") == ("заря",)
    assert asked("достав*", replace(EVERYTHING, has_beginnings=True)) == ("достав*",)


def test_what_cannot_be_asked_for_is_told() -> None:
    found = searches.asked(grammar.parse("достав* OR заря"), EVERYTHING)
    assert (found.lines, found.is_whole) == (("заря",), False)
    found = searches.asked(grammar.parse("превосходительство OR заря"), Site(most_characters=10))
    assert (found.lines, found.is_whole) == (("заря",), False)


@pytest.mark.parametrize(
    ("most", "lines"),
    [
        (40, ("заря OR zarya OR kettle",)),
        (15, ("заря OR zarya", "kettle")),
        (6, ("заря", "zarya", "kettle")),
    ],
)
def test_lines_are_as_few_as_their_length_allows(most: int, lines: tuple[str, ...]) -> None:
    assert asked("заря OR zarya OR kettle", Site(most_characters=most)) == lines


def test_a_long_clause_gives_up_what_it_excludes_first() -> None:
    site = Site(most_characters=12)
    assert asked("заря чайник -отель", site) == ("заря чайник",)
    assert asked("заря чайник свисток", site) == ("заря чайник",) or asked("заря чайник свисток", site) == (
        "свисток",
    )


def test_a_query_of_many_combinations_asks_for_more_than_is_meant() -> None:
    many = " ".join(f"({' OR '.join(f'w{row}x{column}' for column in range(9))})" for row in range(4))
    found = searches.asked(grammar.parse(many), replace(EVERYTHING, has_or=False))
    assert found.is_whole and len(found.lines) == 9


SITES = st.builds(
    Site,
    has_and=st.booleans(),
    has_or=st.booleans(),
    has_not=st.booleans(),
    has_phrases=st.booleans(),
    has_parentheses=st.booleans(),
    most_characters=st.none() | st.integers(12, 40),
)


@given(NODES, TEXTS, SITES)
def test_nothing_that_the_query_means_is_missed(node: Node, words: list[str], site: Site) -> None:
    query = f"зз {written(node)}"
    said = Said(" ".join(["зз", *words]), language="ru")
    found = searches.asked(grammar.parse(query), site)
    assert all(site.most_characters is None or len(line) <= site.most_characters for line in found.lines)
    matcher = Matcher([(one, grammar.parse(one)) for one in (query, *found.lines)], LEXICON)
    matching = matcher.read(said).matching()
    if 0 in matching:
        assert not found.is_whole or matching != [0]
