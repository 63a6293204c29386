"""An answer as a letter: in its conversation, under an id of ours that is the same in every try."""

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final

from channels import errors
from channels.contract import Call, Place, Receipt, Rights, Target, Text, Wire
from channels.mail import reports, servers
from channels.reading import text as plain_text

_ANSWERED: Final = re.compile(r"\s*(?:re|aw|sv|rif|ответ|отв|на)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_ID: Final = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
_WRITTEN: Final = SMTP.clone(max_line_length=240)
"""An id that is folded onto a second line is lost at some servers."""
NO_SERVER: Final = Text(
    "Give the server for outgoing mail (SMTP): your mail service names it, for instance smtp.shop.example:465.",
    "Укажите сервер исходящей почты (SMTP): его называет ваша почтовая служба, например smtp.shop.example:465.",
)


def send(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    """One delivery. Raises what `Replies.send` raises (channels.contract)."""
    server = _server(place)
    to = servers.address_in(str(target.handle.get("to") or ""))
    if to is None:
        raise errors.Refused(
            Text(
                "The letter names no address to answer to; nothing was sent.",
                "В письме нет адреса для ответа; ничего не отправлено.",
            )
        )
    message = _letter(place, target, to, text, wire.now)
    copies = [servers.address_of(place)] if place.settings.get("copy_to_self") == "1" else []
    sent = message.as_bytes(policy=_WRITTEN)
    wire.deliver(servers.smtp_address(server), sent, list(dict.fromkeys([to, *copies])))
    return Receipt(str(message["Message-ID"]), state="accepted")


def check(place: Place, wire: Wire) -> Rights:
    """Opens each folder, signs in at the server for outgoing mail and leaves again. Without one the mailbox is only read."""
    incoming, server = servers.incoming(place), servers.outgoing(place)
    for folder in servers.folders(place):
        wire.ask(Call(servers.folder_url(incoming, folder)))
    if server is None:
        return Rights(listens=True, answers=False, signs_as=servers.address_of(place))
    wire.ask(Call(servers.smtp_address(server)))
    return Rights(listens=True, answers=True, signs_as=servers.address_of(place))


def _server(place: Place) -> servers.Server:
    server = servers.outgoing(place)
    if server is None:
        raise errors.Unauthorized(NO_SERVER)
    return server


def _letter(place: Place, target: Target, to: str, text: str, now: datetime) -> EmailMessage:
    own = servers.address_of(place)
    made = EmailMessage()
    try:
        made["From"] = Address(plain_text.line(place.settings.get("sender_name", ""), 100), addr_spec=own)
        made["To"] = Address(plain_text.line(str(target.handle.get("name") or ""), 100), addr_spec=to)
        made["Subject"] = _subject(target.title)
    except (MessageError, ValueError, IndexError) as error:
        raise errors.Refused(
            Text(
                f"A letter cannot be addressed to {to}; nothing was sent.",
                f"Письмо нельзя адресовать на {to}; ничего не отправлено.",
            )
        ) from error
    made["Date"] = format_datetime(now)
    made["Message-ID"] = reports.own_id(target.reference, target.thread, own.rpartition("@")[2])
    references = [one for one in _references(target.handle.get("references")) if _ID.fullmatch(one)]
    if references:
        made["In-Reply-To"], made["References"] = references[-1], " ".join(references)
    made.set_content(text, cte="quoted-printable")
    return made


def _references(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def _subject(title: str) -> str:
    """In the words of the letter that is answered, so that mail programs keep both together."""
    line = plain_text.line(title, 250)
    return line if _ANSWERED.match(line) else f"Re: {line}".strip()
