"""What the numbers page shows, as CSV. No cell may be taken for a formula by the program that opens it."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Literal

from desk.metrics.definitions import LEFT_OUT
from desk.metrics.report import Line, Overview, Report
from desk.metrics.work import Backlog

Cell = str | int | float | None
Locale = Literal["en", "ru"]
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

SECTIONS = {
    "en": ("All", "Channel", "Team", "Brand"),
    "ru": ("Всё", "Канал", "Отдел", "Бренд"),
}
COLUMNS: Sequence[tuple[str, str]] = (
    ("Table", "Таблица"),
    ("Name", "Название"),
    ("Mentions", "Упоминаний"),
    ("Answerable", "Требуют ответа"),
    ("Answered", "Отвечено"),
    ("Response rate", "Доля ответов"),
    ("Response rate, low (95 %)", "Доля ответов, нижняя граница (95 %)"),
    ("Response rate, high (95 %)", "Доля ответов, верхняя граница (95 %)"),
    ("Answered in time", "Отвечено в срок"),
    ("Sent, not seen yet", "Отправлено, ещё не видно"),
    ("Never answered", "Остались без ответа"),
    ("Never answered, of", "Остались без ответа, из"),
    ("First answer, median, s", "Первый ответ, медиана, с"),
    ("First answer, 90 %, s", "Первый ответ, 90 %, с"),
    ("First answer, mean, s", "Первый ответ, среднее, с"),
    ("Open hours, median, s", "Рабочие часы, медиана, с"),
    ("Open hours, 90 %, s", "Рабочие часы, 90 %, с"),
    ("Still waiting", "Ещё ждут"),
    ("Still waiting, oldest, s", "Ещё ждут, дольше всех, с"),
    ("Within the promise", "В обещанный срок"),
    ("Promises decided", "Сроков решено"),
    ("Promises pending", "Сроков не решено"),
    ("Backlog", "Очередь"),
    ("Backlog, overdue", "Очередь, просрочено"),
    ("Backlog, oldest, s", "Очередь, самое старое, с"),
    ("Left out", "Не учтено"),
)
DAY_COLUMNS: Sequence[tuple[str, str]] = (
    ("Day", "День"),
    ("Answered in time", "Отвечено в срок"),
    ("Answered late", "Отвечено с опозданием"),
    ("Sent, not seen yet", "Отправлено, ещё не видно"),
    ("Not answered", "Без ответа"),
    ("Negative", "Негативных"),
    ("Neutral", "Нейтральных"),
    ("Positive", "Позитивных"),
)


def table_csv(report: Report, locale: Locale) -> str:
    """The total, then a line for each channel, team and brand. Shares are 0..1, spans are seconds, unknown is empty."""
    whole, channel, team, brand = SECTIONS[locale]
    rows = [_row(whole, "", report.overview, report.backlog, locale)]
    for section, lines in ((channel, report.by_channel), (team, report.by_team), (brand, report.by_brand)):
        rows += [_row(section, _name(line, locale), line.overview, line.backlog, locale) for line in lines]
    return _csv(_head(COLUMNS, locale), rows)


def days_csv(report: Report, locale: Locale) -> str:
    """One line a day, answers and tone side by side."""
    days = zip(report.answered_by_day, report.sentiment_by_day, strict=True)
    rows = [
        (
            one.day.isoformat(),
            one.in_time,
            one.late,
            one.sent,
            one.unanswered,
            tone.negative,
            tone.neutral,
            tone.positive,
        )
        for one, tone in days
    ]
    return _csv(_head(DAY_COLUMNS, locale), rows)


def guard(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _row(section: str, name: str, figures: Overview, waiting: Backlog, locale: Locale) -> Sequence[Cell]:
    wall, business = figures.first_answer_wall, figures.first_answer_business
    cells: list[Cell] = [section, name, figures.mentions, figures.answered.n, figures.answered.hits]
    cells += [_share(figures.answered.value), _share(figures.answered.low), _share(figures.answered.high)]
    cells += [_share(figures.in_time.value), _share(figures.sent_unverified.value)]
    cells += [_share(figures.never_answered.value), figures.never_answered.n]
    cells += [_whole(wall.median_seconds), _whole(wall.p90_seconds), _whole(wall.mean_seconds)]
    cells += [_whole(business.median_seconds), _whole(business.p90_seconds)]
    cells += [figures.unanswered.n, figures.unanswered.oldest_seconds]
    cells += [_share(figures.promise.value), figures.promise.n, figures.promise_pending]
    return [*cells, waiting.n, waiting.overdue, waiting.oldest_seconds, _reasons(figures, locale)]


def _reasons(figures: Overview, locale: Locale) -> str:
    left_out = figures.answered.left_out.items()
    return "; ".join(f"{LEFT_OUT[reason][locale == 'ru']}: {count}" for reason, count in left_out)


def _name(line: Line, locale: Locale) -> str:
    return line.name_ru if locale == "ru" else line.name_en


def _head(columns: Sequence[tuple[str, str]], locale: Locale) -> list[str]:
    return [column[locale == "ru"] for column in columns]


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return text.getvalue()
