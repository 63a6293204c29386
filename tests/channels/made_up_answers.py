"""The answering side of channels of no real site, each like one that is to come: a messenger whose receipt is all there is, a
mailbox, a marketplace that moderates and drops a second answer with our reference."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import channels
from channels import errors
from channels.contract import (
    About,
    Answer,
    Answering,
    Call,
    Field,
    Limits,
    Look,
    Place,
    Receipt,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.wire import refusals


class _KnowsItsHost:
    def hosts(self, place: Place) -> Collection[str]:
        return [urlsplit(place.url).netloc]


class Messenger(_KnowsItsHost):
    """A token in the path, and nobody but the author sees the answer."""

    about = About(
        "made_up_messenger",
        Text("Messenger", "Мессенджер"),
        visibility="private",
        fields=(Field("token", Text("Token", "Токен"), "secret", needed_for="answering"),),
        answering=Answering(Limits(4_096), audience="author", proof="receipt", looks_seconds=()),
    )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now
        parts, proof = urlsplit(call.url), f"/bot{place.secrets['token']}"
        return (
            call
            if parts.path.startswith(proof)
            else replace(call, url=call.url.replace(parts.path, proof + parts.path))
        )

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        body = json.dumps({"chat": target.thread, "answers": target.external_id, "text": text}).encode()
        found = _json(wire.act(Call(f"{place.url}/send", "POST", body)))
        return Receipt(str(found["message_id"]), state="accepted")

    def check(self, place: Place, wire: Wire) -> Rights:
        return Rights(True, True, signs_as=_json(wire.ask(Call(f"{place.url}/me")))["name"])


class Mailbox(_KnowsItsHost):
    """Message-ID is our reference. Mail servers keep two messages with one Message-ID, so a doubtful one is not sent twice."""

    about = About(
        "made_up_mailbox",
        Text("Mailbox", "Почта"),
        visibility="private",
        fields=(Field("password", Text("Password", "Пароль"), "secret", needed_for="answering"),),
        answering=Answering(Limits(100_000, "bytes"), audience="author", proof="receipt", looks_seconds=()),
    )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now
        return replace(call, headers={"user": place.settings["user"], "password": place.secrets["password"]})

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        made = EmailMessage()
        made["From"], made["To"] = place.settings["user"], target.thread
        made["Subject"] = f"Re: {target.title}"
        made["Message-ID"] = f"<{target.reference}@shop.example>"
        made["In-Reply-To"] = made["References"] = f"<{target.external_id}>"
        made.set_content(text)
        wire.deliver(place.settings["smtp"], bytes(made), [str(target.thread)])
        return Receipt(str(made["Message-ID"]), state="accepted")

    def check(self, place: Place, wire: Wire) -> Rights:
        del wire
        return Rights(True, bool(place.secrets.get("password")), signs_as=place.settings["user"])


class Marketplace(_KnowsItsHost):
    """Asks for a token first; what it holds, rejects and shows it tells our account alone."""

    about = About(
        "made_up_marketplace",
        Text("Marketplace", "Маркетплейс"),
        fields=(Field("api_key", Text("Key", "Ключ"), "secret", needed_for="answering"),),
        answering=Answering(
            Limits(1_000, forbids=("links",)),
            slots="single",
            again="same_reference",
            proof="account",
            is_moderated=True,
            looks_seconds=(3_600, 86_400),
        ),
    )

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now
        return replace(call, headers={**call.headers, "api-key": place.secrets["api_key"]})

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        token = _json(wire.ask(Call(f"{place.url}/token", "POST", b"{}")))["token"]
        body = {"token": token, "review": target.external_id, "text": text, "reference": target.reference}
        answer = wire.act(Call(f"{place.url}/answer", "POST", json.dumps(body).encode()))
        return Receipt(str(_json(answer)["id"]), state="held")

    def check(self, place: Place, wire: Wire) -> Rights:
        _json(wire.ask(Call(f"{place.url}/token", "POST", b"{}")))
        return Rights(True, True)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        del text, receipt
        found = _json(wire.ask(Call(f"{place.url}/answers?review={target.external_id}")))["answers"]
        ours = next((one for one in found if one["reference"] == target.reference), None)
        if ours is None:
            return Look("missing", proof="account")
        outcome = {"public": "visible", "held": "held", "rejected": "rejected"}[ours["state"]]
        return Look(outcome, str(ours["id"]), reason=ours.get("reason", ""), proof="account")  # type: ignore[arg-type]


def _json(answer: Answer) -> Any:
    if answer.status >= 300:
        raise refusals.refusal(answer, refusals.words(answer))
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise errors.Unknown("The answer of the site is no JSON.") from error


KINDS = {one.about.kind: f"{__name__}:{one.__name__}" for one in (Messenger, Mailbox, Marketplace)}


def register() -> None:
    """In this process, beside the real ones."""
    channels.KINDS.update(KINDS)
