"""Addresses and plain values of WordPress' REST API: where it lives, what a comment is, what its errors mean."""

import base64
import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from channels import errors
from channels.contract import Answer, Page, Place, Text
from channels.reading import html_pages, urls
from channels.reading import text as plain_text
from channels.wire import refusals

API_RELATION: Final = "https://api.w.org/"
COMMENT_FIELDS: Final = (
    "id,post,parent,author,author_name,author_url,date,date_gmt,content,link,status,_links,_embedded"
)
MAX_OPENINGS: Final = 30
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_DECODER: Final = json.JSONDecoder()
_OPENING = re.compile(r"(?:(?<=[>\n\r\t ;])|\A)[\[{]")
_WEB_PAGE = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)
_FLUFF = re.compile(r"\s*(?:<|\Z)")
_CAP = re.compile(r"between \d+ (?:\(inclusive\) )?and (\d{1,3})\b")
_PARTS: Final = re.compile(r"/wp-(?:content|includes)/|/(?:wp-comments-post|xmlrpc)\.php\Z")


def root_of(place: Place) -> str | None:
    """The root of the API, from what an earlier crawl found, or from the address itself; else None."""
    known = urls.safe_url(place.cursor.get("api_root"))
    return known if known and urls.same_site(known, place.url) else api_part(place.url)


def api_part(url: str) -> str | None:
    """`https://blog.example/wp-json/` out of any address under it; with plain permalinks `...?rest_route=/`."""
    parts = urlsplit(url)
    if "rest_route" in parse_qs(parts.query, keep_blank_values=True):
        return urlunsplit(parts._replace(query="rest_route=/", fragment=""))
    before, found, after = parts.path.partition("/wp-json")
    if found and after[:1] in ("", "/"):
        return urlunsplit(parts._replace(path=f"{before}/wp-json/", query="", fragment=""))
    return None


def endpoint(root: str, route: str, **query: str | int) -> str:
    """The address of a route such as `/wp/v2/comments` under a root of either form."""
    if "rest_route=" in urlsplit(root).query:
        return urls.with_query(root, rest_route=route, **query)
    return urls.with_query(root.rstrip("/") + route, **query)


def site_of(root: str) -> str:
    """The address of the blog itself."""
    parts = urlsplit(root)
    path = parts.path.partition("/wp-json")[0].rstrip("/").removesuffix("/index.php")
    return urlunsplit(parts._replace(path=f"{path}/", query="", fragment=""))


def announced_root(headers: Mapping[str, str], url: str, tree: Any | None = None) -> str | None:
    """The API root that a page of the site names, in its Link header or in its head."""
    for address, attributes in _LINK.findall(headers.get("link", "")):
        if API_RELATION in attributes:
            return _own(address, url)
    if tree is not None:
        for found in tree.xpath("//link[@rel=$rel]/@href", rel=API_RELATION):
            return _own(str(found), url)
    return None


def likely_root(url: str, tree: Any) -> str | None:
    """Where the API of a WordPress would be that does not say so, by where the page has its styles, scripts and forms."""
    for address in tree.xpath("//link/@href|//script/@src|//img/@src|//form/@action"):
        found = urls.safe_url(str(address), url)
        if found is None or not urls.same_site(found, url):
            continue
        if (root := api_part(found)) is not None:
            return root
        if part := _PARTS.search(urlsplit(found).path):
            before = urlsplit(found).path[: part.start()]
            return urlunsplit(urlsplit(found)._replace(path=f"{before}/wp-json/", query="", fragment=""))
    generator = " ".join(tree.xpath("//meta[@name='generator']/@content"))
    return urls.safe_url("/wp-json/", url) if "WordPress" in generator else None


def plain_root(root: str) -> str | None:
    """The same API by its plain address, which works whatever the permalinks are; None where it is that already."""
    return (
        urls.with_query(site_of(root), rest_route="/") if "rest_route=" not in urlsplit(root).query else None
    )


def _own(address: str, url: str) -> str | None:
    found = urls.safe_url(address, url)
    return api_part(found) if found and urls.same_site(found, url) else None


def credentials(place: Place) -> dict[str, str]:
    """The header for HTTP Basic. Raises Unauthorized when the source has no name or password."""
    user = user_of(place)
    password = place.secrets.get("application_password", "").strip()
    if not user or not password:
        raise errors.Unauthorized(
            Text(
                "To answer here, give a user name and an application password of the site.",
                "Чтобы отвечать здесь, укажите имя пользователя сайта и пароль приложения.",
            )
        )
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}


def user_of(place: Place) -> str:
    return place.settings.get("username", "").strip() or place.secrets.get("username", "").strip()


def thread_of(root: str, post: int) -> str:
    return urls.with_query(site_of(root), rest_route=None, p=post)


def post_of(thread: str | None) -> int | None:
    """The number of the article that a conversation is about."""
    values = parse_qs(urlsplit(thread or "").query).get("p", [])
    return int(values[0]) if values and values[0].isdecimal() and len(values[0]) < 18 else None


def text_of(comment: Mapping[str, Any]) -> str:
    content = comment.get("content")
    rendered = content.get("rendered") if isinstance(content, Mapping) else None
    return plain_text.from_html(rendered) if isinstance(rendered, str) else ""


def number(value: Any) -> int:
    """A whole number that is not negative; 0 for anything else, which in WordPress means none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def problem(body: Any) -> tuple[str, str]:
    """The code and the site's own sentence of a REST error; empty when it is none."""
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        return "", ""
    return body["code"][:100], plain_text.line(str(body.get("message") or ""), 300)


def refusal(answer: Answer) -> errors.ChannelError:
    """A REST error in our family. With a code of WordPress' own the site surely did not take the answer."""
    code, said = problem(read_json(answer.body))
    if not code or answer.status == 429:
        return refusals.refusal(answer, said or ("" if answer.status >= 500 else refusals.words(answer)))
    words = Text(f" The site says: {said}", f" Ответ сайта: {said}")
    if code == "comment_flood":
        return errors.RateLimited(
            Text(
                "The site asks to wait before the next comment.",
                "Сайт просит подождать перед следующим комментарием.",
            )
            + words,
            60,
        )
    if code in ("rest_no_route", "rest_disabled"):
        return errors.NotFound(
            Text("The site has no REST API for comments.", "На сайте нет REST API для комментариев.") + words
        )
    if answer.status == 401 or code in (
        "incorrect_password",
        "invalid_username",
        "application_passwords_disabled",
    ):
        return errors.Unauthorized(
            Text("The site did not accept the name and password.", "Сайт не принял имя и пароль.") + words
        )
    if answer.status == 404 or code == "rest_comment_invalid_post_id":
        return errors.NotFound(
            Text("The article or comment is not there any more.", "Статьи или комментария больше нет.")
            + words
        )
    if answer.status >= 500 and not code.startswith(("rest_", "comment_")):
        return errors.Unknown(
            Text(
                "The site failed while it took the answer.",
                "На сайте произошла ошибка, пока он принимал ответ.",
            )
            + words
        )
    return errors.Refused(Text("The site did not take the answer.", "Сайт не принял ответ.") + words)


def read_json(body: bytes) -> Any:
    """The JSON of an answer, or None. Plugins and PHP write byte order marks and notices before it, caches and
    profilers write HTML comments and scripts behind it."""
    text = body.decode("utf-8-sig", "replace").strip().strip("\ufeff").replace("\x00", "")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None if _WEB_PAGE.match(text) else _json_within(text)


def _json_within(text: str) -> Any:
    """The longest piece of JSON that begins where a line or a tag ends; notices may hold brackets of their own."""
    best, longest, behind = None, 0, 0
    for found in islice(_OPENING.finditer(text), MAX_OPENINGS):
        if found.start() < behind:
            continue
        try:
            value, end = _DECODER.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            continue
        is_ours = isinstance(value, dict) or not value or isinstance(value[0], dict)
        if is_ours and end - found.start() > longest and _FLUFF.match(text, end):
            best, longest, behind = value, end - found.start(), end
    return best


def total_pages(page: Page) -> int | None:
    """What the site says, where it says something that can be: caches drop the header or serve that of another query."""
    value = page.headers.get("x-wp-totalpages", "").strip()
    return int(value) if value.isdecimal() and len(value) < 9 and int(value) > 0 else None


def names_next(page: Page) -> bool:
    return any('rel="next"' in attributes for _, attributes in _LINK.findall(page.headers.get("link", "")))


def comments_in(page: Page) -> list[Mapping[str, Any]]:
    """The comments of an answer. Raises Unreadable, or what else keeps them from us, in the site's own words where it gives
    any."""
    if len(page.body) > html_pages.MAX_PAGE:
        html_pages.demand_readable(page)
    found = read_json(page.body)
    if page.status < 300 and isinstance(found, dict) and _is_numbered(found):
        # PHP writes a list with a gap in it as an object.
        found = list(found.values())
    if page.status < 300 and isinstance(found, list):
        return [comment for comment in found if isinstance(comment, dict)]
    code, said = problem(found)
    if page.status >= 300 or code:
        raise _kept(page, code, said)
    html_pages.demand_readable(page)
    html_pages.demand_no_robot_check(page)
    raise errors.Unreadable(
        Text(
            "The answer of the site is not WordPress' list of comments.",
            "Ответ сайта не похож на список комментариев WordPress.",
        )
    )


def _is_numbered(found: Mapping[str, Any]) -> bool:
    return bool(found) and all(
        key.isdecimal() and isinstance(value, dict) and "id" in value for key, value in found.items()
    )


def _kept(page: Page, code: str, said: str) -> errors.ChannelError:
    """Why the site keeps its comments from us."""
    if not code:
        words = _words(page)
        error = html_pages.error_for(page.status, page.headers, page.body)
        is_shut = page.status in (401, 403) and not html_pages.robot_check_words(page.body)
        return type(error)(error.text + _saying(words)) if is_shut and words else error
    status = page.status if page.status >= 300 else _status_by(code)
    words_of_site = _saying(said or code)
    closed = Text(
        "The site does not show its comments through the REST API.",
        "Сайт не показывает комментарии через REST API.",
    )
    if status == 404 or code in ("rest_no_route", "rest_disabled"):
        return errors.NotFound(closed + words_of_site)
    if status in (401, 403):
        return errors.Unauthorized(closed + words_of_site)
    if status == 429:
        often = Text("The site asks for fewer requests.", "Сайт просит обращаться реже.")
        return errors.RateLimited(often + words_of_site, html_pages.retry_after(page.headers))
    if status >= 500:
        broken = Text(
            f"The site has an error of its own ({status}).", f"На сайте произошла ошибка ({status})."
        )
        return errors.Unreachable(broken + words_of_site)
    return errors.Unreadable(
        Text(
            f"The site does not accept the request for its comments ({code}).",
            f"Сайт не принимает запрос комментариев ({code}).",
        )
        + words_of_site
    )


def _saying(words: str) -> Text:
    said = words + ("" if words.endswith((".", "!", "?", "…")) else ".")
    return Text(f" The site says: {said}", f" Ответ сайта: {said}")


def _status_by(code: str) -> int:
    """What an error means that is sent as if all were well."""
    closed = ("cannot", "forbid", "logged", "login", "auth", "access", "permission", "restrict", "private")
    return 403 if any(word in code for word in closed) else 400


def _words(page: Page) -> str:
    """What a page of few words says."""
    found = read_json(page.body)
    said = found.get("message") or found.get("error") if isinstance(found, dict) else None
    text = said if isinstance(said, str) else page.body[:20_000].decode("utf-8", "replace")
    return plain_text.line(text, 300)


def refused_parameter(status: int, answer: bytes) -> tuple[str, int] | None:
    """The name of a parameter that the site does not take, and the greatest value that it would, 0 where it names none."""
    if status != 400:
        return None
    body = read_json(answer)
    code, said = problem(body)
    if code != "rest_invalid_param":
        return None
    data = body.get("data") if isinstance(body, dict) else None
    params = data.get("params") if isinstance(data, dict) else None
    named = params if isinstance(params, dict) else {}
    known = ("per_page", "page", "order", "orderby", "_embed", "_fields")
    name = next((name for name in known if name in named or re.search(rf"\b{name}\b", said)), "")
    cap = _CAP.search(str(named.get(name, "")) + " " + said)
    return (name, int(cap[1]) if cap else 0) if name else None
