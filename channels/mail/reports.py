"""What mail servers and machines write: a letter of ours that came back, a mailing list, an out-of-office notice."""

import re
from email.message import Message
from typing import Final

from channels.mail.letters import Letter, head, heads, payload
from channels.reading import text as plain_text

MARK: Final = "otklik"
_OURS: Final = re.compile(rf"<{MARK}\.([0-9a-zA-Z-]{{8,64}})(?:\.([0-9a-f]{{8,32}}))?@[^<>\s]+>")
_ROBOTS: Final = re.compile(
    r"(?:.*[._-])?(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|robot)(?:[._+-].*)?",
    re.IGNORECASE,
)
_LISTS: Final = frozenset(("list-id", "list-post", "list-unsubscribe", "list-help", "x-mailing-list"))
_BY_MACHINE: Final = frozenset(
    ("x-autoreply", "x-autorespond", "x-auto-response", "x-auto-reply-from", "x-failed-recipients")
)
_BULK: Final = ("bulk", "list", "junk", "auto_reply")
_GONE: Final = re.compile(r"I'm afraid I wasn't able to deliver your message", re.IGNORECASE)
_MOST_READ: Final = 200_000


def reference_in(message_id: str) -> str | None:
    """Our own reference of an answer, by the Message-ID that it was sent with; None for letters of others."""
    found = _OURS.fullmatch(message_id.strip())
    return found[1] if found else None


def thread_in(message_id: str) -> str | None:
    """The conversation that an answer of ours was sent in, by its Message-ID."""
    found = _OURS.fullmatch(message_id.strip())
    return found[2] if found else None


def own_id(reference: str, thread: str | None, domain: str) -> str:
    """The Message-ID of an answer: the same in every try."""
    of_thread = f".{thread}" if thread and re.fullmatch("[0-9a-f]{8,32}", thread) else ""
    return f"<{MARK}.{reference}{of_thread}@{domain}>"


def is_machine(letter: Letter) -> bool:
    """Whether nobody sat and wrote this to us: never a case, never answered."""
    names = heads(letter.message)
    automatic = letter.head("Auto-Submitted").partition(";")[0].strip().lower()
    if automatic not in ("", "no") or names & _LISTS or names & _BY_MACHINE:
        return True
    if letter.head("Precedence").lower() in _BULK or is_report(letter):
        return True
    suppressed = letter.head("X-Auto-Response-Suppress").lower()
    if "oof" in suppressed or "all" in suppressed or letter.head("Return-Path") == "<>":
        return True
    return _is_robot(letter.sender.address) and (
        not letter.reply_to.address or _is_robot(letter.reply_to.address)
    )


def _is_robot(address: str) -> bool:
    return bool(_ROBOTS.fullmatch(address.partition("@")[0]))


def is_report(letter: Letter) -> bool:
    return letter.message.get_content_type() == "multipart/report"


def bounced(letter: Letter) -> tuple[str, str] | None:
    """The reference of an answer of ours that reached nobody, and why, in the words of the mail server; None where the
    letter says nothing of that kind: a delay, that it was read, a letter of others."""
    message_id = next((found[0] for found in _OURS.finditer(_within(letter.message))), None)
    reference = reference_in(message_id) if message_id else None
    if reference is None:
        return None
    told = _told(letter.message)
    if told.get("action", "").lower() == "failed":
        return reference, told.get("diagnostic-code") or told.get("status", "")
    is_old_form = not told and (
        "x-failed-recipients" in heads(letter.message) or bool(_GONE.search(letter.whole))
    )
    return (reference, plain_text.line(letter.whole, 300)) if is_old_form else None


def _told(message: Message) -> dict[str, str]:
    """The fields of the first failed recipient in a delivery status (RFC 3464), else of the first one."""
    groups = []
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and isinstance(
            inner := part.get_payload(), list
        ):
            groups += [
                {
                    name: plain_text.line(head(group, name), 300)
                    for name in ("action", "diagnostic-code", "status")
                }
                for group in inner
                if isinstance(group, Message) and head(group, "action")
            ]
    failed = (group for group in groups if group["action"].lower() == "failed")
    return next(failed, groups[0] if groups else {})


def _within(message: Message) -> str:
    """What a report carries of the letter that it is about: as a letter of its own, as its headers, or as bare text."""
    found = []
    for part in message.walk():
        inner = part.get_payload()
        if part is not message and part.get_content_type() == "message/rfc822" and isinstance(inner, list):
            found += [head(one, "Message-ID") for one in inner if isinstance(one, Message)]
        elif part is not message and head(part, "Message-ID"):
            found.append(head(part, "Message-ID"))
        elif part.get_content_type() in ("text/plain", "text/rfc822-headers"):
            found.append(payload(part)[:_MOST_READ].decode("utf-8", "replace"))
    return "\n".join(found)
