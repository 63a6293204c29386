"""Answering a review in RuStore, changing and deleting the answer, and asking what its moderators made of it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from channels import errors, json_api
from channels.contract import AnswerSeen, AnswerState, Call, Look, Parsed, Receipt, Target, Text, Wire
from channels.reading import json_values
from channels.reading import text as plain_text
from channels.rustore import api

STATES: Final[Mapping[str, AnswerState]] = {
    "PUBLISHED": "public",
    "MODERATION": "held",
    "REJECTED": "rejected",
    "DELETED": "removed",
}
MOST_PAGES: Final = 20


def read(one: Mapping[str, Any]) -> Iterator[Parsed]:
    """What RuStore's list says of an answer; when it was written is told without a zone, so it is not known."""
    own_id, review = json_values.identifier(one.get("id")), json_values.identifier(one.get("commentId"))
    state = STATES.get(json_values.name(one.get("status"), 40))
    if own_id and review and state is not None:
        yield AnswerSeen(review, state, own_id, text=json_values.prose(("", one.get("text"))) or None)


def publish(package: str, target: Target, text: str, wire: Wire) -> Receipt:
    review = _number(target.external_id)
    answer = wire.act(json_api.posted(api.address(package, "feedback", commentId=review), {"message": text}))
    return _receipt(answer, None, target, text)


def correct(package: str, target: Target, receipt: Receipt, text: str, wire: Wire) -> Receipt:
    """RuStore keeps what stood there as deleted; the new words may have another number."""
    own_id = _number(receipt.external_id)
    answer = wire.act(json_api.posted(api.address(package, f"feedback/{own_id}"), {"message": text}))
    if answer.status == 404:
        raise _gone()
    return _receipt(answer, own_id, target, text)


def withdraw(package: str, receipt: Receipt, wire: Wire) -> None:
    answer = wire.act(Call(api.address(package, f"feedback/{_number(receipt.external_id)}"), "DELETE"))
    if answer.status == 404:
        raise _gone()
    if answer.status >= 300:
        raise api.API.refused(answer, "")


def look_for(package: str, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    try:
        found = _found(package, target, text, receipt, wire)
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text, proof="account")
    if found is None:
        return Look("missing", proof="account")
    status, own_id = json_values.name(found.get("status"), 40), json_values.identifier(found.get("id"))
    is_as_sent = plain_text.says_the_same(json_values.prose(("", found.get("text"))), text)
    return api.API.fate(STATES.get(status), status, own_id, is_as_sent=is_as_sent)


def _found(
    package: str, target: Target, text: str, receipt: Receipt | None, wire: Wire
) -> Mapping[str, Any] | None:
    """The answer as it is now: by its number, or else the one under the review that is not deleted."""
    own_id = receipt.external_id if receipt is not None else None
    for number in range(MOST_PAGES):
        listed = api.rows(
            api.body(wire.ask(Call(api.address(package, "feedback", page=number, size=api.SIZE))))
        )
        here = [one for one in listed if json_values.identifier(one.get("commentId")) == target.external_id]
        for one in here:
            said = json_values.prose(("", one.get("text")))
            is_it = (
                json_values.identifier(one.get("id")) == own_id
                if own_id
                else plain_text.says_the_same(said, text)
            )
            if is_it and (own_id or one.get("status") != "DELETED"):
                return one
        if len(listed) < api.SIZE:
            return None
    raise errors.Unreadable(
        Text(
            "The answer lies too far back in RuStore's list to be looked for.",
            "Ответ лежит в списке RuStore слишком далеко, чтобы его искать.",
        )
    )


def _receipt(answer: Any, own_id: str | None, target: Target, text: str) -> Receipt:
    said = json_values.document(answer) if answer.status < 300 else None
    made = json_values.identifier(json_values.part(said, "body").get("id")) if said is not None else ""
    if said is None or said.get("code") != "OK" or not (made or own_id):
        raise _refused(answer, said, text)
    return Receipt(made or own_id, target.url, "held")


def _refused(answer: Any, said: Mapping[str, Any] | None, text: str) -> errors.ChannelError:
    told = json_values.name(said.get("message"), 300) if said is not None else ""
    if said is not None and said.get("code") not in ("OK", None):
        return errors.Refused(
            Text(f"RuStore did not take the answer: {told}", f"RuStore не принял ответ: {told}")
        )
    return api.API.refused(answer, text)


def _number(own_id: str | None) -> str:
    if own_id and own_id.isdecimal() and len(own_id) < 19:
        return own_id
    raise errors.Refused(
        Text(
            "This is no number of RuStore's; nothing was sent.", "Это не номер RuStore; ничего не отправлено."
        )
    )


def _gone() -> errors.Gone:
    return errors.Gone(Text("RuStore no longer has this answer.", "Этого ответа в RuStore больше нет."))
