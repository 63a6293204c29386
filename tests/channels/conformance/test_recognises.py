"""A page or an address is recognised by its own channel, and nobody is upset by those of others."""

import pytest

from channels import available
from channels.contract import Recognises, RecognisesPages
from channels.detect import MAX_REQUESTS
from channels.reading import urls
from tests.channels.conformance.rules import demand_both
from tests.channels.conformance.subjects import EVERY, NAMES, load
from tests.channels.conftest import saved

ADDRESSES = [
    "",
    "@",
    "@zarya",
    "t.me/",
    "com.example.app",
    "care@shop.example",
    "https://",
    "x" * 5_000,
    "\ud800",
    "тест",
]


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_recognises_its_own_pages_and_is_calm_about_others(kind: str, name: str) -> None:
    for found in available():
        if isinstance(found, RecognisesPages):
            finding = found.recognise(saved(kind, name))
            if finding is not None:
                assert finding.kind == found.about.kind
                assert 0 < finding.confidence <= 1
                demand_both(finding.evidence)
                assert urls.safe_url(finding.url) == finding.url


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_asks_for_open_pages_by_get(kind: str, name: str) -> None:
    for found in available():
        if isinstance(found, RecognisesPages):
            for fetch in list(found.follow_ups(saved(kind, name)))[:MAX_REQUESTS]:
                assert (fetch.method, fetch.access) == ("GET", "open")
                assert urls.safe_url(fetch.url) == fetch.url


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("typed", ADDRESSES, ids=lambda typed: ascii(typed)[:20])
def test_any_address_is_known_or_not(kind: str, typed: str) -> None:
    found = load(kind)
    if isinstance(found, Recognises) and (finding := found.recognise_address(typed)) is not None:
        assert finding.kind == kind and finding.url
        demand_both(finding.evidence)
