"""E-mail: a mailbox read by IMAP, letter by letter; answers sent by SMTP into their conversation."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from channels import errors
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Pace,
    Page,
    Parsed,
    Place,
    Receipt,
    Remark,
    Remember,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.mail import answers, letters, servers, sightings
from channels.reading import html_pages

DEFAULT_DAYS: Final = 30
_HEADER: Final = re.compile(rb"(?:\A|\n)(?:from|message-id|received|date|subject)[ \t]*:", re.IGNORECASE)
_MOST_HEAD: Final = 100_000
FIELDS: Final = (
    Field(
        "password",
        Text("Password", "Пароль"),
        "secret",
        needed_for="listening",
        hint=Text(
            "Most services want a password made for mail programs (an app password), not the one you sign in with.",
            "Большинству служб нужен пароль для почтовых программ (пароль приложения), а не тот, с которым вы входите.",
        ),
    ),
    Field(
        "user",
        Text("Name to sign in with", "Имя для входа"),
        hint=Text("Empty: the address itself.", "Пусто — сам адрес ящика."),
    ),
    Field(
        "imap_server",
        Text("Server for incoming mail (IMAP)", "Сервер входящей почты (IMAP)"),
        hint=Text(
            "With its port, as in imap.shop.example:993. Known by itself for Yandex, Mail.ru, Gmail and other well-known services; a domain "
            "of your own at Yandex 360 has imap.yandex.ru, at VK WorkSpace imap.mail.ru.",
            "С портом, например imap.shop.example:993. Для Яндекса, Mail.ru, Gmail и других известных служб подставляется сам; у своего "
            "домена в Яндекс 360 это imap.yandex.ru, в VK WorkSpace — imap.mail.ru.",
        ),
    ),
    Field(
        "smtp_server",
        Text("Server for outgoing mail (SMTP)", "Сервер исходящей почты (SMTP)"),
        serves="answering",
        hint=Text(
            "With its port: 465, or 587. Without it the mailbox is only read.",
            "С портом: 465 или 587. Без него почта только читается.",
        ),
    ),
    Field(
        "sender_name",
        Text("Name shown as the sender", "Имя отправителя"),
        serves="answering",
        hint=Text("For instance: Zarya, customer care.", "Например: Заря, служба заботы."),
    ),
    Field(
        "copy_to_self",
        Text(
            "Send a copy of each answer to the mailbox itself", "Отправлять копию каждого ответа в сам ящик"
        ),
        "switch",
        serves="answering",
        hint=Text(
            "So that colleagues see it there. Needless at services that keep what was sent, as Gmail does.",
            "Чтобы её видели коллеги. Не нужно у служб, которые сами хранят отправленное, как Gmail.",
        ),
    ),
    Field(
        "folders",
        Text("Folders", "Папки"),
        hint=Text(
            "With commas between; empty: INBOX alone. Add the folder of sent letters to see what colleagues answer from their mail program.",
            "Через запятую; пусто — только INBOX. Добавьте папку отправленных, чтобы видеть ответы коллег из почтовой программы.",
        ),
    ),
    Field(
        "days",
        Text("Days back for the first reading", "За сколько дней читать в первый раз"),
        "number",
        hint=Text(f"Empty: {DEFAULT_DAYS}.", f"Пусто — {DEFAULT_DAYS}."),
    ),
)


class Mail:
    about = About(
        "mail",
        Text("E-mail", "Электронная почта"),
        address="mailbox",
        visibility="private",
        fields=FIELDS,
        pace=Pace(interval_seconds=120, per_second=20),
        answering=Answering(Limits(100_000, "bytes"), audience="author", proof="receipt", looks_seconds=()),
        terms=Text(
            "Connect only a mailbox that is your own. Letters stay unread there, and nothing is moved or deleted.",
            "Подключайте только свой ящик. Письма в нём остаются непрочитанными, ничего не перемещается и не удаляется.",
        ),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        address = servers.address_in(typed)
        if address is None:
            return None
        service = servers.service_of(address)
        if service is None:
            said = Text(
                "A mailbox. Its servers are named by your mail service.",
                "Почтовый ящик. Адреса серверов называет ваша почтовая служба.",
            )
            return Finding("mail", address, address, said, 0.9)
        known = Text(f"A mailbox at {service.name}. ", f"Почтовый ящик {service.name}. ") + service.note
        settings = {"imap_server": service.imap, "smtp_server": service.smtp}
        return Finding("mail", address, address, known, 0.95, settings=settings)

    def lane(self, place: Place) -> str:
        try:
            return f"{servers.incoming(place).host}#{servers.user_of(place)}"
        except errors.Unauthorized:
            return f"mail#{place.url}"

    def hosts(self, place: Place) -> Collection[str]:
        try:
            found = [servers.incoming(place), servers.outgoing(place)]
        except errors.Unauthorized:
            return []
        return [one.netloc for one in found if one is not None]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # a password does not expire
        password = place.secrets.get("password", "")
        if not password:
            raise errors.Unauthorized(
                Text("Give the password of the mailbox.", "Укажите пароль почтового ящика.")
            )
        return replace(call, headers={**call.headers, "user": servers.user_of(place), "password": password})

    def start(self, place: Place) -> Iterable[Fetch]:
        server = servers.incoming(place)
        for folder in servers.folders(place):
            known = _known(place, folder)
            asked = f"after={known[1]}" if known[1] else _beginning(place)
            url = f"{servers.folder_url(server, folder)}?{asked}"
            yield Fetch(url, "list", {"folder": folder}, access="account", is_conditional=False)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "list":
            yield from _list(place, page)
        elif page.status in (404, 413) and page.role == "letter":
            # A letter that was deleted meanwhile is no loss.
            if page.status == 413:
                yield _unread(
                    page, "it is too large (crawl_max_bytes)", "оно слишком большое (crawl_max_bytes)"
                )
        else:
            yield from _letter(place, page)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return answers.send(place, target, text, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        return answers.check(place, wire)


def _key(folder: str) -> str:
    return f"folder {folder}"


def _known(place: Place, folder: str) -> tuple[int, int]:
    """UIDVALIDITY and the last UID that was read of a folder; zeros before the first reading."""
    kept = place.cursor.get(_key(folder))
    found = [kept.get(name) for name in ("validity", "uid")] if isinstance(kept, dict) else []
    numbers = [one for one in found if isinstance(one, int) and not isinstance(one, bool) and one >= 0]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else (0, 0)


def _beginning(place: Place) -> str:
    if place.since is not None:
        return f"after=0&since={place.since:%Y-%m-%d}"
    days = place.settings.get("days", "").strip()
    return f"after=0&days={days if days.isascii() and days.isdecimal() and len(days) < 6 else DEFAULT_DAYS}"


def _list(place: Place, page: Page) -> Iterator[Parsed]:
    folder = str(page.context.get("folder") or servers.INBOX)
    found = _listing(page)
    if _known(place, folder)[0] not in (0, found["uidvalidity"]):
        yield Remember({_key(folder): {"validity": found["uidvalidity"], "uid": 0}})
        yield Remark(
            Text(
                f"The folder {folder} was built anew by the mail server; it is read again.",
                f"Почтовый сервер построил папку {folder} заново; она читается ещё раз.",
            )
        )
        return
    for uid in found["uids"]:
        url = f"{page.url.partition('?')[0]};UIDVALIDITY={found['uidvalidity']}/;UID={uid}"
        yield Fetch(url, "letter", {"folder": folder, "uid": uid}, access="account", is_conditional=False)
    yield Remember({_key(folder): {"validity": found["uidvalidity"], "uid": found["upto"]}})
    if found["has_more"]:
        yield Remark(
            Text(
                f"The folder {folder} has more letters; the next crawl goes on.",
                f"В папке {folder} есть ещё письма; следующий обход продолжит.",
            )
        )


def _listing(page: Page) -> dict[str, Any]:
    """What the crawler says of a folder (crawler/download/imap.py). Raises ChannelError."""
    if page.status >= 300:
        raise html_pages.error_for(page.status, page.headers, page.body)
    try:
        found = json.loads(page.body)
        listing = {
            "uids": [int(uid) for uid in found["uids"]],
            "uidvalidity": int(found["uidvalidity"]),
            "upto": int(found["upto"]),
            "has_more": bool(found["has_more"]),
        }
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise errors.Unreadable(
            Text("This is not the list of a mail folder.", "Это не список писем почтовой папки.")
        ) from error
    return listing


def _letter(place: Place, page: Page) -> Iterator[Parsed]:
    if page.status >= 300:
        raise html_pages.error_for(page.status, page.headers, page.body)
    if not _HEADER.search(page.body[:_MOST_HEAD]):
        if page.role == "letter":
            yield _unread(page, "it has no headers", "в нём нет заголовков")
            return
        raise errors.Unreadable(Text("This is not a letter.", "Это не письмо."))
    try:
        read = list(sightings.of_letter(letters.read(page.body), place, page.fetched_at))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        # One letter that breaks every rule costs itself alone.
        yield _unread(page, type(error).__name__, type(error).__name__)
        return
    yield from read


def _unread(page: Page, why: str, russian: str) -> Remark:
    number = page.context.get("uid", "?")
    folder = str(page.context.get("folder", servers.INBOX))
    return Remark(
        Text(
            f"Letter {number} of the folder {folder} was not read: {why}.",
            f"Письмо {number} из папки {folder} не прочитано: {russian}.",
        )
    )
