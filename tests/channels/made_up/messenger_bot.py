"""Like the bot of a messenger: a token in the path, a request that waits for news, messages without an address, chats that
move, and answers whose receipt is all there is; they may be corrected and taken back."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    Attachment,
    AuthorSeen,
    Call,
    Fetch,
    Field,
    Finding,
    Grant,
    Limits,
    Moved,
    Pace,
    Page,
    Parsed,
    Place,
    Receipt,
    Remember,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)
from tests.channels.made_up import told

KINDS_OF_FILES = {"photo": "image", "video": "video", "voice": "audio", "document": "file"}


class MessengerBot:
    about = About(
        "messenger_bot",
        Text("Messenger bot", "Бот мессенджера"),
        address="handle",
        visibility="private",
        fields=(
            Field("token", Text("Token", "Токен"), "secret", "account", "listening"),
            Field("chat", Text("Chat", "Чат")),
        ),
        pace=Pace(60, per_second=50),
        answering=Answering(Limits(4_096), audience="author", proof="receipt", looks_seconds=(), edits=-1),
        window_days=1,
    )

    def recognise_address(self, typed: str) -> Finding | None:
        name = typed.removeprefix("https://").removeprefix("m.example/")
        if name == typed or not name.isidentifier():
            return None
        evidence = Text(f"The bot {name} of the messenger.", f"Бот мессенджера {name}.")
        return Finding("messenger_bot", f"https://m.example/{name}", name, evidence, 0.9)

    def lane(self, place: Place) -> str:
        return f"{urlsplit(place.url).netloc}#bot"

    def start(self, place: Place) -> Iterable[Fetch]:
        after = int(place.cursor.get("update", 0)) + 1
        yield Fetch(
            f"{place.url}/updates?offset={after}&timeout=25",
            "updates",
            access="account",
            is_conditional=False,
            patience_seconds=40,
        )

    def hosts(self, place: Place) -> Collection[str]:
        return [urlsplit(place.url).netloc]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        token, expires_at = place.secrets.get("token"), place.expires_at
        if urlsplit(call.url).path == "/token":
            return call
        if not token:
            raise errors.Unauthorized("Give the bot's token.")
        if expires_at is not None and expires_at <= now:
            raise errors.Expired("The token has run out.")
        parts, proof = urlsplit(call.url), f"/bot{token}"
        if parts.path.startswith(f"{proof}/"):
            return call
        return replace(call, url=urlunsplit(parts._replace(path=proof + parts.path)))

    def renew(self, place: Place, wire: Wire) -> Grant:
        """A site that hands out tokens for a while, unlike a real bot's."""
        asked = Call(f"{place.settings['home']}/token", "POST", place.secrets["token"].encode())
        answer = wire.ask(asked)
        if answer.status != 200:
            raise errors.Unauthorized("The messenger hands out no other token.")
        expires_at = wire.now + timedelta(hours=1)
        return Grant({"token": answer.body.decode()}, expires_at)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        said = {"chat": target.handle["chat"], "answers": target.external_id, "text": text}
        return _done(wire, place, "send", said)

    def edit(self, place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
        said = {"chat": target.handle["chat"], "message_id": receipt.external_id, "text": text}
        return _done(wire, place, "edit", said)

    def delete(self, place: Place, target: Target, receipt: Receipt, wire: Wire) -> None:
        said = {"chat": target.handle["chat"], "message_id": receipt.external_id}
        _done(wire, place, "delete", said)

    def check(self, place: Place, wire: Wire) -> Rights:
        return Rights(True, True, signs_as=told(wire.ask(Call(f"{place.url}/me")))["name"])

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.status == 401:
            raise errors.Unauthorized("The messenger does not accept the token.")
        try:
            updates = json.loads(page.body)["result"]
            yield from _updates(updates)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise errors.Unreadable(f"The messenger's answer cannot be read ({page.status}).") from error


def _done(wire: Wire, place: Place, command: str, said: dict[str, Any]) -> Receipt:
    answer = told(wire.act(Call(f"{place.url}/{command}", "POST", json.dumps(said).encode())))
    return Receipt(str(answer["message_id"]), state="accepted")


def _updates(updates: list[dict[str, Any]]) -> Iterator[Parsed]:
    for update in updates:
        message = update["message"]
        if "migrate_to_chat_id" in message:
            yield Moved(settings={"chat": str(message["migrate_to_chat_id"])})
        else:
            yield _said(message)
        yield Remember({"update": update["update_id"]})


def _said(message: dict[str, Any]) -> Sighting:
    chat, author = message["chat"]["id"], message["from"]
    files = [(kind, message[name]) for name, kind in KINDS_OF_FILES.items() if name in message]
    return Sighting(
        f"{chat}/{message['message_id']}",
        None,
        message.get("text", ""),
        kind="message",
        author=AuthorSeen(author["name"], str(author["id"])),
        published_at=datetime.fromtimestamp(message["date"], UTC),
        thread=str(chat),
        is_by_brand=False,
        is_machine=author.get("is_bot", False),
        handle={"chat": chat},
        attachments=[Attachment(kind, None, one.get("name", ""), one.get("size")) for kind, one in files],
    )
