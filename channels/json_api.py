"""What APIs that speak JSON have in common: a key in a header, questions and calls, errors with the site's own words."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from channels import errors, lengths
from channels.contract import Answer, AnswerState, Call, Fetch, Look, Page, Text
from channels.reading import dates, html_pages, json_values
from channels.wire import refusals

JSON: Final = {"content-type": "application/json"}
_SECONDS: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Api:
    """`words` finds in the JSON of an error what it says to people. `too_often`: the statuses that ask for fewer requests,
    `waits`: the headers that may say for how many seconds, beside Retry-After."""

    title: Text
    words: Callable[[Mapping[str, Any]], object]
    too_often: Sequence[int] = (429,)
    waits: Sequence[str] = ()
    key_en: str = "token"
    key_ru: str = "токен"
    unauthorized: type[errors.Unauthorized] = errors.Unauthorized
    """What 401 means: Expired where the token runs out and can be renewed."""

    def read(self, found: Page | Answer) -> dict[str, Any]:
        """The JSON object that was asked for. Raises what the status means, TooLarge, Unreadable."""
        if found.status >= 300:
            raise self.not_read(found)
        if len(found.body) > html_pages.MAX_PAGE:
            raise errors.TooLarge(
                Text(f"{self.title.ru} sent too much at once.", f"{self.title.ru}: ответ слишком велик.")
            )
        if (said := json_values.document(found)) is None:
            raise self.strange()
        return said

    def strange(self) -> errors.Unreadable:
        return errors.Unreadable(
            Text(
                f"{self.title.en} answered in a form that its documentation does not name.",
                f"{self.title.ru}: ответ не в том виде, который описан в документации.",
            )
        )

    def not_read(self, found: Page | Answer) -> errors.ChannelError:
        """What a status of 300 and more means for a reader."""
        if (error := self._usual(found)) is not None:
            return error
        error = html_pages.error_for(found.status, found.headers, found.body)
        return error if isinstance(error, errors.RateLimited) else type(error)(error.text + self.told(found))

    def refused(self, answer: Answer, text: str) -> errors.ChannelError:
        """What an answer means that is not the expected one, for a sender of `text`: TooLong where the site names a number."""
        if answer.status < 300:
            return errors.Unknown(
                Text(
                    f"{self.title.en} did not say whether it took the answer.",
                    f"{self.title.ru}: неизвестно, принят ли ответ.",
                )
            )
        if (error := self._usual(answer)) is not None:
            return error
        said = self.said(answer)
        error = refusals.refusal(answer, said)
        limits = lengths.named_in(said, text) if error.kind == "refused" else None
        return errors.TooLong(error.text, limits) if limits is not None else error

    def said(self, found: Page | Answer) -> str:
        """What the site says to people, in one line; empty where it says nothing."""
        whole = json_values.document(found)
        return json_values.name(self.words(whole), 300) if whole is not None else ""

    def told(self, found: Page | Answer) -> Text:
        """The same, to follow a sentence of ours."""
        said = self.said(found)
        return Text(f" The site says: {said}", f" Ответ сайта: {said}") if said else Text("", "")

    def no_key(self) -> errors.Unauthorized:
        return errors.Unauthorized(
            Text(
                f"The {self.key_en} of {self.title.en} is missing: enter it in the account's settings.",
                f"Не указан {self.key_ru} {self.title.ru}: введите его в настройках аккаунта.",
            )
        )

    def fate(
        self,
        state: AnswerState | None,
        status: object,
        known: str,
        *,
        is_as_sent: bool,
        url: str | None = None,
        seen_at: datetime | None = None,
        reason: str = "",
    ) -> Look:
        """What our account is told of an answer. `status` is the site's own word for the state, None where that word is not
        known; `reason` are its words for a rejection."""
        en, ru = self.title.en, self.title.ru
        if state == "public":
            return Look("visible", known, url, seen_at, proof="account", is_as_sent=is_as_sent)
        if state == "held":
            waits = Text(f"{en} is still checking the answer.", f"{ru} ещё проверяет ответ.")
            return Look("held", known, reason=waits, proof="account", is_as_sent=is_as_sent)
        if state == "rejected":
            refused = reason or Text(f"{en} has rejected the answer.", f"{ru}: ответ отклонён.")
            return Look("rejected", known, reason=refused, proof="account", is_as_sent=is_as_sent)
        if state == "removed":
            return Look("missing", known, proof="account")
        word = json_values.name(status, 60)
        strange = Text(
            f"{en} names a state of the answer that is not known: {word}",
            f"{ru} называет неизвестное состояние ответа: {word}",
        )
        return Look("cannot_tell", known, reason=strange, proof="account")

    def _usual(self, found: Page | Answer) -> errors.ChannelError | None:
        """What means the same to readers and senders: the key, and how often it is used."""
        told, status = self.told(found), found.status
        if status in self.too_often:
            often = Text(
                f"{self.title.en} asks for fewer requests ({status}).",
                f"{self.title.ru} просит обращаться реже ({status}).",
            )
            return errors.RateLimited(often + told, self._wait(found.headers))
        if status == 401:
            wrong = Text(
                f"{self.title.en} does not accept the {self.key_en} (401).",
                f"{self.title.ru} не принимает {self.key_ru} (401).",
            )
            return self.unauthorized(wrong + told)
        if status == 403 and not html_pages.robot_check_words(found.body):
            barred = Text(
                f"{self.title.en} does not allow this with the given {self.key_en} (403).",
                f"{self.title.ru} не разрешает это с указанным ключом доступа (403).",
            )
            return errors.Unauthorized(barred + told)
        return None

    def _wait(self, headers: Mapping[str, str]) -> int | None:
        if (wait := html_pages.retry_after(headers)) is not None:
            return wait
        for header in self.waits:
            if _SECONDS.fullmatch(value := headers.get(header, "").strip()):
                return min(int(float(value)) + 1, html_pages.LONGEST_WAIT_SECONDS)
        return None


def waiting_until(error: errors.RateLimited, ends: str | None, now: datetime | None) -> errors.RateLimited:
    """The same error with its wait, where the site names the moment at which it takes requests again: a date, or seconds since 1970."""
    ends_at = dates.read(ends, now)
    if error.retry_after_seconds is not None or ends_at is None or now is None:
        return error
    wait = max(int((ends_at - now).total_seconds()) + 1, 1)
    return errors.RateLimited(error.text, min(wait, html_pages.LONGEST_WAIT_SECONDS))


def body(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")


def posted(url: str, asked: Mapping[str, Any], method: str = "POST") -> Call:
    return Call(url, method, body(asked), JSON)


def query(url: str, asked: Mapping[str, Any], role: str, context: Mapping[str, Any]) -> Fetch:
    """A question to one's own API that is asked by POST."""
    return Fetch(url, role, context, JSON, "POST", body(asked), access="account", is_conditional=False)
