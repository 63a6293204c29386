"""Whoever is told by a site believes nobody without proof, and keeps nothing that it cannot read."""

import pytest

from channels import errors
from channels.contract import Admission, Page, Push
from tests.channels.conformance.rules import demand_no_secret, demand_sentence, read_hostile
from tests.channels.conformance.subjects import CANARY, RECEIVING, load, told
from tests.channels.conftest import NOW

BODIES = [b"", b"{}", b"[]", b"null", b"\x00\xff", b"[" * 100_000, b'{"items": 5}', b"a=1&b=2"]


@pytest.mark.parametrize("kind", RECEIVING)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: ascii(body)[:20])
@pytest.mark.parametrize(
    "headers", [{}, {"x-signature": "wrong", "authorization": "Bearer wrong"}], ids=["bare", "wrong"]
)
def test_who_cannot_prove_himself_is_not_believed(kind: str, body: bytes, headers: dict[str, str]) -> None:
    place = told(kind)
    try:
        admission = load(kind).admit(place, Push("POST", {}, headers, body, NOW))
    except errors.ChannelError as error:
        demand_sentence(error)
        return
    assert isinstance(admission, Admission)
    assert admission.page is None, "kept without proof"
    assert CANARY.encode() not in admission.body
    demand_no_secret([admission])


@pytest.mark.parametrize("kind", RECEIVING)
@pytest.mark.parametrize("body", BODIES, ids=lambda body: ascii(body)[:20])
def test_what_was_kept_is_read_or_refused(kind: str, body: bytes) -> None:
    place = told(kind)
    demand_no_secret(read_hostile(load(kind), Page(place.url, 200, {}, body, "push", {}, NOW), place))
