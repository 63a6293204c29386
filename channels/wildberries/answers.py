"""Publishing the one answer that Wildberries takes, correcting it once, and asking what became of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from channels import errors, json_api
from channels.contract import Call, Look, Receipt, Target, Text, Wire
from channels.reading import json_values
from channels.reading import text as plain_text
from channels.wildberries.api import API, ORIGIN
from channels.wildberries.items import QUESTION, state_of, words_of


def publish(target: Target, text: str, wire: Wire) -> Receipt:
    """Wildberries takes an answer to any id, also to one that there is not, so the review is asked for first."""
    what, own_id = _named(target)
    standing = json_values.part(_one(what, own_id, wire), "answer")
    if standing and state_of(what, standing) != "rejected":
        if plain_text.says_the_same(words_of(standing), text):
            return _receipt(target)
        raise errors.AlreadyAnswered(
            Text(
                "There is an answer already; Wildberries takes one to each.",
                "Ответ уже есть; Wildberries принимает только один.",
            )
        )
    return _post("PATCH" if what == "questions" else "POST", what, own_id, target, text, wire)


def correct(target: Target, text: str, wire: Wire) -> Receipt:
    what, own_id = _named(target)
    standing = json_values.part(_one(what, own_id, wire), "answer")
    if not standing:
        raise errors.Gone(
            Text("There is no answer that could be corrected.", "Ответа, который можно исправить, нет.")
        )
    if standing.get("editable") is False:
        raise errors.Refused(
            Text(
                "Wildberries lets an answer be corrected once, within 60 days; this one cannot be corrected any more.",
                "Wildberries разрешает исправить ответ один раз за 60 дней; этот исправить больше нельзя.",
            )
        )
    return _post("PATCH", what, own_id, target, text, wire)


def look_for(target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
    try:
        what, own_id = _named(target)
        standing = json_values.part(_one(what, own_id, wire), "answer")
    except errors.NotFound as error:
        return Look("missing", reason=error.text, proof="account")
    except errors.ChannelError as error:
        return Look("cannot_tell", reason=error.text, proof="account")
    is_as_sent = plain_text.says_the_same(words_of(standing), text)
    if not standing or (receipt is None and not is_as_sent):
        return Look("missing", proof="account")
    known = f"{target.external_id}:answer"
    return API.fate(
        state_of(what, standing), standing.get("state"), known, is_as_sent=is_as_sent, url=target.url
    )


def _named(target: Target) -> tuple[str, str]:
    """What is answered, and its id at Wildberries."""
    if target.external_id.startswith(QUESTION):
        return "questions", target.external_id.removeprefix(QUESTION)
    return "feedbacks", target.external_id


def _one(what: str, own_id: str, wire: Wire) -> Mapping[str, Any]:
    """The review or question as it is now. Raises NotFound where there is none, and what reading raises."""
    answer = wire.ask(Call(f"{ORIGIN}/api/v1/{what.removesuffix('s')}?{urlencode({'id': own_id})}"))
    said = API.read(answer) if answer.status not in (400, 404, 422) else {}
    found = json_values.part(said, "data")
    if found.get("id") == own_id:
        return found
    raise errors.NotFound(
        Text(
            "Wildberries no longer has this review or question.",
            "На Wildberries этого отзыва или вопроса больше нет.",
        )
    )


def _post(method: str, what: str, own_id: str, target: Target, text: str, wire: Wire) -> Receipt:
    if what == "questions":
        said: dict[str, Any] = {"id": own_id, "answer": {"text": text}, "state": "wbRu"}
        address = f"{ORIGIN}/api/v1/questions"
    else:
        said, address = {"id": own_id, "text": text}, f"{ORIGIN}/api/v1/feedbacks/answer"
    answer = wire.act(json_api.posted(address, said, method))
    if answer.status == 204:
        return _receipt(target)
    told = json_values.document(answer) if answer.status < 300 else None
    if told is not None and told.get("error") is False:
        return _receipt(target)
    if told is not None and told.get("error") is True:
        raise errors.Refused(
            Text("Wildberries did not take the answer.", "Wildberries не принял ответ.") + API.told(answer)
        )
    raise API.refused(answer, text)


def _receipt(target: Target) -> Receipt:
    """Wildberries says that it took it, and nothing else: whether it stands there, a look tells."""
    return Receipt(f"{target.external_id}:answer", target.url, "accepted")
