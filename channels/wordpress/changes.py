"""Correcting and withdrawing an answer of ours that stands as a WordPress comment."""

import html
import json
from typing import Any, Final

from channels import errors
from channels.contract import Answer, Call, Place, Receipt, Target, Text, Wire
from channels.wordpress import answers, api

_GONE: Final = ("rest_comment_invalid_id", "rest_already_trashed")
_HEADERS: Final = {"content-type": "application/json", "accept": "application/json"}


def correct(place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
    """One POST to the comment itself, after asking whether it is ours."""
    address = _own_comment(place, receipt, wire)
    content = json.dumps({"content": html.escape(text, quote=False)}).encode()
    answer = wire.act(Call(address, "POST", content, _HEADERS))
    body = _comment_of(answer)
    if body is None:
        raise _not_done(answer)
    return answers.receipt_of(body, target)


def withdraw(place: Place, receipt: Receipt, wire: Wire) -> None:
    """Into the trash of the site, from where its owner can bring it back; a site without one deletes it for good."""
    address = _own_comment(place, receipt, wire)
    answer = wire.act(Call(address, "DELETE", headers=_HEADERS))
    body = api.read_json(answer.body)
    if answer.status < 300 and isinstance(body, dict):
        return
    raise _not_done(answer)


def _own_comment(place: Place, receipt: Receipt, wire: Wire) -> str:
    """Its address in the API. Whoever may moderate could change the words of anybody: only what our user wrote is touched."""
    api.credentials(place)
    root = answers.api_root(place, wire)
    address = api.endpoint(root, f"/wp/v2/comments/{answers.number_of(receipt.external_id or '')}")
    answer = wire.ask(Call(address))
    body = _comment_of(answer)
    if body is None:
        raise _gone(answer) or answers.not_read(answer)
    if body.get("status") == "trash":
        raise errors.Gone(Text("The comment lies in the trash there.", "Комментарий там в корзине."))
    if api.number(body.get("author")) != _own_user(root, wire):
        raise errors.Refused(
            Text(
                "The comment there is not written by the user of this source; nothing was sent.",
                "Комментарий написан не тем пользователем, от имени которого работает источник; ничего не отправлено.",
            )
        )
    return address


def _own_user(root: str, wire: Wire) -> int:
    """WordPress serves what is public to wrong passwords as well: whose they are it says here alone."""
    answer = wire.ask(Call(api.endpoint(root, "/wp/v2/users/me")))
    body = api.read_json(answer.body)
    number = api.number(body.get("id")) if answer.status < 300 and isinstance(body, dict) else 0
    if not number:
        raise answers.not_read(answer)
    return number


def _comment_of(answer: Answer) -> dict[str, Any] | None:
    body = api.read_json(answer.body)
    is_comment = answer.status in (200, 201) and isinstance(body, dict) and bool(api.number(body.get("id")))
    return body if is_comment else None


def _gone(answer: Answer) -> errors.Gone | None:
    if answer.status in (404, 410) and api.problem(api.read_json(answer.body))[0] in _GONE:
        return errors.Gone(Text("The comment is not there any more.", "Комментария там больше нет."))
    return None


def _not_done(answer: Answer) -> errors.ChannelError:
    if answer.status < 300:
        return errors.Unknown(
            Text(
                "The site answered, but not in the way of WordPress; it may have done it.",
                "Сайт ответил не так, как отвечает WordPress; возможно, он это сделал.",
            )
        )
    return _gone(answer) or api.refusal(answer)
