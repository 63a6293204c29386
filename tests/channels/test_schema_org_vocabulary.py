"""Words of schema.org and of its forerunner: every kind of organisation answers as the owner, old names are read."""

import json
from typing import Any

import pytest

from channels.schema_org.organisations import ORGANISATIONS
from tests import schema_org_table
from tests.channels.conftest import page_of, parse, sightings
from tests.channels.test_schema_org import read, review


@pytest.mark.parametrize(
    "kind",
    ["Organization", "Corporation", "LocalBusiness", "Store", "MedicalClinic", "Dentist", "Restaurant", "HairSalon", "NGO",
     "TravelAgency", "Museum", "BankOrCreditUnion", "http://schema.org/Dentist", "schema:Hotel", ["Thing", "AutoRepair"],
     ["https://schema.org/LocalBusiness"]],
)  # fmt: skip
def test_answer_of_every_kind_of_organisation_is_the_owners(kind: Any) -> None:
    answer = {"@type": "Comment", "text": "Sorry", "author": {"@type": kind, "name": "Front desk"}}
    asked, answered = sightings(read(review(comment=answer)))
    assert (asked.is_by_brand, answered.is_by_brand) == (None, True)


@pytest.mark.parametrize("kind", ["Dentist", "ShoeStore", ["Place", "Museum"]])
def test_answer_under_the_name_of_the_reviewed_place_is_the_owners(kind: Any) -> None:
    answers = [
        {"@type": "Comment", "text": name, "author": {"@type": "Person", "name": name}}
        for name in ("White Fang", "Ben")
    ]
    place = {"@type": kind, "name": "White Fang", "review": review(comment=answers)}
    assert [seen.is_by_brand for seen in sightings(read(place))] == [None, True, None]


@pytest.mark.parametrize("kind", ["Person", "Patient", "Thing", "Audience"])
def test_people_are_no_organisations(kind: str) -> None:
    assert kind not in ORGANISATIONS
    answer = {"@type": "Comment", "text": "Me too", "author": {"@type": kind, "name": "Ben"}}
    assert not sightings(read(review(comment=answer)))[1].is_by_brand


def test_table_holds_all_types_below_its_roots() -> None:
    typings = (
        "export type Organization = OrganizationLeaf | Store | string;\nexport type Store = StoreLeaf | ToyStore;\n"
        "export type ToyStore = ToyStoreLeaf | string;\nexport type Person = PersonLeaf | Patient;\n"
    )
    assert schema_org_table.organisations(typings) == ["Organization", "Store", "ToyStore"]
    assert len(ORGANISATIONS) > 200


OLD = """<div itemscope itemtype="http://data-vocabulary.org/Review"><span itemprop="itemreviewed">Pizzeria</span>
<span itemprop="reviewer">Dan</span> <time itemprop="dtreviewed" datetime="2026-11-16">16 November</time>
<p itemprop="summary">Cold</p><span itemprop="description">It took two hours.</span>{}</div>"""
RATINGS = {
    '<span itemprop="rating">2</span>': 2.0,
    '<span itemprop="rating" itemscope itemtype="http://data-vocabulary.org/Rating"><b itemprop="value">5.5</b>'
    '<meta itemprop="best" content="10"><meta itemprop="worst" content="1"></span>': 3.0,
    "": None,
}


@pytest.mark.parametrize("rating", RATINGS)
def test_data_vocabulary_in_microdata(rating: str) -> None:
    (seen,) = sightings(parse("schema_org", page_of(OLD.format(rating))))
    assert (seen.text, seen.title, seen.author and seen.author.name) == ("It took two hours.", "Cold", "Dan")
    assert (seen.rating, seen.thread_title) == (RATINGS[rating], "Pizzeria")
    assert str(seen.published_at)[:10] == "2026-11-16"


def test_data_vocabulary_in_rdfa() -> None:
    body = """<div xmlns:v="http://rdf.data-vocabulary.org/#" typeof="v:Review"><span property="v:itemreviewed">Pizzeria</span>
        <span property="v:reviewer">Dan</span> <span property="v:dtreviewed" content="2026-11-16">16</span>
        <span property="v:description">It took two hours.</span> <span property="v:rating">2</span></div>"""
    (seen,) = sightings(parse("schema_org", page_of(body)))
    assert (seen.text, seen.rating, seen.author and seen.author.name, seen.thread_title) == (
        "It took two hours.",
        2.0,
        "Dan",
        "Pizzeria",
    )


def test_sum_of_reviews_is_no_review() -> None:
    total = '<div itemscope itemtype="http://data-vocabulary.org/Review-aggregate"><b itemprop="rating">4</b><b itemprop="count">9</b></div>'
    assert len(sightings(parse("schema_org", page_of(OLD.format("") + total)))) == 1


def test_todays_names_mean_what_they_mean() -> None:
    """`description` of a schema.org review is its text only where it has no body, and `summary` is not its title."""
    source = json.dumps(review(description="Kettle", summary="x"))
    (seen,) = sightings(parse("schema_org", page_of(f'<script type="application/ld+json">{source}</script>')))
    assert (seen.text, seen.title) == ("Bad", "")
