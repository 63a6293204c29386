"""Steam: user reviews of any app, by the store's open list. Answers are written at Steam by hand, and seen here.

The list is read by the last change, newest first, so that an edited review comes up again.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from channels import errors
from channels.contract import (
    About,
    AnswerSeen,
    AuthorSeen,
    Fetch,
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
from channels.reading import html_pages, json_values
from channels.reading import text as plain_text

ORIGIN: Final = "https://store.steampowered.com"
PER_PAGE: Final = 100
MOST_PAGES: Final = 100
OVERLAP: Final = timedelta(days=1)
"""So far behind what is known is read again: a change is listed when the site gets to it."""
# Without these the list hides other languages, copies that were not bought at Steam, and what Steam takes for a campaign.
WHOLE: Final = "filter=updated&language=all&purchase_type=all&review_type=all&filter_offtopic_activity=0"
_APP = re.compile(r"/app(?:reviews)?/(\d{1,10})(?:/|\Z)")
_MARKUP = re.compile(
    r"\[/?(?:b|i|u|h[1-3]|strike|spoiler|noparse|quote|code|list|olist|table|tr|td|th|url|hr|\*)(?:=[^\[\]]{0,500})?\]",
    re.IGNORECASE,
)
_LANGUAGES: Final = {
    "russian": "ru", "english": "en", "ukrainian": "uk", "german": "de", "french": "fr", "spanish": "es", "latam": "es",
    "polish": "pl", "turkish": "tr", "schinese": "zh", "tchinese": "zh", "japanese": "ja", "koreana": "ko",
    "brazilian": "pt", "portuguese": "pt", "italian": "it", "czech": "cs", "hungarian": "hu",
}  # fmt: skip


class Steam:
    about = About(
        "steam",
        Text("Steam reviews", "Отзывы Steam"),
        address="app",
        pace=Pace(interval_seconds=1_800, per_second=1.0),
        terms=Text(
            "Any app, without a key, by the list that Valve documents. Answers are written at Steam by the publisher.",
            "Любое приложение, без ключа, по списку, который описала Valve. Отвечает издатель, на самом Steam.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        found = _APP.search(parts.path)
        if (parts.hostname or "") not in ("store.steampowered.com", "steamcommunity.com") or found is None:
            return None
        return Finding(
            self.about.kind,
            f"{ORIGIN}/app/{found[1]}/",
            f"Steam {found[1]}",
            Text("This is an app at Steam.", "Это приложение в Steam."),
            1.0,
        )

    def start(self, place: Place) -> Iterator[Fetch]:
        yield _list(_app(place.url), "*", 0)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        found = _document(page)
        reviews = found.get("reviews") or []
        if found.get("success") != 1 or not isinstance(reviews, list):
            raise errors.Unreadable(
                Text("Steam did not give its list of reviews.", "Steam не отдал список отзывов.")
            )
        app, known = _app(page.url), json_values.whole(place.cursor.get("updated_at"))
        newest = max([json_values.whole(page.context.get("newest")), *(_changed(one) for one in reviews)])
        for review in reviews:
            yield from _one(app, review, page)
        oldest = min((_changed(one) for one in reviews), default=0)
        cursor, number = found.get("cursor"), json_values.whole(page.context.get("number")) + 1
        is_new = isinstance(cursor, str) and bool(cursor) and cursor != page.context.get("cursor")
        reaches_known = known > 0 and oldest < known - OVERLAP.total_seconds()
        is_before = place.since is not None and oldest < place.since.timestamp()
        if reviews and is_new and not reaches_known and not is_before and number < MOST_PAGES:
            yield _list(app, str(cursor), number, newest)
            return
        if newest:
            yield Remember({"updated_at": max(newest, known)})


def _app(url: str) -> str:
    found = _APP.search(urlsplit(url).path)
    if found is None:
        raise errors.Unreadable(
            Text(
                "The address names no app: it looks like https://store.steampowered.com/app/570/.",
                "В адресе нет приложения: он выглядит как https://store.steampowered.com/app/570/.",
            )
        )
    return found[1]


def _list(app: str, cursor: str, number: int, newest: int = 0) -> Fetch:
    address = (
        f"{ORIGIN}/appreviews/{app}?json=1&{WHOLE}&num_per_page={PER_PAGE}&cursor={quote(cursor, safe='')}"
    )
    return Fetch(
        address, "reviews", {"cursor": cursor, "number": number, "newest": newest}, is_conditional=False
    )


def _document(page: Page) -> Mapping[str, Any]:
    html_pages.demand_readable(page)
    try:
        found = json.loads(html_pages.text_of(page))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise errors.Unreadable(
            Text("This is no answer of Steam's list of reviews.", "Это не ответ списка отзывов Steam.")
        )
    return found


def _one(app: str, review: object, page: Page) -> Iterator[Parsed]:
    if not isinstance(review, dict) or not (own_id := json_values.name(review.get("recommendationid"))):
        yield Remark(Text("A review without an id was left out.", "Отзыв без номера пропущен."))
        return
    raw_author = review.get("author")
    author: Mapping[str, Any] = raw_author if isinstance(raw_author, dict) else {}
    steam_id = json_values.name(author.get("steamid"))
    steam_id = steam_id if steam_id.isascii() and steam_id.isdigit() else ""
    profile = f"https://steamcommunity.com/profiles/{steam_id}/" if steam_id else None
    text, _ = plain_text.shorten(_plain(review.get("review")))
    voted = review.get("voted_up")
    if not text and not isinstance(voted, bool):
        yield Remark(Text(f"The review {own_id} says nothing.", f"Отзыв {own_id} ничего не говорит."))
        return
    external_id, link = plain_text.key(own_id), f"{profile}recommended/{app}/" if profile else None
    published, changed = (
        json_values.moment_of_seconds(review.get(f"timestamp_{name}"), page)
        for name in ("created", "updated")
    )
    yield Sighting(
        external_id,
        link,
        text,
        kind="review",
        author=AuthorSeen(steam_id, steam_id, profile) if steam_id else None,
        published_at=published,
        edited_at=changed if published and changed and changed > published else None,
        rating={True: 5.0, False: 1.0}.get(voted) if isinstance(voted, bool) else None,
        language=_LANGUAGES.get(json_values.name(review.get("language"))),
        thread=external_id,
        can_be_answered=False,
        is_by_brand=False,
        facts=_facts(review, author, voted),
        reach=Reach(
            likes=json_values.count(review.get("votes_up")),
            comments=json_values.count(review.get("comment_count")),
        ),
    )
    if answer := _plain(review.get("developer_response")):
        at = json_values.moment_of_seconds(review.get("timestamp_dev_responded"), page)
        yield AnswerSeen(external_id, "public", f"{external_id}:answer", text=answer, url=link, at=at)


def _facts(review: Mapping[str, Any], author: Mapping[str, Any], voted: object) -> dict[str, str]:
    """What Steam says beside the text. It knows a thumb and no stars."""
    facts = {}
    if isinstance(voted, bool):
        facts["recommended"] = "yes" if voted else "no"
    if (minutes := json_values.count(author.get("playtime_at_review"))) is not None:
        facts["hours played"] = f"{minutes / 60:.1f}"
    for name, title in (
        ("received_for_free", "received for free"),
        ("written_during_early_access", "early access"),
        ("refunded", "refunded"),
    ):
        if review.get(name) is True:
            facts[title] = "yes"
    return facts


def _plain(value: object) -> str:
    """Without the marks of Steam's own markup."""
    return plain_text.clean(_MARKUP.sub("", value)) if isinstance(value, str) else ""


def _changed(review: object) -> int:
    return json_values.whole(review.get("timestamp_updated")) if isinstance(review, dict) else 0
