"""Which queries match a text, and which words decided: by examples, and against the plainest reading that there is."""

import re
from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.mentions.lexicon import LEXICON
from desk.queries import grammar, tokens
from desk.queries.matching import Matcher, Outcome, Said
from desk.queries.nodes import And, Language, Near, Node, Not, Or, Phrase, Word


def outcome(query: str, said: Said) -> Outcome:
    reading = Matcher([(query, grammar.parse(query))], LEXICON).read(said)
    found = reading.outcome(0)
    assert found.is_match is reading.matches(0)
    return found


def deciding(found: Outcome, said: Said) -> list[str]:
    return [getattr(said, passage.field)[passage.start : passage.end] for passage in found.passages]


MATCHES = [
    ("заря чайник", "Купили чайники Зари, всё хорошо", ["чайники", "Зари"]),
    ("кофеварка", "Пять кофеварок", ["кофеварок"]),
    ("вернуть", "Верните деньги", ["Верните"]),
    ("ёлка", "елкой", ["елкой"]),
    ("лумен", "от Лумена ничего не пришло", ["Лумена"]),
    ("company make stop", "stopping companies making it", ["stopping", "companies", "making"]),
    ('"горячая линия"', "на горячей линии молчат", ["горячей", "линии"]),
    ("достав*", "Доставщик опоздал", ["Доставщик"]),
    ("#заря", "наша #Заря на кухне", ["Заря"]),
    ("заря", "наша #заря", ["заря"]),
    ("@zarya", "спасибо, @Zarya!", ["Zarya"]),
    ("@zarya", "thanks @zarya@mastodon.example.", ["zarya", "mastodon", "example"]),
    ("@zarya.shop", "(@zarya.shop.)", ["zarya", "shop"]),
    ("wi-fi", "Wi‑Fi пропал", ["Wi", "Fi"]),
    ("замок", "за\u0301мок", ["за\u0301мок"]),
    ("заря", "з\u200bа\u00adр\u2060я", ["з\u200bа\u00adр\u2060я"]),
    ("café", "cafe\u0301", ["cafe\u0301"]),
    ("заря /2 чайник", "чайник от зари", ["чайник", "зари"]),
    ("заря lang:ru", "Заря", ["Заря"]),
    ("zarya -lang:ru", "Zarya", ["Zarya"]),
    ("model 300", "Model 300", ["Model", "300"]),
]  # fmt: skip
MISSES = [
    ("заря", "купила в Зара", [], ("заря",)),
    ("universe", "university", [], ("universe",)),
    ("!заря", "зарю", [], ("!заря",)),
    ("заря чайник", "заря и утюг", [], ("чайник",)),
    ("заря -отель", "Отель «Заря»", ["Отель"], ()),
    ('заря -"отель заря"', "Отели Заря", ["Отели", "Заря"], ()),
    ("заря /1 чайник", "чайник от зари", [], ("заря /1 чайник",)),
    ("заря /1 заря", "одна заря", [], ("заря /1 заря",)),
    ("#заря", "заря", [], ("#заря",)),
    ("@zarya", "пишите на care@zarya.example", [], ("@zarya",)),
    ("@zarya@one.example", "@zarya@other.example", [], ("@zarya@one.example",)),
    ("заря (lang:en)", "Заря", [], ("(lang:en)",)),
    ("300", "3000", [], ("300",)),
    ("заря (чайник OR утюг)", "заря и плита", [], ("чайник", "утюг")),
]


@pytest.mark.parametrize(("query", "text", "words"), MATCHES)
def test_what_is_meant_is_found_and_marked(query: str, text: str, words: list[str]) -> None:
    found = outcome(query, Said(text))
    assert (found.is_match, deciding(found, Said(text)), found.missing) == (True, words, ())


@pytest.mark.parametrize(("query", "text", "words", "missing"), MISSES)
def test_what_is_not_meant_says_why(
    query: str, text: str, words: list[str], missing: tuple[str, ...]
) -> None:
    found = outcome(query, Said(text))
    assert (found.is_match, deciding(found, Said(text)), found.missing) == (False, words, missing)


def test_phrases_and_distances_do_not_reach_from_a_title_into_the_text() -> None:
    said = Said("линия молчит", title="Горячая", thread_title="Заря")
    assert not outcome('"горячая линия"', said).is_match
    assert not outcome("горячая /30 линия", said).is_match
    found = outcome("заря горячая линия", said)
    assert [(passage.field, passage.start) for passage in found.passages] == [
        ("thread_title", 0),
        ("title", 0),
        ("text", 0),
    ]


def test_a_language_is_what_is_known_of_it_else_what_the_letters_tell() -> None:
    assert outcome("zarya lang:sr", Said("zarya", language="sr-Latn")).is_match
    assert not outcome("zarya lang:en", Said("zarya", language="de")).is_match
    assert outcome("zarya lang:ru", Said("купил Zarya")).is_match
    assert outcome("zarya lang:en", Said("bought Zarya", language="und")).is_match


def test_many_queries_read_a_text_once() -> None:
    queries = ["заря", "zarya", "утюг -заря", "(заря OR zarya) /3 чайник"]
    reading = Matcher([(one, grammar.parse(one)) for one in queries], LEXICON).read(Said("чайник «Заря»"))
    assert reading.matching() == [0, 3]


# What is drawn is small on purpose: few words, so that they meet.
NAMES = ["ко", "ми", "ту"]
TEXTS = st.lists(st.sampled_from([*NAMES, "ла"]), max_size=12)
WORDS = st.sampled_from(NAMES).map(lambda name: Word(0, 0, name, is_exact=True))
PHRASES = st.lists(WORDS, min_size=2, max_size=3).map(lambda words: Phrase(0, 0, tuple(words)))
OPERANDS = st.recursive(
    WORDS | PHRASES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(0, 0, tuple(parts))),
        st.builds(Near, st.just(0), st.just(0), inner, inner, st.integers(1, 4)),
    ),
    max_leaves=4,
)
NODES = st.recursive(
    OPERANDS | st.sampled_from(["ru", "en"]).map(lambda code: Language(0, 0, code)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(0, 0, tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(0, 0, tuple(parts))),
        inner.map(lambda part: Not(0, 0, part)),
    ),
    max_leaves=8,
)


def spans(node: Node, words: list[str]) -> set[tuple[int, int]]:
    """Where it stands, by trying everything."""
    match node:
        case Word():
            return {(passage, passage) for passage, word in enumerate(words) if word == node.text}
        case Phrase():
            said = [word.text for word in node.words]
            count = len(said)
            return {
                (at, at + count - 1) for at in range(len(words) - count + 1) if words[at : at + count] == said
            }
        case Or():
            return set().union(*(spans(part, words) for part in node.parts))
        case Near():
            pairs = product(spans(node.left, words), spans(node.right, words))
            return {
                (min(one[0], other[0]), max(one[1], other[1]))
                for one, other in pairs
                if 1 <= max(other[0] - one[1], one[0] - other[1]) <= node.distance
            }
        case _:
            raise AssertionError(node)


def holds(node: Node, words: list[str]) -> bool:
    match node:
        case And():
            return all(holds(part, words) for part in node.parts)
        case Or():
            return any(holds(part, words) for part in node.parts)
        case Not():
            return not holds(node.part, words)
        case Language():
            return node.code == "ru"
        case _:
            return bool(spans(node, words))


def written(node: Node) -> str:
    match node:
        case Word():
            return f"!{node.text}"
        case Phrase():
            return '!"' + " ".join(word.text for word in node.words) + '"'
        case Language():
            return f"lang:{node.code}"
        case And():
            return "(" + " AND ".join(map(written, node.parts)) + ")"
        case Or():
            return "(" + " OR ".join(map(written, node.parts)) + ")"
        case Not():
            return f"NOT {written(node.part)}"
        case Near():
            return f"({written(node.left)} /{node.distance} {written(node.right)})"
        case _:
            raise AssertionError(node)


@given(NODES, TEXTS)
def test_it_matches_as_the_plainest_reading_does_and_the_deciding_words_alone_decide(
    node: Node, words: list[str]
) -> None:
    # A word that is in every text and query keeps the query from being too wide.
    query = And(0, 0, (Word(0, 0, "зз", is_exact=True), node))
    text = " ".join(["зз", *words])
    wanted = holds(query, ["зз", *words])
    said = Said(text, language="ru")
    found = outcome(written(query), said)
    assert found.is_match is wanted
    kept = {(passage.start, passage.end) for passage in found.passages}
    alone = re.sub(r"\w+", lambda one: one.group() if one.span() in kept else "ъъ", text)
    assert outcome(written(query), replace(said, text=alone)).is_match is wanted


@given(NODES)
def test_what_is_written_out_is_read_as_the_same(node: Node) -> None:
    query = And(0, 0, (Word(0, 0, "зз", is_exact=True), node))
    assert holds(grammar.parse(written(query)), ["зз"]) is holds(query, ["зз"])


@given(st.text(max_size=80))
def test_every_place_of_a_token_is_the_word_in_the_text(text: str) -> None:
    found = tokens.tokens(text)
    assert [tokens.fold(text[one.start : one.end]) for one in found] == [one.word for one in found]
    assert tokens.words(text) == [one.word for one in found]
    assert all(one.end <= other.start for one, other in pairwise(found))
