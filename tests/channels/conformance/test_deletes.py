"""Whoever takes an answer back sends once, takes nothing of others, and says when it was gone already."""

import pytest

from channels import errors
from channels.contract import Receipt, Replies
from tests.channels.conformance.subjects import ANSWERING, DELETING, load
from tests.channels.sites import SITES
from tests.channels.speaking import delete, look, send

HERE = [kind for kind in DELETING if kind in ANSWERING]
TEXT = "We are on it."


@pytest.mark.parametrize("kind", DELETING)
def test_answers_as_well(kind: str) -> None:
    assert isinstance(load(kind), Replies)


@pytest.mark.parametrize("kind", HERE)
def test_it_is_gone_and_a_second_time_says_so(kind: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        delete(kind, site.place, site.target, receipt)
        assert (look(kind, site.place, site.target, TEXT, receipt).outcome, site.posted) == ("missing", 2)
        with pytest.raises(errors.Gone):
            delete(kind, site.place, site.target, receipt)
        assert site.posted == 2


@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("mode", ["slow", "cut", "broken"])
def test_silence_is_unknown_and_never_repeated(kind: str, mode: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        site.mode = mode
        with pytest.raises(errors.Unknown):
            delete(kind, site.place, site.target, receipt, seconds=0.5)
        assert site.posted == 2


@pytest.mark.parametrize("kind", HERE)
def test_a_refusal_a_wrong_password_and_words_of_others_leave_all_as_it_is(kind: str) -> None:
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        with pytest.raises(errors.Unauthorized):
            delete(kind, site.stranger_place, site.target, receipt)
        with pytest.raises(errors.Refused):
            delete(kind, site.place, site.target, Receipt(site.target.external_id))
        site.mode = "refuse"
        with pytest.raises(errors.Refused):
            delete(kind, site.place, site.target, receipt)
        assert look(kind, site.place, site.target, TEXT, receipt).outcome == "visible"


@pytest.mark.parametrize("kind", HERE)
def test_an_api_that_is_not_there_is_no_answer_that_is_gone(kind: str) -> None:
    """A site that has moved its API away says 404 to everything, and the answer stands there."""
    with SITES[kind]() as site:
        receipt = send(kind, site.place, site.target, TEXT)
        site.mode = "no_api"
        with pytest.raises(errors.ChannelError) as caught:
            delete(kind, site.place, site.target, receipt)
        assert not isinstance(caught.value, errors.Gone)
