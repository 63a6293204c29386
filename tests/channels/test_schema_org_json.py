"""JSON-LD as sites really write it: read where the meaning is plain, said where it is not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.schema_org.json_ld import MAX_LENGTH, UNFINISHED, read
from tests.channels.conftest import page_of, parse, remarks, sightings

REVIEW = '{"@type": "Review", "author": "Ann", "reviewBody": "Leaks", "reviewRating": {"ratingValue": "2"}}'
MEANT = json.loads(REVIEW)


@pytest.mark.parametrize(
    "source",
    [
        f"{REVIEW};",
        f"{REVIEW}}}",
        f"{REVIEW}]}};",
        f"{REVIEW},",
        f"\ufeff{REVIEW}",
        f"<!-- {REVIEW} -->",
        f"<!--\n{REVIEW}\n//-->",
        f"<![CDATA[{REVIEW}]]>",
        f"//<![CDATA[\n{REVIEW}\n//]]>",
        f"//<![CDATA[ {REVIEW} //]]>",
        f"/* <![CDATA[ */ {REVIEW} /* ]]> */",
        f"// Review [new]\n{REVIEW}",
        f"var data = {REVIEW};",
        f"<b>Warning</b>: foreach() [<a href='x'>f</a>] in {{main}} on line 3\n{REVIEW}",
        json.dumps(REVIEW),
        REVIEW.replace('"', "'"),
        REVIEW.replace('"', '\\"'),
        REVIEW.replace('"', "&quot;"),
        REVIEW.replace('"@type"', "“@type”").replace('"Leaks"', "“Leaks”"),
        REVIEW.replace('"@type"', "'@type'").replace('"author"', "author"),
        REVIEW.replace('"2"}}', '"2",},}'),
        REVIEW.replace('"Ann",', '"Ann", // who\n/* what */'),
        REVIEW.replace('"Ann", ', '"Ann"\n'),
    ],
)
def test_plain_meaning_is_read_without_a_word(source: str) -> None:
    found = read(source)
    assert (found.values, found.is_guessed, found.is_cut) == ([MEANT], False, False)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"It\'s leaking, R\x26D", "It's leaking, R&D"),
        (r"5 \$ \u{1F44E} \ud83d\ude00", "5 $ 👎 😀"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        (r"one\ntwo", "one\ntwo"),
        (r"half \ud83d", "half \ufffd"),
        (r"a \/ b \\ c", "a / b \\ c"),
    ],
)
def test_escapes_of_other_languages(written: str, meant: str) -> None:
    found = read(f'{{"reviewBody": "{written}"}};')
    assert (found.values, found.is_guessed) == ([{"reviewBody": meant}], False)


@pytest.mark.parametrize(
    "text", ['Купила "Рассвет" и жалею', '"Рассвет" плох', 'Купила "Рассвет"', 'Говорят: "да", потом "нет"']
)
def test_bare_quotes_are_read_and_said(text: str) -> None:
    found = read(f'{{"reviewBody":"{text}","reviewRating":{{"ratingValue":"1"}}}}')
    assert found.values == [{"reviewBody": text, "reviewRating": {"ratingValue": "1"}}]
    assert found.is_guessed


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("4,5", "4,5"),
        ("4.5", "4.5"),
        (".5", ".5"),
        ("null", None),
        ("undefined", None),
        ("", None),
        ("true", True),
    ],
)
def test_values_that_are_no_strings(written: str, meant: Any) -> None:
    assert read(f'{{"ratingValue": {written}, "bestRating": 5}};').values == [
        {"ratingValue": meant, "bestRating": "5"}
    ]


def test_name_that_is_written_for_every_review_means_a_list() -> None:
    for end in ("", ";"):
        found = read('{"review": {"a": "1"}, "review": {"a": "2"}, "name": "x", "name": "y"}' + end)
        assert found.values == [{"review": [{"a": "1"}, {"a": "2"}], "name": "y"}]


@pytest.mark.parametrize(
    "rest",
    [
        '{"@type": "Review", "reviewBody": "Cut in the mi',
        '{"@type": "Review", "reviewBody": "x"',
        "{",
        "{{x}}",
    ],
)
def test_text_that_breaks_off_gives_what_was_whole(rest: str) -> None:
    found = read(f'{{"@type": "Product", "review": [{REVIEW}, {rest}')
    assert found.is_cut
    assert [part for part in found.values[0]["review"] if part and UNFINISHED not in part] == [MEANT]


@pytest.mark.parametrize("source", ["hello", "{", "{{ product }}", "[", "", "x" * (MAX_LENGTH + 1)])
def test_what_holds_no_data_is_refused(source: str) -> None:
    with pytest.raises(ValueError):
        read(source)


@pytest.mark.parametrize(
    "source",
    ['{"a":"' + '" ' * 200_000, '{"a":"' + '",/*' * 200_000, "[" * 300_000, '{"a":' * 300_000, '{"a":"x"' + "}" * 500_000,
     "{" + " " * 1_000_000, '{"a":"b"}{' * 100_000, '{"a":"x",' + "<!--" * 300_000, "/*" * 500_000, '{"a":1' + "1" * 900_000 + "x"],
)  # fmt: skip
def test_hostile_text_is_gone_through_once(source: str) -> None:
    """In quadratic time each of these would take hours."""
    try:
        assert len(read(source).values) <= 500
    except ValueError:
        pass


@given(st.text(alphabet=st.sampled_from("{}[]\"':,;\\ax1“”/*<!->\n "), max_size=80))
def test_no_text_breaks_the_reading(source: str) -> None:
    """What comes out is JSON, or it is refused; nothing else is raised."""
    try:
        found = read(source)
    except ValueError:
        return
    json.dumps(found.values)


@given(
    st.recursive(
        st.text() | st.none() | st.booleans(), lambda deep: st.lists(deep) | st.dictionaries(st.text(), deep)
    )
)
def test_json_is_read_as_json(data: Any) -> None:
    assert read(json.dumps({"data": data})).values == [{"data": data}]


def block(source: str, kind: str = "application/ld+json") -> str:
    return f'<script type="{kind}">{source}</script>'


@pytest.mark.parametrize(
    "kind",
    ["Application/LD+JSON; charset=utf-8", "application/ld+json;charset=UTF-8", " application/ld+json"],
)
def test_type_of_the_block_in_any_case(kind: str) -> None:
    assert len(sightings(parse("schema_org", page_of(block(REVIEW, kind))))) == 1


@pytest.mark.parametrize("other", ["null", "", " ", "[]", "5"])
def test_good_block_beside_an_empty_one(other: str) -> None:
    parts = parse("schema_org", page_of(block(other) + block(REVIEW)))
    assert (len(sightings(parts)), remarks(parts)) == (1, [])


@pytest.mark.parametrize(
    "other", ["{{ x }}", "function() { return 1 }", '{"@type": "Review", "reviewBody": "half']
)
def test_block_that_stays_unread_is_said_beside_good_ones(other: str) -> None:
    for body in (block(other) + block(REVIEW), block(REVIEW) + block(other)):
        parts = parse("schema_org", page_of(body))
        assert [seen.text for seen in sightings(parts)] == ["Leaks"]
        assert len(remarks(parts)) == 1
        assert "of 2" in remarks(parts)[0]


def test_more_blocks_than_are_read_is_said() -> None:
    parts = parse("schema_org", page_of(block(REVIEW) + block("null") * 100))
    assert remarks(parts) == ["The page has 101 JSON-LD blocks; the first 100 were read."]


def test_one_block_twice_is_read_once() -> None:
    assert len(sightings(parse("schema_org", page_of(block(REVIEW) * 2)))) == 1


def test_names_with_a_prefix() -> None:
    source = '{"@type": "http://schema.org/Review", "http://schema.org/reviewBody": [{"@value": "Bad"}], "schema:author": "Ann"}'
    (seen,) = sightings(parse("schema_org", page_of(block(source))))
    assert (seen.text, seen.author and seen.author.name) == ("Bad", "Ann")
