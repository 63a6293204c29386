"""A channel that is only told: signed events in JSON, each with a key; nothing is ever asked of a site."""

import hashlib
import hmac
import json
from collections.abc import Iterator

from channels import errors
from channels.contract import (
    About,
    Admission,
    AuthorSeen,
    Fetch,
    Field,
    Page,
    Parsed,
    Place,
    Push,
    Remark,
    Sighting,
    Text,
    Withdrawn,
)


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Webhook:
    about = About(
        "shop_hook",
        Text("Webhook", "Вебхук"),
        address="none",
        arrives=("push",),
        fields=(Field("secret", Text("Signing secret", "Секрет подписи"), "secret", needed_for="push"),),
        push_setup=Text(
            "In your shop's settings, under Integrations, Webhooks, add one for new reviews.",
            "В настройках магазина, раздел «Интеграции», «Вебхуки», добавьте вебхук о новых отзывах.",
        ),
    )

    def admit(self, place: Place, push: Push) -> Admission:
        known = signature(place.secrets.get("secret", ""), push.body)
        if not hmac.compare_digest(known, push.headers.get("x-signature", "")):
            raise errors.Unauthorized("The signature is wrong.")
        page = Page("shop_hook:", 200, {}, push.body, "push", {}, push.received_at)
        return Admission(202, b"{}", "application/json", page, push.headers.get("idempotency-key"))

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        try:
            items = json.loads(page.body)["items"]
        except (ValueError, KeyError, TypeError, RecursionError):
            items = None
        if not isinstance(items, list):
            raise errors.Unreadable("This is not a list of items.")
        for item in items:
            if item.get("look"):
                yield Fetch("https://site.example/")
            elif item.get("deleted"):
                yield Withdrawn(str(item["id"]))
            elif "text" in item:
                yield Sighting(
                    str(item["id"]), None, str(item["text"]), author=AuthorSeen(str(item.get("by", "?")))
                )
            else:
                yield Remark(Text("An item without a text.", "Запись без текста."))
