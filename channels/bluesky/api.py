"""Where Bluesky's servers are, how they are asked, and how they say that something went wrong."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from channels import errors, json_api
from channels.contract import Answer, Page, Place, Text
from channels.reading import json_values, urls

ENTRY: Final = "https://bsky.social"
"""Accounts that Bluesky itself hosts sign in here."""
PUBLIC: Final = "https://public.api.bsky.app"
"""What everybody sees, without an account."""
POST: Final = "app.bsky.feed.post"
_OUT_OF_TIME: Final = ("ExpiredToken", "InvalidToken")


def _words(said: Mapping[str, Any]) -> object:
    return said.get("message") or said.get("error")


API: Final = json_api.Api(
    Text.alike("Bluesky"),
    _words,
    key_en="app password",
    key_ru="пароль приложения",
    unauthorized=errors.Expired,
)
OF_PASSWORD: Final = replace(API, unauthorized=errors.Unauthorized)
"""For signing in: nothing renews what it is asked with."""


def server(place: Place) -> str:
    """Where the account lives: a server of one's own, or Bluesky's."""
    given = place.settings.get("url", "").strip().rstrip("/")
    if not given:
        return ENTRY
    address = urls.safe_url(given if "://" in given else f"https://{given}")
    if address is None:
        raise errors.Unauthorized(
            Text("The address of the server cannot be read.", "Адрес сервера не читается.")
        )
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def endpoint(origin: str, method: str, **asked: object) -> str:
    said = urlencode({key: value for key, value in asked.items() if value is not None}, doseq=True)
    return f"{origin}/xrpc/{method}{'?' if said else ''}{said}"


def read(found: Page | Answer, now: datetime | None) -> dict[str, Any]:
    """The JSON object that was asked for. Raises what the status and the name of the error mean."""
    if (named := _named(found)) is not None:
        raise named
    try:
        return API.read(found)
    except errors.RateLimited as error:
        raise patient(error, found, now) from None


def refused(answer: Answer, text: str, now: datetime | None) -> errors.ChannelError:
    """What an answer means that is not the expected one, for a sender of `text`."""
    if (error := _named(answer)) is not None:
        return error
    error = API.refused(answer, text)
    return patient(error, answer, now) if isinstance(error, errors.RateLimited) else error


def patient(error: errors.RateLimited, found: Page | Answer, now: datetime | None) -> errors.RateLimited:
    return json_api.waiting_until(error, found.headers.get("ratelimit-reset"), now)


def error_name(found: Page | Answer) -> str:
    return json_values.name((json_values.document(found) or {}).get("error")) if found.status >= 300 else ""


def _named(found: Page | Answer) -> errors.ChannelError | None:
    """A token that ran out is told by 400."""
    if found.status == 400 and error_name(found) in _OUT_OF_TIME:
        return errors.Expired(
            Text("Bluesky does not accept the session.", "Bluesky не принимает сеанс входа.")
            + API.told(found)
        )
    return None


def own_did(place: Place) -> str:
    """The lasting id of the account, once it has signed in; empty before."""
    return place.settings.get("did", "") or next((one for one in place.own_ids if one.startswith("did:")), "")


def page_of(uri: str) -> str | None:
    """The address at which people read a post."""
    parts = uri.removeprefix("at://").split("/")
    if len(parts) != 3 or parts[1] != POST or not uri.startswith("at://"):
        return None
    return urls.safe_url(f"https://bsky.app/profile/{parts[0]}/post/{parts[2]}")
