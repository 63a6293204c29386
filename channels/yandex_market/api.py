"""Where the partner API of Yandex Market is, how it is asked, and what it says of moderation."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from channels import errors, json_api
from channels.contract import Answer, AnswerState, Call, Page, Place, Text, Wire
from channels.reading import json_values

ORIGIN: Final = "https://api.partner.market.yandex.ru"
CAMPAIGNS: Final = f"{ORIGIN}/v2/campaigns?limit=50"
PER_PAGE: Final = 50
STATES: Final[Mapping[str, AnswerState]] = {
    "PUBLISHED": "public",
    "UNMODERATED": "held",
    "BANNED": "rejected",
    "DELETED": "removed",
}


def _words(said: Mapping[str, Any]) -> object:
    told = next(iter(json_values.rows(said.get("errors"))), {})
    return told.get("message") or told.get("code")


API: Final = json_api.Api(Text("Yandex Market", "Яндекс Маркет"), _words, too_often=(420, 429))


def result(found: Page | Answer) -> Mapping[str, Any]:
    """What stands under `result`. Raises what reading raises."""
    said = API.read(found)
    if said.get("status") != "OK" or not isinstance(said.get("result"), Mapping):
        raise API.strange()
    return json_values.part(said, "result")


def listed(said: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Raises Unreadable where there is no such list."""
    if not isinstance(said.get(key), list):
        raise API.strange()
    return json_values.rows(said[key])


def next_token(said: Mapping[str, Any]) -> str:
    """Of the page after this one; empty on the last."""
    token = json_values.part(said, "paging").get("nextPageToken")
    return token if isinstance(token, str) and len(token) <= 2_000 else ""


def business_in(found: Page | Answer) -> tuple[str, str]:
    """The id and name of the cabinet that the key belongs to. Raises Unauthorized where it belongs to none."""
    for campaign in json_values.rows(API.read(found).get("campaigns")):
        business = json_values.part(campaign, "business")
        if own_id := json_values.identifier(business.get("id")):
            return own_id, json_values.name(business.get("name"))
    raise errors.Unauthorized(
        Text(
            "The key of Yandex Market opens no shop.", "Ключ Яндекс Маркета не открывает ни одного магазина."
        )
    )


def business_of(place: Place, wire: Wire) -> str:
    known = place.settings.get("business_id", "").strip()
    return known if known.isdecimal() else business_in(wire.ask(Call(CAMPAIGNS)))[0]


def address(business: str, path: str, version: int) -> str:
    return f"{ORIGIN}/v{version}/businesses/{business}/{path}"


def page_address(business: str, path: str, version: int, token: str) -> str:
    """`token` empty: the first page."""
    query = {"limit": str(PER_PAGE), **({"pageToken": token} if token else {})}
    return f"{address(business, path, version)}?{urlencode(query)}"
