"""How VK is asked: every method by POST, the token in a header; errors come with status 200, by their numbers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from channels import errors, json_api
from channels.contract import Answer, Call, Fetch, Page, Place, Text
from channels.reading import json_values

ORIGIN: Final = "https://api.vk.com"
VERSION: Final = "5.199"
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}
_AS_COMMUNITY: Final = (".createComment", "groups.getById")
"""What is done in the name of the community, with its own token."""
SHORTLY, LONG = 5, 3_600
"""Seconds to wait after "too many requests a second", and after "flood control" and a spent limit."""


def _words(said: Mapping[str, Any]) -> object:
    return json_values.part(said, "error").get("error_msg")


API: Final = json_api.Api(Text("VK", "ВКонтакте"), _words, key_en="access token", key_ru="ключ доступа")
_TOKEN: Final = (5, 17, 18, 19, 27, 28, 3610)
_CLOSED: Final = (7, 15, 30, 203, 204, 212)
_GONE: Final = (104, 125)
_REFUSED: Final = (213, 222, 223)
_WAITS: Final = {6: SHORTLY, 9: LONG, 29: LONG}
_ITS_OWN: Final = (1, 10)
CAPTCHA: Final = 14


def question(method: str, role: str, context: Mapping[str, Any], **asked: str | int) -> Fetch:
    return Fetch(
        address(method), role, context, FORM, "POST", _form(asked), access="account", is_conditional=False
    )


def call(method: str, **asked: str | int) -> Call:
    return Call(address(method), "POST", _form(asked), FORM)


def address(method: str) -> str:
    return f"{ORIGIN}/method/{method}"


def authorized(place: Place, asked: Call) -> Call:
    is_answer = urlsplit(asked.url).path.endswith(_AS_COMMUNITY)
    names = ("group_token", "access_token") if is_answer else ("access_token", "group_token")
    token = next((one for name in names if (one := place.secrets.get(name, "").strip())), "")
    if not token:
        raise API.no_key()
    return replace(asked, headers={**asked.headers, "authorization": f"Bearer {token}"})


def response(found: Page | Answer) -> Any:
    """What was asked for, for a reader. Raises what the number of an error means."""
    said = API.read(found)
    if "error" in said:
        raise failure(said, is_sending=False)
    if "response" not in said:
        raise API.strange()
    return said["response"]


def sent(answer: Answer, text: str) -> Any:
    """The same for a sender of `text`: what VK does not answer clearly is Unknown."""
    said = json_values.document(answer) if answer.status < 300 else None
    if said is None or ("error" not in said and "response" not in said):
        raise API.refused(answer, text)
    if "error" in said:
        raise failure(said, is_sending=True)
    return said["response"]


def failure(said: Mapping[str, Any], *, is_sending: bool) -> errors.ChannelError:
    error = json_values.part(said, "error")
    code, words = json_values.whole(error.get("error_code")), json_values.name(error.get("error_msg"), 300)
    told = Text(f" VK says: {words} ({code}).", f" Ответ ВКонтакте: {words} ({code}).")
    if code in _TOKEN:
        return errors.Unauthorized(
            Text("VK does not accept the access token.", "ВКонтакте не принимает ключ доступа.") + told
        )
    if code in _WAITS:
        often = Text("VK asks for fewer requests.", "ВКонтакте просит обращаться реже.")
        return errors.RateLimited(often + told, _WAITS[code])
    if code == CAPTCHA:
        check = Text(
            "VK asks for a check of robots: a person must go on at VK.",
            "ВКонтакте требует ввести код с картинки: продолжить может только человек, на самом сайте.",
        )
        return errors.Captcha(check + told)
    if code in _CLOSED and not is_sending:
        return errors.Unauthorized(
            Text(
                "VK does not show this to the given token.",
                "ВКонтакте не показывает это по указанному ключу.",
            )
            + told
        )
    if code in _GONE:
        return errors.NotFound(Text("VK has no such page.", "Такой страницы во ВКонтакте нет.") + told)
    if code in _ITS_OWN:
        own = Text("VK has an error of its own.", "Ошибка на стороне ВКонтакте.")
        return errors.Unknown(own + told) if is_sending else errors.Unreachable(own + told)
    if is_sending or code in _REFUSED:
        return errors.Refused(Text("VK did not take the answer.", "ВКонтакте не принял ответ.") + told)
    return errors.Unreadable(
        Text("VK did not answer the question.", "ВКонтакте не ответил на запрос.") + told
    )


def _form(asked: Mapping[str, str | int]) -> bytes:
    return urlencode({**asked, "v": VERSION}).encode()
