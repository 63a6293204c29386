"""A try-out: what of the mentions that are there a query matches, and what would be lost."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from desk.base import db
from desk.brands import brands
from desk.mentions import tryouts
from desk.models import Brand
from desk.queries.faults import QueryFault
from tests.world import rows

TEXTS = {
    "kettle": "Чайник Зари протёк",
    "hotel": "Отель «Заря»: грязно",
    "other": "Погода хорошая",
    "latin": "Zarya kettle leaks",
}


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    with db.transaction() as session:
        brand = rows.brand(session, "Заря", words=["Zarya", "заря"])
        source = rows.source(session, brand)
        for name, text in TEXTS.items():
            rows.mention(session, source, external_id=name, text=text, thread_title="")
        rows.mention(session, source, external_id="own", text="Заря", is_own=True)
        other = rows.brand(session, "Лумен", words=[])
        rows.mention(
            session, rows.source(session, other), external_id="lumen", text="Лумена нет", thread_title=""
        )
        yield session


def brand_of(session: Session, name: str = "Заря") -> Brand:
    return brands.named(session, name)


def names(tried: list[tryouts.Tried]) -> set[str]:
    return {one.mention.external_id for one in tried}


def test_without_a_query_a_brand_is_its_names(session: Session) -> None:
    assert brands.query_of(brand_of(session)) == "заря OR zarya"
    brands.change_query(session, brand_of(session).id, " заря \n -отель ")
    assert brands.query_of(brand_of(session)) == "заря -отель"
    brands.change_query(session, brand_of(session).id, " ")
    assert brands.query_of(brand_of(session)) == "заря OR zarya"


def test_a_query_that_cannot_be_read_is_not_kept(session: Session) -> None:
    with pytest.raises(QueryFault) as met:
        brands.change_query(session, brand_of(session).id, "заря (отель")
    assert (met.value.field, met.value.code, met.value.start) == ("query", "parenthesis_open", 5)
    assert brand_of(session).query is None


def test_what_matches_and_what_would_be_lost(session: Session) -> None:
    found = tryouts.try_out(session, "(заря OR погода) -отель", brand_of(session).id)
    assert len(found.tried) == 4
    assert names(found.matching) == {"kettle", "other"}
    assert names(found.lost) == {"hotel", "latin"}
    assert names(found.gained) == {"other"}
    hotel = next(one for one in found.tried if one.mention.external_id == "hotel")
    assert [hotel.mention.text[one.start : one.end] for one in hotel.outcome.passages] == ["Отель"]


def test_each_mention_is_compared_with_its_own_brand(session: Session) -> None:
    found = tryouts.try_out(session, "заря")
    assert len(found.tried) == 5
    assert names(found.lost) == {"latin", "lumen"}


def test_a_query_in_force_that_cannot_be_read_compares_nothing(session: Session) -> None:
    brand_of(session).query = "(заря"
    session.flush()
    found = tryouts.try_out(session, "заря", brand_of(session).id)
    assert (names(found.matching), found.lost, found.gained) == ({"kettle", "hotel"}, [], [])


def test_only_the_newest_thousand_are_looked_at(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tryouts, "LOOKED_AT", 3)
    assert len(tryouts.try_out(session, "заря").tried) == 3
