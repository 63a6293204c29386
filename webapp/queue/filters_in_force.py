"""The filters that narrow a list, each in words and with the way to take it away: a reader sees what he is looking at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from desk.cases import queue
from desk.mentions import mention_list
from webapp.wording import channels as channel_words
from webapp.wording import numbers as number_words
from webapp.wording.labels import label


@dataclass(frozen=True, slots=True)
class InForce:
    """`without` is the address of the same list without this filter; empty where the page has another way."""

    words: str
    without: str


Link = Callable[..., str]


def of_mentions(
    filters: mention_list.Filters, args: Mapping[str, str], titles: Mapping[str, str], link: Link
) -> list[InForce]:
    """`titles` names what is known by an id only: brand, source, team, author, language."""
    found = [
        InForce(words, link(**dict.fromkeys(names, ""))) for words, names in _told(filters, args, titles)
    ]
    return [one for one in found if one.words]


def of_queue(filters: queue.Filters, titles: Mapping[str, str], link: Link) -> list[InForce]:
    """Which list it is and what is searched for are told elsewhere on that page."""
    told = [(titles[name], (name,)) for name in ("brand", "team", "language") if name in titles]
    told += _told_of_tags(filters)
    return [InForce(words, link(**dict.fromkeys(names, ""))) for words, names in told]


def _told_of_tags(filters: mention_list.Filters | queue.Filters) -> list[tuple[str, tuple[str]]]:
    tags = (("intent", filters.intent), ("sentiment", filters.sentiment), ("status", filters.status))
    told = [(str(label(value)), (name,)) for name, value in tags if value is not None]
    return [(channel_words.name(filters.channel), ("channel",)), *told] if filters.channel else told


def _told(
    filters: mention_list.Filters, args: Mapping[str, str], titles: Mapping[str, str]
) -> Iterable[tuple[str, tuple[str, ...]]]:
    if filters.is_counted:
        yield (
            _("what the numbers count: complaints, questions and reviews that can be answered"),
            ("counted",),
        )
    yield from _told_of_answers(filters, args)
    yield from _told_of_days(args)
    for name in ("brand", "source", "team", "author", "language"):
        if name in titles:
            yield titles[name], (name,)
    yield from _told_of_tags(filters)
    if filters.is_abusive is not None:
        yield _("abusive") if filters.is_abusive else _("not abusive"), ("abusive",)
    if filters.text:
        words = filters.text.strip()
        yield f"«{words[:60]}…»" if len(words) > 60 else f"«{words}»", ("q",)


def _told_of_answers(
    filters: mention_list.Filters, args: Mapping[str, str]
) -> Iterable[tuple[str, tuple[str]]]:
    if filters.is_seen is not None:
        yield (
            _("with an answer seen in public") if filters.is_seen else _("without an answer seen in public"),
            ("seen",),
        )
    if filters.is_answered is not None:
        yield _("with an answer") if filters.is_answered else _("without an answer"), ("answered",)
    if args.get("old") == "yes":
        yield _("30 days old or older"), ("old",)


def _told_of_days(args: Mapping[str, str]) -> Iterable[tuple[str, tuple[str, ...]]]:
    first, last = _day(args.get("since")), _day(args.get("until"))
    names = ("since", "until", "zone")
    if first and last:
        yield _("%(first)s – %(last)s", first=number_words.day(first), last=number_words.day(last)), names
    elif first:
        yield _("from %(day)s", day=number_words.day(first)), names
    elif last:
        yield _("up to %(day)s", day=number_words.day(last)), names


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def title_of(key: Any, choices: Iterable[tuple[Any, str]]) -> str | None:
    """What a choice of a form is called."""
    return next((title for value, title in choices if str(value) == str(key)), None)
