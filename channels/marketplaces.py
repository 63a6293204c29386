"""What the APIs of marketplaces have in common: JSON that may hold anything, a key in a header, errors with the site's own words."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from channels import errors, lengths
from channels.contract import (
    About,
    Answer,
    AnswerState,
    Attachment,
    Call,
    Fetch,
    Finding,
    Look,
    Page,
    Place,
    Remark,
    Text,
)
from channels.reading import dates, html_pages, letters, urls
from channels.reading import text as plain_text
from channels.wire import refusals

JSON: Final = {"content-type": "application/json"}
NAMELESS: Final = Remark(Text("An entry without an id was left out.", "Запись без идентификатора пропущена."))
SILENT: Final = Remark(
    Text("An entry without text and stars was left out.", "Запись без текста и оценки пропущена.")
)
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
        if (said := document(found)) is None:
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
        whole = document(found)
        return name(self.words(whole), 300) if whole is not None else ""

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
        word = name(status, 60)
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


class OfSellers:
    """What every channel of a seller's API does alike: its servers are the official ones, and sources of one account are
    read one after the other."""

    about: About

    def lane(self, place: Place) -> str:
        return f"{self.about.kind}#{place.account_id if place.account_id is not None else place.url}"

    def hosts(self, place: Place) -> Collection[str]:
        del place  # always the official ones
        return [urlsplit(origin).netloc for origin in self.about.api]


def document(found: Page | Answer) -> dict[str, Any] | None:
    """None for what is no JSON object."""
    try:
        whole = json.loads(letters.decode(found.body, found.headers.get("content-type", "")))
    except (ValueError, RecursionError):
        return None
    return whole if isinstance(whole, dict) else None


def body(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")


def posted(url: str, asked: Mapping[str, Any], method: str = "POST") -> Call:
    return Call(url, method, body(asked), JSON)


def query(url: str, asked: Mapping[str, Any], role: str, context: Mapping[str, Any]) -> Fetch:
    """A question to one's own API that is asked by POST."""
    return Fetch(url, role, context, JSON, "POST", body(asked), access="account", is_conditional=False)


def part(whole: object, key: str) -> Mapping[str, Any]:
    """An object within an object; empty where it is missing or something else."""
    found = whole.get(key) if isinstance(whole, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def rows(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, without whatever else stands in it."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def identifier(value: object) -> str:
    """As text, whether it came as number or text; empty where it is neither."""
    if isinstance(value, int):
        return str(value) if not isinstance(value, bool) and abs(value) < 10**30 else ""
    return plain_text.line(value) if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """A whole number that is not below zero."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 10**18 else None  # type: ignore[operator, return-value]


def name(value: object, length: int = plain_text.MAX_NAME) -> str:
    """One line of text; a number as its digits, anything else as nothing."""
    return plain_text.line(value if isinstance(value, str) else identifier(value), length)


def prose(*parts: tuple[str, object]) -> str:
    """What was said in several fields, each under its heading; a field without one stands alone."""
    said = []
    for heading, value in parts:
        if isinstance(value, str) and (text := plain_text.from_either(value)):
            said.append(f"{heading}: {text}" if heading else text)
    return plain_text.shorten("\n\n".join(said))[0]


def facts(**values: object) -> dict[str, str]:
    """Those that are told; underscores of a name become spaces."""
    shown = {key.replace("_", " "): name(value, 500) for key, value in values.items()}
    return {key: value for key, value in shown.items() if value}


def attachments(kind: Any, addresses: Sequence[object]) -> list[Attachment]:
    return [Attachment(kind, url) for address in addresses if (url := urls.safe_url(address)) is not None]


def fingerprint(*values: object) -> str:
    """A short mark of what was said; another mark means that something changed."""
    return plain_text.fingerprint(*(str(value)[:30_000] for value in values))[:12]


def marks(*values: object) -> dict[str, str]:
    """What is known of each item, by its id; later ones count before earlier."""
    told = [value for value in values if isinstance(value, Mapping)]
    return {str(key): one for value in told for key, one in value.items() if isinstance(one, str)}


def moment(value: object, page: Page) -> datetime | None:
    """In UTC, of a date as text or of seconds since 1970; None where there is none."""
    return moment_at(value, page.fetched_at)


def moment_at(value: object, now: datetime | None) -> datetime | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return dates.read(identifier(value) if is_number else value, now)


def undated(value: object, own_id: str, page: Page) -> Iterator[Remark]:
    """A remark about a date that is there and cannot be read."""
    if value and moment(value, page) is None:
        yield Remark(
            Text(
                f"The date of {own_id} cannot be read: {name(value, 60)}",
                f"Дата записи {own_id} не читается: {name(value, 60)}",
            )
        )


def stamp(moment: datetime) -> int:
    """Seconds since 1970, as a date of the past is asked for."""
    return int(moment.astimezone(UTC).timestamp())


def finding(kind: str, title: Text, sites: Sequence[str], typed: str) -> Finding | None:
    """For an address on the marketplace's own site: its pages are not for crawlers, and its API is open to the seller alone.
    A source of the kind has no address, so its name stands for one."""
    try:
        host = (urlsplit(typed if "://" in typed else f"https://{typed}").hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if "@" in typed or not any(host == site or host.endswith(f".{site}") for site in sites):
        return None
    return Finding(
        kind,
        f"{kind}:{title.en.casefold()}",
        title.en,
        Text(
            f"{title.en} gives reviews and questions to the seller, through the seller's own account.",
            f"{title.ru} отдаёт отзывы и вопросы самому продавцу, через его аккаунт.",
        ),
        0.9,
    )
