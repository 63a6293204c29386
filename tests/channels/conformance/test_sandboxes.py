"""Every channel with a sandbox goes through the same days with it: reads, is refused, answers, and loses answers on the way.

What only one site does is tested beside it, in tests/channels/<kind>/.
"""

from datetime import timedelta

import pytest

from channels import channel, errors
from channels.contract import Authorizes, Deletes, Edits, Replies, Sighting, TellsOfModeration
from demo.sandboxes import SANDBOXES
from demo.sandboxes.base import Trouble
from tests.channels.sandboxes import Connected, connected

pytestmark = pytest.mark.skipif(not SANDBOXES, reason="no channel has a sandbox yet")
KINDS = sorted(SANDBOXES)
ANSWERING = [kind for kind in KINDS if isinstance(channel(kind), Replies)]
MODERATED = [kind for kind in ANSWERING if (about := channel(kind).about.answering) and about.is_moderated]
BY_SECRET = [kind for kind in KINDS if isinstance(channel(kind), Authorizes)]
TEXT = "Здравствуйте! Уже исправляем, спасибо за терпение."


def answerable(source: Connected) -> Sighting:
    """One that nobody has answered yet."""
    answered = {one.parent for one in source.sandbox.answers()}
    return next(
        one
        for one in source.read().sightings
        if one.can_be_answered is not False and not one.is_by_brand and one.external_id not in answered
    )


@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_all_and_then_only_what_is_new(kind: str) -> None:
    with connected(kind) as source:
        before = source.place
        first = source.read()
        assert len(first.ids) >= 3, "a sandbox tells at least three stories"
        assert all(one.external_id and (one.text or one.rating is not None) for one in first.sightings)
        source.now += timedelta(minutes=15)
        new = source.sandbox.say("Чайник течёт второй день, помогите!")
        second = source.read()
        assert new in second.ids
        assert new not in first.ids
        source.place = before
        assert first.ids <= source.read().ids, "the same cursor reads at least the same again"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("headers", [{}, {"retry-after": "120"}])
def test_a_site_that_is_asked_too_often_is_left_alone(kind: str, headers: dict[str, str]) -> None:
    with connected(kind) as source:
        source.sandbox.troubles = [Trouble(status=429, body=b"{}", headers=headers, times=99)]
        with pytest.raises(errors.RateLimited) as caught:
            source.read()
        if headers:
            assert caught.value.retry_after_seconds == 120


@pytest.mark.parametrize("kind", KINDS)
def test_a_site_in_trouble_is_unreachable(kind: str) -> None:
    with connected(kind) as source:
        source.sandbox.troubles = [Trouble(status=503, body=b"<h1>Service Unavailable</h1>", times=99)]
        with pytest.raises(errors.ChannelError) as caught:
            source.read()
        assert caught.value.kind in ("unreachable", "rate_limited")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", [b'{"items": [{"id": 1', b"", b"[]", b"null", b'"text"', b"<html>Hello</html>"]
)
def test_what_is_no_answer_of_the_api_is_said(kind: str, body: bytes) -> None:
    with connected(kind) as source:
        source.sandbox.troubles = [Trouble(status=200, body=body, times=99)]
        with pytest.raises(errors.ChannelError):
            source.read()
        assert source.place.cursor == {}


@pytest.mark.parametrize("kind", BY_SECRET)
def test_a_revoked_token_is_told_by_its_name(kind: str) -> None:
    with connected(kind) as source:
        source.sandbox.revoke()
        with pytest.raises(errors.Unauthorized) as caught:
            source.read()
        said = f"{caught.value!r} {caught.value.text}"
        assert not [secret for secret in source.place.secrets.values() if secret in said]


@pytest.mark.parametrize("kind", BY_SECRET)
def test_no_page_holds_a_secret_in_its_address(kind: str) -> None:
    with connected(kind) as source:
        for page in source.read().pages:
            told = f"{page.url} {page.context}"
            assert not [secret for secret in source.place.secrets.values() if secret in told]


@pytest.mark.parametrize("kind", ANSWERING)
def test_an_answer_stands_there_and_is_read_as_ours(kind: str) -> None:
    with connected(kind) as source:
        source.check()
        sighting = answerable(source)
        assert source.look(sighting, TEXT).outcome == "missing"
        receipt = source.send(sighting, TEXT)
        assert [one.text for one in source.sandbox.answers() if one.parent == sighting.external_id] == [TEXT]
        for known in (receipt, None):
            seen = source.look(sighting, TEXT, known)
            assert seen.outcome == "visible", seen
        other = source.look(sighting, "Совсем другие слова.")
        assert other.outcome != "visible" or other.is_as_sent is False, "other words are not what was sent"
        source.now += timedelta(minutes=15)
        read = source.read()
        by_us = [one for one in read.sightings if one.is_by_brand and TEXT in one.text]
        told = [one for one in read.answers if one.parent == sighting.external_id]
        assert by_us or told, "the next crawl sees our answer as ours"


@pytest.mark.parametrize("kind", ANSWERING)
def test_a_lost_answer_is_unknown_and_is_not_said_twice(kind: str) -> None:
    """As after `kill -9` between the call and its record: the desk repeats what `again` allows, and else looks first."""
    with connected(kind) as source:
        sighting = answerable(source)
        source.sandbox.troubles = [Trouble(method="POST", is_taken=True, cuts_at=1, times=1)]
        source.sandbox.troubles += [Trouble(method="PUT", is_taken=True, cuts_at=1, times=1)]
        with pytest.raises(errors.Unknown):
            source.send(sighting, TEXT)
        source.sandbox.troubles = []
        answering = channel(kind).about.answering
        assert answering is not None
        if answering.again == "never":
            assert source.look(sighting, TEXT).outcome in ("visible", "held")
        else:
            source.send(sighting, TEXT)
        assert [one.text for one in source.sandbox.answers() if one.parent == sighting.external_id] == [TEXT]


@pytest.mark.parametrize("kind", ANSWERING)
def test_a_refusal_and_a_revoked_token_are_told_and_nothing_stands_there(kind: str) -> None:
    with connected(kind) as source:
        sighting = answerable(source)
        before = source.sandbox.answers()
        for method in ("POST", "PUT"):
            source.sandbox.troubles.append(
                Trouble(method=method, status=403, body=b'{"error": "closed"}', times=9)
            )
        with pytest.raises(errors.ChannelError) as caught:
            source.send(sighting, TEXT)
        assert caught.value.kind in ("refused", "unauthorized", "forbidden")
        source.sandbox.troubles = []
        source.sandbox.revoke()
        with pytest.raises(errors.Unauthorized):
            source.send(sighting, TEXT)
        with pytest.raises(errors.Unauthorized):
            source.check()
        assert source.sandbox.answers() == before


@pytest.mark.parametrize("kind", MODERATED)
@pytest.mark.parametrize("state", ["public", "rejected"])
def test_a_held_answer_is_told_from_a_public_and_a_rejected_one(kind: str, state: str) -> None:
    with connected(kind) as source:
        sighting = answerable(source)
        source.sandbox.state_of_new = "held"
        receipt = source.send(sighting, TEXT)
        assert receipt.state in ("held", "accepted")
        assert _told(source, sighting, receipt) in ("held", "missing", "cannot_tell")
        (ours,) = [one for one in source.sandbox.answers() if one.parent == sighting.external_id]
        source.sandbox.decide(ours.external_id, state)  # type: ignore[arg-type]
        assert _told(source, sighting, receipt) == {"public": "visible", "rejected": "rejected"}[state]


def _told(source: Connected, sighting: Sighting, receipt: object) -> str:
    if isinstance(source.channel, TellsOfModeration):
        return source.ask(sighting, TEXT, receipt).outcome  # type: ignore[arg-type]
    return source.look(sighting, TEXT, receipt).outcome  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [kind for kind in ANSWERING if isinstance(channel(kind), Edits)])
def test_an_answer_is_corrected(kind: str) -> None:
    with connected(kind) as source:
        sighting = answerable(source)
        receipt = source.edit(sighting, source.send(sighting, TEXT), f"{TEXT} Точнее!")
        texts = [one.text for one in source.sandbox.answers() if one.parent == sighting.external_id]
        assert texts == [f"{TEXT} Точнее!"]
        assert source.look(sighting, f"{TEXT} Точнее!", receipt).outcome == "visible"


@pytest.mark.parametrize("kind", [kind for kind in ANSWERING if isinstance(channel(kind), Deletes)])
def test_an_answer_is_withdrawn(kind: str) -> None:
    with connected(kind) as source:
        sighting = answerable(source)
        receipt = source.send(sighting, TEXT)
        source.delete(sighting, receipt)
        standing = [one for one in source.sandbox.answers() if one.parent == sighting.external_id]
        assert [one.state for one in standing] in ([], ["removed"])
        assert source.look(sighting, TEXT, receipt).outcome in ("missing", "rejected")
        with pytest.raises(errors.Gone):
            source.delete(sighting, receipt)
