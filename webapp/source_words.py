"""How a source is doing, in one sentence and with what to do about it, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from desk.models import Source
from desk.models.words import SourceState

Pair = tuple[Any, Any]

TROUBLES: dict[str, Pair] = {
    "unreachable": (
        _l("no answer from the site"),
        _l("Otklik tries again by itself. If it lasts, open the address and see whether the site works."),
    ),
    "insecure": (
        _l("its certificate is not valid"),
        _l(
            "Otklik does not read what could be forged on the way. Tell the owner of the site: the certificate has "
            "expired or is for another name."
        ),
    ),
    "rate_limited": (
        _l("asks us to come less often"),
        _l("Otklik waits as long as the site asks. If it comes back, let the source be read less often."),
    ),
    "unauthorized": (
        _l("does not accept the credentials"),
        _l("Enter the name and password again on the source's page, and press “Check”."),
    ),
    "blocked": (
        _l("blocked by the site"),
        _l(
            "The site shows a check for robots. Ask its owner to let Otklik in, or add its feed instead of the page."
        ),
    ),
    "not_found": (
        _l("not found"),
        _l("There is no such page any more. Look where it has moved, and add the new address."),
    ),
    "gone": (
        _l("gone for good"),
        _l(
            "The site says that this page will not come back. What was collected stays; look for a new address."
        ),
    ),
    "forbidden": (
        _l("forbidden to us"),
        _l(
            "The site's robots.txt, or our guard of private networks, forbids this address. Ask the site's owner to allow "
            "it, or bring its reviews in as a file: otklik import."
        ),
    ),
    "unreadable": (
        _l("cannot be read"),
        _l(
            "The address answers with something this channel does not read. Open it, and add the address anew if it changed."
        ),
    ),
    "markup_changed": (
        _l("changed its markup"),
        _l(
            "It was read before, and now nothing is found on the page. See whether the reviews still stand there; "
            "if they do, the channel needs an update."
        ),
    ),
    "too_large": (
        _l("too large"),
        _l("The page is longer than the limit. Add a smaller one, or let the administrator raise the limit."),
    ),
}
OWN_FAULT: Pair = (
    _l("a fault of ours"),
    _l("Otklik itself failed here and will try again. If it lasts, show the administrator the words below."),
)


# What to do while nothing has been saved yet, where that is another thing than for a source.
UNSAVED: dict[str, Any] = {
    "unreachable": _l("Check the address, or look again later. Nothing has been saved."),
    "rate_limited": _l("Wait some minutes, then look again. Nothing has been saved."),
    "unauthorized": _l("Only what everybody can read is listened to. Look for a page that needs no sign-in."),
    "not_found": _l("There is no such page. Check the address."),
    "gone": _l("The site says that this page will not come back. Look for a new address."),
    "unreadable": _l(
        "Open the address in the browser and see what is there; perhaps the reviews have a page of their own."
    ),
}
UNSAVED_FAULT = _l(
    "Otklik itself failed here. Nothing has been saved; show the administrator the words below."
)


@dataclass(frozen=True, slots=True)
class Condition:
    """`tone` is a chip's: fine, soon, late, quiet, accent."""

    tone: str
    title: Any
    advice: Any = ""


def trouble(kind: str | None) -> Condition:
    title, advice = TROUBLES.get(kind or "", OWN_FAULT)
    return Condition("late", title, advice)


def before_saving(kind: str) -> Condition:
    """The same for an address that is no source yet: nothing tries again by itself there."""
    found = trouble(kind)
    return Condition(
        "late", found.title, UNSAVED.get(kind, found.advice if kind in TROUBLES else UNSAVED_FAULT)
    )


def condition(source: Source, now: datetime) -> Condition:
    if source.removing_at is not None:
        return Condition(
            "soon",
            _l("being removed"),
            _l("What was collected there is being deleted; a large one takes some minutes."),
        )
    if source.kind == "file":
        return Condition(
            "quiet", _l("read from a file"), _l("A file is read once. Import it again to add what is new.")
        )
    if source.state is SourceState.PAUSED:
        return Condition("quiet", _l("paused"), _l("Nothing new is read until somebody resumes it."))
    if source.claimed_until is not None and source.claimed_until > now:
        return Condition("accent", _l("being read now"))
    if source.error_kind is not None or source.state is SourceState.GONE:
        found = trouble(source.error_kind or "gone")
        return found if source.failures or source.state is SourceState.GONE else _in_part(found)
    if source.last_success_at is None:
        return Condition("quiet", _l("not read yet"), _l("The first reading begins within a minute."))
    return Condition("fine", _l("listening"))


def _in_part(found: Condition) -> Condition:
    """The crawl succeeded and still had something to complain of."""
    return Condition("soon", _l("read in part: %(what)s", what=found.title), found.advice)
