"""Several sources wait: each has its turn."""

from hypothesis import given
from hypothesis import strategies as st

from desk.sources.turns import in_turns

waiting = st.lists(st.integers(1, 4)).map(lambda sources: list(enumerate(sources)))


def test_a_hundred_of_one_site_keep_nobody_else_waiting():
    many = [(number, 1) for number in range(100)]
    assert in_turns([*many, (100, 2), (101, 3), (102, 2)])[:5] == [0, 100, 101, 1, 102]


@given(waiting)
def test_everybody_comes_once_and_each_source_in_its_own_order(rows):
    order = in_turns(rows)
    assert sorted(order) == [number for number, _source in rows]
    for source in {source for _number, source in rows}:
        own = [number for number, of in rows if of == source]
        assert [number for number in order if number in own] == own


@given(waiting)
def test_nobody_comes_twice_before_all_have_come_once(rows):
    of = dict(rows)
    order = [of[number] for number in in_turns(rows)]
    assert set(order[: len(set(order))]) == set(order)
