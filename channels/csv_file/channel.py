"""Mentions out of a table that a person brings, CSV or XLSX. Has no `start`: there is nothing to visit."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from channels.contract import About, AuthorSeen, Field, Page, Parsed, Place, Remark, Sighting, Text
from channels.csv_file import columns as file_columns
from channels.csv_file import tables
from channels.csv_file import values as file_values
from channels.csv_file.tables import Table
from channels.csv_file.values import Dates, Row, Scale
from channels.identity import Identity, Thing, Window, has_time
from channels.reading import ratings, urls
from channels.reading import text as plain_text

MAX_REMARKS: Final = 200
UNKNOWN: Final = "These columns were not read, being unknown or a second of their kind: "


class File:
    about = About(
        "file",
        Text("File (CSV, XLSX)", "Файл (CSV, XLSX)"),
        address="none",
        arrives=("import",),
        fields=(
            Field(
                "best_rating",
                Text("Best possible rating (5 when empty)", "Наивысшая оценка (если пусто — 5)"),
                "number",
            ),
            Field(
                "columns",
                Text(
                    "What columns hold: “Head=column; Head=column”",
                    "Что в столбцах: «Заголовок=столбец; Заголовок=столбец»",
                ),
                most_letters=20_000,
            ),
        ),
    )

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        """Every good row is taken; what is wrong in a row is said by row and column, what was not used by its head."""
        window = Window()
        remarks = 0
        for part in _parts(place, page, window):
            remarks += isinstance(part, Remark)
            if isinstance(part, Remark) and remarks > MAX_REMARKS:
                continue
            yield part
        if remarks > MAX_REMARKS:
            yield Remark(
                Text(
                    f"{remarks - MAX_REMARKS} more remarks about rows are not shown.",
                    f"Замечаний о строках ещё {remarks - MAX_REMARKS}; они не показаны.",
                )
            )


def unknown_heads(place: Place, page: Page) -> list[str]:
    """The heads of a file that nobody has explained yet. Raises what reading the file raises."""
    heads: list[str] = []
    for table in tables.read(page.body, file_columns.wishes(place.settings.get("columns", ""))):
        if isinstance(table, Table):
            heads += table.heads.unknown
    return list(dict.fromkeys(heads))


def _parts(place: Place, page: Page, window: Window) -> Iterator[Parsed]:
    wanted = file_columns.wishes(place.settings.get("columns", ""))
    for table in tables.read(page.body, wanted):
        if isinstance(table, Remark):
            yield table
            continue
        if table.heads.unknown:
            named = ", ".join(f"“{plain_text.line(head, 60)}”" for head in table.heads.unknown)
            yield Remark(
                Text(f"{UNKNOWN}{named}.", f"Эти столбцы не прочитаны: неизвестны или повторяются: {named}.")
            )
        sample, rows = file_values.with_sample(table)
        names = file_values.without_flags(table.heads.names, sample)
        scale = file_values.scale(place.settings.get("best_rating", ""), table.heads, sample)
        dates = file_values.reader_of_dates(table.heads, sample, page.fetched_at, place.language)
        yield from (Remark(said) for said in scale.remarks)
        cells: Sequence[str] = ()
        for number, cells in rows:
            row = file_values.row(names, cells)
            extra = sum(bool(cell.strip()) for cell in cells[len(names) :])
            where = Text(f"{table.prefix}row {number}", f"{table.prefix}строка {number}")
            yield from _Reader(place, page, where, row, scale, dates).read(window, extra)
        if table.may_lack_quote and any("\n" in cell for cell in cells):
            yield Remark(
                Text(
                    "The last row goes over several lines, and a quotation mark in the file is not closed: look there.",
                    "Последняя строка занимает несколько строк файла, а кавычка где-то не закрыта: проверьте.",
                )
            )


class _Reader:
    def __init__(self, place: Place, page: Page, where: Text, row: Row, scale: Scale, dates: Dates) -> None:
        self.place, self.page, self.where, self.row, self.scale, self.dates = (
            place,
            page,
            where,
            row,
            scale,
            dates,
        )
        self.remarks: list[Remark] = []

    def read(self, window: Window, extra: int = 0) -> Iterator[Parsed]:
        if extra:
            self.remarks.append(
                Remark(
                    Text(
                        f"{self.where.en}: {extra} cells more than there are columns; they were left out.",
                        f"{self.where.ru}: ячеек больше, чем столбцов, на {extra}; лишние пропущены.",
                    )
                )
            )
        mention = self._mention(window)
        if mention is None or not window.is_new(mention.external_id):
            if mention is not None:
                self._complain(
                    "external_id",
                    Text(
                        "the same mention stands in an earlier row",
                        "такое же упоминание уже есть в строке выше",
                    ),
                )
            yield from self.remarks
            return
        answer = self._answer(mention, self._answer_id(mention))
        yield from self.remarks
        yield mention
        if answer is not None:
            yield answer

    def _mention(self, window: Window) -> Sighting | None:
        self._drop_spoilt_id()
        text, rating = self._whole_text(), self._rating()
        title = plain_text.line(self.row.get("title", ""))
        if not text and not title and rating is None:
            self._complain(
                "text",
                Text(
                    "a text or a rating is needed; the row was left out",
                    "нужен текст или оценка; строка пропущена",
                ),
            )
            return None
        thing = self._thing(text, title, rating)
        known = self._known(thing, window)
        return Sighting(
            external_id=known.external_id,
            twin_id=known.twin_id,
            former_ids=known.former_ids,
            url=self._url(known.external_id),
            text=text,
            kind="review" if rating is not None else "post",
            title=title,
            author=self._author(),
            published_at=self._moment("published_at", self.row.get("time_of_day", "")),
            edited_at=self._moment("edited_at"),
            rating=rating,
            language=plain_text.language_tag(self.row.get("language")) or self.place.language,
            thread=plain_text.key(self.row["thread"]) if self.row.get("thread") else known.external_id,
            thread_title=plain_text.line(self.row.get("thread", "") or self.row.get("product", "")),
        )

    def _drop_spoilt_id(self) -> None:
        """Excel writes a long number as 1.23457E+17: many rows would then share one id, and be one mention."""
        own = self.row.get("external_id", "")
        if file_values.is_rounded(own):
            self._complain(
                "external_id",
                Text(f"“{own}” is a rounded number, not an id", f"«{own}» — округлённое число, а не id"),
            )
        if file_values.is_rounded(own) or not file_values.says_something(own):
            self.row.pop("external_id", None)

    def _answer(self, mention: Sighting, known: Identity) -> Sighting | None:
        text = self._text("answer")
        if not text:
            return None
        own = self.place.own_names[0] if self.place.own_names else None
        return Sighting(
            external_id=known.external_id,
            former_ids=known.former_ids,
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

    def _answer_id(self, mention: Sighting) -> Identity:
        """By what does not change when the review is edited, and is no other review's."""
        if not mention.twin_id:
            return Identity(
                plain_text.fingerprint(mention.external_id, "answer"), "", self._answer_ids(mention)
            )
        thing = self._thing(mention.text, mention.title, mention.rating)
        is_told = thing.is_signed or has_time(thing.date)
        base = thing.anchor if is_told else mention.twin_id
        return Identity(plain_text.fingerprint(base, "answer"), "", self._answer_ids(mention))

    def _answer_ids(self, mention: Sighting) -> tuple[str, ...]:
        return tuple(plain_text.fingerprint(each, "answer") for each in mention.former_ids)

    def _thing(self, text: str, title: str, rating: float | None) -> Thing:
        """Without an id in the table a row is known by its link, else by author and time, else by all it says."""
        value = {
            name: self.row.get(name, "") for name in ("url", "author", "published_at", "title", "rating")
        }
        return Thing(
            link=urls.safe_url(value["url"]) or "",
            author=value["author"],
            date=value["published_at"],
            title=title,
            text=text,
            rating=rating,
            earlier=(plain_text.fingerprint(*value.values(), text),),
        )

    def _known(self, thing: Thing, window: Window) -> Identity:
        own = " ".join(plain_text.clean(self.row.get("external_id", "")).split())
        return Identity(plain_text.key(own)) if own else window.identify(thing)

    def _whole_text(self) -> str:
        language = plain_text.language_tag(self.row.get("language")) or self.place.language
        return self._cut("text", file_values.whole_text(self.row, language))

    def _text(self, column: str) -> str:
        return self._cut(column, plain_text.from_either(self.row.get(column, "")))

    def _cut(self, column: str, whole: str) -> str:
        text, was_cut = plain_text.shorten(whole)
        if was_cut:
            self._complain(
                column,
                Text(
                    f"longer than {plain_text.MAX_TEXT} characters and was cut",
                    f"длиннее {plain_text.MAX_TEXT} знаков, обрезано",
                ),
            )
        return text

    def _url(self, external_id: str) -> str:
        value = self.row.get("url", "")
        found = urls.safe_url(value)
        if value and found is None:
            self._complain(
                "url",
                Text(
                    f"“{plain_text.line(value, 60)}” is not a web address",
                    f"«{plain_text.line(value, 60)}» — не веб-адрес",
                ),
            )
        return found or urls.safe_url(self.place.url) or f"{self.page.url}#{external_id}"

    def _author(self) -> AuthorSeen | None:
        name = plain_text.line(f"{self.row.get('author', '')} {self.row.get('surname', '')}")
        return AuthorSeen(name, name) if name else None

    def _moment(self, column: str, time_of_day: str = "") -> datetime | None:
        value = file_values.with_time(self.row.get(column, ""), time_of_day)
        found = self.dates.read(value)
        if value and found is None:
            why = self.dates.complaint(value)
            self._complain(
                column,
                Text(f"“{plain_text.line(value, 60)}” {why.en}", f"«{plain_text.line(value, 60)}» {why.ru}"),
            )
        return found

    def _rating(self) -> float | None:
        value = self.row.get("rating", "")[: ratings.MAX_LENGTH * 2]
        if file_values.is_unrated(value):
            return None
        found = self.scale.read(value)
        if found is None and not self.scale.is_doubtful:
            self._complain(
                "rating",
                Text(
                    f"“{plain_text.line(value, 60)}” is not a rating from 1 to {self.scale.best:g}",
                    f"«{plain_text.line(value, 60)}» — не оценка от 1 до {self.scale.best:g}",
                ),
            )
        return found

    def _complain(self, column: str, problem: Text) -> None:
        said = Text(
            f"{self.where.en}, column {column}: {problem.en}.",
            f"{self.where.ru}, столбец {column}: {problem.ru}.",
        )
        self.remarks.append(Remark(said))
