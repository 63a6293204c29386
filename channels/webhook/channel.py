"""Mentions from anywhere, sent to us as JSON by whoever has them: signed, several a call, each with an id of its own.

docs/channels/webhook.md is the format. A request is admitted by its signature and its shape; what the mentions say is read later.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from channels import errors, identity
from channels.contract import About, Admission, Field, Page, Parsed, Place, Push, Text
from channels.reading import text as plain_text
from channels.webhook.items import Item, fault_of, remark_on

TOLERANCE_SECONDS: Final = 300
MOST_ITEMS: Final = 500
MOST_TOLD: Final = 50
_SIGNATURE: Final = re.compile(r"(?:\A|,)\s*(t|v1)\s*=\s*([0-9a-fA-F]{1,64})\s*(?=,|\Z)")


def signature(secret: str, body: bytes, at: int) -> str:
    """What the header X-Signature holds for a body that is sent at that second since 1970."""
    return f"t={at},v1={_digest(secret, body, str(at))}"


def _digest(secret: str, body: bytes, at: str) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


class Webhook:
    about = About(
        "webhook",
        Text(
            "Webhook: mentions that a program of yours sends", "Вебхук: упоминания присылает ваша программа"
        ),
        address="none",
        arrives=("push",),
        fields=(
            Field(
                "secret",
                Text("Signing secret", "Секрет подписи"),
                "secret",
                needed_for="push",
                hint=Text(
                    "A long random text that you make up, the same here and in the program that sends.",
                    "Длинный случайный текст: придумайте его сами и укажите и здесь, и в программе, которая отправляет.",
                ),
            ),
            Field(
                "takes_bearer",
                Text(
                    "Also take the secret itself instead of a signature",
                    "Принимать и сам секрет вместо подписи",
                ),
                "switch",
                serves="push",
                hint=Text(
                    "For services that cannot sign, such as Zapier, Make or Albato: they send it as Authorization: Bearer.",
                    "Для служб, которые не умеют подписывать (Zapier, Make, Albato): они шлют его как Authorization: Bearer.",
                ),
            ),
        ),
        push_setup=Text(
            "Enter it as the address for POST requests in the program that sends, with the same signing secret. The format: docs/channels/webhook.md.",
            "Укажите его как адрес для POST-запросов в программе, которая отправляет, с тем же секретом подписи. Формат: docs/channels/webhook.md.",
        ),
    )

    def admit(self, place: Place, push: Push) -> Admission:
        """Refuses in JSON what has no shape, so that whoever sends learns why."""
        proof = _proof(place, push)
        items, wrong = _items(push.body)
        if wrong:
            return _said(400, {"error": wrong})
        if len(items) > MOST_ITEMS:
            return _said(413, {"error": f"items: at most {MOST_ITEMS} a call, these are {len(items)}"})
        refused = [
            {"index": number, "error": fault.en}
            for number, one in enumerate(items)
            if (fault := fault_of(one))
        ]
        if items and len(refused) == len(items):
            return _said(422, {"accepted": 0, "rejected": refused[:MOST_TOLD]})
        key = push.headers.get("idempotency-key", "").strip() or proof
        page = Page("webhook:", 200, {}, push.body, "push", {}, push.received_at)
        told = {"accepted": len(items) - len(refused), "rejected": refused[:MOST_TOLD]}
        return _said(202, told, page, plain_text.key(key) if key else None)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        items, wrong = _items(page.body)
        if wrong:
            raise errors.Unreadable(
                Text(f"This is no list of mentions: {wrong}.", f"Это не список упоминаний: {wrong}.")
            )
        window = identity.Window()
        for number, item in enumerate(items[:MOST_ITEMS]):
            if (fault := fault_of(item)) is not None:
                yield remark_on(number, fault)
                continue
            yield from Item(item, number, place, page.fetched_at, window).read()


def _said(status: int, told: object, page: Page | None = None, key: str | None = None) -> Admission:
    return Admission(status, json.dumps(told, ensure_ascii=False).encode(), "application/json", page, key)


def _proof(place: Place, push: Push) -> str | None:
    """What tells this very request from others, where it was signed. Raises Unauthorized."""
    secret = place.secrets.get("secret", "")
    given = push.headers.get("authorization", "")
    is_token = given[:7].lower() == "bearer " and place.settings.get("takes_bearer") == "1"
    if secret and is_token and hmac.compare_digest(given[7:].strip().encode(), secret.encode()):
        return None
    parts = _SIGNATURE.findall(push.headers.get("x-signature", ""))
    at = next((value for name, value in parts if name == "t"), "")
    if not secret or not at.isdecimal() or len(at) > 12:
        raise errors.Unauthorized(
            Text(
                "The request bears no signature: X-Signature: t=…,v1=…",
                "В запросе нет подписи: X-Signature: t=…,v1=…",
            )
        )
    if abs(push.received_at.timestamp() - int(at)) > TOLERANCE_SECONDS:
        raise errors.Unauthorized(
            Text(
                f"The signature was made more than {TOLERANCE_SECONDS} seconds from now: look at the clock of the sender.",
                f"Подпись отличается по времени больше чем на {TOLERANCE_SECONDS} секунд: проверьте часы отправителя.",
            )
        )
    wanted = _digest(secret, push.body, at)
    if not any(name == "v1" and hmac.compare_digest(value.lower(), wanted) for name, value in parts):
        raise errors.Unauthorized(Text("The signature is wrong.", "Подпись неверна."))
    return f"{at}.{wanted}"


def _items(body: bytes) -> tuple[list[Any], str]:
    """The mentions of a request: one object, or a list under "items"; else why there are none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return [], "the body is no JSON"
    if isinstance(found, dict) and "items" not in found:
        return [found], ""
    items = found.get("items") if isinstance(found, dict) else found
    return (items, "") if isinstance(items, list) else ([], "“items” is no list")
