"""A page is read into clean values, the same every time, whatever stands in it."""

import json
import os
import random
import re

import pytest

from channels import KINDS, channel, errors
from channels.contract import Page
from tests.channels.conformance.rules import (
    CYRILLIC,
    demand_clean,
    demand_no_secret,
    read,
    read_hostile,
    seen,
)
from tests.channels.conformance.subjects import COLLECTING, NAMES, READING, load, told
from tests.channels.conftest import NOW, PAGES, page_of, saved


@pytest.mark.parametrize("kind", KINDS)
def test_has_saved_pages_in_russian_and_english(kind: str) -> None:
    mine = [name for of_kind, name in NAMES if of_kind == kind]
    files = {path.name for path in (PAGES / kind).iterdir()} - {"index.json"}
    assert files == set(mine), f"tests/pages/{kind}/index.json must name each page beside it"
    texts = [one.text for name in mine for one in seen(read(channel(kind), saved(kind, name)))]
    assert any(CYRILLIC.search(text) for text in texts), f"{kind} has no Russian page"
    assert any(re.search("[a-z]{4}", text) for text in texts), f"{kind} has no English page"


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_saved_page_gives_clean_sightings(kind: str, name: str) -> None:
    at_least = json.loads((PAGES / kind / "index.json").read_text())[name]["at_least"]
    found = seen(read(channel(kind), saved(kind, name)))
    assert len(found) >= at_least > 0
    ids = [sighting.external_id for sighting in found]
    assert len(set(ids)) == len(ids)
    for sighting in found:
        demand_clean(sighting)
    assert all(sighting.parent != sighting.external_id for sighting in found)


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_reads_the_same_page_the_same_way(kind: str, name: str) -> None:
    assert read(channel(kind), saved(kind, name)) == read(channel(kind), saved(kind, name))


@pytest.mark.parametrize(("kind", "name"), NAMES)
@pytest.mark.parametrize("part", [0.15, 0.5, 0.85, 0.98])
def test_page_cut_in_the_middle(kind: str, name: str, part: float) -> None:
    body = saved(kind, name).body
    read_hostile(channel(kind), saved(kind, name, body=body[: int(len(body) * part)]))


@pytest.mark.parametrize(("kind", "name"), NAMES)
@pytest.mark.parametrize("charset", ["utf-16", "koi8-r", "shift_jis", "no-such-charset"])
def test_page_with_a_wrong_charset(kind: str, name: str, charset: str) -> None:
    page = saved(kind, name)
    wrong = f"{page.headers['content-type'].split(';')[0]}; charset={charset}"
    read_hostile(channel(kind), saved(kind, name, headers={"content-type": wrong}))


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_page_with_broken_bytes(kind: str, name: str) -> None:
    """Forty pages, each with a few bytes changed by chance; the seed is fixed so that a failure comes again."""
    chance = random.Random(f"{kind}/{name}")
    for _ in range(40):
        body = bytearray(saved(kind, name).body)
        for _ in range(chance.randint(1, 12)):
            body[chance.randrange(len(body))] = chance.choice(b"\x00\x1b<>&\"'{}[],;:0\xff\xd0\n")
        read_hostile(channel(kind), saved(kind, name, body=bytes(body)))


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


@pytest.mark.parametrize("kind", READING)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("content_type", ["text/html", ""])
def test_hostile_page(kind: str, name: str, content_type: str) -> None:
    parts = read_hostile(load(kind), page_of(HOSTILE[name], content_type=content_type), told(kind))
    demand_no_secret(parts)
    for part in seen(parts):
        assert len(part.text) <= 20_000
        assert os.uname().nodename not in part.text.split()


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_nothing_that_is_read_tells_a_secret(kind: str, name: str) -> None:
    page = saved(kind, name)
    demand_no_secret(read_hostile(channel(kind), page, told(kind, page.url)))


@pytest.mark.parametrize("kind", [kind for kind in COLLECTING if kind in KINDS])
@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 410, 418, 429, 500, 503])
def test_page_that_is_no_answer(kind: str, status: int) -> None:
    with pytest.raises(errors.ChannelError) as caught:
        page = Page(
            "https://site.example/", status, {"content-type": "text/html"}, b"<p>Sorry</p>", fetched_at=NOW
        )
        read(channel(kind), page)
    assert str(caught.value).endswith(".")
    assert {401: "unauthorized", 404: "not_found", 410: "gone", 429: "rate_limited"}.get(
        status, caught.value.kind
    ) == caught.value.kind
