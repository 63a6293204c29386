"""Where a mailbox lives: its address, its servers (those of well-known services by the domain), and its folders."""

import base64
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from channels import errors
from channels.contract import Place, Text

TABLE: Final = Path(__file__).with_name("servers.toml")
INBOX: Final = "INBOX"
MOST_FOLDERS: Final = 20
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\/]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_SERVER: Final = re.compile(r"(?:[a-z+]{4,13}://)?([A-Za-z0-9_.-]{1,253}|\[[0-9a-f:.]+\])(?::(\d{1,5}))?/?")
_PLAIN: Final = re.compile(r"[\x20-\x25\x27-\x7e]+")


@dataclass(frozen=True, slots=True)
class Service:
    """A mail service that many use. `note` says what kind of password it takes."""

    name: str
    imap: str
    smtp: str
    note: Text


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"


def address_in(typed: str) -> str | None:
    """The mail address that a person typed, in lower case; None where it is none."""
    found = typed.strip().removeprefix("mailto:").lower()
    return found if _ADDRESS.fullmatch(found) else None


def address_of(place: Place) -> str:
    """The address of the mailbox, in lower case. Raises Unauthorized where none was given."""
    found = address_in(place.url) or address_in(place.settings.get("user", ""))
    if found is None:
        raise errors.Unauthorized(
            Text(
                "Give the address of the mailbox: care@shop.example.",
                "Укажите адрес ящика: care@shop.example.",
            )
        )
    return found


def user_of(place: Place) -> str:
    return place.settings.get("user", "").strip() or address_of(place)


@cache
def _services() -> dict[str, Service]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["service"]
    return {
        domain: Service(one["name"], one["imap"], one["smtp"], Text(one["note_en"], one["note_ru"]))
        for one in table
        for domain in one["domains"]
    }


def service_of(address: str) -> Service | None:
    return _services().get(address.rpartition("@")[2])


def incoming(place: Place) -> Server:
    """The IMAP server. Raises Unauthorized where nobody said which it is."""
    found = _chosen(place, "imap_server", 993)
    if found is None:
        raise errors.Unauthorized(
            Text(
                "Give the server for incoming mail (IMAP): your mail service names it, for instance imap.shop.example:993.",
                "Укажите сервер входящей почты (IMAP): его называет ваша почтовая служба, например imap.shop.example:993.",
            )
        )
    return found


def outgoing(place: Place) -> Server | None:
    """The SMTP server; None where nobody said which it is."""
    return _chosen(place, "smtp_server", 465)


def _chosen(place: Place, name: str, usual_port: int) -> Server | None:
    given = place.settings.get(name, "").strip()
    if not given and (address := address_in(place.url)) and (service := service_of(address)):
        given = service.imap if name == "imap_server" else service.smtp
    if not given:
        return None
    found = _SERVER.fullmatch(given)
    port = int(found[2] or usual_port) if found else 0
    if found is None or not 0 < port < 65_536:
        raise errors.Unauthorized(
            Text(
                f"“{given[:80]}” is no mail server; write it as mail.shop.example:{usual_port}.",
                f"«{given[:80]}» — не почтовый сервер; пишите так: mail.shop.example:{usual_port}.",
            )
        )
    return Server(found[1].lower(), port)


def smtp_address(server: Server) -> str:
    """As `Wire.deliver` takes it. Port 465 speaks TLS from the first byte, every other one after STARTTLS."""
    return f"{'smtps' if server.port == 465 else 'smtp+starttls'}://{server.netloc}"


def folders(place: Place) -> list[str]:
    named = re.split(r"[,;\n]", place.settings.get("folders", ""))
    found = list(dict.fromkeys(" ".join(one.split()) for one in named if one.strip()))
    return found[:MOST_FOLDERS] or [INBOX]


def folder_url(server: Server, folder: str) -> str:
    """The address of a folder for the crawler."""
    return f"imaps://{server.netloc}/{quote(_as_imap_writes(folder), safe='')}"


def _as_imap_writes(folder: str) -> str:
    """Letters outside of ASCII in IMAP's own form of UTF-7 (RFC 3501, 5.1.3)."""
    if _PLAIN.fullmatch(folder):
        return folder
    parts = re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder)
    return "".join(part.replace("&", "&-") if part.isascii() else f"&{_shifted(part)}-" for part in parts)


def _shifted(part: str) -> str:
    return base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
