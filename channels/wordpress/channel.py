"""WordPress: comments by its REST API, newest first; answers as comments of a user with an application password."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from channels import errors
from channels.contract import (
    About,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Look,
    Page,
    Parsed,
    Place,
    Receipt,
    Remark,
    Remember,
    Rights,
    Target,
    Text,
    Wire,
)
from channels.reading import html_pages
from channels.reading import text as plain_text
from channels.wordpress import api
from channels.wordpress import comments as comments_of
from channels.wordpress.answers import ask_for, check_access, look_for, publish

PER_PAGE: Final = 100
DEFAULT_MAX_PAGES: Final = 200
FEWER: Final = (50, 20, 10)
# How a site wants to be asked, kept from one crawl to the next.
LEARNED: Final = ("per_page", "is_bare")


class WordPress:
    about = About(
        "wordpress",
        Text("WordPress comments", "Комментарии WordPress"),
        fields=(
            Field(
                "username", Text("User name on the site", "Имя пользователя на сайте"), needed_for="answering"
            ),
            Field(
                "application_password",
                Text("Application password", "Пароль приложения"),
                "secret",
                needed_for="answering",
            ),
            Field(
                "own_user_ids", Text("User numbers of your staff", "Номера пользователей — ваших сотрудников")
            ),
            Field(
                "max_pages",
                Text("Pages of 100 comments at most", "Страниц по 100 комментариев, не больше"),
                "number",
            ),
        ),
        answering=Answering(Limits(65_525, "bytes")),
    )

    def start(self, place: Place) -> Iterable[Fetch]:
        root = api.root_of(place)
        if root is None:
            yield Fetch(place.url, role="home", is_conditional=False)
            return
        yield from self._begin(place, root)

    def _begin(self, place: Place, root: str) -> Iterator[Fetch]:
        """Who we are there is asked first, so that our own answers are known when they are met."""
        if _has_credentials(place) and not _is_known(place):
            url = api.endpoint(root, "/wp/v2/users/me")
            yield Fetch(url, "me", {"root": root}, is_conditional=False, access="account")
        else:
            yield self._comments(root, 1, _learned(place))

    def hosts(self, place: Place) -> Collection[str]:
        return [urlsplit(place.url).netloc]

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        del now  # an application password does not expire
        return replace(call, headers={**call.headers, **api.credentials(place)})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "home":
            yield from self._parse_home(place, page)
        elif page.role == "index":
            yield from self._parse_index(place, page)
        elif page.role == "me":
            yield from self._parse_me(place, page)
        else:
            yield from self._parse_comments(place, page)

    def _parse_home(self, place: Place, page: Page) -> Iterator[Parsed]:
        """A page that shows WordPress' own files, and whose API is not announced, is asked where it usually is."""
        html_pages.demand_readable(page)
        tree = html_pages.tree_of(page)
        root = api.announced_root(page.headers, page.url, tree)
        if root is None and (likely := api.likely_root(page.url, tree)) is not None:
            yield Fetch(likely, "index", {"root": likely}, is_conditional=False)
            return
        if root is None:
            html_pages.demand_no_robot_check(page)
            raise errors.Unreadable(
                Text(
                    "The site does not say that it is WordPress with a REST API.",
                    "Сайт не сообщает, что это WordPress с REST API.",
                )
            )
        yield Remember({"api_root": root})
        yield from self._begin(place, root)

    def _parse_index(self, place: Place, page: Page) -> Iterator[Parsed]:
        """The index of the API, asked for to see that it is there, or in which zone the site lives."""
        root, index = str(page.context["root"]), _json(page)
        if "again" in page.context:
            zone = comments_of.zone_of_index(index) if page.status < 300 else ""
            if zone:
                yield Remember({"zone": zone})
            again = dict(page.context["again"])
            # A crawl asks for an address in one role only once.
            comments = self._comments(root, int(again.get("page", 1)), {**again, "zone": zone})
            yield replace(comments, role="comments again", is_conditional=False)
        elif page.status < 300 and _speaks_of_comments(index):
            yield Remember({"api_root": root})
            yield from self._begin(place, root)
        elif plainer := api.plain_root(root):
            yield Fetch(plainer, "index", {"root": plainer}, is_conditional=False)
        else:
            raise errors.NotFound(
                Text(
                    "The site looks like WordPress, but its REST API is not where it usually is.",
                    "Сайт похож на WordPress, но его REST API нет на обычном месте.",
                )
            )

    def _parse_me(self, place: Place, page: Page) -> Iterator[Parsed]:
        """A wrong password stops no listening: comments are public."""
        own = api.number(_json(page).get("id")) if page.status < 300 else 0
        if own:
            # Whoever wrote for the brand before him still did.
            known = own_user_ids(replace(place, settings={})) | {own}
            yield Remember({"own_user_ids": sorted(known), "own_user": api.user_of(place)})
        else:
            yield Remark(
                Text(
                    "The site does not accept the application password; answers cannot be published.",
                    "Сайт не принимает пароль приложения: публиковать ответы нельзя.",
                )
            )
        context = {**_learned(place), "own": [own] if own else []}
        yield self._comments(str(page.context["root"]), 1, context)

    def _comments(self, root: str, number: int, context: Mapping[str, Any]) -> Fetch:
        """Newest first: the first page holds what is new and the last hundred, where edits are seen.

        Comments that arrive meanwhile push others to the next page, so that some are met twice and none is missed.
        """
        query: dict[str, str | int] = {"per_page": int(context.get("per_page", PER_PAGE)), "page": number}
        if not context.get("is_bare"):
            query |= {"orderby": "id", "order": "desc", "_fields": api.COMMENT_FIELDS, "_embed": "up"}
        url = api.endpoint(root, "/wp/v2/comments", **query)
        return Fetch(url, "comments", {**context, "root": root, "page": number}, is_conditional=number == 1)

    def _parse_comments(self, place: Place, page: Page) -> Iterator[Parsed]:
        root = str(page.context.get("root") or api.api_part(page.url) or page.url)
        if (other := self._otherwise(root, page)) is not None:
            yield other
            return
        comments = [] if _is_beyond(page) else api.comments_in(page)[: 10 * PER_PAGE]
        clock = _clock(place, page, comments)
        is_asked = "zone" in page.context or clock.zone is not None
        if not is_asked and any(comments_of.lacks_utc(comment, page.fetched_at) for comment in comments):
            context = {"root": root, "again": page.context}
            yield Fetch(api.endpoint(root, "/"), "index", context, is_conditional=False)
            return
        if page.context.get("is_plainer"):
            yield Remember({"api_root": root})
        if learned := {name: page.context[name] for name in LEARNED if name in page.context}:
            yield Remember(learned)
        own = own_user_ids(place) | set(page.context.get("own", []))
        yield from comments_of.read(comments, root, own, page, clock)
        ids = [number for comment in comments if (number := api.number(comment.get("id")))]
        yield from self._go_on(place, page, root, ids)

    def _otherwise(self, root: str, page: Page) -> Fetch | None:
        """The same question in another form, where the site does not take this one; None where none is left."""
        number, context = int(page.context.get("page", 1)), dict(page.context)
        if found := api.refused_parameter(page.status, page.body):
            name, cap = found
            if name == "per_page":
                asked = int(context.get("per_page", PER_PAGE))
                less = next((n for n in (cap, *FEWER) if 0 < n < asked), None)
                return self._comments(root, number, {**context, "per_page": less}) if less else None
            if name != "page" and not context.get("is_bare"):
                return self._comments(root, number, {**context, "is_bare": True})
        is_lost = page.status == 404 and not api.problem(_json(page))[0] and number == 1
        if is_lost and api.api_part(root) and (plainer := api.plain_root(root)):
            return self._comments(plainer, 1, {**context, "is_plainer": True})
        return None

    def _go_on(self, place: Place, page: Page, root: str, ids: list[int]) -> Iterator[Parsed]:
        """The next page down to the newest comment of the last crawl; only then is the new mark remembered.

        A site that does not sort as it was asked to is read to its end, each time.
        """
        context = page.context
        number, asked = int(context.get("page", 1)), int(context.get("per_page", PER_PAGE))
        newest = max([*ids, api.number(context.get("newest"))], default=0)
        known = api.number(place.cursor.get("last_id"))
        is_sorted = ids == sorted(ids, reverse=True) and not context.get("is_unsorted")
        is_news = set(ids) != set(context.get("before", []))
        if ids and is_news and _has_more(page, ids) and not (is_sorted and min(ids) <= max(known, 1)):
            if number < _max_pages(place):
                kept = {
                    name: context[name] for name in ("own", "per_page", "is_bare", "zone") if name in context
                }
                state = {"newest": newest, "is_unsorted": not is_sorted, "before": ids}
                yield self._comments(root, number + 1, {**kept, **state})
                return
            yield Remark(
                Text(
                    f"The site has more than {number * asked} comments; older ones were not read.",
                    f"Комментариев на сайте больше {number * asked}; более старые не прочитаны.",
                )
            )
        if newest > known:
            yield Remember({"last_id": newest})

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        return publish(place, target, text, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        return check_access(place, wire)

    def ask(self, place: Place, target: Target, text: str, receipt: Receipt, wire: Wire) -> Look:
        del target, text  # the number of the comment says it all
        return ask_for(place, receipt, wire)

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        return look_for(place, target, text, receipt, wire)

    def recognise(self, page: Page) -> Finding | None:
        if page.status >= 300:
            return None
        # Caches and plugins serve the index as text/html; what it is called matters less than what it says.
        found = api.read_json(page.body) if api.api_part(page.url) else None
        index = found if isinstance(found, dict) and _speaks_of_comments(found) else {}
        root = api.api_part(page.url) if index else None
        tree = html_pages.tree_of(page) if not index and _is_html(page) else None
        root = root or api.announced_root(page.headers, page.url, tree)
        if root is None:
            return None
        title = plain_text.line(str(index.get("name") or "")) or plain_text.line(
            tree.findtext(".//title") or "" if tree is not None else ""
        )
        return Finding(
            kind=self.about.kind,
            url=root,
            title=title or api.site_of(root),
            evidence=Text(
                "The site is WordPress; its comments can be read and answered through its REST API.",
                "Это сайт на WordPress: комментарии можно читать и отвечать на них через его REST API.",
            ),
            # WordPress names its API beside its feeds too; who typed a feed's address wants the feed.
            confidence=0.97 if index or tree is not None else 0.5,
        )

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        """Where the API of a WordPress is that does not say so."""
        if page.role != "start" or (tree := html_pages.tree_or_none(page)) is None:
            return
        if api.announced_root(page.headers, page.url, tree) is None and (
            root := api.likely_root(page.url, tree)
        ):
            for url in filter(None, (root, api.plain_root(root))):
                yield Fetch(url, "likely api")


def _speaks_of_comments(index: Mapping[str, Any]) -> bool:
    namespaces = index.get("namespaces")
    return isinstance(namespaces, list) and "wp/v2" in namespaces


def _is_html(page: Page) -> bool:
    return "html" in html_pages.content_type(page) and b"<" in page.body[:2_000]


def own_user_ids(place: Place) -> set[int]:
    """The users who write for the brand: those in the settings, and the one whose password we have."""
    listed = place.settings.get("own_user_ids", "").replace(";", ",").split(",")
    given = {int(part) for part in listed if part.strip().isdecimal() and len(part.strip()) < 18}
    learned = place.cursor.get("own_user_ids")
    return given | {
        number for part in (learned if isinstance(learned, list) else []) if (number := api.number(part))
    }


def _learned(place: Place) -> dict[str, Any]:
    per_page = api.number(place.cursor.get("per_page"))
    found: dict[str, Any] = {"per_page": per_page} if 0 < per_page < PER_PAGE else {}
    return {**found, "is_bare": True} if place.cursor.get("is_bare") is True else found


def _is_beyond(page: Page) -> bool:
    """Whether we asked for a page after the last one."""
    if page.status < 300 or int(page.context.get("page", 1)) == 1:
        return False
    refused = api.refused_parameter(page.status, page.body)
    is_said = api.problem(_json(page))[0].endswith("_invalid_page_number")
    return is_said or (refused is not None and refused[0] == "page")


def _has_more(page: Page, ids: list[int]) -> bool:
    """Whether another page may follow. A full page speaks against a total that says it is the last one, and where
    nothing is said, the next page has to be looked at: a site may send fewer than it was asked for."""
    total = api.total_pages(page)
    is_full = len(ids) >= int(page.context.get("per_page", PER_PAGE))
    if total is not None:
        return int(page.context.get("page", 1)) < total or is_full or api.names_next(page)
    return True


def _clock(place: Place, page: Page, comments: Sequence[Mapping[str, Any]]) -> comments_of.Clock:
    told = page.context.get("zone") or place.cursor.get("zone")
    zone = comments_of.zone_named(told) or comments_of.zone_beside(comments, page.fetched_at)
    return comments_of.Clock(page.fetched_at, zone)


def _json(page: Page) -> dict[str, Any]:
    found = api.read_json(page.body)
    return found if isinstance(found, dict) else {}


def _is_known(place: Place) -> bool:
    """Whether the site has told us the number of the user whose password we have now."""
    user = api.user_of(place)
    return bool(place.cursor.get("own_user_ids")) and place.cursor.get("own_user", user) == user


def _has_credentials(place: Place) -> bool:
    try:
        return bool(api.credentials(place))
    except errors.Unauthorized:
        return False


def _max_pages(place: Place) -> int:
    value = place.settings.get("max_pages", "").strip()
    return max(1, min(10_000, int(value))) if value.isdecimal() and len(value) < 6 else DEFAULT_MAX_PAGES
