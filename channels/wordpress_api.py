"""Addresses and plain values of WordPress' REST API: where it lives, what a comment is, what its errors mean."""

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from channels import errors, exchange, links, plain, times
from channels.contract import Page, Place

API_RELATION: Final = "https://api.w.org/"
COMMENT_FIELDS: Final = (
    "id,post,parent,author,author_name,author_url,date_gmt,content,link,status,_links,_embedded"
)
_LINK = re.compile(r"<([^<>]*)>([^<]*)")


def root_of(place: Place) -> str | None:
    """The root of the API, from what an earlier crawl found, or from the address itself; else None."""
    known = links.safe_url(place.cursor.get("api_root"))
    return known if known and links.same_site(known, place.url) else api_part(place.url)


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
        return links.with_query(root, rest_route=route, **query)
    return links.with_query(root.rstrip("/") + route, **query)


def site_of(root: str) -> str:
    """The address of the blog itself."""
    parts = urlsplit(root)
    return urlunsplit(parts._replace(path=parts.path.partition("/wp-json")[0] + "/", query="")).replace(
        "//?", "/?"
    )


def announced_root(headers: Mapping[str, str], url: str, tree: Any | None = None) -> str | None:
    """The API root that a page of the site names, in its Link header or in its head."""
    for address, attributes in _LINK.findall(headers.get("link", "")):
        if API_RELATION in attributes:
            return _own(address, url)
    if tree is not None:
        for found in tree.xpath("//link[@rel=$rel]/@href", rel=API_RELATION):
            return _own(str(found), url)
    return None


def _own(address: str, url: str) -> str | None:
    found = links.safe_url(address, url)
    return api_part(found) if found and links.same_site(found, url) else None


def credentials(place: Place) -> dict[str, str]:
    """The header for HTTP Basic. Raises Unauthorized when the source has no name or password."""
    user = user_of(place)
    password = place.secrets.get("application_password", "").strip()
    if not user or not password:
        raise errors.Unauthorized("To answer here, give a user name and an application password of the site.")
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}


def user_of(place: Place) -> str:
    return place.settings.get("username", "").strip() or place.secrets.get("username", "").strip()


def thread_of(root: str, post: int) -> str:
    return links.with_query(site_of(root), rest_route=None, p=post)


def post_of(thread: str | None) -> int | None:
    """The number of the article that a conversation is about."""
    values = parse_qs(urlsplit(thread or "").query).get("p", [])
    return int(values[0]) if values and values[0].isdecimal() and len(values[0]) < 18 else None


def text_of(comment: Mapping[str, Any]) -> str:
    content = comment.get("content")
    rendered = content.get("rendered") if isinstance(content, Mapping) else None
    return plain.from_html(rendered) if isinstance(rendered, str) else ""


def number(value: Any) -> int:
    """A whole number that is not negative; 0 for anything else, which in WordPress means none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def moment(comment: Mapping[str, Any], now: datetime | None) -> datetime | None:
    """`date_gmt` is UTC without saying so."""
    found = times.read(comment.get("date_gmt"), now)
    return found.astimezone(UTC) if found else None


def problem(body: Any) -> tuple[str, str]:
    """The code and the site's own sentence of a REST error; empty when it is none."""
    if not isinstance(body, dict) or not isinstance(body.get("code"), str):
        return "", ""
    return body["code"][:100], plain.line(str(body.get("message") or ""), 300)


def refusal(answer: exchange.Answer) -> errors.ChannelError:
    """A REST error in our family. With a code of WordPress' own the site surely did not take the answer."""
    code, said = problem(answer.json())
    if not code or answer.status == 429:
        return exchange.refusal(answer, said or ("" if answer.status >= 500 else answer.words()))
    if code == "comment_flood":
        return errors.RateLimited(f"The site asks to wait before the next comment. The site says: {said}", 60)
    if code in ("rest_no_route", "rest_disabled"):
        return errors.NotFound(f"The site has no REST API for comments. The site says: {said}")
    if answer.status == 401 or code in (
        "incorrect_password",
        "invalid_username",
        "application_passwords_disabled",
    ):
        return errors.Unauthorized(f"The site did not accept the name and password. The site says: {said}")
    if answer.status == 404 or code == "rest_comment_invalid_post_id":
        return errors.NotFound(f"The article or comment is not there any more. The site says: {said}")
    if answer.status >= 500 and not code.startswith(("rest_", "comment_")):
        return errors.Unknown(f"The site broke while it took the answer. The site says: {said}")
    return errors.Refused(f"The site did not take the answer. The site says: {said}")


def read_json(body: bytes) -> Any:
    """The JSON of an answer, or None. Some plugins write a byte order mark or PHP's warnings before it."""
    for source in (body.removeprefix(b"\xef\xbb\xbf"), body[max(0, body.find(b"\n[")) :]):
        try:
            return json.loads(source)
        except (ValueError, RecursionError):
            continue
    return None


def total_pages(page: Page) -> int | None:
    value = page.headers.get("x-wp-totalpages", "")
    return int(value) if value.isdecimal() and len(value) < 9 else None
