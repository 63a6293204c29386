"""Letters that tests send, and the mailbox that they are read from."""

from channels.contract import Page, Place, Sighting
from channels.mail.channel import Mail
from tests.channels.conftest import NOW

OWN = "care@shop.example"
PLACE = Place(
    OWN, {"imap_server": "imap.shop.example:993"}, {"password": "canary-1"}, own_ids=("boss@shop.example",)
)


def letter(text: str = "Where is my order?", kind: str = "text/plain; charset=utf-8", **heads: str) -> bytes:
    """A header that is given empty is left out; underscores stand for hyphens."""
    usual = {
        "Message-ID": "<m1@client.example>",
        "From": "Anna <anna@client.example>",
        "To": OWN,
        "Subject": "Order 17",
        "Date": "Fri, 20 Nov 2026 11:00:00 +0300",
        "Content-Type": kind,
    }
    all_heads = usual | {name.replace("_", "-"): value for name, value in heads.items()}
    lines = [f"{name}: {value}" for name, value in all_heads.items() if value]
    return ("\n".join(lines) + "\n\n" + text).encode()


def page(body: bytes, **changes: object) -> Page:
    facts = {"role": "letter", "context": {"folder": "INBOX", "uid": 3}, "fetched_at": NOW} | changes
    return Page("imaps://imap.shop.example:993/INBOX;UIDVALIDITY=7/;UID=3", 200, {}, body, **facts)  # type: ignore[arg-type]


def parts(body: bytes, place: Place = PLACE) -> list[object]:
    return list(Mail().parse(place, page(body)))


def read(body: bytes, place: Place = PLACE) -> Sighting:
    (found,) = [part for part in parts(body, place) if isinstance(part, Sighting)]
    return found
