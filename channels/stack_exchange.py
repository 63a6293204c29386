"""Stack Exchange: questions of a tag or a search at any of its sites, with their answers. Nobody answers from here.

Questions are asked for by their last activity, the oldest first, each time from where the last list ended: so lists do not
shift while they are read, edits come up again, and a reading that the site interrupts goes on later where it was.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from channels import errors
from channels.contract import (
    About,
    AuthorSeen,
    Call,
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
from channels.reading import html_pages, json_values, urls
from channels.reading import text as plain_text

ORIGIN: Final = "https://api.stackexchange.com"
VERSION: Final = "2.3"
PER_PAGE: Final = 100
OVERLAP_SECONDS: Final = 600
"""So far behind what is known is read again: the search learns of a post some time after it was written."""
MOST_PAGES: Final = 25
"""So many lists of questions a crawl; the next one goes on from there."""
_HOST = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:stackexchange|stackoverflow|serverfault|superuser|askubuntu|stackapps)\.com|mathoverflow\.net"
)
_OWN_NAMES: Final = frozenset(("stackoverflow", "serverfault", "superuser", "askubuntu", "stackapps"))
_TAGGED = re.compile(r"/questions/tagged/([^/]{1,200})/?\Z")
_SECONDS = re.compile(r"available in (\d{1,6}) seconds")
_KEY_REFUSED: Final = frozenset((401, 402, 403, 405, 406))


class StackExchange:
    about = About(
        "stack_exchange",
        Text("Stack Exchange", "Stack Exchange: вопросы и ответы"),
        fields=(
            Field(
                "key",
                Text("Application key", "Ключ приложения"),
                "secret",
                "account",
                hint=Text(
                    "From stackapps.com, Register an application. Without it 300 requests a day.",
                    "С сайта stackapps.com, раздел Register an application. Без него доступно 300 запросов в день.",
                ),
            ),
        ),
        pace=Pace(interval_seconds=3_600, least_interval_seconds=300, per_second=1.0),
        terms=Text(
            "What is said there is under CC BY-SA: show the author and the link. Answers are written at the site by hand.",
            "Тексты там под лицензией CC BY-SA: показывайте автора и ссылку. Отвечают на самом сайте, вручную.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        address = typed if "://" in typed else f"https://{typed}"
        asked = _asked(address)
        if asked is None:
            return None
        words = asked.get("tagged") or asked["q"]
        return Finding(
            self.about.kind,
            address,
            f"{asked['site']}: {plain_text.line(words, 100)}",
            Text("These are questions of a Stack Exchange site.", "Это вопросы сайта Stack Exchange."),
            1.0,
        )

    def hosts(self, place: Place) -> Collection[str]:
        del place  # one server for all sites
        return (urlsplit(ORIGIN).netloc,)

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        """A key is no condition: without it the site answers by our address, and less often."""
        del now
        key, has_key = place.secrets.get("key"), "key" in parse_qs(urlsplit(call.url).query)
        return replace(call, url=f"{call.url}&{urlencode({'key': key})}") if key and not has_key else call

    def start(self, place: Place) -> Iterator[Fetch]:
        asked = _asked(place.url)
        if asked is None:
            raise errors.Unreadable(
                Text(
                    "The address names no search: it looks like https://stackoverflow.com/questions/tagged/zarya.",
                    "В адресе нет поиска: он выглядит как https://stackoverflow.com/questions/tagged/zarya.",
                )
            )
        since = int(place.since.timestamp()) if place.since is not None else 0
        if known := json_values.whole(place.cursor.get("activity")):
            since = max(known - OVERLAP_SECONDS, 0)
        yield _questions({"asked": asked, "since": since, "number": 0})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        found = _document(page)
        items = found["items"]
        told = page.context.get("told") or []
        for item in items:
            if not isinstance(item, dict) or item.get("question_id") not in told or page.role == "answers":
                yield from _one(place, item, page)
        if page.role != "answers":
            yield from _onward(page.context, found)
        elif found.get("has_more") is True and page.context.get("ids"):
            _demand_leave(found)
            yield _answers({**page.context, "page": json_values.whole(page.context.get("page")) + 1})
        else:
            yield from _end(page.context.get("then") or {})


def _onward(context: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Parsed]:
    """The answers of these questions, and where the next reading begins: at once, or later where the site asks for a pause."""
    items = [one for one in found["items"] if isinstance(one, dict)]
    told = context.get("told") or []
    new = [one for one in items if one.get("question_id") not in told]
    answered = [
        json_values.whole(one.get("question_id")) for one in new if json_values.whole(one.get("answer_count"))
    ]
    times = [at for one in items if (at := json_values.whole(one.get("last_activity_date")))]
    if not times or not context.get("asked"):
        return
    newest, number = max(times), json_values.whole(context.get("number")) + 1
    then: dict[str, Any] = {"activity": newest}
    may_ask = not json_values.whole(found.get("backoff")) and found.get("quota_remaining") != 0
    if found.get("has_more") is True and may_ask and number < MOST_PAGES:
        is_stuck = newest == context.get("since")
        of_newest = [one.get("question_id") for one in items if one.get("last_activity_date") == newest]
        named = [] if is_stuck else of_newest
        since = newest + is_stuck
        then["next"] = {"asked": context["asked"], "since": since, "number": number, "told": named}
    if any(answered):
        _demand_leave({**found, "backoff": 0})  # a pause is for one method, and this is another
        ids = [one for one in answered if one]
        yield _answers({"asked": context["asked"], "ids": ids, "page": 1, "then": then})
    else:
        yield from _end(then)


def _end(then: Mapping[str, Any]) -> Iterator[Parsed]:
    """After the answers of a list of questions, so that none is passed over when they cannot be had."""
    if activity := json_values.whole(then.get("activity")):
        yield Remember({"activity": activity})
    if then.get("next"):
        yield _questions(then["next"])


def _demand_leave(found: Mapping[str, Any]) -> None:
    """Who asks at once in spite of `backoff`, or with nothing left for the day, is locked out by the site."""
    if found.get("quota_remaining") == 0:
        raise errors.QuotaSpent(
            Text(
                "Stack Exchange takes no more requests today.",
                "Stack Exchange сегодня больше не принимает запросы.",
            )
        )
    if wait := json_values.whole(found.get("backoff")):
        raise errors.RateLimited(
            Text("Stack Exchange asks for a pause.", "Stack Exchange просит сделать паузу."), wait
        )


def _asked(address: str) -> dict[str, str] | None:
    """The parameters that say which questions: the site, and its tag or words."""
    try:
        parts = urlsplit(address)
        host, query = (parts.hostname or "").removeprefix("www."), parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    if not _HOST.fullmatch(host) or host == "stackexchange.com":
        return None
    site = host.removesuffix(".com").removesuffix(".stackexchange")
    if found := _TAGGED.search(parts.path):
        tags = unquote(found[1]).replace("+or+", ";").replace(" or ", ";")
        return {"site": site, "tagged": plain_text.line(tags)}
    words = plain_text.line(query.get("q", [""])[0]) if parts.path == "/search" else ""
    return {"site": site, "q": words} if words else None


def _questions(context: Mapping[str, Any]) -> Fetch:
    asked = {
        **context["asked"],
        "sort": "activity",
        "order": "asc",
        "min": context["since"],
        "pagesize": PER_PAGE,
        "page": 1,
        "filter": "withbody",
    }
    address = f"{ORIGIN}/{VERSION}/search/advanced?{urlencode(asked)}"
    return Fetch(address, "questions", context, access="account", is_conditional=False)


def _answers(context: Mapping[str, Any]) -> Fetch:
    asked = {
        "site": context["asked"]["site"],
        "sort": "creation",
        "order": "asc",
        "pagesize": PER_PAGE,
        "page": context["page"],
        "filter": "withbody",
    }
    listed = ";".join(str(one) for one in context["ids"][:PER_PAGE])
    address = f"{ORIGIN}/{VERSION}/questions/{listed}/answers?{urlencode(asked)}"
    return Fetch(address, "answers", context, access="account", is_conditional=False)


def _document(page: Page) -> Mapping[str, Any]:
    try:
        found = json.loads(html_pages.text_of(page))
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict) and json_values.whole(found.get("error_id")):
        raise _refusal(found)
    html_pages.demand_readable(page)
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        raise errors.Unreadable(
            Text("This is no answer of the Stack Exchange API.", "Это не ответ API Stack Exchange.")
        )
    return found


def _refusal(found: Mapping[str, Any]) -> errors.ChannelError:
    """The site's errors come with a number of its own, whatever the status is."""
    number, said = (
        json_values.whole(found.get("error_id")),
        plain_text.line(str(found.get("error_message") or ""), 300),
    )
    words = Text(f"Stack Exchange: {said or number}.", f"Stack Exchange: {said or number}.")
    if number == 502 or found.get("error_name") == "throttle_violation":
        wait = _SECONDS.search(said)
        return errors.RateLimited(words, min(int(wait[1]), 86_400) if wait else None)
    if number in _KEY_REFUSED or (number == 400 and "key" in said):
        return errors.Unauthorized(
            Text(
                "Stack Exchange does not take the application key.",
                "Stack Exchange не принимает ключ приложения.",
            )
        )
    if number == 404:
        return errors.NotFound(words)
    return errors.Unreachable(words) if number >= 500 else errors.Unreadable(words)


def _one(place: Place, item: object, page: Page) -> Iterator[Parsed]:
    name = "answer" if page.role == "answers" else "question"
    if not isinstance(item, dict) or not (number := json_values.whole(item.get(f"{name}_id"))):
        yield Remark(Text("A post without an id was left out.", "Запись без номера пропущена."))
        return
    body, title = item.get("body"), json_values.name(item.get("title"))
    text, _ = plain_text.shorten(plain_text.from_html(body) if isinstance(body, str) else "")
    if not text and not title:
        yield Remark(Text(f"The post {number} says nothing.", f"Запись {number} ничего не говорит."))
        return
    site = (page.context.get("asked") or {}).get("site", "")
    external_id, question = f"{site}:{number}", json_values.whole(item.get("question_id"))
    thread = f"{site}:{question}" if question else external_id
    author = _author(item.get("owner"))
    yield Sighting(
        external_id,
        _link(item, site, number),
        text or title,
        kind="question" if name == "question" else "comment",
        title=title if text and name == "question" else "",
        author=author,
        published_at=json_values.moment_of_seconds(item.get("creation_date"), page),
        edited_at=json_values.moment_of_seconds(item.get("last_edit_date"), page),
        thread=thread,
        thread_title=title,
        parent=thread if thread != external_id else None,
        is_by_brand=author.external_id in place.own_ids if author and author.external_id else None,
        can_be_answered=False,
        facts=_facts(item),
        reach=Reach(likes=json_values.count(item.get("score")), comments=json_values.count(item.get("answer_count")), views=json_values.count(item.get("view_count"))),
    )  # fmt: skip


def _link(item: Mapping[str, Any], site: str, number: int) -> str | None:
    """The site names no address of an answer; the short one leads to it."""
    if isinstance(link := item.get("link"), str) and (address := urls.safe_url(link)):
        return address
    if not site:
        return None
    ending = ".com" if site.rpartition(".")[2] in _OWN_NAMES else ".stackexchange.com"
    host = site if site == "mathoverflow.net" else f"{site}{ending}"
    return urls.safe_url(f"https://{host}/{'a' if 'answer_id' in item else 'q'}/{number}")


def _author(owner: object) -> AuthorSeen | None:
    """One who deleted his account has a name and no id."""
    if not isinstance(owner, dict) or not (name := json_values.name(owner.get("display_name"))):
        return None
    number, link = json_values.whole(owner.get("user_id")), owner.get("link")
    return AuthorSeen(
        name, str(number) if number else None, urls.safe_url(link) if isinstance(link, str) else None
    )


def _facts(item: Mapping[str, Any]) -> dict[str, str]:
    tags = item.get("tags")
    listed = (
        ", ".join(json_values.name(tag) for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else ""
    )
    facts = {"tags": plain_text.line(listed)} if listed else {}
    return {**facts, "accepted": "yes"} if item.get("is_accepted") is True else facts
