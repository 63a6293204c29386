"""Whoever corrects an answer says how often, sends once, touches no words of others, and can be looked after."""

import pytest

from channels import channel, errors
from channels.contract import Replies, Target, Verifies
from tests.channels.conformance.subjects import ANSWERING, EDITING, load
from tests.channels.sites import SITES
from tests.channels.speaking import edit, look, send

HERE = [kind for kind in EDITING if kind in ANSWERING]
TEXT, BETTER = "We are on it.", "We are on it; the parcel leaves <today> & “safely”."


@pytest.mark.parametrize("kind", EDITING)
def test_says_how_often_and_answers_as_well(kind: str) -> None:
    found = load(kind)
    assert isinstance(found, Replies)
    assert found.about.answering.edits, f"{kind} has `edit`, and about.answering.edits says never"


@pytest.mark.parametrize("kind", HERE)
def test_the_new_words_are_seen_and_the_earlier_ones_are_not(kind: str) -> None:
    assert isinstance(channel(kind), Verifies)
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        assert look(kind, site.place, site.target, TEXT, receipt).is_as_sent is True
        assert look(kind, site.place, site.target, BETTER, receipt).is_as_sent is False
        changed = edit(kind, site.place, site.target, receipt, BETTER)
        assert (changed.external_id, site.posted) == (receipt.external_id, 2)
        assert look(kind, site.place, site.target, BETTER, changed).is_as_sent is True
        assert look(kind, site.place, site.target, TEXT, changed).is_as_sent is False


@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("mode", ["slow", "cut", "broken"])
def test_silence_is_unknown_and_never_repeated(kind: str, mode: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        site.mode = mode
        with pytest.raises(errors.Unknown):
            edit(kind, site.place, site.target, receipt, BETTER, seconds=0.5)
        assert site.posted == 2


@pytest.mark.parametrize("kind", HERE)
def test_a_refusal_and_a_wrong_password_change_nothing(kind: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        with pytest.raises(errors.Unauthorized):
            edit(kind, site.stranger_place, site.target, receipt, BETTER)
        site.mode = "refuse"
        with pytest.raises(errors.Refused):
            edit(kind, site.place, site.target, receipt, BETTER)
        assert look(kind, site.place, site.target, TEXT, receipt).is_as_sent is True


@pytest.mark.parametrize("kind", HERE)
def test_words_of_others_are_not_touched(kind: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        theirs = Target(site.target.external_id, site.target.url, site.target.thread)
        with pytest.raises(errors.Refused):
            edit(kind, site.place, theirs, type(receipt)(site.target.external_id), BETTER)
        assert site.posted == 1
