"""Publishing an answer as a WordPress comment, and looking for it as a stranger."""

import html
import json
from collections.abc import Mapping
from typing import Any, Final

import httpx

from channels import errors
from channels.contract import Look, Place, Receipt, Target
from channels.reading import text as plain_text
from channels.reading import urls
from channels.wire import exchange
from channels.wordpress import api, comments

_HIDDEN: Final = (
    "rest_cannot_read",
    "rest_comment_invalid_id",
    "rest_cannot_read_post",
    "rest_comment_trash_post",
)


def publish(place: Place, target: Target, text: str, http: httpx.Client) -> Receipt:
    """One POST. Text that the site already has from us is found again instead of being posted twice."""
    auth = api.credentials(place)
    root = api_root(place, http)
    parent = _number(target.external_id)
    post = api.post_of(target.thread) or _post_of_comment(root, parent, http, auth)
    # WordPress takes HTML: what the agent typed must come out as he typed it.
    content = {"post": post, "parent": parent, "content": html.escape(text, quote=False)}
    answer = exchange.post(
        http,
        api.endpoint(root, "/wp/v2/comments"),
        json.dumps(content).encode(),
        {**auth, "content-type": "application/json", "accept": "application/json"},
    )
    body = api.read_json(answer.body)
    if answer.status == 409 and api.problem(body)[0] == "comment_duplicate":
        return _already_there(root, post, parent, text, target, http, auth)
    if answer.status in (200, 201) and isinstance(body, dict) and api.number(body.get("id")):
        return _receipt(body, target)
    if answer.status < 300:
        raise errors.Unknown(
            "The site answered, but not in the way of WordPress; it may have taken the answer."
        )
    raise api.refusal(answer)


def check_access(place: Place, http: httpx.Client) -> None:
    """`/users/me` and nothing else: WordPress serves public data to wrong passwords as well."""
    auth = api.credentials(place)
    answer = exchange.fetch(http, api.endpoint(api_root(place, http), "/wp/v2/users/me"), auth)
    if answer.status >= 300:
        raise _not_read(answer)
    body = api.read_json(answer.body)
    if not isinstance(body, dict) or not api.number(body.get("id")):
        raise errors.Unreadable("The site did not say who we are there; its REST API may be switched off.")


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, http: httpx.Client) -> Look:
    """As a visitor without a name: by the comment's number, else among the answers to its parent."""
    try:
        root = api_root(place, http)
        if receipt is not None and receipt.external_id:
            return _look_by_number(root, receipt.external_id, text, http)
        return _look_among_answers(root, target, text, http)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=str(error))


def ask_for(place: Place, receipt: Receipt, http: httpx.Client) -> Look:
    """In our own name, of a comment that was held: WordPress shows its author every status."""
    if not receipt.external_id:
        return Look("cannot_tell", reason="The site gave the answer no number that could be asked about.")
    auth = api.credentials(place)
    address = api.endpoint(api_root(place, http), f"/wp/v2/comments/{_number(receipt.external_id)}")
    answer = exchange.fetch(http, address, auth)
    body = api.read_json(answer.body)
    if answer.status == 200 and isinstance(body, dict) and api.number(body.get("id")):
        return _fate(body)
    if answer.status in (404, 410) and api.problem(body)[0] == "rest_comment_invalid_id":
        return Look("rejected", receipt.external_id, reason="The comment was deleted there.")
    raise _not_read(answer)


def _fate(comment: Mapping[str, Any]) -> Look:
    number, status = str(api.number(comment.get("id"))), comment.get("status")
    match status:
        case "approved":
            return _visible(comment, "")
        case "hold":
            return Look("held", number, reason="The comment waits there for a moderator.")
        case "spam" | "trash":
            where = "marked as spam" if status == "spam" else "moved to the trash"
            return Look("rejected", number, reason=f"The comment was {where} there.")
    return Look("cannot_tell", number, reason="The site does not say whether the comment was approved.")


def api_root(place: Place, http: httpx.Client) -> str:
    """The known root, else the one that the site's front page names."""
    root = api.root_of(place)
    if root:
        return root
    answer = exchange.fetch(http, place.url)
    found = api.announced_root(answer.headers, answer.url)
    if found is None and answer.body:
        found = api.announced_root({}, answer.url, urls.parse_html(answer.body))
    if found is None:
        raise errors.Unreadable("The site does not say that it is WordPress with a REST API.")
    return found


def _number(external_id: str) -> int:
    if not external_id.isdecimal() or len(external_id) > 17:
        raise errors.Refused(
            f"“{external_id[:40]}” is not the number of a WordPress comment; nothing was sent."
        )
    return int(external_id)


def _post_of_comment(root: str, comment: int, http: httpx.Client, auth: Mapping[str, str]) -> int:
    answer = exchange.fetch(http, api.endpoint(root, f"/wp/v2/comments/{comment}"), auth)
    body = api.read_json(answer.body)
    post = api.number(body.get("post")) if answer.status == 200 and isinstance(body, dict) else 0
    if not post:
        raise errors.NotFound("The comment to answer is not there any more; nothing was sent.")
    return post


def _receipt(comment: Mapping[str, Any], target: Target) -> Receipt:
    status = comment.get("status", "approved")
    if status in ("spam", "trash"):
        raise errors.Refused(f"The site put the answer where nobody sees it ({status}).")
    return Receipt(
        external_id=str(api.number(comment.get("id"))),
        url=urls.safe_url(comment.get("link"), target.url or "") or target.url,
        state="published" if status == "approved" else "pending",
        published_at=comments.written_in_utc(comment, None),
    )


def _already_there(
    root: str, post: int, parent: int, text: str, target: Target, http: httpx.Client, auth: Mapping[str, str]
) -> Receipt:
    """The site has this very text from us: an earlier send did arrive. When nobody sees it, it is held back."""
    try:
        own = _own_id(root, http, auth)
        for comment in _answers_to(root, post, parent, http, auth):
            is_own = not own or api.number(comment.get("author")) == own
            if is_own and plain_text.says_the_same(api.text_of(comment), text):
                return _receipt(comment, target)
    except (errors.Unreachable, errors.Unreadable) as error:
        raise errors.Unknown("The site has this answer already, but does not show where.") from error
    return Receipt(None, target.url, "pending")


def _own_id(root: str, http: httpx.Client, auth: Mapping[str, str]) -> int:
    body = api.read_json(exchange.fetch(http, api.endpoint(root, "/wp/v2/users/me"), auth).body)
    return api.number(body.get("id")) if isinstance(body, dict) else 0


def _answers_to(
    root: str, post: int | None, parent: int, http: httpx.Client, auth: Mapping[str, str] | None = None
) -> list[Mapping[str, Any]]:
    query: dict[str, str | int] = {"parent": parent, "orderby": "id", "order": "desc", "per_page": 100}
    if post:
        query["post"] = post
    answer = exchange.fetch(
        http, api.endpoint(root, "/wp/v2/comments", **query), auth, is_anonymous=auth is None
    )
    refused = api.refused_parameter(answer.status, answer.body)
    if refused is not None and refused[0] == "per_page":
        query["per_page"] = refused[1] or 10
        url = api.endpoint(root, "/wp/v2/comments", **query)
        answer = exchange.fetch(http, url, auth, is_anonymous=auth is None)
    if answer.status != 200:
        raise _not_read(answer)
    body = api.read_json(answer.body)
    if not isinstance(body, list):
        raise errors.Unreadable("The answer of the site is not WordPress' list of comments.")
    if auth is None and not body and answer.headers.get("age", "0") not in ("", "0"):
        raise errors.Unreadable("The site answered from a cache, which may be older than the answer.")
    return [comment for comment in body if isinstance(comment, dict)]


def _look_by_number(root: str, number: str, text: str, http: httpx.Client) -> Look:
    answer = exchange.fetch(http, api.endpoint(root, f"/wp/v2/comments/{_number(number)}"), is_anonymous=True)
    body = api.read_json(answer.body)
    if answer.status == 200 and isinstance(body, dict) and api.number(body.get("id")):
        if body.get("status", "approved") != "approved":
            return Look("missing", number, reason="The site holds the answer back.")
        return _visible(
            body, "" if plain_text.says_the_same(api.text_of(body), text) else "The text was changed there."
        )
    code, said = api.problem(body)
    if answer.status in (401, 403, 404, 410) and code in _HIDDEN:
        return Look("missing", number, reason=said)
    raise _not_read(answer)


def _look_among_answers(root: str, target: Target, text: str, http: httpx.Client) -> Look:
    post = api.post_of(target.thread)
    for comment in _answers_to(root, post, _number(target.external_id), http):
        if plain_text.says_the_same(api.text_of(comment), text):
            return _visible(comment, "")
    return Look("missing", reason="The answer is not among the answers to this comment.")


def _visible(comment: Mapping[str, Any], reason: str) -> Look:
    return Look(
        "visible",
        external_id=str(api.number(comment.get("id"))),
        url=urls.safe_url(comment.get("link")),
        seen_at=comments.written_in_utc(comment, None),
        reason=reason,
    )


def _not_read(answer: exchange.Answer) -> errors.ChannelError:
    """A GET that failed: unlike a POST it leaves nothing unknown behind."""
    error = api.refusal(answer)
    return (
        errors.Unreachable(f"The site has an error of its own ({answer.status}).")
        if error.kind == "unknown"
        else error
    )
