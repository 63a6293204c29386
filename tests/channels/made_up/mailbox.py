"""Like a support mailbox: a list of numbers, then a message each; what comes back and what machines write is told apart.
Answers go out by the mail server, in their thread, with our reference in the Message-ID."""

import json
import re
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
    Receipt,
    Remark,
    Remember,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)

HOME = "shop.example"


class Mailbox:
    about = About(
        "mailbox",
        Text("Mailbox", "Почтовый ящик"),
        address="mailbox",
        visibility="private",
        fields=(
            Field("user", Text("Name", "Имя"), needed_for="listening"),
            Field("smtp", Text("Outgoing mail server", "Сервер исходящей почты"), needed_for="answering"),
            Field("password", Text("Password", "Пароль"), "secret", "account", "listening"),
        ),
        pace=Pace(60, per_second=50),
        answering=Answering(Limits(100_000, "bytes"), audience="author", proof="receipt", looks_seconds=()),
    )

    def lane(self, place: Place) -> str:
        return f"{urlsplit(place.url).netloc}#{place.settings.get('user', '')}"

    def start(self, place: Place) -> Iterable[Fetch]:
        yield Fetch(
            f"{place.url}?after={place.cursor.get('uid', 0)}", "list", access="account", is_conditional=False
        )

    def hosts(self, place: Place) -> Collection[str]:
        servers = place.url, place.settings.get("smtp", "")
        return [host for one in servers if (host := urlsplit(one).netloc)]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a password does not expire
        if not place.secrets.get("password"):
            raise errors.Unauthorized("Give the password of the mailbox.")
        proof = {"user": place.settings["user"], "password": place.secrets["password"]}
        return replace(call, headers={**call.headers, **proof})

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        made = EmailMessage()
        made["From"], made["To"] = place.settings["user"], target.handle["to"]
        made["Subject"], made["Message-ID"] = f"Re: {target.title}", f"<{target.reference}@{HOME}>"
        made["In-Reply-To"], made["References"] = target.external_id, " ".join(target.handle["references"])
        made.set_content(text)
        wire.deliver(place.settings["smtp"], bytes(made), [target.handle["to"]])
        return Receipt(str(made["Message-ID"]), state="accepted")

    def check(self, place: Place, wire: Wire) -> Rights:
        del wire
        return Rights(True, bool(place.settings.get("smtp")), signs_as=place.settings["user"])

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "list":
            yield from _list(place, json.loads(page.body))
        elif page.status == 200:
            yield from _read(cast(EmailMessage, message_from_bytes(page.body, policy=policy.default)))
        elif page.status != 404:
            yield Remark(Text.alike(f"A message was not read: {page.body.decode()}"))


def _list(place: Place, found: dict[str, object]) -> Iterator[Parsed]:
    if place.cursor.get("validity", found["uidvalidity"]) != found["uidvalidity"]:
        yield Remember({"validity": found["uidvalidity"], "uid": 0})
        yield Remark(Text.alike("The mailbox was built anew; it is read again."))
        return
    for uid in cast("list[int]", found["uids"]):
        url = f"{place.url};UIDVALIDITY={found['uidvalidity']}/;UID={uid}"
        yield Fetch(url, "message", access="account", is_conditional=False)
    yield Remember({"validity": found["uidvalidity"], "uid": found["upto"]})
    if found["has_more"]:
        yield Remark(Text.alike("There are more messages; the next crawl goes on."))


def _read(message: EmailMessage) -> Iterator[Parsed]:
    if message.get_content_type() == "multipart/report":
        yield from _returned(message)
        return
    body, sent = message.get_body(("plain",)), message["Date"]
    name, address = parseaddr(str(message["From"]))
    own_id = str(message["Message-ID"])
    references = str(message["References"] or "").split()
    yield Sighting(
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


def _returned(report: EmailMessage) -> Iterator[AnswerSeen]:
    """A letter of ours that has reached nobody. A report of delay, or that it was read, is no news of that kind."""
    status = "\n".join(str(part) for part in report.walk() if part.get_content_maintype() == "message")
    told = dict(re.findall(r"(?m)^(Action|Diagnostic-Code|Message-ID): *(.+)$", status))
    is_ours = re.fullmatch(rf"<(\w+)@{re.escape(HOME)}>", told.get("Message-ID", "").strip())
    if is_ours and told.get("Action", "").strip() == "failed":
        yield AnswerSeen(
            None, "bounced", reference=is_ours[1], reason=told.get("Diagnostic-Code", "").strip()
        )
