"""What every channel must keep to. A new channel is held to it by its line in KINDS alone."""

import json
import os
import random
import re
from datetime import UTC
from pathlib import Path

import pytest

from channels import KINDS, available, channel, errors
from channels.contract import (
    Collects,
    Fetch,
    Field,
    Limits,
    Page,
    Parsed,
    Place,
    RecognisesPages,
    Remark,
    Remember,
    Replies,
    Sighting,
    Verifies,
)
from channels.reading import urls
from tests.channels.conftest import NOW, PAGES, page_of, saved
from tests.channels.sites import SITES
from tests.channels.speaking import check, look, send, wire_for

DOCS = Path(__file__).parents[2] / "docs" / "channels.md"
NAMES = [
    (kind, name)
    for kind in KINDS
    for name in (
        json.loads((PAGES / kind / "index.json").read_text())
        if (PAGES / kind / "index.json").exists()
        else []
    )
]
COLLECTING = [kind for kind in KINDS if isinstance(channel(kind), Collects)]
ANSWERING = [kind for kind in KINDS if isinstance(channel(kind), Replies)]
# Their limits are those of each site, read from its form.
LEARNS = ("forum",)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
MARKUP = re.compile(r"</?(?:p|b|i|em|br|div|script|span|a)\b|&(?:amp|lt|gt|quot|#\d+);", re.IGNORECASE)


@pytest.mark.parametrize("kind", KINDS)
def test_says_what_it_is_in_both_languages(kind: str) -> None:
    about = channel(kind).about
    assert about.kind == kind
    assert about.title.en and not CYRILLIC.search(about.title.en)
    assert CYRILLIC.search(about.title.ru)
    for field in about.fields:
        assert isinstance(field, Field)
        assert re.fullmatch(r"[a-z][a-z_]*", field.name)
        assert field.title.en and not CYRILLIC.search(field.title.en)
        assert CYRILLIC.search(field.title.ru), f"{kind}.{field.name} has no Russian title"
        if re.search("password|token|secret|key$", field.name):
            assert field.is_secret, f"{kind}.{field.name} must be secret"


def test_kinds_are_available_in_their_order() -> None:
    assert [found.about.kind for found in available()] == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_has_saved_pages_in_russian_and_english(kind: str) -> None:
    mine = [name for of_kind, name in NAMES if of_kind == kind]
    files = {path.name for path in (PAGES / kind).iterdir()} - {"index.json"}
    assert files == set(mine), f"tests/pages/{kind}/index.json must name each page beside it"
    texts = [seen.text for name in mine for seen in _seen(_parse(kind, saved(kind, name)))]
    assert any(CYRILLIC.search(text) for text in texts), f"{kind} has no Russian page"
    assert any(re.search("[a-z]{4}", text) for text in texts), f"{kind} has no English page"


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_saved_page_gives_clean_sightings(kind: str, name: str) -> None:
    at_least = json.loads((PAGES / kind / "index.json").read_text())[name]["at_least"]
    seen = _seen(_parse(kind, saved(kind, name)))
    assert len(seen) >= at_least > 0
    ids = [sighting.external_id for sighting in seen]
    assert len(set(ids)) == len(ids)
    for sighting in seen:
        _assert_clean(sighting)
    known = set(ids)
    assert all(sighting.parent is None or sighting.parent != sighting.external_id for sighting in seen)
    assert known


def _assert_clean(sighting: Sighting) -> None:
    assert 0 < len(sighting.external_id) <= 255
    assert sighting.text or sighting.rating is not None or sighting.title
    for text in (
        sighting.text,
        sighting.title,
        sighting.thread_title,
        sighting.author.name if sighting.author else "",
    ):
        assert not MARKUP.search(text), text
        assert text == text.strip()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e]", text)
    assert urls.safe_url(sighting.url) == sighting.url
    for moment in (sighting.published_at, sighting.edited_at):
        assert moment is None or (moment.tzinfo is UTC and moment.year >= 1990 and moment <= NOW)
    assert sighting.rating is None or 1 <= sighting.rating <= 5
    assert sighting.language is None or re.fullmatch("[a-z]{2,3}", sighting.language)
    if sighting.author:
        assert 0 < len(sighting.author.name) <= 200
        assert sighting.author.url is None or urls.safe_url(sighting.author.url) == sighting.author.url


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_reads_the_same_page_the_same_way(kind: str, name: str) -> None:
    assert _parse(kind, saved(kind, name)) == _parse(kind, saved(kind, name))


@pytest.mark.parametrize(("kind", "name"), NAMES)
@pytest.mark.parametrize("part", [0.15, 0.5, 0.85, 0.98])
def test_page_cut_in_the_middle(kind: str, name: str, part: float) -> None:
    body = saved(kind, name).body
    _read_hostile(kind, saved(kind, name, body=body[: int(len(body) * part)]))


@pytest.mark.parametrize(("kind", "name"), NAMES)
@pytest.mark.parametrize("charset", ["utf-16", "koi8-r", "shift_jis", "no-such-charset"])
def test_page_with_a_wrong_charset(kind: str, name: str, charset: str) -> None:
    page = saved(kind, name)
    wrong = f"{page.headers['content-type'].split(';')[0]}; charset={charset}"
    _read_hostile(kind, saved(kind, name, headers={"content-type": wrong}))


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_page_with_broken_bytes(kind: str, name: str) -> None:
    """Forty pages, each with a few bytes changed by chance; the seed is fixed so that a failure comes again."""
    chance = random.Random(f"{kind}/{name}")
    for _ in range(40):
        body = bytearray(saved(kind, name).body)
        for _ in range(chance.randint(1, 12)):
            body[chance.randrange(len(body))] = chance.choice(b"\x00\x1b<>&\"'{}[],;:0\xff\xd0\n")
        _read_hostile(kind, saved(kind, name, body=bytes(body)))


HOSTILE = {
    "empty": b"",
    "blank": b" \n\t " * 50,
    "noise": bytes(random.Random(7).randbytes(100_000)),
    "nul": b"\x00" * 10_000,
    "5 MB of one letter": b"a" * 5_000_000,
    "5 MB of brackets": b"[" * 5_000_000,
    "5 MB of tags": b"<a>" * 1_700_000,
    "an image": b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02" * 1_000,
    "null": b"null",
    "number": b"1e999999",
    "object": b'{"review": null, "@type": {"a": []}}',
    "list of nonsense": b'[null, 1, "a", [], {"id": -5, "post": "x", "content": []}, {"id": true}]',
    "lone surrogate": b'[{"id": 5, "post": 1, "content": {"rendered": "\\ud800 x"}, "author_name": "\\udfff"}]',
    "entity bomb": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">'
    b'<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]><rss version="2.0"><channel><item><title>&e;&e;&e;</title></item></channel></rss>',
    "local file": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><item><title>t</title><description>&x;</description></item></channel></rss>',
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("content_type", ["text/html", ""])
def test_hostile_page(kind: str, name: str, content_type: str) -> None:
    for part in _read_hostile(kind, page_of(HOSTILE[name], content_type=content_type)):
        if isinstance(part, Sighting):
            assert len(part.text) <= 20_000
            assert os.uname().nodename not in part.text.split()


@pytest.mark.parametrize("kind", COLLECTING)
@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 410, 418, 429, 500, 503])
def test_page_that_is_no_answer(kind: str, status: int) -> None:
    with pytest.raises(errors.ChannelError) as caught:
        page = Page(
            "https://site.example/", status, {"content-type": "text/html"}, b"<p>Sorry</p>", fetched_at=NOW
        )
        _parse(kind, page)
    assert str(caught.value).endswith(".")
    assert {401: "unauthorized", 404: "not_found", 410: "gone", 429: "rate_limited"}.get(
        status, caught.value.kind
    ) == caught.value.kind


@pytest.mark.parametrize("kind", KINDS)
def test_has_a_row_and_a_section_in_the_docs(kind: str) -> None:
    text = DOCS.read_text()
    assert re.search(rf"^\| `{kind}` \|", text, re.MULTILINE), f"docs/channels.md needs a row for {kind}"
    assert re.search(rf"^## .*\(`{kind}`\)", text, re.MULTILINE), (
        f"docs/channels.md needs a section for {kind}"
    )


@pytest.mark.parametrize("kind", COLLECTING)
def test_starts_with_its_own_site(kind: str) -> None:
    fetches = list(channel(kind).start(Place("https://site.example/page")))
    assert fetches
    assert all(urls.same_site(fetch.url, "https://site.example/page") for fetch in fetches)


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_never_leaves_the_site_it_was_sent_to(kind: str, name: str) -> None:
    page = saved(kind, name)
    for part in _parse(kind, page):
        assert not isinstance(part, Fetch) or urls.same_site(part.url, page.url)


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_recognises_its_own_pages_and_is_calm_about_others(kind: str, name: str) -> None:
    for found in available():
        if isinstance(found, RecognisesPages):
            finding = found.recognise(saved(kind, name))
            if finding is not None:
                assert finding.kind == found.about.kind
                assert 0 < finding.confidence <= 1
                assert CYRILLIC.search(finding.evidence.ru)
                assert urls.safe_url(finding.url) == finding.url


# What follows holds for channels that answer, each against a local site of its own (tests/channels/sites.py).


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
@pytest.mark.parametrize("mode", ["slow", "cut"])
def test_answer_of_unknown_fate_is_found_by_looking(kind: str, mode: str) -> None:
    with SITES[kind](mode=mode) as site:
        with pytest.raises(errors.Unknown):
            send(kind, site.place, site.target, "We are on it.", seconds=0.5)
        assert look(kind, site.place, site.target, "We are on it.", None, seconds=0.5).outcome == "visible"


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


def _parse(kind: str, page: Page) -> list[Parsed]:
    return list(channel(kind).parse(Place(page.url), page))


def _seen(parts: list[Parsed]) -> list[Sighting]:
    return [part for part in parts if isinstance(part, Sighting)]


def _read_hostile(kind: str, page: Page) -> list[Parsed]:
    """Whatever comes, it is one of the four kinds of value, or an error of the family with a sentence in it."""
    parts: list[Parsed] = []
    try:
        for part in channel(kind).parse(Place(page.url), page):
            assert isinstance(part, Sighting | Fetch | Remember | Remark)
            parts.append(part)
    except errors.ChannelError as error:
        assert str(error).strip()
    for sighting in _seen(parts):
        _assert_clean_of_hostile(sighting)
    return parts


def _assert_clean_of_hostile(sighting: Sighting) -> None:
    assert 0 < len(sighting.external_id) <= 255
    sighting.text.encode()
    assert urls.safe_url(sighting.url) == sighting.url
    for moment in (sighting.published_at, sighting.edited_at):
        assert moment is None or 1990 <= moment.year <= 2026
