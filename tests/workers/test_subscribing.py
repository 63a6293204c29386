"""A site is told where to send when a source is added, and to stop when it is paused or removed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from channels import KINDS
from desk.base import db
from desk.base.words import Arrival
from desk.models import Source
from desk.operations import removal
from desk.sources import accounts, deliveries, places, sources
from tests.channels import made_up
from tests.channels.made_up.api_site import ApiSite, api_site
from tests.world import rows
from workers import jobs


@pytest.fixture
def site() -> Iterator[ApiSite]:
    with api_site() as running:
        yield running


@pytest.fixture
def source_id(local: None, site: ApiSite, monkeypatch: pytest.MonkeyPatch) -> int:
    for kind, path in made_up.KINDS.items():
        monkeypatch.setitem(KINDS, kind, path)
    now = datetime.now(UTC)
    with db.transaction() as session:
        brand = rows.brand(session)
        account = accounts.add(
            session, brand, "social_network", title="Заря", settings_values={"url": site.url},
            secrets={"refresh_token": "refresh-0"}, now=now,
        )  # fmt: skip
        source = sources.add(
            session,
            brand,
            "social_network",
            f"{site.url}/zarya",
            title="Стена",
            now=now,
            arrives=Arrival.PUSH,
        )
        accounts.use(session, source, account.id)
        deliveries.open_address(session, source, now)
        return source.id


def address(source_id: int) -> str:
    with db.snapshot() as session:
        return deliveries.address_of(source_id, str(sources.load(session, source_id).push_nonce))


def row(source_id: int) -> Source:
    with db.snapshot() as session:
        return sources.load(session, source_id)


def make_due(source_id: int) -> None:
    with db.transaction() as session:
        sources.load(session, source_id).subscribe_at = datetime.now(UTC)


def test_the_site_is_told_and_what_it_grants_is_kept_with_the_source(source_id: int, site: ApiSite) -> None:
    assert jobs.run("subscribe") == 1
    assert site.hooks == [address(source_id)]
    assert site.renewals == 1, "the account had no token yet"
    with db.snapshot() as session:
        place = places.place_of(session, sources.load(session, source_id))
    assert (place.secrets["secret"], place.settings["confirmation"]) == ("told by the site", "c0nf1rm")
    assert jobs.run("subscribe") == 0


def test_another_address_takes_the_place_of_the_old_one_at_the_site(source_id: int, site: ApiSite) -> None:
    jobs.run("subscribe")
    old = address(source_id)
    with db.transaction() as session:
        deliveries.open_address(session, sources.load(session, source_id), datetime.now(UTC))
    assert jobs.run("subscribe") == 1
    assert site.hooks == [address(source_id)] != [old]


def test_a_pause_stops_it_and_a_resume_begins_it_again(source_id: int, site: ApiSite) -> None:
    jobs.run("subscribe")
    with db.transaction() as session:
        sources.pause(session, source_id, None, datetime.now(UTC))
    jobs.run("subscribe")
    assert site.hooks == []
    with db.transaction() as session:
        sources.resume(session, source_id, None, datetime.now(UTC))
    jobs.run("subscribe")
    assert site.hooks == [address(source_id)]


def test_a_source_goes_only_after_its_site_was_told(source_id: int, site: ApiSite) -> None:
    jobs.run("subscribe")
    now = datetime.now(UTC)
    with db.transaction() as session:
        removal.ask_source(session, source_id, None, now)
    with db.transaction() as session:
        assert removal.sweep(session, now) == 0
    jobs.run("subscribe")
    assert site.hooks == []
    with db.transaction() as session:
        assert removal.sweep(session, now) == 1


def test_a_site_that_does_not_answer_is_tried_again_later_and_keeps_no_removal_for_ever(
    source_id: int, site: ApiSite
) -> None:
    jobs.run("subscribe")
    now = datetime.now(UTC)
    with db.transaction() as session:
        removal.ask_source(session, source_id, None, now)
    site.access_token = "taken back"
    site.revoke()
    with db.transaction() as session:
        account_id = sources.load(session, source_id).account_id
        assert account_id is not None
        accounts.load(session, account_id).expires_at = now
    for _ in range(5):
        make_due(source_id)
        assert jobs.run("subscribe") == 1
        assert row(source_id).subscribe_error == "The site takes the refresh token no more."
        assert jobs.run("subscribe") == 0, "not at once again"
    with db.transaction() as session:
        assert removal.sweep(session, now) == 1


def test_a_channel_that_tells_its_site_nothing_has_nothing_done(source_id: int, site: ApiSite) -> None:
    with db.transaction() as session:
        source = sources.load(session, source_id)
        source.kind, source.account_id = "shop_hook", None
    assert jobs.run("subscribe") == 1
    assert (site.hooks, row(source_id).subscribe_at, row(source_id).subscribed_nonce) == ([], None, None)


def test_what_is_stored_damaged_is_put_off_and_says_so(source_id: int) -> None:
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE sources SET settings = '[1]'")
    assert jobs.run("subscribe") == 0
    assert "damaged" in str(row(source_id).subscribe_error)
