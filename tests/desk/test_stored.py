"""JSON as a column gives it back, whatever somebody wrote there by hand."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from desk.base import damage, db
from desk.base.errors import Damaged
from desk.base.stored import StoredObject, StoredTexts
from desk.models import Source
from tests.world import rows

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


@given(values)
def test_what_is_whole_comes_back_and_all_else_is_marked(value: object) -> None:
    for kind, is_wanted in (
        (StoredObject(), isinstance(value, dict)),
        (StoredTexts(), isinstance(value, list) and all(map(is_text, value))),
    ):
        read = kind.result_processor(sqlite.dialect(), None)
        found = read(json.dumps(value))
        assert damage.is_damaged(found) is not is_wanted
        if is_wanted:
            assert found == value
        else:
            assert not found, "it reads as empty, so that pages go on"


@given(st.text() | st.binary() | st.integers() | st.none())
def test_nothing_that_stands_in_a_column_raises(raw: object) -> None:
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        for kind in (StoredObject(), StoredTexts()):
            kind.result_processor(dialect, None)(raw)


@pytest.mark.parametrize(
    "raw",
    ["{not json", "", "\x00", "[" * 10_000, '{"a": "\\ud800"}', "9" * 10_000, "NaN", '["a", 5]', "{}{}"],
)
def test_what_is_no_object_is_damaged(raw: str) -> None:
    assert damage.is_damaged(StoredObject().result_processor(sqlite.dialect(), None)(raw))


def test_a_damaged_value_is_equal_to_nothing_so_that_saving_mends_it(database: None) -> None:
    with db.transaction() as session:
        source_id = rows.source(session, rows.brand(session)).id
        session.execute(sa.text("UPDATE sources SET settings = '[]', cursor = '5'"))
    with db.transaction() as session:
        source = session.get_one(Source, source_id)
        assert damage.is_damaged(source.settings) and damage.is_damaged(source.cursor)
        with pytest.raises(Damaged):
            damage.demand_whole(source.settings, "settings", "damaged")
        source.settings = {}
    with db.snapshot() as session:
        assert session.execute(sa.text("SELECT settings, cursor FROM sources")).one() in [("{}", 5), ({}, 5)]
