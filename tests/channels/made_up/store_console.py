"""Like a store of apps: a key file of many lines signs a request for a token by the time of the wire; the token runs out; one
answer a review, which a later one replaces, held by a moderator; only the account can see what became of it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    AuthorSeen,
    Call,
    Fetch,
    Field,
    Grant,
    Limits,
    Look,
    Page,
    Parsed,
    Place,
    Receipt,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)
from tests.channels.made_up import told

ASKED_SECONDS = 60
"""An assertion is good for so long."""


def assertion(key: str, now: datetime) -> str:
    said = base64.urlsafe_b64encode(str(int(now.timestamp())).encode()).decode()
    return f"{said}.{hmac.new(key.encode(), said.encode(), hashlib.sha256).hexdigest()}"


class StoreConsole:
    about = About(
        "store_console",
        Text("App store", "Магазин приложений"),
        address="app",
        fields=(
            Field("url", Text("Server", "Сервер"), "text", "account", "listening"),
            Field(
                "key",
                Text("Key file", "Файл ключа"),
                "long_secret",
                "account",
                "listening",
                most_letters=8_000,
            ),
        ),
        answering=Answering(
            Limits(350),
            "single",
            "replaces",
            proof="account",
            is_moderated=True,
            looks_seconds=(600, 3_600),
            edits=-1,
        ),
        window_days=7,
    )

    def hosts(self, place: Place) -> Collection[str]:
        return (urlsplit(place.settings["url"]).netloc,)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        if urlsplit(call.url).path == "/token":
            return call
        if not place.secrets.get("access_token"):
            raise errors.Expired("There is no token yet.")
        return replace(
            call, headers={**call.headers, "authorization": f"Bearer {place.secrets['access_token']}"}
        )

    def renew(self, place: Place, wire: Wire) -> Grant:
        if not place.secrets.get("key"):
            raise errors.Unauthorized("There is no key file.")
        body = urlencode({"assertion": assertion(place.secrets["key"], wire.now)}).encode()
        answer = wire.ask(
            Call(
                f"{place.settings['url']}/token",
                "POST",
                body,
                {"content-type": "application/x-www-form-urlencoded"},
            )
        )
        if answer.status != 200:
            raise errors.Unauthorized("The store does not take the key file.")
        found = json.loads(answer.body)
        ends = wire.now + timedelta(seconds=found["expires_in"])
        return Grant({"access_token": found["access_token"]}, ends)

    def start(self, place: Place) -> Iterator[Fetch]:
        if "url" not in place.settings:
            raise errors.Unauthorized("Give the address of the store.")
        yield Fetch(f"{place.settings['url']}/reviews", access="account", is_conditional=False)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.status != 200:
            raise errors.Unauthorized("The store does not take the token.")
        try:
            for review in json.loads(page.body)["reviews"]:
                yield Sighting(
                    review["id"], None, review["text"], kind="review", rating=review["stars"],
                    author=AuthorSeen(review["by"]), is_by_brand=False, facts={"app version": review["version"]},
                )  # fmt: skip
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise errors.Unreadable("The store's answer cannot be read.") from error

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        said = urlencode({"to": target.external_id, "text": text, "guid": target.external_id}).encode()
        told(wire.act(Call(f"{place.settings['url']}/answers", "POST", said)))
        return Receipt(target.external_id, state="held")

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        return self.send(place, target, text, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        found = told(wire.ask(Call(f"{place.settings['url']}/answers")))["answers"]
        ours = next((one for one in found if one["to"] == target.external_id), None)
        if ours is None:
            return Look("missing", proof="account")
        return Look("visible", target.external_id, proof="account", is_as_sent=ours["text"] == text)

    def check(self, place: Place, wire: Wire) -> Rights:
        told(wire.ask(Call(f"{place.settings['url']}/me")))
        return Rights(listens=True, answers=True)
