"""What the numbers page shows, as the values of a table: documents/sheets.py makes a file of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from desk.metrics.backlog import Backlog
from desk.metrics.definitions import LEFT_OUT
from desk.metrics.report import Line, Overview, Report

Cell = str | int | float | timedelta | None
"""A float is a share of 1. None is unknown."""
Locale = Literal["en", "ru"]

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


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and names are in the language that was asked for."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def figures(report: Report, locale: Locale) -> Table:
    """The total, then a line for each channel, team and brand."""
    whole, channel, team, brand = SECTIONS[locale]
    rows = [_row(whole, "", report.overview, report.backlog, locale)]
    for section, lines in ((channel, report.by_channel), (team, report.by_team), (brand, report.by_brand)):
        rows += [_row(section, _name(line, locale), line.overview, line.backlog, locale) for line in lines]
    return Table(_head(COLUMNS, locale), rows)


def days(report: Report, locale: Locale) -> Table:
    """One line a day, answers and tone side by side."""
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
        for one, tone in zip(report.answered_by_day, report.sentiment_by_day, strict=True)
    ]
    return Table(_head(DAY_COLUMNS, locale), rows)


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
    cells += shares
    cells += [figures.never_answered.n]
    cells += [_span(span) for span in (wall.median_seconds, wall.p90_seconds, wall.mean_seconds)]
    cells += [_span(span) for span in (business.median_seconds, business.p90_seconds)]
    cells += [figures.unanswered.n, _span(figures.unanswered.oldest_seconds)]
    cells += [figures.target.value, figures.target.n, figures.target_pending]
    cells += [backlog.n, backlog.overdue, _span(backlog.oldest_seconds), _reasons(figures, locale)]
    # New columns come last: people's own sheets count on the places of the others.
    return [*cells, figures.confirmed.value, figures.receipt_only.value]


def _reasons(figures: Overview, locale: Locale) -> str:
    left_out = figures.answered.left_out.items()
    return "; ".join(f"{LEFT_OUT[reason][locale == 'ru']}: {count}" for reason, count in left_out)


def _name(line: Line, locale: Locale) -> str:
    return line.name_ru if locale == "ru" else line.name_en


def _head(columns: Sequence[tuple[str, str]], locale: Locale) -> list[str]:
    return [column[locale == "ru"] for column in columns]


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
