"""Like a support mailbox: a list of numbers, then a message each; what comes back and what machines write is told apart."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from typing import cast
from urllib.parse import urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    AnswerSeen,
    Attachment,
    AuthorSeen,
    Call,
    Fetch,
    Field,
    Limits,
    Pace,
    Page,
    Parsed,
    Place,
    Remark,
    Remember,
    Sighting,
    Text,
)


class Mailbox:
    about = About(
        "mailbox",
        Text("Mailbox", "Почтовый ящик"),
        address="mailbox",
        visibility="private",
        fields=(
            Field("user", Text("Name", "Имя"), needed_for="listening"),
            Field("password", Text("Password", "Пароль"), "secret", "account", "listening"),
        ),
        pace=Pace(60, per_second=50),
        answering=Answering(
            Limits(100_000, "bytes"),
            again="same_reference",
            audience="author",
            proof="receipt",
            looks_seconds=(),
        ),
    )

    def lane(self, place: Place) -> str:
        return f"{urlsplit(place.url).netloc}#{place.settings.get('user', '')}"

    def start(self, place: Place) -> Iterable[Fetch]:
        yield Fetch(
            f"{place.url}?after={place.cursor.get('uid', 0)}", "list", access="account", is_conditional=False
        )

    def hosts(self, place: Place) -> Collection[str]:
        return [urlsplit(place.url).netloc]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a password does not expire
        if not place.secrets.get("password"):
            raise errors.Unauthorized("Give the password of the mailbox.")
        proof = {"user": place.settings["user"], "password": place.secrets["password"]}
        return replace(call, headers={**call.headers, **proof})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "list":
            yield from _list(place, json.loads(page.body))
        elif page.status == 200:
            yield _read(cast(EmailMessage, message_from_bytes(page.body, policy=policy.default)))
        elif page.status != 404:
            yield Remark(f"A message was not read: {page.body.decode()}")


def _list(place: Place, found: dict[str, object]) -> Iterator[Parsed]:
    if place.cursor.get("validity", found["uidvalidity"]) != found["uidvalidity"]:
        yield Remember({"validity": found["uidvalidity"], "uid": 0})
        yield Remark("The mailbox was built anew; it is read again.")
        return
    for uid in cast("list[int]", found["uids"]):
        url = f"{place.url};UIDVALIDITY={found['uidvalidity']}/;UID={uid}"
        yield Fetch(url, "message", access="account", is_conditional=False)
    yield Remember({"validity": found["uidvalidity"], "uid": found["upto"]})
    if found["has_more"]:
        yield Remark("There are more messages; the next crawl goes on.")


def _read(message: EmailMessage) -> Parsed:
    if message.get_content_type() == "multipart/report":
        return AnswerSeen(None, "bounced", reference=str(message["In-Reply-To"] or ""), reason="returned")
    body, sent = message.get_body(("plain",)), message["Date"]
    name, address = parseaddr(str(message["From"]))
    own_id = str(message["Message-ID"])
    references = str(message["References"] or "").split()
    return Sighting(
        own_id,
        None,
        body.get_content().strip() if body else "",
        kind="message",
        title=str(message["Subject"] or ""),
        author=AuthorSeen(name or address, address),
        published_at=parsedate_to_datetime(str(sent)).astimezone(UTC) if sent else None,
        thread=(references or [own_id])[0],
        is_by_brand=False,
        is_machine=str(message["Auto-Submitted"] or "no") != "no" or message["List-Id"] is not None,
        handle={"to": address, "references": [*references, own_id]},
        attachments=[
            Attachment("file", None, part.get_filename() or "", len(part.get_payload(decode=True) or b""))
            for part in message.iter_attachments()
        ],
    )
