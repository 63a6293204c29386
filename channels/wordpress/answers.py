"""Publishing an answer as a WordPress comment, and looking for it as a stranger."""

import html
import json
from collections.abc import Mapping
from typing import Any, Final

from channels import errors
from channels.contract import Answer, Call, Look, Place, Receipt, Rights, Target, Text, Wire
from channels.reading import text as plain_text
from channels.reading import urls
from channels.wordpress import api, comments

_HIDDEN: Final = (
    "rest_cannot_read",
    "rest_comment_invalid_id",
    "rest_cannot_read_post",
    "rest_comment_trash_post",
)


def publish(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    """One POST. Text that the site already has from us is found again instead of being posted twice. Raises what `send`
    raises (channels.contract.Replies)."""
    api.credentials(place)
    root = api_root(place, wire)
    parent = _number(target.external_id)
    post = api.post_of(target.thread) or _post_of_comment(root, parent, wire)
    # WordPress takes HTML: what the agent typed must come out as he typed it.
    content = {"post": post, "parent": parent, "content": html.escape(text, quote=False)}
    headers = {"content-type": "application/json", "accept": "application/json"}
    url = api.endpoint(root, "/wp/v2/comments")
    answer = wire.act(Call(url, "POST", json.dumps(content).encode(), headers))
    body = api.read_json(answer.body)
    if answer.status == 409 and api.problem(body)[0] == "comment_duplicate":
        return _already_there(root, post, parent, text, target, wire)
    if answer.status in (200, 201) and isinstance(body, dict) and api.number(body.get("id")):
        return _receipt(body, target)
    if answer.status < 300:
        raise errors.Unknown(
            Text(
                "The site answered, but not in the way of WordPress; it may have taken the answer.",
                "Сайт ответил не так, как отвечает WordPress; возможно, он принял ответ.",
            )
        )
    raise api.refusal(answer)


def check_access(place: Place, wire: Wire) -> Rights:
    """`/users/me` and nothing else: WordPress serves public data to wrong passwords as well. Raises Unreadable where the
    site does not say who we are."""
    api.credentials(place)
    answer = wire.ask(Call(api.endpoint(api_root(place, wire), "/wp/v2/users/me")))
    if answer.status >= 300:
        raise _not_read(answer)
    body = api.read_json(answer.body)
    if not isinstance(body, dict) or not api.number(body.get("id")):
        raise errors.Unreadable(
            Text(
                "The site did not say who we are there; its REST API may be switched off.",
                "Сайт не сообщил, кто мы там; возможно, его REST API выключен.",
            )
        )
    return Rights(listens=True, answers=True, signs_as=plain_text.line(str(body.get("name") or "")))


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    """As a visitor without a name: by the comment's number, else among the answers to its parent."""
    try:
        root = api_root(place, wire)
        if receipt is not None and receipt.external_id:
            return _look_by_number(root, receipt.external_id, text, wire)
        return _look_among_answers(root, target, text, wire)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text)


def ask_for(place: Place, receipt: Receipt, wire: Wire) -> Look:
    """In our own name, of a comment that was held: WordPress shows its author every status."""
    if not receipt.external_id:
        return Look(
            "cannot_tell",
            reason=Text(
                "The site gave the answer no number that could be asked about.",
                "Сайт не дал ответу номера, о котором можно спросить.",
            ),
        )
    api.credentials(place)
    address = api.endpoint(api_root(place, wire), f"/wp/v2/comments/{_number(receipt.external_id)}")
    answer = wire.ask(Call(address))
    body = api.read_json(answer.body)
    if answer.status == 200 and isinstance(body, dict) and api.number(body.get("id")):
        return _fate(body)
    if answer.status in (404, 410) and api.problem(body)[0] == "rest_comment_invalid_id":
        return Look(
            "rejected",
            receipt.external_id,
            reason=Text("The comment was deleted there.", "Комментарий там удалён."),
        )
    raise _not_read(answer)


def _fate(comment: Mapping[str, Any]) -> Look:
    number, status = str(api.number(comment.get("id"))), comment.get("status")
    match status:
        case "approved":
            return _visible(comment, "")
        case "hold":
            return Look(
                "held",
                number,
                reason=Text("The comment waits there for a moderator.", "Комментарий ждёт там модератора."),
            )
        case "spam" | "trash":
            where = "marked as spam" if status == "spam" else "moved to the trash"
            russian = "помечен как спам" if status == "spam" else "перемещён в корзину"
            return Look(
                "rejected",
                number,
                reason=Text(f"The comment was {where} there.", f"Комментарий там {russian}."),
            )
    return Look(
        "cannot_tell",
        number,
        reason=Text(
            "The site does not say whether the comment was approved.",
            "Сайт не сообщает, одобрен ли комментарий.",
        ),
    )


def api_root(place: Place, wire: Wire) -> str:
    """The known root, else the one that the site's front page names. Raises Unreadable where it names none."""
    root = api.root_of(place)
    if root:
        return root
    answer = wire.ask(Call(place.url), is_anonymous=True)
    found = api.announced_root(answer.headers, answer.url)
    if found is None and answer.body:
        found = api.announced_root({}, answer.url, urls.parse_html(answer.body))
    if found is None:
        raise errors.Unreadable(
            Text(
                "The site does not say that it is WordPress with a REST API.",
                "Сайт не сообщает, что это WordPress с REST API.",
            )
        )
    return found


def _number(external_id: str) -> int:
    if not external_id.isdecimal() or len(external_id) > 17:
        raise errors.Refused(
            Text(
                f"“{external_id[:40]}” is not the number of a WordPress comment; nothing was sent.",
                f"«{external_id[:40]}» — не номер комментария WordPress; ничего не отправлено.",
            )
        )
    return int(external_id)


def _post_of_comment(root: str, comment: int, wire: Wire) -> int:
    answer = wire.ask(Call(api.endpoint(root, f"/wp/v2/comments/{comment}")))
    body = api.read_json(answer.body)
    post = api.number(body.get("post")) if answer.status == 200 and isinstance(body, dict) else 0
    if not post:
        raise errors.NotFound(
            Text(
                "The comment to answer is not there any more; nothing was sent.",
                "Комментария, на который отвечают, больше нет; ничего не отправлено.",
            )
        )
    return post


def _receipt(comment: Mapping[str, Any], target: Target) -> Receipt:
    status = comment.get("status", "approved")
    if status in ("spam", "trash"):
        raise errors.Refused(
            Text(
                f"The site put the answer where nobody sees it ({status}).",
                f"Сайт поместил ответ туда, где его никто не видит ({status}).",
            )
        )
    return Receipt(
        external_id=str(api.number(comment.get("id"))),
        url=urls.safe_url(comment.get("link"), target.url or "") or target.url,
        state="public" if status == "approved" else "held",
        at=comments.written_in_utc(comment, None),
    )


def _already_there(root: str, post: int, parent: int, text: str, target: Target, wire: Wire) -> Receipt:
    """The site has this very text from us: an earlier send did arrive. When nobody sees it, it is held back."""
    try:
        own = _own_id(root, wire)
        for comment in _answers_to(root, post, parent, wire, is_anonymous=False):
            is_own = not own or api.number(comment.get("author")) == own
            if is_own and plain_text.says_the_same(api.text_of(comment), text):
                return _receipt(comment, target)
    except (errors.Unreachable, errors.Unreadable) as error:
        raise errors.Unknown(
            Text(
                "The site has this answer already, but does not show where.",
                "Такой ответ на сайте уже есть, но где — сайт не показывает.",
            )
        ) from error
    return Receipt(None, target.url, "held")


def _own_id(root: str, wire: Wire) -> int:
    body = api.read_json(wire.ask(Call(api.endpoint(root, "/wp/v2/users/me"))).body)
    return api.number(body.get("id")) if isinstance(body, dict) else 0


def _answers_to(
    root: str, post: int | None, parent: int, wire: Wire, *, is_anonymous: bool = True
) -> list[Mapping[str, Any]]:
    query: dict[str, str | int] = {"parent": parent, "orderby": "id", "order": "desc", "per_page": 100}
    if post:
        query["post"] = post
    answer = wire.ask(Call(api.endpoint(root, "/wp/v2/comments", **query)), is_anonymous=is_anonymous)
    refused = api.refused_parameter(answer.status, answer.body)
    if refused is not None and refused[0] == "per_page":
        query["per_page"] = refused[1] or 10
        url = api.endpoint(root, "/wp/v2/comments", **query)
        answer = wire.ask(Call(url), is_anonymous=is_anonymous)
    if answer.status != 200:
        raise _not_read(answer)
    body = api.read_json(answer.body)
    if not isinstance(body, list):
        raise errors.Unreadable(
            Text(
                "The answer of the site is not WordPress' list of comments.",
                "Ответ сайта не похож на список комментариев WordPress.",
            )
        )
    if is_anonymous and not body and answer.headers.get("age", "0") not in ("", "0"):
        raise errors.Unreadable(
            Text(
                "The site answered from a cache, which may be older than the answer.",
                "Сайт ответил из кеша, который может быть старше ответа.",
            )
        )
    return [comment for comment in body if isinstance(comment, dict)]


def _look_by_number(root: str, number: str, text: str, wire: Wire) -> Look:
    url = api.endpoint(root, f"/wp/v2/comments/{_number(number)}")
    answer = wire.ask(Call(url), is_anonymous=True)
    body = api.read_json(answer.body)
    if answer.status == 200 and isinstance(body, dict) and api.number(body.get("id")):
        if body.get("status", "approved") != "approved":
            return Look(
                "missing",
                number,
                reason=Text("The site holds the answer back.", "Сайт пока не показывает ответ."),
            )
        return _visible(
            body,
            ""
            if plain_text.says_the_same(api.text_of(body), text)
            else Text("The text was changed there.", "Текст там изменён."),
        )
    code, said = api.problem(body)
    if answer.status in (401, 403, 404, 410) and code in _HIDDEN:
        return Look("missing", number, reason=said)
    raise _not_read(answer)


def _look_among_answers(root: str, target: Target, text: str, wire: Wire) -> Look:
    post = api.post_of(target.thread)
    for comment in _answers_to(root, post, _number(target.external_id), wire):
        if plain_text.says_the_same(api.text_of(comment), text):
            return _visible(comment, "")
    return Look(
        "missing",
        reason=Text(
            "The answer is not among the answers to this comment.",
            "Среди ответов на этот комментарий нашего нет.",
        ),
    )


def _visible(comment: Mapping[str, Any], reason: Text | str) -> Look:
    return Look(
        "visible",
        external_id=str(api.number(comment.get("id"))),
        url=urls.safe_url(comment.get("link")),
        seen_at=comments.written_in_utc(comment, None),
        reason=reason,
    )


def _not_read(answer: Answer) -> errors.ChannelError:
    """A GET that failed: unlike a POST it leaves nothing unknown behind."""
    error = api.refusal(answer)
    return (
        errors.Unreachable(
            Text(
                f"The site has an error of its own ({answer.status}).",
                f"На сайте произошла ошибка ({answer.status}).",
            )
        )
        if error.kind == "unknown"
        else error
    )
