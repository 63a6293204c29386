"""Publishing a comment to a review or an answer to a question at Ozon, taking it back, and asking what became of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import errors
from channels.contract import Look, Receipt, Target, Text, Wire
from channels.ozon.api import API, call
from channels.ozon.items import QUESTION, state_of
from channels.reading import json_values
from channels.reading import text as plain_text

MOST_PAGES: Final = 20
PER_PAGE: Final = 100


def publish(target: Target, text: str, wire: Wire) -> Receipt:
    """Ozon looks at every comment before others see it."""
    if question := _question(target):
        asked = {"question_id": question, "sku": _sku(target), "text": text}
        said = _taken(wire, "/v1/question/answer/create", asked, text)
        return Receipt(f"answer:{_id_in(said, 'answer_id')}", target.url, "accepted")
    asked = {"review_id": _review(target), "text": text, "mark_review_as_processed": True}
    if comment := json_values.identifier(target.handle.get("comment")):
        asked["parent_comment_id"] = comment
    said = _taken(wire, "/v1/review/comment/create", asked, text)
    return Receipt(_id_in(said, "comment_id"), target.url, "held")


def withdraw(target: Target, receipt: Receipt, wire: Wire) -> None:
    if not receipt.external_id:
        raise errors.Refused(
            Text("It is not known which comment is ours.", "Неизвестно, какой комментарий наш.")
        )
    own_id = receipt.external_id.removeprefix("answer:")
    if _question(target):
        path, asked = "/v1/question/answer/delete", {"answer_id": own_id, "sku": _sku(target)}
    else:
        path, asked = "/v2/review/comment/delete", {"comment_id": own_id, "sku": _sku(target)}
    answer = wire.act(call(path, asked))
    if answer.status == 404:
        raise errors.Gone(Text("Ozon no longer has this comment.", "Этого комментария на Ozon больше нет."))
    if answer.status >= 300:
        raise API.refused(answer, "")


def look_for(target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    try:
        question = _question(target)
        listed = _answers(question, target, wire) if question else _comments(target, wire)
        found = next((one for one in listed if _is_ours(one, text, receipt)), None)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text, proof="account")
    if found is None:
        late = Text(
            "Ozon lists a comment only after it has checked it.",
            "Ozon показывает комментарий в списке только после проверки.",
        )
        return Look("missing", reason=late, proof="account")
    return _fate(found, target, text, wire)


def _is_ours(listed: Mapping[str, Any], text: str, receipt: Receipt | None) -> bool:
    if receipt is not None and receipt.external_id:
        return receipt.external_id.removeprefix("answer:") == json_values.identifier(listed.get("id"))
    is_foreign = listed.get("is_owner") is False
    return not is_foreign and plain_text.says_the_same(json_values.prose(("", listed.get("text"))), text)


def _fate(found: Mapping[str, Any], target: Target, text: str, wire: Wire) -> Look:
    own_id, status = json_values.identifier(found.get("id")), found.get("status_publication")
    return API.fate(
        state_of(found) if status in (None, "", "PUBLISHED") else None,
        status,
        f"answer:{own_id}" if _question(target) else own_id,
        is_as_sent=plain_text.says_the_same(json_values.prose(("", found.get("text"))), text),
        url=target.url,
        seen_at=json_values.moment_at(found.get("published_at"), wire.now),
        reason=json_values.name(found.get("deviation_reason"), 300),
    )


def _comments(target: Target, wire: Wire) -> Iterator[Mapping[str, Any]]:
    for number in range(MOST_PAGES):
        asked = {
            "review_id": _review(target),
            "limit": PER_PAGE,
            "offset": number * PER_PAGE,
            "sort_dir": "DESC",
        }
        said = API.read(wire.ask(call("/v1/review/comment/list", asked)))
        if not isinstance(listed := said.get("comments", 0) or [], list):
            raise API.strange()
        yield from json_values.rows(listed)
        if len(listed) < PER_PAGE:
            return


def _answers(question: str, target: Target, wire: Wire) -> Iterator[Mapping[str, Any]]:
    last_id = ""
    for _ in range(MOST_PAGES):
        asked = {"question_id": question, "sku": _sku(target), "last_id": last_id}
        said = API.read(wire.ask(call("/v1/question/answer/list", asked)))
        if not isinstance(listed := said.get("answers", 0) or [], list):
            raise API.strange()
        yield from json_values.rows(listed)
        following = json_values.identifier(said.get("last_id"))
        if not listed or following in ("", last_id):
            return
        last_id = following


def _taken(wire: Wire, path: str, asked: Mapping[str, Any], text: str) -> dict[str, Any]:
    answer = wire.act(call(path, asked))
    said = json_values.document(answer) if answer.status < 300 else None
    if said is None:
        raise API.refused(answer, text)
    return said


def _id_in(said: Mapping[str, Any], key: str) -> str:
    if own_id := json_values.identifier(said.get(key)):
        return own_id
    raise errors.Unknown(
        Text("Ozon did not name the comment that it took.", "Ozon не назвал принятый комментарий.")
    )


def _question(target: Target) -> str:
    """Empty where a review or a comment is answered."""
    is_one = target.external_id.startswith(QUESTION)
    return target.external_id.removeprefix(QUESTION) if is_one else ""


def _review(target: Target) -> str:
    return json_values.identifier(target.handle.get("review")) or target.thread or target.external_id


def _sku(target: Target) -> int:
    """Ozon wants the goods' number as a number. Raises Refused where the review came without one."""
    sku = json_values.identifier(target.handle.get("sku"))
    if not sku.isdecimal():
        raise errors.Refused(
            Text(
                "Ozon did not name the goods of this entry; nothing was sent.",
                "Ozon не назвал товар этой записи; ничего не отправлено.",
            )
        )
    return int(sku)
