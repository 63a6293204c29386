"""Whoever answers sends once, says what the site said, and never more than it knows. Each against a local site of its own."""

import pytest

from channels import channel, errors
from channels.contract import Limits, Verifies
from channels.reading import urls
from tests.channels.conformance.subjects import ANSWERING
from tests.channels.sites import SITES
from tests.channels.speaking import check, look, send

# Their limits are those of each site, read from its form.
LEARNS = ("forum",)


@pytest.mark.parametrize("kind", ANSWERING)
def test_answering_channel_has_what_it_needs(kind: str) -> None:
    found = channel(kind)
    assert isinstance(found, Verifies), f"{kind} answers, so it must be able to look"
    answering = found.about.answering
    assert answering is not None
    assert isinstance(answering.limits, Limits) or kind in LEARNS, (
        f"{kind} says nowhere how long an answer may be"
    )
    assert kind in SITES, f"{kind} needs a local site in tests/channels/sites.py"
    assert any(field.needed_for == "answering" for field in found.about.fields)


@pytest.mark.parametrize("kind", ANSWERING)
@pytest.mark.parametrize(
    "text",
    [
        'Sorry! It\'s "on us" -- really...',
        "Здравствуйте, Анна!\n\nУже исправляем: 1 < 2 & 3 > 2.",
        "Ёлка 🎄 <b>не жирная</b>",
    ],
)
def test_published_answer_is_seen_by_a_stranger(kind: str, text: str) -> None:
    with SITES[kind]() as site:
        before = look(kind, site.place, site.target, text, None)
        receipt = send(kind, site.place, site.target, text)
        assert (before.outcome, site.posted) == ("missing", 1)
        assert receipt.state == "public"
        assert receipt.url and urls.same_site(receipt.url, site.url)
        for known in (receipt, None):
            seen = look(kind, site.place, site.target, text, known)
            assert seen.outcome == "visible", seen
        other = look(kind, site.place, site.target, f"{text} Something else.", None)
        assert other.outcome == "missing"


@pytest.mark.parametrize("kind", ANSWERING)
def test_refusal_carries_the_sites_own_words(kind: str) -> None:
    with SITES[kind](mode="refuse") as site:
        with pytest.raises(errors.Refused) as caught:
            send(kind, site.place, site.target, "We are on it.")
        assert {"wordpress": "comments are closed", "forum": "wait 30 seconds"}.get(kind, "") in str(
            caught.value
        )
        assert "<" not in str(caught.value)
        assert site.posted == 1


@pytest.mark.parametrize("kind", ANSWERING)
@pytest.mark.parametrize("mode", ["slow", "cut", "broken"])
def test_silence_after_sending_is_unknown_and_never_repeated(kind: str, mode: str) -> None:
    with SITES[kind](mode=mode) as site:
        with pytest.raises(errors.Unknown):
            send(kind, site.place, site.target, "We are on it.", seconds=0.5)
        assert site.posted == 1


@pytest.mark.parametrize("kind", ANSWERING)
def test_site_that_is_away(kind: str) -> None:
    with SITES[kind]() as site:
        place, target = site.place, site.target
    with pytest.raises(errors.Unreachable):
        send(kind, place, target, "We are on it.")
    with pytest.raises(errors.Unreachable):
        check(kind, place)
    assert look(kind, place, target, "We are on it.", None).outcome == "cannot_tell"


@pytest.mark.parametrize("kind", ANSWERING)
def test_check_writes_nothing_and_knows_bad_credentials(kind: str) -> None:
    with SITES[kind]() as site:
        check(kind, site.place)
        with pytest.raises(errors.Unauthorized):
            check(kind, site.stranger_place)
        with pytest.raises(errors.Unauthorized):
            send(kind, site.stranger_place, site.target, "We are on it.")
        assert site.taken == []


@pytest.mark.parametrize(
    "kind", [kind for kind in ANSWERING if kind in SITES and SITES[kind].refuses_duplicates]
)
def test_second_send_finds_the_first_answer(kind: str) -> None:
    with SITES[kind]() as site:
        first = send(kind, site.place, site.target, "We are on it.")
        again = send(kind, site.place, site.target, "We are on it.")
        assert again == first
        assert len(site.taken) == 1


@pytest.mark.parametrize("kind", ANSWERING)
@pytest.mark.parametrize("mode", ["refuse", "broken"])
def test_no_refusal_tells_a_secret(kind: str, mode: str) -> None:
    with SITES[kind](mode=mode) as site:
        for place in (site.place, site.stranger_place):
            with pytest.raises(errors.ChannelError) as caught:
                send(kind, place, site.target, "We are on it.")
            said = f"{caught.value!r} {caught.value.text}"
            assert not [secret for secret in place.secrets.values() if secret in said]
