"""Where Avito's API is, and how it says that something went wrong."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from channels import errors, json_api
from channels.contract import Text

ORIGIN: Final = "https://api.avito.ru"
TOKEN: Final = f"{ORIGIN}/token"
ANSWERS: Final = f"{ORIGIN}/ratings/v1/answers"
LIMIT: Final = 50
SHARED: Final = 5
"""So many reviews of a page stand on the next one too."""


def _words(said: Mapping[str, Any]) -> object:
    error = said.get("error")
    told = error.get("message") if isinstance(error, Mapping) else said.get("error_description") or error
    return told or said.get("message")


API: Final = json_api.Api(
    Text("Avito", "Авито"), _words, key_en="keys", key_ru="ключи", unauthorized=errors.Expired
)
OF_KEYS: Final = replace(API, unauthorized=errors.Unauthorized)
"""For the request that gets a token: nothing renews what it is asked with."""


def list_address(offset: int) -> str:
    return f"{ORIGIN}/ratings/v1/reviews?{urlencode({'offset': offset, 'limit': LIMIT})}"


def reviews_in(said: Mapping[str, Any]) -> list[Any]:
    if not isinstance(found := said.get("reviews"), list):
        raise API.strange()
    return found
