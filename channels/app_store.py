"""App Store: reviews of any app by Apple's open feed, country by country. It shows no answers and takes none.

A store gives its 500 newest reviews, 50 a page. They are read by the last change, newest first, until what is known; a page shifts when
something new comes, so each is known by its id.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import (
    About,
    AuthorSeen,
    Fetch,
    Field,
    Finding,
    Pace,
    Page,
    Parsed,
    Place,
    Reach,
    Remark,
    Remember,
    Sighting,
    Text,
)
from channels.json_api import Api
from channels.reading import json_values, ratings, urls

ORIGIN: Final = "https://itunes.apple.com"
MOST_PAGES: Final = 10
MOST_COUNTRIES: Final = 20
OVERLAP: Final = timedelta(days=1)
_ADDRESS: Final = re.compile(r"(?:/(?P<country>[a-z]{2}))?/app/(?:[^/]+/)?id(?P<app>\d{5,12})(?:/|\Z)")
_FEED: Final = Api(Text.alike("App Store"), lambda _said: None)


class AppStore:
    about = About(
        "app_store",
        Text("App Store (public reviews)", "App Store (открытые отзывы)"),
        address="app",
        fields=(
            Field(
                "countries",
                Text("Countries of the store", "Страны магазина"),
                hint=Text(
                    "Two letters each, with commas between: ru, kz, us. Empty: the country of the address.",
                    "По две буквы через запятую: ru, kz, us. Пусто — страна из адреса.",
                ),
            ),
        ),
        pace=Pace(interval_seconds=3_600, per_second=0.5),
        terms=Text(
            "Apple's open feed, which Apple does not document any more: it may end one day. It shows no answers; to answer, connect"
            " App Store Connect.",
            "Открытая лента Apple; описания у неё больше нет, и однажды она может закрыться. Ответов в ней нет; чтобы отвечать,"
            " подключите App Store Connect.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        found = _asked(typed)
        if found is None:
            return None
        app, country = found
        return Finding(
            self.about.kind,
            f"https://apps.apple.com/{country}/app/id{app}",
            f"App Store {app} ({country})",
            Text("This is an app in the App Store.", "Это приложение в App Store."),
            1.0,
        )

    def start(self, place: Place) -> Iterator[Fetch]:
        app, country = _demanded(place)
        for one in _countries(place, country):
            yield _page(app, one, 1)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        app, country, number = _told(page)
        entries = _entries(_FEED.read(page))
        reviews = [one for one in entries if "im:rating" in one or "im:version" in one]
        for entry in reviews:
            yield from _one(entry, country, page)
        if not reviews:
            return
        times = [
            at for one in reviews if (at := json_values.moment(_label(one, "updated"), page)) is not None
        ]
        known = json_values.moment(place.cursor.get(country), page)
        if number == 1 and times:
            newest = max(*times, known) if known is not None else max(times)
            yield Remember({country: newest.isoformat()})
        border = known - OVERLAP if known is not None else place.since
        is_past = border is not None and bool(times) and min(times) < border
        if number < MOST_PAGES and not is_past:
            yield _page(app, country, number + 1)


def _asked(typed: str) -> tuple[str, str] | None:
    """The number of the app, and the country of the address; ru where the address names none."""
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    except ValueError:
        return None
    if (parts.hostname or "") not in ("apps.apple.com", "itunes.apple.com"):
        return None
    found = _ADDRESS.match(parts.path)
    return (found["app"], found["country"] or "us") if found is not None else None


def _demanded(place: Place) -> tuple[str, str]:
    found = _asked(place.url)
    if found is None:
        raise errors.Unreadable(
            Text(
                "The address names no app: it looks like https://apps.apple.com/ru/app/id1234567890.",
                "В адресе нет приложения: он выглядит как https://apps.apple.com/ru/app/id1234567890.",
            )
        )
    return found


def _countries(place: Place, country: str) -> Sequence[str]:
    typed = re.split(r"[\s,;]+", place.settings.get("countries", "").lower())
    named = [one for one in dict.fromkeys(typed) if re.fullmatch(r"[a-z]{2}", one)]
    return named[:MOST_COUNTRIES] or [country]


def _page(app: str, country: str, number: int) -> Fetch:
    url = f"{ORIGIN}/{country}/rss/customerreviews/page={number}/id={app}/sortby=mostrecent/json"
    return Fetch(url, "reviews", {"app": app, "country": country, "number": number})


def _told(page: Page) -> tuple[str, str, int]:
    context = page.context
    return (
        json_values.name(context.get("app")),
        json_values.name(context.get("country"), 2) or "us",
        json_values.whole(context.get("number")) or 1,
    )


def _entries(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of one review the feed makes an object, of several a list, of none nothing. Raises Unreadable for what is no feed."""
    if not isinstance(said.get("feed"), Mapping):
        raise _FEED.strange()
    entry = said["feed"].get("entry", [])
    return json_values.rows([entry] if isinstance(entry, Mapping) else entry)


def _one(entry: Mapping[str, Any], country: str, page: Page) -> Iterator[Parsed]:
    own_id = json_values.name(_label(entry, "id"), 40)
    if not own_id:
        yield json_values.NAMELESS
        return
    rating = ratings.from_text(json_values.name(_label(entry, "im:rating")), best=5, worst=1)
    title = json_values.name(_label(entry, "title"), 300)
    text = json_values.prose(("", _label(entry, "content")))
    if rating is None and not text and not title:
        yield json_values.SILENT
        return
    if rating is None:
        yield Remark(
            Text(
                f"The stars of {own_id} cannot be read: {json_values.name(_label(entry, 'im:rating'), 40)}",
                f"Оценка отзыва {own_id} не читается: {json_values.name(_label(entry, 'im:rating'), 40)}",
            )
        )
    yield from json_values.undated(_label(entry, "updated"), own_id, page)
    yield Sighting(
        own_id,
        urls.safe_url(json_values.part(json_values.part(entry, "link"), "attributes").get("href")),
        text,
        kind="review",
        title=title,
        author=_author(entry),
        published_at=json_values.moment(_label(entry, "updated"), page),
        rating=rating,
        thread=own_id,
        thread_title=f"App Store, {country.upper()}",
        can_be_answered=False,
        facts=json_values.facts(version=_label(entry, "im:version"), country=country.upper()),
        reach=Reach(likes=_votes(entry)),
    )


def _author(entry: Mapping[str, Any]) -> AuthorSeen | None:
    author = json_values.part(entry, "author")
    name, link = json_values.name(_label(author, "name")), urls.safe_url(_label(author, "uri"))
    return AuthorSeen(name, link or name, link) if name else None


def _votes(entry: Mapping[str, Any]) -> int | None:
    """How many found it helpful, less those who did not; what is below zero is not told."""
    told = json_values.name(_label(entry, "im:voteSum"), 12)
    return int(told) if told.isascii() and told.isdigit() else None


def _label(of: Mapping[str, Any], name: str) -> object:
    """The feed wraps every value as {"label": …}."""
    value = of.get(name)
    return value.get("label") if isinstance(value, Mapping) else value
