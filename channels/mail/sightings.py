"""What a letter is to the desk: something that a customer said, a review that a site tells of, news of an answer of ours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from channels import identity
from channels.contract import AnswerSeen, AuthorSeen, Parsed, Place, Remark, Sighting, Text
from channels.mail import notices, reports, servers
from channels.mail.letters import Letter, Person
from channels.reading import dates
from channels.reading import text as plain_text

MOST_KEPT: Final = 20
"""References that an answer repeats: the first, and the last ones."""
_FURTHEST: Final = timedelta(days=1)


def of_letter(letter: Letter, place: Place, now: datetime | None) -> Iterator[Parsed]:
    if (reference := reports.reference_in(letter.id)) and is_own(letter.sender.address, place):
        yield AnswerSeen(letter.answers or None, "accepted", letter.id, reference)
        return
    if reports.is_machine(letter) and (came_back := reports.bounced(letter)) is not None:
        yield AnswerSeen(None, "bounced", reference=came_back[0], reason=came_back[1])
        return
    if (arrived := reports.reference_in(letter.answers)) is not None:
        # Whoever answers a letter has got it.
        yield AnswerSeen(None, "accepted", letter.answers, arrived)
    site = notices.site_of(letter)
    if site is not None:
        yield from _of_notice(letter, site, now)
    else:
        yield from _of_person(letter, place, now)


def _of_notice(letter: Letter, site: notices.Site, now: datetime | None) -> Iterator[Parsed]:
    review = notices.read(site, letter)
    if review is None:
        yield Remark(
            Text(
                f"A notice of {site.name} could not be read into a review; it is shown as it is: {letter.subject[:100]}",
                f"Уведомление {site.name} не разобрано и показано как есть: {letter.subject[:100]}",
            )
        )
        review = notices.Review(letter.whole, None, "", "", notices.link_in(site, letter))
    text, was_cut = plain_text.shorten(review.text)
    yield from _cut(was_cut, letter)
    known = _identity(letter)
    facts = {"site": site.name} | ({"place": review.place} if review.place else {})
    yield Sighting(
        known.external_id,
        review.link,
        text,
        kind="review",
        author=AuthorSeen(review.author) if review.author else None,
        published_at=_written_at(letter, now),
        rating=review.rating,
        thread=thread_of(letter),
        thread_title=letter.subject,
        is_by_brand=False,
        can_be_answered=False,
        facts=facts,
        twin_id=known.twin_id,
    )


def _of_person(letter: Letter, place: Place, now: datetime | None) -> Iterator[Parsed]:
    author = _author(letter, place)
    is_machine, is_ours = reports.is_machine(letter), is_own(author.address, place)
    text, was_cut = plain_text.shorten(letter.text)
    yield from _cut(was_cut, letter)
    if not letter.id:
        yield Remark(
            Text(
                f"A letter has no Message-ID and is known by its sender, date and subject: {letter.subject[:100]}",
                f"У письма нет Message-ID; оно различается по отправителю, дате и теме: {letter.subject[:100]}",
            )
        )
    to = letter.reply_to if letter.reply_to.address else author
    known = _identity(letter)
    yield Sighting(
        known.external_id,
        None,
        text,
        kind="message",
        title=letter.subject,
        author=AuthorSeen(author.name or author.address, author.address or None)
        if author != Person()
        else None,
        published_at=_written_at(letter, now),
        thread=thread_of(letter),
        thread_title=letter.subject,
        parent=plain_text.key(letter.answers) if letter.answers else None,
        is_by_brand=is_ours,
        is_machine=is_machine,
        can_be_answered=bool(to.address) and not is_machine and not is_ours,
        handle={"to": to.address, "name": to.name, "references": _kept([*letter.references, letter.id])},
        attachments=letter.attachments,
        twin_id=known.twin_id,
    )


def _cut(was_cut: bool, letter: Letter) -> Iterator[Remark]:
    if was_cut:
        yield Remark(
            Text(
                f"A letter was longer than {plain_text.MAX_TEXT} characters and was cut: {letter.subject[:100]}",
                f"Письмо длиннее {plain_text.MAX_TEXT} знаков и обрезано: {letter.subject[:100]}",
            )
        )


def _author(letter: Letter, place: Place) -> Person:
    """A form on one's own site writes in the name of the site, and names whoever filled it in to be answered."""
    other = letter.reply_to
    if is_own(letter.sender.address, place) and other.address and not is_own(other.address, place):
        return other
    return letter.sender


def is_own(address: str, place: Place) -> bool:
    """By the address of the mailbox and those that a person named as the brand's own; @shop.example is everybody there."""
    own = {one.strip().lower() for one in place.own_ids} | {servers.address_in(place.url) or ""} - {""}
    return bool(address) and (address in own or f"@{address.rpartition('@')[2]}" in own)


def thread_of(letter: Letter) -> str:
    """The same for all letters of one conversation: made of the id of the first one. An answer of ours carries it in its own id,
    for programs that name nothing but the letter they answer."""
    first = next(iter(letter.references), "") or letter.id or _nameless(letter)
    return reports.thread_in(first) or plain_text.fingerprint(first)[:16]


def _identity(letter: Letter) -> identity.Identity:
    """A second letter under the id of another one, as some forms send them, is a letter of its own."""
    thing = identity.Thing(
        name=letter.id,
        place=letter.subject,
        author=letter.sender.address,
        date=letter.head("Date"),
        title=letter.subject,
        # Not the words, which a later version may read in another way.
        text=letter.head("Date") if letter.id else letter.whole,
    )
    return identity.identify([thing])[0]


def _nameless(letter: Letter) -> str:
    return "\n".join((letter.sender.address, letter.head("Date"), letter.subject, letter.whole))


def _written_at(letter: Letter, now: datetime | None) -> datetime | None:
    """When it was sent; where that is more than a day from when our server got it, the server is believed."""
    written = dates.read(letter.head("Date"), now)
    got = dates.read(letter.head("Received").rpartition(";")[2].strip(), now)
    if written is None or (got is not None and abs(written - got) > _FURTHEST):
        return got or written
    return written


def _kept(ids: list[str]) -> list[str]:
    found = list(dict.fromkeys(one for one in ids if one))
    return found if len(found) <= MOST_KEPT else [found[0], *found[1 - MOST_KEPT :]]
