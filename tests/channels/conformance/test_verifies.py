"""Whoever looks for an answer looks as a stranger, and tells what is there from what is not, and from what it cannot tell."""

import pytest

from channels import channel, errors
from tests.channels.conformance.subjects import ANSWERING
from tests.channels.sites import SITES
from tests.channels.speaking import look, send, wire_for


@pytest.mark.parametrize("kind", ANSWERING)
def test_look_is_a_strangers_look(kind: str) -> None:
    """Nothing that proves who we are goes along: no password, and no cookie from the sending."""
    with SITES[kind]() as site:
        speaker = channel(kind)
        with wire_for(site.place, speaker) as wire:
            receipt = speaker.send(site.place, site.target, "We are on it.", wire)
            site.headers.clear()
            seen = speaker.look(site.place, site.target, "We are on it.", receipt, wire)
        assert seen.outcome == "visible"
        assert site.headers and not any(
            {"authorization", "cookie"} & set(headers) for headers in site.headers
        )


@pytest.mark.parametrize("kind", ANSWERING)
def test_answer_that_is_taken_down_is_missing(kind: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, "We are on it.")
        site.take_down()
        for known in (receipt, None):
            assert look(kind, site.place, site.target, "We are on it.", known).outcome == "missing"


@pytest.mark.parametrize("kind", ANSWERING)
def test_held_answer_is_pending_and_not_yet_seen(kind: str) -> None:
    with SITES[kind](mode="hold") as site:
        receipt = send(kind, site.place, site.target, "We are on it.")
        assert receipt.state == "held"
        assert look(kind, site.place, site.target, "We are on it.", receipt).outcome == "missing"


@pytest.mark.parametrize("kind", ANSWERING)
@pytest.mark.parametrize("mode", ["slow", "cut"])
def test_answer_of_unknown_fate_is_found_by_looking(kind: str, mode: str) -> None:
    with SITES[kind](mode=mode) as site:
        with pytest.raises(errors.Unknown):
            send(kind, site.place, site.target, "We are on it.", seconds=0.5)
        assert look(kind, site.place, site.target, "We are on it.", None, seconds=0.5).outcome == "visible"
