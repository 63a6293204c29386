"""Where the seller's API of Wildberries is, and how it says that something went wrong."""

from typing import Final

from channels import json_api
from channels.contract import Text

ORIGIN: Final = "https://feedbacks-api.wildberries.ru"
ABOUT_SELLERS: Final = "https://common-api.wildberries.ru"
API: Final = json_api.Api(
    Text("Wildberries", "Wildberries"),
    lambda said: said.get("errorText") or said.get("detail") or said.get("title"),
    too_often=(429, 461),
    waits=("x-ratelimit-retry", "x-ratelimit-reset"),
)
