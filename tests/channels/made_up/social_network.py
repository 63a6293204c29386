"""Like a social network: an API behind a token that runs out, a refresh token that is good for one time, consent by the owner,
and events sent by the site, which first wants a word of confirmation. Answers are seen by the account, and may be corrected
and taken back."""

import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from channels import errors
from channels.contract import (
    About,
    Admission,
    Answer,
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
    Push,
    Receipt,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)
from tests.channels.made_up import told


def _account(name: str, title: str, kind: Any = "secret", needed_for: Any = "nothing") -> Field:
    return Field(name, Text(title, title), kind, "account", needed_for)


class SocialNetwork:
    about = About(
        "social_network",
        Text("Social network", "Соцсеть"),
        arrives=("crawl", "push"),
        fields=(
            _account("url", "Server", "text", "listening"),
            _account("client_id", "Client", "text"),
            _account("refresh_token", "Refresh token"),
            Field("secret", Text("Push secret", "Секрет"), "secret", serves="push"),
            Field("confirmation", Text("Confirmation word", "Слово подтверждения"), serves="push"),
        ),
        answering=Answering(
            Limits(1_000), again="same_reference", proof="account", looks_seconds=(30, 3_600), edits=-1
        ),
    )

    def hosts(self, place: Place) -> Collection[str]:
        return (urlsplit(_server(place)).netloc,)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        if urlsplit(call.url).path == "/token":
            return call
        if not place.secrets.get("access_token"):
            raise errors.Expired("There is no token yet.")
        return replace(
            call, headers={**call.headers, "authorization": f"Bearer {place.secrets['access_token']}"}
        )

    def start(self, place: Place) -> Iterator[Fetch]:
        yield Fetch(
            f"{_server(place)}/wall",
            "wall",
            method="POST",
            body=b"count=100",
            access="account",
            is_conditional=False,
        )

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        try:
            yield from self._read(page)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise errors.Unreadable("The site's answer cannot be read.") from error

    def _read(self, page: Page) -> Iterator[Parsed]:
        found = _json(page)
        if page.status == 401:
            raise errors.Unauthorized("The site takes the token no more.")
        if page.role == "push":
            yield _sighting(found["object"]) if found["type"] == "comment" else Fetch("look")
            return
        for item in found["items"]:
            yield _sighting(item)

    def renew(self, place: Place, wire: Wire) -> Grant:
        return _granted(wire, place, {"refresh_token": place.secrets.get("refresh_token", "")})

    def consent(self, place: Place, return_url: str, state: str) -> str:
        asked = {"client_id": place.settings.get("client_id", ""), "redirect_uri": return_url, "state": state}
        return f"{_server(place)}/consent?{urlencode(asked)}"

    def connect(self, place: Place, query: Mapping[str, str], return_url: str, wire: Wire) -> Grant:
        if "code" not in query:
            raise errors.Unauthorized("The site did not give its consent.")
        return _granted(wire, place, {"code": query["code"], "redirect_uri": return_url})

    def admit(self, place: Place, push: Push) -> Admission:
        try:
            event = json.loads(push.body)
            known = str(event.get("secret")).encode()
        except (ValueError, AttributeError, RecursionError) as error:
            raise errors.Unauthorized("This is no event of the site.") from error
        if not hmac.compare_digest(known, place.secrets.get("secret", "?").encode()):
            raise errors.Unauthorized("The secret is wrong.")
        if event["type"] == "confirmation":
            return Admission(body=place.settings["confirmation"].encode())
        return Admission(
            body=b"ok", page=Page("", 200, {}, push.body, "push"), key=f"event-{event['event_id']}"
        )

    def subscribe(self, place: Place, address: str, wire: Wire) -> Grant:
        said = urlencode({"address": address}).encode()
        granted = told(wire.act(Call(f"{_server(place)}/hooks", "POST", said)))
        return Grant({"secret": granted["secret"]}, settings={"confirmation": granted["confirmation"]})

    def unsubscribe(self, place: Place, address: str, wire: Wire) -> None:
        wire.act(Call(f"{_server(place)}/hooks", "DELETE", urlencode({"address": address}).encode()))

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        said = urlencode({"to": target.external_id, "text": text, "guid": target.reference})
        return Receipt(str(told(wire.act(Call(f"{_server(place)}/answers", "POST", said.encode())))["id"]))

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        address, said = f"{_server(place)}/answers/{receipt.external_id}", urlencode({"text": text})
        told(wire.act(Call(address, "PUT", said.encode())))
        return receipt

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        told(wire.act(Call(f"{_server(place)}/answers/{receipt.external_id}", "DELETE")))

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        found = told(wire.ask(Call(f"{_server(place)}/answers")))["answers"]
        ours = next((one for one in found if one["guid"] == target.reference), None)
        if ours is None:
            return Look("missing", proof="account")
        return Look("visible", str(ours["id"]), proof="account", is_as_sent=ours["text"] == text)

    def check(self, place: Place, wire: Wire) -> Rights:
        me = told(wire.ask(Call(f"{_server(place)}/me")))
        return Rights(listens=True, answers=True, signs_as=me["name"])


def _server(place: Place) -> str:
    if "url" not in place.settings:
        raise errors.Unauthorized("Give the address of the server.")
    return place.settings["url"]


def _granted(wire: Wire, place: Place, form: Mapping[str, str]) -> Grant:
    answer = wire.ask(
        Call(
            f"{_server(place)}/token",
            "POST",
            urlencode(form).encode(),
            {"content-type": "application/x-www-form-urlencoded"},
        )
    )
    if answer.status != 200:
        raise errors.Unauthorized("The site takes the refresh token no more.")
    granted = _json(answer)
    ends = wire.now + timedelta(seconds=int(granted["expires_in"]))
    return Grant({name: granted[name] for name in ("access_token", "refresh_token")}, ends)


def _json(page: Page | Answer) -> dict[str, Any]:
    try:
        found = json.loads(page.body)
    except ValueError:
        raise errors.Unreadable("This is no answer of the API.") from None
    if not isinstance(found, dict):
        raise errors.Unreadable("This is no answer of the API.")
    return found


def _sighting(item: Mapping[str, Any]) -> Sighting:
    return Sighting(
        str(item["id"]),
        None,
        str(item["text"]),
        kind="comment",
        author=AuthorSeen(str(item["by"])),
        is_by_brand=False,
    )
