"""Hacker News: stories and comments that hold a word, or link to a site, by the open search that Algolia runs for it. Answers are
written there by hand.

The search gives no more than 1,000 hits of one question, and its pages shift while they are read. So page 0 alone is asked for,
each time of what is not newer than the oldest hit seen so far.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from channels import errors
from channels.contract import (
    About,
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
    Search,
    Sighting,
    Text,
)
from channels.reading import html_pages, json_values, urls
from channels.reading import text as plain_text

ORIGIN: Final = "https://hn.algolia.com"
SITE: Final = "https://news.ycombinator.com"
PER_PAGE: Final = 100
MOST_PAGES: Final = 100
OVERLAP_SECONDS: Final = 3 * 3_600
"""So far behind the newest hit is read again: an author may edit for two hours, and the search learns of it later."""


class HackerNews:
    about = About(
        "hacker_news",
        Text("Hacker News", "Hacker News: обсуждения"),
        pace=Pace(interval_seconds=900, per_second=1.0),
        terms=Text(
            "A search without a key, open to everybody. Answers are written at Hacker News by hand.",
            "Открытый поиск, ключ не нужен. Отвечают на самом Hacker News, вручную.",
        ),
        api=(ORIGIN,),
        search=Search(has_not=True, has_phrases=True),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        asked = _asked(typed if "://" in typed else f"https://{typed}")
        if asked is None:
            return None
        words, is_site = asked
        address = (
            f"{SITE}/from?{urlencode({'site': words})}"
            if is_site
            else f"{ORIGIN}/?{urlencode({'query': words})}"
        )
        return Finding(
            self.about.kind,
            address,
            f"Hacker News: {plain_text.line(words, 100)}",
            Text("This is a search of Hacker News.", "Это поиск по Hacker News."),
            1.0,
        )

    def start(self, place: Place) -> Iterator[Fetch]:
        asked = _asked(place.url)
        if asked is None:
            raise errors.Unreadable(
                Text(
                    "The address names no search: it looks like https://hn.algolia.com/?query=zarya.",
                    "В адресе нет поиска: он выглядит как https://hn.algolia.com/?query=zarya.",
                )
            )
        since = json_values.whole(place.cursor.get("created_at")) - OVERLAP_SECONDS
        if not place.cursor.get("created_at"):
            since = int(place.since.timestamp()) if place.since is not None else 0
        yield _search({"words": asked[0], "is_site": asked[1], "since": max(since, 0), "number": 0})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        found = _document(page)
        hits, told = found["hits"], page.context.get("told") or []
        for hit in hits:
            if not isinstance(hit, dict) or json_values.name(hit.get("objectID")) not in told:
                yield from _one(place, hit, page)
        times = [
            at for hit in hits if isinstance(hit, dict) and (at := json_values.whole(hit.get("created_at_i")))
        ]
        if not times:
            return
        if json_values.whole(page.context.get("number")) == 0:
            yield Remember({"created_at": max(*times, json_values.whole(place.cursor.get("created_at")))})
        pages = found.get("nbPages")
        has_more = pages > 1 if isinstance(pages, int) else len(hits) >= PER_PAGE
        if has_more and page.context.get("words"):
            yield from _next(page.context, hits, min(times))


def _asked(address: str) -> tuple[str, bool] | None:
    """What is searched for, and whether it is a site that is linked to."""
    try:
        parts = urlsplit(address)
        host, values = parts.hostname or "", parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    names = {"hn.algolia.com": ("query", "q"), "news.ycombinator.com": ("site",)}.get(host, ())
    if host == "news.ycombinator.com" and parts.path != "/from":
        return None
    for name in names:
        if words := plain_text.line(values.get(name, [""])[0]):
            return words, name == "site"
    return None


def _search(context: Mapping[str, Any]) -> Fetch:
    filters = f"created_at_i>={context['since']}"
    if context.get("until"):
        filters += f",created_at_i<={context['until']}"
    asked = {
        "query": context["words"],
        "tags": "(story,comment)",
        "numericFilters": filters,
        "typoTolerance": "false",
        "advancedSyntax": "true",
        "hitsPerPage": PER_PAGE,
        "page": 0,
    }
    if context["is_site"]:
        asked["restrictSearchableAttributes"] = "url"
    return Fetch(f"{ORIGIN}/api/v1/search_by_date?{urlencode(asked)}", "hits", context, is_conditional=False)


def _next(context: Mapping[str, Any], hits: Sequence[Any], oldest: int) -> Iterator[Parsed]:
    """What is as old as the oldest hit, or older; those of that second that were told are named, so that none is told twice."""
    number = json_values.whole(context.get("number")) + 1
    if number >= MOST_PAGES:
        yield Remark(
            Text("Older stories and comments were left out: there are too many.", "Более старое пропущено: его слишком много.")
        )  # fmt: skip
        return
    is_stuck = oldest == context.get("until")
    told = [] if is_stuck else [json_values.name(hit.get("objectID")) for hit in hits if _is_of(hit, oldest)]
    yield _search({**context, "number": number, "until": oldest - is_stuck, "told": told})


def _is_of(hit: object, second: int) -> bool:
    return isinstance(hit, dict) and hit.get("created_at_i") == second


def _document(page: Page) -> Mapping[str, Any]:
    html_pages.demand_readable(page)
    try:
        found = json.loads(html_pages.text_of(page))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("hits"), list):
        raise errors.Unreadable(
            Text("This is no answer of the search of Hacker News.", "Это не ответ поиска по Hacker News.")
        )
    return found


def _one(place: Place, hit: object, page: Page) -> Iterator[Parsed]:
    if not isinstance(hit, dict) or not (own_id := json_values.name(hit.get("objectID"))):
        yield Remark(Text("A hit without an id was left out.", "Запись без номера пропущена."))
        return
    comment, title = hit.get("comment_text"), json_values.name(hit.get("title"))
    markup = comment if isinstance(comment, str) else hit.get("story_text")
    text, _ = plain_text.shorten(plain_text.from_html(markup) if isinstance(markup, str) else "")
    if not text and not title:
        yield Remark(Text(f"{own_id} says nothing.", f"Запись {own_id} ничего не говорит."))
        return
    is_comment = isinstance(comment, str)
    name = json_values.name(hit.get("author"))
    story, parent = json_values.name(hit.get("story_id")), json_values.name(hit.get("parent_id"))
    external_id = plain_text.key(own_id)
    yield Sighting(
        external_id,
        urls.safe_url(f"{SITE}/item?{urlencode({'id': own_id})}"),
        text or title,
        kind="comment" if is_comment else "post",
        title=title if text else "",
        author=AuthorSeen(name, name, urls.safe_url(f"{SITE}/user?{urlencode({'id': name})}")) if name else None,
        published_at=_moment(hit, page),
        thread=plain_text.key(story) if is_comment and story else external_id,
        thread_title=json_values.name(hit.get("story_title")) or title,
        parent=plain_text.key(parent) if is_comment and parent and parent != own_id else None,
        is_by_brand=name in place.own_ids if name else None,
        can_be_answered=False,
        facts=_facts(hit),
        reach=Reach(likes=json_values.count(hit.get("points")), comments=json_values.count(hit.get("num_comments"))),
    )  # fmt: skip


def _facts(hit: Mapping[str, Any]) -> dict[str, str]:
    link = hit.get("url")
    address = urls.safe_url(link) if isinstance(link, str) else None
    return {"link": address} if address else {}


def _moment(hit: Mapping[str, Any], page: Page) -> datetime | None:
    return json_values.moment(hit.get("created_at_i") or hit.get("created_at"), page)
