"""Where the seller's API of Ozon is, and how it is asked: always by POST, with a key in two headers."""

from collections.abc import Mapping
from typing import Any, Final

from channels import json_api
from channels.contract import Call, Fetch, Text

ORIGIN: Final = "https://api-seller.ozon.ru"
API: Final = json_api.Api(Text("Ozon", "Ozon"), lambda said: said.get("message"), key_en="key", key_ru="ключ")


def fetch(path: str, asked: Mapping[str, Any], role: str, context: Mapping[str, Any]) -> Fetch:
    return json_api.query(f"{ORIGIN}{path}", asked, role, context)


def call(path: str, asked: Mapping[str, Any]) -> Call:
    return json_api.posted(f"{ORIGIN}{path}", asked)
