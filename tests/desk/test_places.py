"""What a channel is told of a source is put together in one place, and no secret of it is shown by accident."""

from dataclasses import fields

import pytest

from channels import contract
from desk.base import db, vault
from desk.base.errors import Damaged, Invalid
from desk.models import Source
from desk.sources import places, sources


def test_the_desk_and_the_contract_mean_the_same_by_a_place():
    ours, theirs = fields(places.Place), fields(contract.Place)
    assert [(one.name, str(one.type)) for one in ours] == [(one.name, str(one.type)) for one in theirs]


def test_a_place_holds_all_that_is_known_of_its_source(world):
    with db.transaction() as session:
        source = sources.load(session, world.source_id)
        source.settings, source.cursor = {"forum": 7}, {"newest": 3}
        source.secrets, source.language = vault.lock({"token": "canary"}), "ru"
        source.brand.own_names = ["Lumen Care"]
    with db.snapshot() as session:
        place = contract.Place.of(places.place_of(session, sources.load(session, world.source_id)))
    assert place.settings == {"forum": "7"}
    assert (place.secrets, place.cursor) == ({"token": "canary"}, {"newest": 3})
    assert (place.language, place.own_names) == ("ru", ("Lumen Care",))
    assert "canary" not in repr(place)


def test_an_id_of_the_brand_tells_its_posts_from_those_of_who_borrows_its_name(world):
    with db.transaction() as session:
        sources.load(session, world.source_id).own_ids = ["77"]
    for number, (name, external_id) in enumerate(
        (("Acme Care", "5"), ("Support", "77"), ("Acme Care", None))
    ):
        author = contract.AuthorSeen(name, external_id)
        world.crawl(contract.Sighting(f"m{number}", None, "Hello", author=author))
    assert [world.mention(f"m{number}").is_own for number in range(3)] == [False, True, True]


def test_a_stranger_is_told_no_secrets_and_needs_no_key(world):
    with db.transaction() as session:
        sources.load(session, world.source_id).secrets = "sealed with another key"
    with db.snapshot() as session:
        source = sources.load(session, world.source_id)
        assert places.place_of(session, source, is_stranger=True).secrets == {}
        with pytest.raises(Invalid, match="cannot be opened"):
            places.place_of(session, source)


def test_of_a_damaged_row_nothing_is_guessed(world):
    with db.transaction() as session:
        session.connection().exec_driver_sql(
            f"UPDATE sources SET settings = '[1]' WHERE id = {world.source_id}"
        )
    with db.snapshot() as session, pytest.raises(Damaged):
        places.place_of(session, session.get_one(Source, world.source_id))
