"""What a server of Mastodon is asked, and how it says that something went wrong."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from channels import errors, json_api
from channels.contract import Answer, Page, Text
from channels.reading import html_pages, json_values, letters
from channels.reading import text as plain_text


def _words(said: Mapping[str, Any]) -> object:
    return said.get("error_description") or said.get("error")


API: Final = json_api.Api(Text.alike("Mastodon"), _words, key_en="access token", key_ru="токен доступа")


def server(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def endpoint(url: str, path: str, **asked: object) -> str:
    """The address of a method at the server of `url`; what is None is not asked."""
    said = urlencode({key: value for key, value in asked.items() if value is not None}, doseq=True)
    return f"{server(url)}/api/{path}{'?' if said else ''}{said}"


def segment(own_id: object) -> str:
    """An id as a part of a path. Raises Refused for what is none."""
    if found := json_values.identifier(own_id):
        return quote(found, safe="")
    raise errors.Refused(
        Text(
            "The id of the post is not known; nothing was sent.",
            "Номер записи неизвестен; ничего не отправлено.",
        )
    )


def tag_of(url: str) -> str:
    """The hashtag that an address names, empty where it names none."""
    found = urlsplit(url).path.rstrip("/").rpartition("/tags/")[2] if "/tags/" in urlsplit(url).path else ""
    return plain_text.line(unquote(found)).lstrip("#").strip() if "/" not in found else ""


def search_of(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.rstrip("/") != "/search":
        return ""
    return plain_text.line(parse_qs(parts.query, max_num_fields=50).get("q", [""])[0])


def account_of(url: str) -> str:
    """The name of an account that an address names, in small letters and without @."""
    path = unquote(urlsplit(url).path).strip("/")
    return path[1:].casefold() if path.startswith("@") and "/" not in path else ""


def read(found: Page | Answer, now: datetime | None) -> dict[str, Any]:
    """The JSON object that was asked for. Raises as `Api.read`, with the wait that the server names."""
    try:
        return API.read(found)
    except errors.RateLimited as error:
        raise patient(error, found, now) from None


def listed(page: Page, key: str = "") -> list[Any]:
    """A list, or that under `key` of an object. Raises as `read`."""
    if key or page.status >= 300 or len(page.body) > html_pages.MAX_PAGE:
        found = read(page, page.fetched_at).get(key)
    else:
        try:
            found = json.loads(letters.decode(page.body, page.headers.get("content-type", "")))
        except (ValueError, RecursionError):
            found = None
    if not isinstance(found, list):
        raise API.strange()
    return found


def patient(error: errors.RateLimited, found: Page | Answer, now: datetime | None) -> errors.RateLimited:
    return json_api.waiting_until(error, found.headers.get("x-ratelimit-reset"), now)


def is_newer(one: str, other: str) -> bool:
    """Ids grow; those of one server are compared by their length first."""
    return (len(one), one) > (len(other), other)
