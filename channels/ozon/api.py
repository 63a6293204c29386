"""Where the seller's API of Ozon is, and how it is asked: always by POST, with a key in two headers."""

from collections.abc import Mapping
from typing import Any, Final

from channels import marketplaces
from channels.contract import Call, Fetch, Text

ORIGIN: Final = "https://api-seller.ozon.ru"
API: Final = marketplaces.Api(
    Text("Ozon", "Ozon"), lambda said: said.get("message"), key_en="key", key_ru="ключ"
)


def fetch(path: str, asked: Mapping[str, Any], role: str, context: Mapping[str, Any]) -> Fetch:
    return marketplaces.query(f"{ORIGIN}{path}", asked, role, context)


def call(path: str, asked: Mapping[str, Any]) -> Call:
    return marketplaces.posted(f"{ORIGIN}{path}", asked)
