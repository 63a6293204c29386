"""Mentions out of a CSV file that a person uploads. Has no `start`: there is nothing to visit."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from channels import errors, file_table, links, plain, times
from channels.contract import AuthorSeen, Limits, Page, Parsed, Place, Remark, SettingField, Sighting
from channels.file_table import Row

MAX_REMARKS: Final = 200
_RATING = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:(?:/|из|of)\s*(\d+))?\s*(?:\*|★+)?\s*\Z")


class File:
    kind = "file"
    title_en = "File (CSV)"
    title_ru = "Файл (CSV)"
    fields: Sequence[SettingField] = (
        SettingField(
            "best_rating", "Best possible rating (5 when empty)", "Наивысшая оценка (если пусто — 5)"
        ),
    )
    limits: Limits | None = None

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        """Every good row is taken; what is wrong in a row is said by row and column."""
        if len(page.body) > file_table.MAX_FILE:
            raise errors.TooLarge(f"The file is larger than {file_table.MAX_FILE // 1_000_000} MB.")
        if not page.body.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
            raise errors.Unreadable("The file is empty.")
        seen: set[str] = set()
        remarks = 0
        for number, row in file_table.rows(file_table.decode(page.body)):
            for part in _Reader(place, page, number, row).read(seen):
                remarks += isinstance(part, Remark)
                if isinstance(part, Remark) and remarks > MAX_REMARKS:
                    continue
                yield part
        if remarks > MAX_REMARKS:
            yield Remark(f"{remarks - MAX_REMARKS} more remarks about rows are not shown.")


class _Reader:
    def __init__(self, place: Place, page: Page, number: int, row: Row) -> None:
        self.place, self.page, self.number, self.row = place, page, number, row
        self.remarks: list[Remark] = []

    def read(self, seen: set[str]) -> Iterator[Parsed]:
        mention = self._mention()
        if mention is None or mention.external_id in seen:
            if mention is not None:
                self._complain("external_id", "the same mention stands in an earlier row")
            yield from self.remarks
            return
        seen.add(mention.external_id)
        answer = self._answer(mention)
        yield from self.remarks
        yield mention
        if answer is not None:
            yield answer

    def _mention(self) -> Sighting | None:
        text, rating = self._text("text"), self._rating()
        title = plain.line(self.row.get("title", ""))
        if not text and not title and rating is None:
            self._complain("text", "a text or a rating is needed; the row was left out")
            return None
        external_id = self._external_id(text)
        return Sighting(
            external_id=external_id,
            url=self._url(external_id),
            text=text,
            kind="review" if rating is not None else "post",
            title=title,
            author=self._author(),
            published_at=self._moment("published_at"),
            rating=rating,
            language=plain.language_tag(self.row.get("language")) or self.place.language,
            thread=(self.row.get("thread", "")[:255] or None) if "thread" in self.row else external_id,
            thread_title=plain.line(self.row.get("thread", "")),
        )

    def _answer(self, mention: Sighting) -> Sighting | None:
        text = self._text("answer")
        if not text:
            return None
        own = self.place.own_names[0] if self.place.own_names else None
        return Sighting(
            external_id=plain.fingerprint(mention.external_id, "answer"),
            url=mention.url,
            text=text,
            kind="comment",
            author=AuthorSeen(own, own) if own else None,
            published_at=self._moment("answered_at"),
            language=mention.language,
            thread=mention.thread,
            thread_title=mention.thread_title,
            parent=mention.external_id,
            is_by_brand=True,
        )

    def _external_id(self, text: str) -> str:
        own = " ".join(plain.clean(self.row.get("external_id", "")).split())
        if own:
            return plain.key(own)
        facts = (self.row.get(name, "") for name in ("url", "author", "published_at", "title", "rating"))
        return plain.fingerprint(*facts, text)

    def _text(self, column: str) -> str:
        text, was_cut = plain.shorten(plain.from_either(self.row.get(column, "")))
        if was_cut:
            self._complain(column, f"longer than {plain.MAX_TEXT} characters and was cut")
        return text

    def _url(self, external_id: str) -> str:
        value = self.row.get("url", "")
        found = links.safe_url(value)
        if value and found is None:
            self._complain("url", f"“{plain.line(value, 60)}” is not a web address")
        return found or links.safe_url(self.place.url) or f"{self.page.url}#{external_id}"

    def _author(self) -> AuthorSeen | None:
        name = plain.line(self.row.get("author", ""))
        return AuthorSeen(name, name) if name else None

    def _moment(self, column: str) -> datetime | None:
        value = self.row.get(column, "")
        found = times.read(value, self.page.fetched_at)
        if value and found is None:
            self._complain(column, f"“{plain.line(value, 60)}” is not a date that can be true")
        return found

    def _rating(self) -> float | None:
        value = self.row.get("rating", "")
        if not value:
            return None
        found = _RATING.match(value[:40])
        score = float(found[1].replace(",", ".")) if found else None
        best = float(found[2]) if found and found[2] else self._best()
        if score is None or best <= 1 or score > best:
            self._complain("rating", f"“{plain.line(value, 60)}” is not a rating from 1 to {best:g}")
            return None
        return round(max(1.0, 1 + 4 * (score - 1) / (best - 1)), 2)

    def _best(self) -> float:
        value = self.place.settings.get("best_rating", "").strip()
        return float(value) if value.isdecimal() and len(value) < 5 and int(value) > 1 else 5.0

    def _complain(self, column: str, problem: str) -> None:
        self.remarks.append(Remark(f"row {self.number}, column {column}: {problem}."))
