"""One mention of a call: whether it has the shape of one, and what it says."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from channels import identity
from channels.contract import (
    AnswerSeen,
    Attachment,
    AuthorSeen,
    Parsed,
    Place,
    Reach,
    Remark,
    Sighting,
    SightingKind,
    Text,
    Withdrawn,
)
from channels.reading import dates, ratings, urls
from channels.reading import text as plain_text

_KINDS: Final[Mapping[str, SightingKind]] = {
    "": "post", "mention": "post", "post": "post", "review": "review", "comment": "comment", "message": "message",
    "question": "question",
}  # fmt: skip
_FILES: Final = ("image", "video", "audio", "file")
_NUMBERS: Final = ("likes", "shares", "comments", "views")


def fault_of(item: Any) -> Text | None:
    """Why this can be no mention, whatever else it holds."""
    if not isinstance(item, dict):
        return Text("no object", "это не объект")
    own = item.get("id")
    if own is not None and (isinstance(own, bool) or not isinstance(own, str | int) or not str(own).strip()):
        return Text("id: a text or a number", "id: текст или число")
    if item.get("deleted") is True:
        return (
            None if own is not None else Text("id: needed for what was deleted", "id: нужен для удалённого")
        )
    if str(item.get("kind") or "") not in _KINDS:
        return Text(
            f"kind: one of {', '.join(filter(None, _KINDS))}",
            f"kind: одно из {', '.join(filter(None, _KINDS))}",
        )
    if not isinstance(item.get("text") or "", str):
        return Text("text: a text", "text: текст")
    if not str(item.get("text") or "").strip() and item.get("rating") is None:
        return Text("text: needed, or rating", "text: нужен текст или rating")
    return None


def remark_on(number: int, fault: Text) -> Remark:
    return Remark(
        Text(
            f"Mention {number} of a call was not read: {fault.en}.",
            f"Упоминание {number} из вызова не прочитано: {fault.ru}.",
        )
    )


class Item:
    """One mention. What is doubtful in it is left out and said; the rest counts."""

    def __init__(
        self,
        item: Mapping[str, Any],
        number: int,
        place: Place,
        now: datetime | None,
        window: identity.Window,
    ) -> None:
        self.item, self.number, self.place, self.now, self.window = item, number, place, now, window
        self.remarks: list[Remark] = []

    def read(self) -> Iterator[Parsed]:
        own = self._id("id")
        if self.item.get("deleted") is True:
            if own:
                yield Withdrawn(own, self._moment("edited_at"))
            return
        sighting = self._sighting(own)
        answer = self._answer(sighting.external_id)
        yield from self.remarks
        yield sighting
        if answer is not None:
            yield answer

    def _sighting(self, own: str | None) -> Sighting:
        text, was_cut = plain_text.shorten(
            plain_text.clean(str(self.item.get("text") or "")[: plain_text.MAX_MARKUP])
        )
        if was_cut:
            self._leave_out(
                Text(
                    f"text: cut at {plain_text.MAX_TEXT} characters",
                    f"text: обрезан до {plain_text.MAX_TEXT} знаков",
                )
            )
        url, author, title = self._url(self.item, "url"), self._author(), self._line("title", 300)
        rating, thread = self._rating(), self._id("thread_id")
        known = self.window.identify(
            identity.Thing(
                name=own or "", link=url or "", author=author.name if author else "", title=title, text=text, rating=rating,
                date=str(self.item.get("created_at") or ""), is_trusted=own is not None,
            )
        )  # fmt: skip
        reach = self._part("metrics")
        return Sighting(
            known.external_id,
            url,
            text,
            kind=_KINDS[str(self.item.get("kind") or "")],
            title=title,
            author=author,
            published_at=self._moment("created_at"),
            edited_at=self._moment("edited_at"),
            rating=rating,
            language=plain_text.language_tag(self.item.get("language")) or self.place.language,
            thread=thread,
            thread_title=self._line("thread_title", 300),
            parent=self._id("parent_id"),
            is_by_brand=self._claim("by_brand"),
            is_machine=self.item.get("machine") is True,
            facts=self._facts(),
            attachments=self._attachments(),
            reach=Reach(
                **{name: _count(reach.get(name)) for name in _NUMBERS},
                followers=_count(self._part("author").get("followers")),
            )
            if reach or "followers" in self._part("author")
            else None,
            twin_id=known.twin_id,
            former_ids=known.former_ids,
        )

    def _answer(self, parent: str) -> AnswerSeen | None:
        """What the brand has answered there, by the word of whoever sends it."""
        answer = self._part("answer")
        text = answer.get("text")
        if not isinstance(text, str) or not text.strip():
            return None
        own = answer.get("id")
        return AnswerSeen(
            parent,
            "public",
            external_id=plain_text.key(str(own)) if isinstance(own, str | int) and str(own).strip() else None,
            text=plain_text.shorten(plain_text.clean(text))[0],
            url=self._url(answer, "url"),
            at=_date(answer.get("created_at"), self.now),
        )

    def _leave_out(self, why: Text) -> None:
        self.remarks.append(
            Remark(
                Text(
                    f"Mention {self.number} of a call: {why.en}.",
                    f"Упоминание {self.number} из вызова: {why.ru}.",
                )
            )
        )

    def _part(self, name: str) -> Mapping[str, Any]:
        found = self.item.get(name)
        return found if isinstance(found, dict) else {}

    def _id(self, name: str) -> str | None:
        found = self.item.get(name)
        if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).strip():
            return None
        return plain_text.key(plain_text.clean(str(found))) or None

    def _line(self, name: str, length: int) -> str:
        found = self.item.get(name)
        return plain_text.line(found, length) if isinstance(found, str) else ""

    def _claim(self, name: str) -> bool | None:
        found = self.item.get(name)
        return found if isinstance(found, bool) else None

    def _url(self, holder: Mapping[str, Any], name: str) -> str | None:
        value = holder.get(name)
        found = urls.safe_url(value)
        if value and found is None:
            shown = plain_text.line(str(value), 60)
            self._leave_out(Text(f"{name}: “{shown}” is no web address", f"{name}: «{shown}» — не веб-адрес"))
        return found

    def _author(self) -> AuthorSeen | None:
        told = self._part("author")
        name = plain_text.line(told["name"]) if isinstance(told.get("name"), str) else ""
        own = told.get("id")
        known = plain_text.key(plain_text.clean(str(own))) if isinstance(own, str | int) else ""
        if not name and not known:
            return None
        return AuthorSeen(name or plain_text.line(known), known or None, urls.safe_url(told.get("url")))

    def _moment(self, name: str) -> datetime | None:
        value = self.item.get(name)
        found = _date(value, self.now)
        if value and found is None:
            shown, why = plain_text.line(str(value), 60), dates.complaint(str(value), self.now)
            self._leave_out(Text(f"{name}: “{shown}” {why.en}", f"{name}: «{shown}» {why.ru}"))
        return found

    def _rating(self) -> float | None:
        value = self.item.get("rating")
        told = value if isinstance(value, dict) else {"value": value}
        found = ratings.from_text(told.get("value"), best=told.get("best") or 5, worst=told.get("worst"))
        if told.get("value") is not None and found is None and not ratings.means_none(told["value"]):
            shown = plain_text.line(str(told["value"]), 40)
            self._leave_out(Text(f"rating: “{shown}” is not clear", f"rating: «{shown}» не понять"))
        return found

    def _facts(self) -> dict[str, str]:
        return {
            plain_text.line(name, 60): plain_text.line(str(value), 300)
            for name, value in list(self._part("facts").items())[:20]
            if isinstance(value, str | int | float)
            and not isinstance(value, bool)
            and plain_text.line(name, 60)
        }

    def _attachments(self) -> list[Attachment]:
        told = self.item.get("attachments")
        found = [one for one in (told if isinstance(told, list) else []) if isinstance(one, dict)][:20]
        return [
            Attachment(
                one["kind"] if one.get("kind") in _FILES else "file",
                urls.safe_url(one.get("url")),
                plain_text.line(str(one.get("name") or "")),
            )
            for one in found
        ]


def _date(value: Any, now: datetime | None) -> datetime | None:
    """Seconds or milliseconds since 1970 may come as a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return dates.read(str(value) if is_number else value, now)


def _count(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 2**53 else None
