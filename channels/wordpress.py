"""WordPress: comments by its REST API, newest first; answers as comments of a user with an application password."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import httpx

from channels import errors, links, pages, plain
from channels import wordpress_api as api
from channels.contract import (
    AuthorSeen,
    Fetch,
    Finding,
    Limits,
    Look,
    Page,
    Parsed,
    Place,
    Receipt,
    Remark,
    Remember,
    SettingField,
    Sighting,
    Target,
)
from channels.wordpress_answers import ask_for, check_access, look_for, publish

PER_PAGE: Final = 100
DEFAULT_MAX_PAGES: Final = 200


class WordPress:
    kind = "wordpress"
    title_en = "WordPress comments"
    title_ru = "Комментарии WordPress"
    fields: Sequence[SettingField] = (
        SettingField(
            "username",
            "User name on the site",
            "Имя пользователя на сайте",
            required=True,
            needed_for="answering",
        ),
        SettingField(
            "application_password",
            "Application password",
            "Пароль приложения",
            secret=True,
            required=True,
            needed_for="answering",
        ),
        SettingField(
            "own_user_ids", "User numbers of your staff", "Номера пользователей — ваших сотрудников"
        ),
        SettingField("max_pages", "Pages of 100 comments at most", "Страниц по 100 комментариев, не больше"),
    )
    limits: Limits | None = Limits(65_525, "bytes")

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
            yield Fetch(url, "me", {"root": root}, is_conditional=False, is_authorized=True)
        else:
            yield self._comments(root, 1, {})

    def authorization(self, place: Place) -> Mapping[str, str]:
        return api.credentials(place)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == "home":
            yield from self._parse_home(place, page)
        elif page.role == "me":
            yield from self._parse_me(place, page)
        else:
            yield from self._parse_comments(place, page)

    def _parse_home(self, place: Place, page: Page) -> Iterator[Parsed]:
        pages.demand_readable(page)
        tree = pages.tree_of(page)
        root = api.announced_root(page.headers, page.url, tree)
        if root is None:
            pages.demand_no_wall(page)
            raise errors.Unreadable("The site does not say that it is WordPress with a REST API.")
        yield Remember({"api_root": root})
        yield from self._begin(place, root)

    def _parse_me(self, place: Place, page: Page) -> Iterator[Parsed]:
        """A wrong password stops no listening: comments are public."""
        own = api.number(_json(page).get("id")) if page.status < 300 else 0
        if own:
            # Whoever wrote for the brand before him still did.
            known = own_user_ids(replace(place, settings={})) | {own}
            yield Remember({"own_user_ids": sorted(known), "own_user": api.user_of(place)})
        else:
            yield Remark("The site does not accept the application password; answers cannot be published.")
        yield self._comments(str(page.context["root"]), 1, {"own": [own] if own else []})

    def _comments(self, root: str, number: int, context: Mapping[str, Any]) -> Fetch:
        """Newest first: the first page holds what is new and the last hundred, where edits are seen.

        Comments that arrive meanwhile push others to the next page, so that some are met twice and none is missed.
        """
        query: dict[str, str | int] = {"orderby": "id", "order": "desc", "per_page": PER_PAGE, "page": number}
        url = api.endpoint(root, "/wp/v2/comments", **query, _fields=api.COMMENT_FIELDS, _embed="up")
        return Fetch(url, "comments", {**context, "root": root, "page": number}, is_conditional=number == 1)

    def _parse_comments(self, place: Place, page: Page) -> Iterator[Parsed]:
        comments = _comments_in(page)
        root = str(page.context.get("root") or api.api_part(page.url) or page.url)
        own = own_user_ids(place) | set(page.context.get("own", []))
        ids = [number for comment in comments if (number := api.number(comment.get("id")))]
        for comment in comments:
            try:
                yield from _read_comment(comment, root, own, page)
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                yield Remark(f"Comment {comment.get('id')} could not be read ({type(error).__name__}).")
        yield from self._go_on(place, page, root, ids)

    def _go_on(self, place: Place, page: Page, root: str, ids: list[int]) -> Iterator[Parsed]:
        """The next page down to the newest comment of the last crawl; only then is the new mark remembered."""
        number = int(page.context.get("page", 1))
        newest = max([*ids, api.number(page.context.get("newest"))], default=0)
        known = api.number(place.cursor.get("last_id"))
        total = api.total_pages(page)
        has_more = bool(ids) and (number < total if total is not None else len(ids) >= PER_PAGE)
        if has_more and min(ids) > known:
            if number < _max_pages(place):
                context = {"newest": newest, "own": page.context.get("own", [])}
                yield self._comments(root, number + 1, context)
                return
            yield Remark(f"The site has more than {number * PER_PAGE} comments; older ones were not read.")
        if newest > known:
            yield Remember({"last_id": newest})

    def send(self, place: Place, target: Target, text: str, http: httpx.Client) -> Receipt:
        return publish(place, target, text, http)

    def check(self, place: Place, http: httpx.Client) -> None:
        check_access(place, http)

    def ask(self, place: Place, target: Target, text: str, receipt: Receipt, http: httpx.Client) -> Look:
        del target, text  # the number of the comment says it all
        return ask_for(place, receipt, http)

    def look(
        self, place: Place, target: Target, text: str, receipt: Receipt | None, http: httpx.Client
    ) -> Look:
        return look_for(place, target, text, receipt, http)

    def recognise(self, page: Page) -> Finding | None:
        if page.status >= 300:
            return None
        index = _json(page) if "json" in pages.content_type(page) else {}
        root = api.api_part(page.url) if "wp/v2" in (index.get("namespaces") or []) else None
        tree = pages.tree_of(page) if not index and _is_html(page) else None
        root = root or api.announced_root(page.headers, page.url, tree)
        if root is None:
            return None
        title = plain.line(str(index.get("name") or "")) or plain.line(
            tree.findtext(".//title") or "" if tree is not None else ""
        )
        return Finding(
            kind=self.kind,
            url=root,
            title=title or api.site_of(root),
            evidence_en="The site is WordPress; its comments can be read and answered through its REST API.",
            evidence_ru="Это сайт на WordPress: комментарии можно читать и отвечать на них через его REST API.",
            # WordPress names its API beside its feeds too; who typed a feed's address wants the feed.
            confidence=0.97 if index or tree is not None else 0.5,
        )


def _is_html(page: Page) -> bool:
    return "html" in pages.content_type(page) and b"<" in page.body[:2_000]


def own_user_ids(place: Place) -> set[int]:
    """The users who write for the brand: those in the settings, and the one whose password we have."""
    listed = place.settings.get("own_user_ids", "").replace(";", ",").split(",")
    given = {int(part) for part in listed if part.strip().isdecimal() and len(part.strip()) < 18}
    learned = place.cursor.get("own_user_ids")
    return given | {
        number for part in (learned if isinstance(learned, list) else []) if (number := api.number(part))
    }


def _read_comment(comment: Mapping[str, Any], root: str, own: set[int], page: Page) -> Iterator[Parsed]:
    number, post = api.number(comment.get("id")), api.number(comment.get("post"))
    if not number or comment.get("status", "approved") != "approved":
        return
    text, was_cut = plain.shorten(api.text_of(comment))
    if was_cut:
        yield Remark(f"Comment {number} was longer than {plain.MAX_TEXT} characters and was cut.")
    url = links.safe_url(comment.get("link"), page.url) or f"{api.thread_of(root, post)}#comment-{number}"
    yield Sighting(
        external_id=str(number),
        url=url,
        text=text,
        kind="comment",
        author=_author(comment),
        published_at=api.moment(comment, page.fetched_at),
        thread=api.thread_of(root, post),
        thread_title=_post_title(comment),
        parent=str(api.number(comment.get("parent"))) if api.number(comment.get("parent")) else None,
        is_by_brand=api.number(comment.get("author")) in own,
    )


def _author(comment: Mapping[str, Any]) -> AuthorSeen | None:
    name = plain.line(str(comment.get("author_name") or ""))
    user = api.number(comment.get("author"))
    if not name and not user:
        return None
    url = links.safe_url(comment.get("author_url"))
    return AuthorSeen(name or f"user {user}", f"user:{user}" if user else name, url)


def _post_title(comment: Mapping[str, Any]) -> str:
    embedded = comment.get("_embedded")
    posts = embedded.get("up") if isinstance(embedded, Mapping) else None
    title = (
        posts[0].get("title") if isinstance(posts, list) and posts and isinstance(posts[0], dict) else None
    )
    return plain.line(str(title.get("rendered") or "")) if isinstance(title, dict) else ""


def _comments_in(page: Page) -> list[Mapping[str, Any]]:
    if page.status >= 300 and api.problem(_json(page))[0]:
        code, said = api.problem(_json(page))
        if code in ("rest_post_invalid_page_number", "rest_invalid_page_number"):
            return []
        family = errors.NotFound if code == "rest_no_route" else errors.Unauthorized
        raise family(f"The site does not show its comments through the REST API. The site says: {said}")
    pages.demand_readable(page)
    found = api.read_json(page.body)
    if not isinstance(found, list):
        pages.demand_no_wall(page)
        raise errors.Unreadable("The answer of the site is not WordPress' list of comments.")
    # WordPress never sends more than a hundred at once.
    return [comment for comment in found[: 10 * PER_PAGE] if isinstance(comment, dict)]


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
