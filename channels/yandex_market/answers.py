"""Publishing at Yandex Market, correcting, taking back, and asking what a moderator made of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import errors, json_api
from channels.contract import Look, Place, Receipt, Target, Text, Wire
from channels.reading import json_values
from channels.reading import text as plain_text
from channels.yandex_market.api import (
    API,
    STATES,
    address,
    business_of,
    listed,
    next_token,
    page_address,
    result,
)
from channels.yandex_market.items import ANSWER, COMMENT, UNDER_ANSWER

MOST_PAGES: Final = 20
KINDS: Final = {ANSWER: "ANSWER", UNDER_ANSWER: "COMMENT"}


def publish(place: Place, target: Target, text: str, wire: Wire) -> Receipt:
    """A second call would be a second comment: nothing here is repeated."""
    business = business_of(place, wire)
    if (feedback := _number(target.handle.get("feedback"))) is not None:
        comment: dict[str, Any] = {"text": text}
        if (parent := _number(target.handle.get("comment"))) is not None:
            comment["parentId"] = parent
        return _update(business, feedback, comment, target, text, wire)
    parent_id = {"id": _number(target.handle.get("question")), "type": "QUESTION"}
    if "answer" in target.handle:
        parent_id = {"id": _number(target.handle.get("answer")), "type": "ANSWER"}
    if parent_id["id"] is None:
        raise _nameless()
    asked = {"operationType": "CREATE", "parentEntityId": parent_id, "text": text}
    entity = json_values.part(_act(business, "goods-questions/update", 1, asked, text, wire), "entity")
    own_id = json_values.identifier(entity.get("id"))
    begins = UNDER_ANSWER if parent_id["type"] == "ANSWER" else ANSWER
    return Receipt(f"{begins}{_demanded(own_id)}", target.url, "accepted")


def correct(place: Place, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
    begins, own_id = _ours(receipt)
    business = business_of(place, wire)
    if begins == COMMENT:
        feedback = _number(target.handle.get("feedback"))
        if feedback is None:
            raise _nameless()
        return _update(business, feedback, {"id": own_id, "text": text}, target, text, wire)
    asked = {"operationType": "UPDATE", "entityId": {"id": own_id, "type": KINDS[begins]}, "text": text}
    _act(business, "goods-questions/update", 1, asked, text, wire)
    return Receipt(receipt.external_id, receipt.url, "accepted")


def withdraw(place: Place, receipt: Receipt, wire: Wire) -> None:
    begins, own_id = _ours(receipt)
    business = business_of(place, wire)
    if begins == COMMENT:
        url, asked = address(business, "goods-feedback/comments/delete", 2), dict[str, Any](id=own_id)
    else:
        url = address(business, "goods-questions/update", 1)
        asked = {"operationType": "DELETE", "entityId": {"id": own_id, "type": KINDS[begins]}}
    answer = wire.act(json_api.posted(url, asked))
    if answer.status == 404:
        raise errors.Gone(
            Text(
                "Yandex Market no longer has this comment.", "Этого комментария на Яндекс Маркете больше нет."
            )
        )
    if answer.status >= 300:
        raise API.refused(answer, "")


def look_for(place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    known = receipt.external_id if receipt is not None else None
    try:
        business = business_of(place, wire)
        about_review = "feedback" in target.handle
        listing = _comments(business, target, wire) if about_review else _answers(business, target, wire)
        for external_id, said in listing:
            words = json_values.prose(("", said.get("text")))
            if external_id == known or (
                known is None and _is_own(said) and plain_text.says_the_same(words, text)
            ):
                state, at = (
                    STATES.get(str(said.get("status"))),
                    json_values.moment_at(said.get("createdAt"), wire.now),
                )
                is_as_sent = plain_text.says_the_same(words, text)
                return API.fate(
                    state, said.get("status"), external_id, is_as_sent=is_as_sent, url=target.url, seen_at=at
                )
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text, proof="account")
    return Look("missing", proof="account")


def _is_own(said: Mapping[str, Any]) -> bool:
    return json_values.part(said, "author").get("type") != "USER"


def _comments(business: str, target: Target, wire: Wire) -> Iterator[tuple[str, Mapping[str, Any]]]:
    asked = {"feedbackId": _number(target.handle.get("feedback"))}
    for said in _pages(business, "goods-feedback/comments", 2, asked, wire):
        for comment in listed(said, "comments"):
            yield f"{COMMENT}{json_values.identifier(comment.get('id'))}", comment


def _answers(business: str, target: Target, wire: Wire) -> Iterator[tuple[str, Mapping[str, Any]]]:
    asked = {"questionId": _number(target.handle.get("question"))}
    for said in _pages(business, "goods-questions/answers", 1, asked, wire):
        for answer in listed(said, "answers"):
            yield f"{ANSWER}{json_values.identifier(answer.get('id'))}", answer
            for comment in json_values.rows(answer.get("comments")):
                yield f"{UNDER_ANSWER}{json_values.identifier(comment.get('id'))}", comment


def _pages(
    business: str, path: str, version: int, asked: Mapping[str, Any], wire: Wire
) -> Iterator[Mapping[str, Any]]:
    token = ""
    for _ in range(MOST_PAGES):
        said = result(wire.ask(json_api.posted(page_address(business, path, version, token), asked)))
        yield said
        if not (token := next_token(said)):
            return


def _update(
    business: str, feedback: int, comment: Mapping[str, Any], target: Target, text: str, wire: Wire
) -> Receipt:
    asked = {"feedbackId": feedback, "comment": comment}
    said = _act(business, "goods-feedback/comments/update", 2, asked, text, wire)
    own_id = _demanded(json_values.identifier(said.get("id")))
    return Receipt(f"{COMMENT}{own_id}", target.url, STATES.get(str(said.get("status")), "accepted"))


def _act(
    business: str, path: str, version: int, asked: Mapping[str, Any], text: str, wire: Wire
) -> Mapping[str, Any]:
    answer = wire.act(json_api.posted(address(business, path, version), asked))
    said = json_values.document(answer) if answer.status < 300 else None
    if said is not None and said.get("status") == "ERROR":
        raise errors.Refused(
            Text("Yandex Market did not take it.", "Яндекс Маркет не принял ответ.") + API.told(answer)
        )
    if said is None or said.get("status") != "OK":
        raise API.refused(answer, text)
    return json_values.part(said, "result")


def _demanded(own_id: str) -> str:
    if own_id:
        return own_id
    raise errors.Unknown(
        Text(
            "Yandex Market did not name the comment that it took.",
            "Яндекс Маркет не назвал принятый комментарий.",
        )
    )


def _ours(receipt: Receipt) -> tuple[str, int]:
    """Which kind our answer is, and its number. Raises Refused where it is not known."""
    known = receipt.external_id or ""
    for begins in (COMMENT, ANSWER, UNDER_ANSWER):
        if known.startswith(begins) and (number := _number(known.removeprefix(begins))) is not None:
            return begins, number
    raise errors.Refused(Text("It is not known which comment is ours.", "Неизвестно, какой комментарий наш."))


def _nameless() -> errors.Refused:
    return errors.Refused(
        Text(
            "It is not known what this answers; nothing was sent.",
            "Неизвестно, на что этот ответ; ничего не отправлено.",
        )
    )


def _number(value: object) -> int | None:
    given = json_values.identifier(value)
    return int(given) if given.isdecimal() and len(given) < 19 else None
