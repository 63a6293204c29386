"""Whoever collects begins at the source's own site, and leaves it only for the hosts that the channel names."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import pytest

from channels import channel, errors
from channels.contract import Authorizes, Fetch, Place
from tests.channels.conformance.rules import demand_home, demand_no_secret, demand_sentence, read
from tests.channels.conformance.subjects import COLLECTING, NAMES, load, told
from tests.channels.conftest import saved


def begun(kind: str, place: Place) -> list[Fetch]:
    """A channel that was told too little says so instead."""
    try:
        return list(load(kind).start(place))
    except errors.ChannelError as error:
        demand_sentence(error)
        return []


def hosts(kind: str, place: Place) -> Iterable[str]:
    found = load(kind)
    official = [urlsplit(origin).netloc for origin in found.about.api]
    return [*official, *(found.hosts(place) if isinstance(found, Authorizes) else ())]


@pytest.mark.parametrize("kind", COLLECTING)
def test_starts_with_its_own_site(kind: str) -> None:
    place = told(kind)
    fetches = begun(kind, place)
    assert fetches
    demand_home(fetches, place, hosts(kind, place))
    demand_no_secret(fetches)


@pytest.mark.parametrize("kind", COLLECTING)
def test_starts_the_same_way_every_time_and_changes_nothing(kind: str) -> None:
    place = told(kind)
    before = repr((place.settings, place.cursor))
    assert begun(kind, place) == begun(kind, place)
    assert repr((place.settings, place.cursor)) == before


@pytest.mark.parametrize("kind", COLLECTING)
def test_what_it_was_not_told_is_said_in_words(kind: str) -> None:
    begun(kind, Place("https://site.example/page"))


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_never_leaves_the_site_it_was_sent_to(kind: str, name: str) -> None:
    page = saved(kind, name)
    place = told(kind, page.url) if channel(kind).about.api else Place(page.url)
    demand_home(read(channel(kind), page, place), place, hosts(kind, place))
