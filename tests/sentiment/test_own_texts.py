"""The texts and labels that the project brings along: whole, allowed, and as many as the card says."""

from collections import Counter

import pytest

from sentiment.contract import HEADS
from sentiment.text import clean
from sentiment.train.guided import LABELLED, OWN, SECOND_READING, hash_text, part_of, read_own
from sentiment.train.tables import read_table

COLUMNS = ["text", "lang", "place", "trade", "stars", "sentiment", "kind", "urgency", "abuse"]
PLACES = {"review", "app", "tweet", "vk", "mail", "forum"}


@pytest.mark.parametrize("path", sorted(OWN.glob("*.tsv")), ids=lambda path: path.stem)
def test_every_line_is_whole(path) -> None:  # type: ignore[no-untyped-def]
    rows = list(read_table(path))
    assert rows and list(rows[0]) == COLUMNS
    for row in rows:
        assert None not in row and None not in row.values(), row
        assert row["lang"] in ("ru", "en") and row["place"] in PLACES, row
        assert row["stars"] in ("", *"12345") and (row["place"] in ("review", "app") or not row["stars"]), row
        assert all(row[head] in labels for head, labels in HEADS.items()), row
        assert clean(row["text"]), row


def test_there_are_enough_of_each_sort_and_none_twice() -> None:
    own = read_own()
    lines = sum(1 for path in OWN.glob("*.tsv") for _ in read_table(path))
    assert lines >= 6_000
    # Two lines may read the same once cleaned ("ок", "ok!"); hardly any do.
    assert len(own) >= 0.99 * lines
    for head in ("sentiment", "kind", "urgency"):
        for language in ("ru", "en"):
            counts = Counter(one.labels[head] for one in own if one.lang == language)
            assert min(counts[label] for label in HEADS[head]) >= 150, (head, language, counts)
    assert {one.part for one in own} == {"train", "dev"}


def test_stars_do_not_contradict_the_labels() -> None:
    for path in OWN.glob("*.tsv"):
        for row in read_table(path):
            wrong = {"1": "positive", "5": "negative"}.get(row["stars"])
            assert row["sentiment"] != wrong, row["text"]


def test_labelled_texts_are_hashes_and_their_second_reading_is_of_the_same_texts() -> None:
    first = {row["hash"]: row for row in read_table(LABELLED)}
    second = list(read_table(SECOND_READING))
    assert len(first) >= 3_000 and len(second) >= 500
    for row in (*first.values(), *second):
        assert set(row) == {"hash", "source", "lang", "sentiment", "kind", "urgency"}
        assert len(row["hash"]) == 32 and int(row["hash"], 16) >= 0
        assert all(row[head] in HEADS[head] for head in ("sentiment", "kind", "urgency")), row
    assert all(row["hash"] in first for row in second)


def test_a_text_stays_in_its_part_whatever_is_added() -> None:
    tenths = {0: "dev", 1: "test"}
    parts = Counter(part_of(f"text {number}", tenths) for number in range(5_000))
    assert 0.07 < parts["dev"] / 5_000 < 0.13 and 0.07 < parts["test"] / 5_000 < 0.13
    assert hash_text("a") != hash_text("b") and len(hash_text("a")) == 32
