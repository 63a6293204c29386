"""The rules, as functions over a channel and what it is given."""

import re
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from channels import errors
from channels.contract import (
    AnswerSeen,
    Fetch,
    Moved,
    Page,
    Parsed,
    Place,
    Remark,
    Remember,
    Sighting,
    Text,
    Withdrawn,
)
from channels.reading import urls
from tests.channels.conformance.subjects import CANARY
from tests.channels.conftest import NOW

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
MARKUP = re.compile(r"</?(?:p|b|i|em|br|div|script|span|a)\b|&(?:amp|lt|gt|quot|#\d+);", re.IGNORECASE)
PARTS = Sighting | AnswerSeen | Withdrawn | Fetch | Remember | Moved | Remark


def read(found: Any, page: Page, place: Place | None = None) -> list[Parsed]:
    return list(found.parse(place or Place(page.url), page))


def seen(parts: Iterable[Parsed]) -> list[Sighting]:
    return [part for part in parts if isinstance(part, Sighting)]


def read_hostile(found: Any, page: Page, place: Place | None = None) -> list[Parsed]:
    """Whatever comes, it is one of the values of the contract, or an error of the family with a sentence in it."""
    parts: list[Parsed] = []
    try:
        for part in found.parse(place or Place(page.url), page):
            assert isinstance(part, PARTS)
            parts.append(part)
    except errors.ChannelError as error:
        demand_sentence(error)
    for sighting in seen(parts):
        demand_storable(sighting)
    return parts


def demand_sentence(error: errors.ChannelError) -> None:
    assert str(error).strip()
    assert CANARY not in f"{error!r} {error.text}"


def demand_storable(sighting: Sighting) -> None:
    assert 0 < len(sighting.external_id) <= 255
    sighting.text.encode()
    assert sighting.url is None or urls.safe_url(sighting.url) == sighting.url
    for moment in (sighting.published_at, sighting.edited_at):
        assert moment is None or 1990 <= moment.year <= 2026


def demand_both(text: Text) -> None:
    """Names are the same in both languages; a sentence is not."""
    assert text.en.strip() and text.ru.strip()
    assert not CYRILLIC.search(text.en), text
    assert CYRILLIC.search(text.ru) or text.en == text.ru, text


def demand_no_secret(parts: Iterable[Any]) -> None:
    """Neither in a value nor in its repr; a request gets its secrets from `authorize`, last of all."""
    for part in parts:
        assert CANARY not in repr(part)
        if isinstance(part, Fetch):
            assert CANARY.encode() not in (part.body or b"")


def demand_home(parts: Iterable[Parsed], place: Place, hosts: Iterable[str] = ()) -> None:
    """A request goes to the source's own site, or to a host that the channel names."""
    for part in parts:
        if isinstance(part, Fetch):
            host = part.url.split("/")[2] if part.url.count("/") >= 2 else ""
            assert urls.same_site(part.url, place.url) or host in set(hosts), part.url


def demand_clean(sighting: Sighting) -> None:
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
    assert sighting.url is None or urls.safe_url(sighting.url) == sighting.url
    for moment in (sighting.published_at, sighting.edited_at):
        assert moment is None or (moment.tzinfo is UTC and moment.year >= 1990 and moment <= NOW)
    assert sighting.rating is None or 1 <= sighting.rating <= 5
    assert sighting.language is None or re.fullmatch("[a-z]{2,3}", sighting.language)
    if sighting.author:
        assert 0 < len(sighting.author.name) <= 200
        assert sighting.author.url is None or urls.safe_url(sighting.author.url) == sighting.author.url
