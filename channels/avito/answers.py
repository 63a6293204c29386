"""Publishing the one answer that Avito takes, taking it back, and asking what became of it."""

from collections.abc import Mapping
from typing import Any, Final

from channels import errors, json_api
from channels.avito.api import ANSWERS, API, LIMIT, SHARED, list_address, reviews_in
from channels.avito.reviews import STATES, reasons_in, text_of
from channels.contract import Call, Look, Receipt, Target, Text, Wire
from channels.reading import json_values
from channels.reading import text as plain_text

MOST_LOOKS: Final = 40


def publish(target: Target, text: str, wire: Wire) -> Receipt:
    asked = {"reviewId": _number(target.external_id), "message": text}
    answer = wire.act(json_api.posted(ANSWERS, asked))
    said = json_values.document(answer) if answer.status < 300 else None
    own_id = json_values.identifier(said.get("id")) if said is not None else ""
    if said is None or not own_id:
        raise API.refused(answer, text)
    return Receipt(own_id, target.url, "accepted", json_values.moment_at(said.get("createdAt"), wire.now))


def withdraw(receipt: Receipt, wire: Wire) -> None:
    answer = wire.act(Call(f"{ANSWERS}/{_number(receipt.external_id)}", "DELETE"))
    if answer.status == 404:
        raise errors.Gone(Text("Avito no longer has this answer.", "Этого ответа на Авито больше нет."))
    said = json_values.document(answer) if answer.status < 300 else None
    if said is not None and said.get("success") is False:
        raise errors.Refused(Text("Avito did not delete the answer.", "Авито не удалил ответ."))
    if said is None or said.get("success") is not True:
        raise API.refused(answer, "")


def look_for(target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    try:
        review = _found(target, wire)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text, proof="account")
    answer = json_values.part(review, "answer")
    is_as_sent = plain_text.says_the_same(text_of(answer), text)
    own_id = json_values.identifier(answer.get("id"))
    is_known = receipt is not None and receipt.external_id is not None
    if not answer or not (own_id == receipt.external_id if receipt and is_known else is_as_sent):
        return Look("missing", proof="account")
    status, at = answer.get("status"), json_values.moment_at(answer.get("createdAt"), wire.now)
    state, reason = STATES.get(str(status)), reasons_in(answer)
    return API.fate(state, status, own_id, is_as_sent=is_as_sent, seen_at=at, reason=reason)


def _found(target: Target, wire: Wire) -> Mapping[str, Any]:
    """The review as it is now; empty where Avito no longer has it. Raises what reading raises."""
    at, offset = json_values.number(target.handle.get("at")), 0
    for _ in range(MOST_LOOKS):
        said = API.read(wire.ask(Call(list_address(offset))))
        reviews = json_values.rows(reviews_in(said))
        for review in reviews:
            if json_values.identifier(review.get("id")) == target.external_id:
                return review
        stamps = [json_values.number(review.get("createdAt")) or 0 for review in reviews]
        is_past = (
            at is not None and stamps == sorted(stamps, reverse=True) and bool(stamps) and stamps[-1] < at
        )
        if len(reviews) < LIMIT or is_past:
            return {}
        offset += len(reviews) - SHARED
    raise errors.Unreadable(
        Text(
            "The review lies too far back in Avito's list to be looked for.",
            "Отзыв лежит в списке Авито слишком далеко, чтобы его искать.",
        )
    )


def _number(own_id: str | None) -> int:
    if own_id and own_id.isdecimal() and len(own_id) < 19:
        return int(own_id)
    raise errors.Refused(
        Text("This is no number of Avito's; nothing was sent.", "Это не номер Авито; ничего не отправлено.")
    )
