"""What proves who we are is put in last, always in the same way, and only there."""

from urllib.parse import urlsplit

import pytest

from channels import errors
from channels.contract import Call, Place
from tests.channels.conformance.rules import demand_sentence
from tests.channels.conformance.subjects import AUTHORIZING, CANARY, load, told
from tests.channels.conftest import NOW


def authorized(kind: str, place: Place, call: Call) -> Call | None:
    try:
        return load(kind).authorize(place, call, NOW)
    except errors.ChannelError as error:
        demand_sentence(error)
        return None


@pytest.mark.parametrize("kind", AUTHORIZING)
def test_twice_is_the_same_as_once(kind: str) -> None:
    place = told(kind)
    call = Call(f"https://{next(iter(load(kind).hosts(place)), urlsplit(place.url).netloc)}/api?page=2")
    once = authorized(kind, place, call)
    if once is not None:
        assert authorized(kind, place, once) == once
        assert authorized(kind, place, call) == once


@pytest.mark.parametrize("kind", AUTHORIZING)
def test_names_hosts_and_no_addresses(kind: str) -> None:
    place = told(kind)
    for host in load(kind).hosts(place):
        assert host and "/" not in host and CANARY not in host


@pytest.mark.parametrize("kind", AUTHORIZING)
def test_without_credentials_it_proves_nothing_and_says_why(kind: str) -> None:
    call = Call("https://site.example/api")
    place = Place("https://site.example/")
    assert authorized(kind, place, call) in (None, call)
