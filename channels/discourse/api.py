"""How Discourse is asked, and what its errors mean."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import Answer, Page, Place, Text
from channels.json_api import Api
from channels.reading import html_pages, json_values


def _words(said: Mapping[str, Any]) -> object:
    told = said.get("errors")
    return " ".join(one for one in told if isinstance(one, str)) if isinstance(told, list) else None


_WITHIN: Final = re.compile(r"/(?:c|t|latest|top|new|posts|categories)(?:/|\Z)")
API: Final = Api(Text.alike("Discourse"), _words, key_en="API key", key_ru="ключ API")


def root_of(place: Place) -> str:
    """The forum's own address: a forum may lie in a folder of its site."""
    parts = urlsplit(place.url)
    path = _WITHIN.split(parts.path, maxsplit=1)[0]
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}"


def has_key(place: Place) -> bool:
    return bool(place.secrets.get("api_key", "").strip())


def read(place: Place, found: Page | Answer) -> dict[str, Any]:
    """The JSON that was asked for. Raises what keeps it from us."""
    try:
        return API.read(found)
    except errors.RateLimited as error:
        raise _with_wait(error, found) from error
    except errors.Unauthorized as error:
        if found.status != 403 or has_key(place):
            raise
        closed = Text(
            "The forum shows this to its members only: add an API key.",
            "Форум показывает это только участникам: добавьте ключ API.",
        )
        raise errors.Unauthorized(closed + API.told(found)) from error


def refused(answer: Answer, text: str) -> errors.ChannelError:
    error = API.refused(answer, text)
    return _with_wait(error, answer) if isinstance(error, errors.RateLimited) else error


def _with_wait(error: errors.RateLimited, found: Page | Answer) -> errors.RateLimited:
    """Discourse names the seconds in the body, beside the header."""
    if error.retry_after_seconds is not None:
        return error
    told = json_values.part(json_values.document(found), "extras").get("wait_seconds")
    seconds = json_values.whole(told)
    return errors.RateLimited(error.text, min(seconds, html_pages.LONGEST_WAIT_SECONDS) or None)
