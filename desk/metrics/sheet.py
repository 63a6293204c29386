"""What the numbers page shows, as CSV that a spreadsheet of the reader's language opens rightly. No cell may be taken
for a formula by it."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Literal

from desk.metrics.backlog import Backlog
from desk.metrics.definitions import LEFT_OUT
from desk.metrics.report import Line, Overview, Report

Cell = str | int | None
Locale = Literal["en", "ru"]
# A Russian Excel takes a comma for the decimal sign, and so wants another one between the cells.
DELIMITERS: dict[Locale, str] = {"en": ",", "ru": ";"}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

SECTIONS = {
    "en": ("All", "Channel", "Team", "Brand"),
    "ru": ("Всё", "Канал", "Команда", "Бренд"),
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
    ("First answer, median (h:mm:ss)", "Первый ответ, медиана (ч:мм:сс)"),
    ("First answer, 90 % (h:mm:ss)", "Первый ответ, 90 % (ч:мм:сс)"),
    ("First answer, mean (h:mm:ss)", "Первый ответ, среднее (ч:мм:сс)"),
    ("Open hours, median (h:mm:ss)", "Рабочие часы, медиана (ч:мм:сс)"),
    ("Open hours, 90 % (h:mm:ss)", "Рабочие часы, 90 % (ч:мм:сс)"),
    ("Without an answer", "Без ответа"),
    ("Without an answer, oldest (h:mm:ss)", "Без ответа, дольше всех (ч:мм:сс)"),
    ("Within the response target", "В целевой срок"),
    ("Targets decided", "Сроков с исходом"),
    ("Targets undecided", "Сроков без исхода"),
    ("Open cases", "Открытых обращений"),
    ("Open cases, overdue", "Открытых обращений, просрочено"),
    ("Open cases, oldest (h:mm:ss)", "Открытых обращений, самое старое (ч:мм:сс)"),
    ("Left out", "Не учтено"),
    ("Confirmed by the site", "Подтверждено площадкой"),
    ("Accepted, cannot be checked", "Принято, проверить нельзя"),
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
    """The total, then a line for each channel, team and brand. Unknown is empty."""
    whole, channel, team, brand = SECTIONS[locale]
    rows = [_row(whole, "", report.overview, report.backlog, locale)]
    for section, lines in ((channel, report.by_channel), (team, report.by_team), (brand, report.by_brand)):
        rows += [_row(section, _name(line, locale), line.overview, line.backlog, locale) for line in lines]
    return _csv(_head(COLUMNS, locale), rows, locale)


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
    return _csv(_head(DAY_COLUMNS, locale), rows, locale)


def guard(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


def _row(section: str, name: str, figures: Overview, backlog: Backlog, locale: Locale) -> Sequence[Cell]:
    wall, business = figures.first_answer_wall, figures.first_answer_business
    shares = (
        figures.answered.value,
        figures.answered.low,
        figures.answered.high,
        figures.in_time.value,
        figures.sent_unverified.value,
        figures.never_answered.value,
    )
    cells: list[Cell] = [section, name, figures.mentions, figures.answered.n, figures.answered.hits]
    cells += [_percent(share, locale) for share in shares]
    cells += [figures.never_answered.n]
    cells += [_hours(span) for span in (wall.median_seconds, wall.p90_seconds, wall.mean_seconds)]
    cells += [_hours(span) for span in (business.median_seconds, business.p90_seconds)]
    cells += [figures.unanswered.n, _hours(figures.unanswered.oldest_seconds)]
    cells += [_percent(figures.target.value, locale), figures.target.n, figures.target_pending]
    cells += [backlog.n, backlog.overdue, _hours(backlog.oldest_seconds), _reasons(figures, locale)]
    # New columns come last: people's own sheets count on the places of the others.
    return [*cells, *(_percent(share.value, locale) for share in (figures.confirmed, figures.receipt_only))]


def _reasons(figures: Overview, locale: Locale) -> str:
    left_out = figures.answered.left_out.items()
    return "; ".join(f"{LEFT_OUT[reason][locale == 'ru']}: {count}" for reason, count in left_out)


def _name(line: Line, locale: Locale) -> str:
    return line.name_ru if locale == "ru" else line.name_en


def _head(columns: Sequence[tuple[str, str]], locale: Locale) -> list[str]:
    return [column[locale == "ru"] for column in columns]


def _percent(value: float | None, locale: Locale) -> str | None:
    """0.8 as 80.0%: a spreadsheet takes that for the number 0.8."""
    shown = None if value is None else f"{100 * value:.1f}%"
    return shown.replace(".", ",") if shown and locale == "ru" else shown


def _hours(seconds: float | None) -> str | None:
    """5400 as 1:30:00: a spreadsheet takes that for a span and reckons with it."""
    if seconds is None:
        return None
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _csv(head: Sequence[str], rows: Iterable[Sequence[Cell]], locale: Locale) -> str:
    text = StringIO()
    writer = csv.writer(text, delimiter=DELIMITERS[locale])
    writer.writerow(head)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return text.getvalue()
