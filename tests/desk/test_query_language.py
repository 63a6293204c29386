"""The language of queries: what is read from a line, and what is said of one that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.queries import grammar
from desk.queries.faults import SENTENCES, QueryFault
from desk.queries.nodes import And, Handle, Hashtag, Language, Near, Node, Not, Or, Phrase, Word


def word(text: str, *, is_exact: bool = False, is_beginning: bool = False) -> Word:
    return Word(0, 0, text, is_exact, is_beginning)


def phrase(*words: str, is_exact: bool = False) -> Phrase:
    return Phrase(0, 0, tuple(word(one, is_exact=is_exact) for one in words))


def both(*parts: Node) -> And:
    return And(0, 0, parts)


def either(*parts: Node) -> Or:
    return Or(0, 0, parts)


def without(part: Node) -> Not:
    return Not(0, 0, part)


READ: dict[str, Node] = {
    "Заря": word("заря"),
    "Ёлка": word("елка"),
    "заря чайник": both(word("заря"), word("чайник")),
    "заря AND чайник": both(word("заря"), word("чайник")),
    "заря И чайник": both(word("заря"), word("чайник")),
    "заря OR zarya | зорька": either(word("заря"), word("zarya"), word("зорька")),
    "заря ИЛИ zarya": either(word("заря"), word("zarya")),
    "a b OR c": either(both(word("a"), word("b")), word("c")),
    "a (b OR c)": both(word("a"), either(word("b"), word("c"))),
    "заря -отель": both(word("заря"), without(word("отель"))),
    "заря НЕ отель": both(word("заря"), without(word("отель"))),
    "заря AND NOT (отель OR кафе)": both(word("заря"), without(either(word("отель"), word("кафе")))),
    'заря -"отель заря"': both(word("заря"), without(phrase("отель", "заря"))),
    "заря NOT NOT чайник": both(word("заря"), word("чайник")),
    '"горячая линия"': phrase("горячая", "линия"),
    "«горячая линия»": phrase("горячая", "линия"),
    "„горячая линия“": phrase("горячая", "линия"),
    "“hot line”": phrase("hot", "line"),
    '"заря"': word("заря"),
    "!Заря": word("заря", is_exact=True),
    '!"горячая линия"': phrase("горячая", "линия", is_exact=True),
    "достав*": word("достав", is_beginning=True),
    "wi-fi": phrase("wi", "fi"),
    "24/7": phrase("24", "7"),
    "заря /3 чайник": Near(0, 0, word("заря"), word("чайник"), 3),
    "заря /3 (чайник | утюг)": Near(0, 0, word("заря"), either(word("чайник"), word("утюг")), 3),
    "a /1 b /2 c": Near(0, 0, Near(0, 0, word("a"), word("b"), 1), word("c"), 2),
    "a b /2 c": both(word("a"), Near(0, 0, word("b"), word("c"), 2)),
    "#Заря_Дом": Hashtag(0, 0, "заря_дом"),
    "@Zarya.shop": Handle(0, 0, "zarya.shop"),
    "@zarya@mastodon.example": Handle(0, 0, "zarya@mastodon.example"),
    "заря lang:RU": both(word("заря"), Language(0, 0, "ru")),
    "заря язык:ru": both(word("заря"), Language(0, 0, "ru")),
    "не работает": both(word("не"), word("работает")),
}


@pytest.mark.parametrize("query", READ)
def test_a_query_is_read_as_it_is_meant(query: str) -> None:
    assert grammar.parse(query) == READ[query]


WRONG = {
    "": ("empty", ""),
    "  ": ("empty", "  "),
    "-отель": ("too_wide", "-отель"),
    "lang:ru": ("too_wide", "lang:ru"),
    "заря OR -отель": ("too_wide", "заря OR -отель"),
    'заря "горячая': ("quote_open", '"горячая'),
    "заря» чайник": ("quote_stray", "»"),
    'заря "…"': ("quote_empty", '"…"'),
    "(заря OR (чайник)": ("parenthesis_open", "("),
    "заря) чайник": ("parenthesis_stray", ")"),
    "заря ()": ("parentheses_empty", "()"),
    "OR заря": ("nothing_before", "OR"),
    "заря OR": ("nothing_behind", "OR"),
    "заря OR AND чайник": ("nothing_behind", "OR"),
    "(заря И) чайник": ("nothing_behind", "И"),
    "заря /3": ("nothing_behind", "/3"),
    "/3 заря": ("nothing_before", "/3"),
    "заря -": ("no_word", "-"),
    "заря 🔥": ("no_word", "🔥"),
    "#wi-fi": ("mark_wrong", "#wi-fi"),
    "@": ("mark_wrong", "@"),
    "до*ставка": ("star_misplaced", "до*ставка"),
    "д*": ("star_misplaced", "д*"),
    "заря /0 чайник": ("distance_wrong", "/0"),
    "заря /31 чайник": ("distance_wrong", "/31"),
    "заря /три чайник": ("distance_wrong", "/три"),
    "заря /3 (чайник AND утюг)": ("near_operand", "(чайник AND утюг)"),
    "заря /3 -чайник": ("nothing_behind", "/3"),
    "заря lang:русский": ("language_unknown", "lang:русский"),
    "(" * 21 + "заря" + ")" * 21: ("too_deep", "("),
    "а " * 301: ("too_many", "а"),
}


@pytest.mark.parametrize("query", WRONG)
def test_a_fault_says_where_and_what(query: str) -> None:
    with pytest.raises(QueryFault) as met:
        grammar.parse(query)
    assert (met.value.code, query[met.value.start : met.value.end]) == WRONG[query]


def test_every_fault_is_met_and_has_both_languages() -> None:
    assert {code for code, _ in WRONG.values()} | {"too_long"} == set(SENTENCES)
    with pytest.raises(QueryFault) as met:
        grammar.parse("а" * 4_001)
    assert str(met.value.said) == "The query is too long: at most 4000 characters."
    assert met.value.said.ru == "Слишком длинный запрос: самое большее 4000 знаков."


PIECES = [
    "заря",
    "kettle",
    '"',
    "«",
    "»",
    "(",
    ")",
    "|",
    "OR",
    "И",
    "NOT",
    "-",
    "/3",
    "/x",
    "#",
    "@",
    "!",
    "*",
    "lang:",
    "🔥",
]


@given(st.lists(st.sampled_from([*PIECES, " "]), max_size=30).map("".join) | st.text(max_size=60))
def test_whatever_is_typed_is_read_or_told_where_it_is_wrong(query: str) -> None:
    try:
        node = grammar.parse(query)
    except QueryFault as fault:
        assert 0 <= fault.start <= fault.end <= len(query)
        assert fault.said and fault.said.ru
    else:
        assert 0 <= node.start < node.end <= len(query)


@pytest.mark.parametrize("chain", ["a" + " /1 a" * 299, "a " + "NOT " * 900 + "b", "a OR " * 299 + "a"])
def test_a_long_chain_is_read(chain: str) -> None:
    assert grammar.parse(chain)
