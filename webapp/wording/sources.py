"""How a source is doing, in one sentence and with what to do about it, in the reader's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from desk.base.damage import is_damaged
from desk.base.words import AccountState, Arrival, SourceState
from desk.models import Account, Source
from desk.sources import sources

Pair = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """`tone` is a chip's: fine, soon, late, quiet, accent."""

    tone: str
    title: Any
    advice: Any = ""


TROUBLES: dict[str, Pair] = {
    "unreachable": (
        _l("no answer from the site"),
        _l("Otklik will try again automatically. If it persists, check whether the site works."),
    ),
    "insecure": (
        _l("its certificate is not valid"),
        _l(
            "The certificate has expired or belongs to another site, so Otklik does not trust the "
            "page. Tell the owner of the site."
        ),
    ),
    "rate_limited": (
        _l("too many requests"),
        _l("Otklik waits as long as the site asks. If it happens again, crawl the source less often."),
    ),
    "unauthorized": (
        _l("credentials rejected"),
        _l("Enter the name and password again on the source's page, and press “Check”."),
    ),
    "blocked": (
        _l("blocked by the site"),
        _l("The site shows a CAPTCHA. Ask its owner to allow Otklik, or add its feed instead of the page."),
    ),
    "captcha": (
        _l("protected by a CAPTCHA"),
        _l(
            "The site asks to prove that a person is there. Otklik solves no CAPTCHAs: open the page and answer there."
        ),
    ),
    "quota_spent": (
        _l("daily quota used up"),
        _l(
            "The account has used up its requests for today. Otklik continues tomorrow by itself; crawl its sources less often."
        ),
    ),
    "not_found": (
        _l("not found"),
        _l("The page no longer exists. Find where it has moved and add the new address."),
    ),
    "gone": (
        _l("removed permanently"),
        _l("The site says the page was removed permanently. Collected mentions stay; find its new address."),
    ),
    "forbidden": (
        _l("access forbidden"),
        _l(
            "This address is forbidden by the site's robots.txt or by the protection of private "
            "networks. Ask the site's owner for access, or import the reviews from a file: otklik "
            "import."
        ),
    ),
    "unreadable": (
        _l("cannot be read"),
        _l(
            "The address has content this channel cannot read. Open it; if it has moved, add the new address."
        ),
    ),
    "markup_changed": (
        _l("page layout has changed"),
        _l(
            "It was readable before, and now nothing is found on the page. Check whether the reviews "
            "are still there; if so, the channel needs an update."
        ),
    ),
    "too_large": (
        _l("too large"),
        _l(
            "The page is larger than the limit. Add a smaller one or ask the administrator to raise "
            "the limit."
        ),
    ),
}
DAMAGED = Condition(
    "late",
    _l("settings damaged"),
    _l(
        "What is stored of this source cannot be read, so nothing is read or sent there; its mentions are safe. On its "
        "page, check the settings and save them."
    ),
)
OWN_FAULT: Pair = (
    _l("an error in Otklik"),
    _l(
        "This is an error in Otklik; it will try again. If it persists, show the message below to"
        " the administrator."
    ),
)

# What to do while nothing has been saved yet, where that is another thing than for a source.
UNSAVED: dict[str, Any] = {
    "unreachable": _l("Check the address or try again later. Nothing has been saved."),
    "rate_limited": _l("Wait several minutes and try again. Nothing has been saved."),
    "unauthorized": _l("Otklik reads only public pages. Find a page that needs no sign-in."),
    "not_found": _l("There is no such page. Check the address."),
    "gone": _l("The site says the page was removed permanently. Find its new address."),
    "unreadable": _l(
        "Open the address in a browser and check what is there: the reviews may be on a separate page."
    ),
}
UNSAVED_FAULT = _l(
    "This is an error in Otklik. Nothing has been saved; show the message below to the administrator."
)


def trouble(kind: str | None) -> Condition:
    if kind == "damaged":
        return DAMAGED
    title, advice = TROUBLES.get(kind or "", OWN_FAULT)
    return Condition("late", title, advice)


ACCOUNT_NEEDS_PERSON = Condition(
    "late",
    _l("account needs you"),
    _l(
        "The site no longer accepts its credentials. Enter them again on the account's page; crawling then continues by itself."
    ),
)


def before_saving(kind: str) -> Condition:
    """The same for an address that is no source yet: nothing tries again by itself there."""
    found = trouble(kind)
    return Condition(
        "late", found.title, UNSAVED.get(kind, found.advice if kind in TROUBLES else UNSAVED_FAULT)
    )


def condition(source: Source, now: datetime, unread: int = 0) -> Condition:
    """`unread`: how many events of those that its site has sent could not be read."""
    if source.removing_at is not None:
        return Condition(
            "soon",
            _l("being removed"),
            _l("Collected data is being deleted. This can take several minutes."),
        )
    if not sources.is_whole(source):
        return _damaged(source)
    if source.arrives is Arrival.IMPORT:
        return Condition(
            "quiet",
            _l("imported from a file"),
            _l("A file is imported once. Import it again to add new mentions."),
        )
    if source.state is SourceState.PAUSED:
        return Condition("quiet", _l("paused"), _l("Nothing new is collected until it is resumed."))
    if source.account is not None and source.account.state is AccountState.NEEDS_PERSON:
        return ACCOUNT_NEEDS_PERSON
    if source.arrives is Arrival.PUSH:
        return _of_pushed(source, unread)
    if source.claimed_until is not None and source.claimed_until > now:
        return Condition("accent", _l("crawl in progress"))
    if source.error_kind is not None or source.state is SourceState.GONE:
        found = trouble(source.error_kind or "gone")
        return found if source.failures or source.state is SourceState.GONE else _in_part(found)
    if source.last_success_at is None:
        return Condition("quiet", _l("not crawled yet"), _l("The first crawl starts within a minute."))
    return Condition("fine", _l("active"))


def _of_pushed(source: Source, unread: int) -> Condition:
    """What is not crawled misses no crawl; and that nothing comes may mean that nobody has said anything."""
    if source.push_nonce is None:
        return Condition(
            "soon",
            _l("no address yet"),
            _l("Make an address below and enter it on the site, so that it can send."),
        )
    if source.subscribe_error is not None:
        return Condition(
            "soon",
            _l("the site could not be notified"),
            _l("Otklik tells it again by itself. If it persists, enter the address on the site by hand."),
        )
    if unread:
        return Condition(
            "soon",
            _l("partly read"),
            _l(
                "Some of what the site has sent could not be read. It is kept; the reasons are on the source's page."
            ),
        )
    if source.received_at is None:
        return Condition(
            "quiet",
            _l("nothing received yet"),
            _l("Enter the push address on the site, and have it send something."),
        )
    return Condition("fine", _l("receiving"))


def account_condition(account: Account) -> Condition:
    if is_damaged(account.settings):
        return Condition("late", _l("settings damaged"), _l("Check the settings below and save them."))
    if account.state is AccountState.NEEDS_PERSON:
        return Condition(
            "late",
            _l("needs you"),
            _l(
                "The site no longer accepts these credentials, so the sources of this account are not crawled. Nothing is lost. "
                "Enter them again below and save."
            ),
        )
    return Condition("fine", _l("ready"))


def _damaged(source: Source) -> Condition:
    if is_damaged(source.brand.own_names):
        return Condition(
            "late",
            _l("brand's names damaged"),
            _l(
                "The names under which the brand writes cannot be read, so nothing is read or sent here; the mentions are "
                "safe. Enter the names again under Settings, brand."
            ),
        )
    if source.arrives is Arrival.IMPORT:
        return Condition(
            "late",
            DAMAGED.title,
            _l(
                "What is stored of its columns cannot be read; its mentions are safe. Import the file under another name: "
                "otklik import FILE --source NAME."
            ),
        )
    return DAMAGED


def _in_part(found: Condition) -> Condition:
    """The crawl succeeded and still had something to complain of."""
    return Condition("soon", _l("partly read: %(what)s", what=found.title), found.advice)
