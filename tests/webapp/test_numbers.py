"""The page for leadership: its figures are those of desk/metrics, said so that nobody needs colour to read them."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import CaseStatus, Intent, Sentiment
from desk.models import Source
from documents.charts import Layer
from tests.world import rows
from tests.world.desk import listen
from webapp.helper_process import HelperProcess
from webapp.numbers import charts


@pytest.fixture
def shop(people: object, now) -> int:
    return listen("https://shop.example/p", "schema_org", title="Магазин", now=now)


@pytest.fixture
def week(shop: int) -> None:
    """Ten complaints of the last days, eight of them answered within an hour; and one of long ago, unanswered."""
    with db.transaction() as session:
        of = session.get_one(Source, shop)
        for number in range(8):
            told = rows.NOON - timedelta(days=number, hours=2)
            mention = rows.answered(session, of, timedelta(minutes=30), published_at=told)
            rows.case(session, mention, status=CaseStatus.ANSWERED, is_met=number > 0, opened_at=told)
        for number in range(2):
            mention = rows.mention(session, of, published_at=rows.NOON - timedelta(days=number, hours=1))
            rows.case(session, mention, due_at=rows.NOON + timedelta(hours=1 - 2 * number))
        rows.mention(session, of, intent=Intent.PRAISE, sentiment=Sentiment.POSITIVE)
        rows.mention(session, of, published_at=rows.NOON - timedelta(days=70))


def figure(page: str, name: str) -> str:
    """What a screen reader would read in one of the five."""
    part = page.split(f'data-test="figure-{name}"')[1].split('data-test="figure-', maxsplit=1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_the_first_row_says_it_in_plain_words(client: FlaskClient, week: None) -> None:
    page = client.get("/numbers").text
    assert "80% 49–94%" in figure(page, "answered")
    assert "8 of 10 complaints, questions and reviews" in figure(page, "answered")
    assert "30 m" in figure(page, "first")
    assert "in open hours: 15 m" in figure(page, "first")
    assert "7 of 9 cases with a known outcome: too few for a percentage" in figure(page, "target")
    assert "1 with no outcome yet" in figure(page, "target")
    assert "1 of them overdue" in figure(page, "backlog")


def test_never_answered_stands_beside_the_literature_and_names_its_period(
    client: FlaskClient, week: None
) -> None:
    never = figure(client.get("/numbers").text, "never")
    assert "1 of 1" in never
    assert "too few for a percentage" in never
    assert "28%" in never
    assert "21 Jul – 18 Oct" in never
    assert "Satmetrix, 2012" in never
    assert "1 of 1" in figure(client.get("/numbers?period=90").text, "never")


def test_every_figure_carries_its_definition_and_what_was_left_out(client: FlaskClient, week: None) -> None:
    page = client.get("/numbers").text
    for key in (
        "answered",
        "never_answered",
        "first_answer_wall",
        "first_answer_business",
        "target",
        "backlog",
        "answered_by_day",
        "sentiment_by_day",
    ):
        assert f'data-test="definition-{key}"' in page
    assert "neither a complaint, a question nor a review: 1" in figure(page, "answered")
    assert "With 95 % certainty between 49% and 94%" in figure(page, "answered")


def test_a_number_opens_exactly_its_mentions(client: FlaskClient, week: None) -> None:
    page = client.get("/numbers").text
    asked, answered = (
        link.replace("&amp;", "&")
        for link in re.findall(r'href="(/mentions[^"]+)"', page.split('data-test="by-brand"')[1])[:2]
    )
    assert client.get(asked).text.count('data-test="mention"') == 10
    assert client.get(answered).text.count('data-test="mention"') == 8


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("period=7", "12 Nov – 18 Nov"),
        ("period=month", "1 Nov – 18 Nov"),
        ("period=last_month", "1 Oct – 31 Oct"),
        ("period=custom&since=2026-11-02&until=2026-11-03", "2 Nov – 3 Nov"),
        ("", "20 Oct – 18 Nov"),
    ],
)
def test_periods(client: FlaskClient, shop: int, query: str, days: str) -> None:
    assert days in client.get(f"/numbers?{query}").text


@pytest.mark.parametrize(
    "query",
    [
        "period=custom&since=2026-11-09&until=2026-11-03",
        "period=custom",
        "period=custom&since=0001-01-01&until=9999-12-31",
        "period=forever",
    ],
)
def test_what_is_no_period_is_said_and_the_usual_one_shown(
    client: FlaskClient, shop: int, query: str
) -> None:
    page = client.get(f"/numbers?{query}").text
    assert "The period is not valid" in page
    assert "20 Oct – 18 Nov" in page


def test_filters_narrow_every_figure(client: FlaskClient, week: None) -> None:
    assert "no complaint, question or review" in figure(
        client.get("/numbers?team=marketing").text, "answered"
    )
    assert "8 of 10" in figure(
        client.get("/numbers?team=service&channel=schema_org&brand=1").text, "answered"
    )
    assert "no complaint, question or review" in figure(
        client.get("/numbers?channel=wordpress").text, "answered"
    )


def test_a_change_is_told_only_when_it_is_more_than_chance(client: FlaskClient, shop: int) -> None:
    with db.transaction() as session:
        of = session.get_one(Source, shop)
        for number in range(40):
            rows.answered(session, of, timedelta(hours=1), published_at=rows.NOON - timedelta(hours=number))
            before = rows.NOON - timedelta(days=9, hours=number)
            rows.mention(session, of, published_at=before)
            if number % 2:
                rows.answered(session, of, timedelta(hours=3), published_at=before)
    page = client.get("/numbers?period=7").text
    assert "67 points better than before (33%)" in figure(page, "answered")
    assert "2 h sooner than before (3 h)" in figure(page, "first")


def test_few_cases_make_no_change(client: FlaskClient, shop: int) -> None:
    with db.transaction() as session:
        of = session.get_one(Source, shop)
        rows.answered(session, of, timedelta(hours=1), published_at=rows.NOON - timedelta(hours=3))
        rows.mention(session, of, published_at=rows.NOON - timedelta(days=9))
    page = client.get("/numbers?period=7").text
    assert "1 of 1 complaints, questions and reviews: too few for a percentage" in figure(page, "answered")
    assert "too few to compare: 1 now, 1 before" in figure(page, "answered")


def test_a_difference_that_may_be_chance_is_no_change(client: FlaskClient, shop: int) -> None:
    with db.transaction() as session:
        of = session.get_one(Source, shop)
        for number in range(12):
            rows.mention(session, of, published_at=rows.NOON - timedelta(hours=number))
            rows.mention(session, of, published_at=rows.NOON - timedelta(days=9, hours=number))
        rows.answered(session, of, timedelta(hours=1), published_at=rows.NOON - timedelta(hours=3))
    page = client.get("/numbers?period=7").text
    assert "no clear change (0% before)" in figure(page, "answered")
    assert "than before" not in figure(page, "first")


def test_one_answer_is_no_median_to_compare(client: FlaskClient, shop: int) -> None:
    with db.transaction() as session:
        of = session.get_one(Source, shop)
        rows.answered(session, of, timedelta(hours=1), published_at=rows.NOON - timedelta(hours=3))
        rows.answered(session, of, timedelta(days=5), published_at=rows.NOON - timedelta(days=9))
    page = client.get("/numbers?period=7").text
    assert "too few to compare: 1 now, 1 before" in figure(page, "first")


def test_what_a_number_opened_says_what_it_holds(client: FlaskClient, week: None) -> None:
    page = client.get("/numbers?period=90").text
    link = next(
        one.replace("&amp;", "&") for one in re.findall(r'href="(/mentions[^"]+)"', page) if "old=yes" in one
    )
    opened = client.get(link).text
    said = " ".join(
        re.sub(r"<[^>]+>", " ", opened.split('data-test="in-force"')[1].split("</ul>")[0]).split()
    )
    for words in (
        "what the numbers count: complaints, questions and reviews that can be answered",
        "without an answer seen in public",
        "30 days old or older",
        "21 Aug – 18 Nov",
    ):
        assert words in said
    assert opened.count('data-test="mention"') == 1


def test_the_tables_leave_as_csv_in_the_readers_language(
    sign_in: Callable[..., FlaskClient], week: None
) -> None:
    answer = sign_in("analyst", "ru").get("/numbers/table.csv?period=30")
    assert answer.headers["Content-Disposition"].endswith('"otklik-table-2026-10-20-2026-11-18.csv"')
    assert answer.text.startswith("\ufeff")
    # As a Russian Excel wants it: semicolons, a comma in numbers, spans it can reckon with.
    text = answer.text.removeprefix("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert (lines[0]["Требуют ответа"], lines[0]["Отвечено"], lines[0]["Доля ответов"]) == (
        "10",
        "8",
        "80,0%",
    )
    assert lines[0]["Первый ответ, медиана (ч:мм:сс)"] == "0:30:00"
    english = sign_in("analyst", "en").get("/numbers/table.csv?period=30").text.removeprefix("\ufeff")
    assert next(csv.DictReader(io.StringIO(english)))["Response rate"] == "80.0%"
    days = list(
        csv.DictReader(
            io.StringIO(sign_in("analyst").get("/numbers/days.csv?period=7").text.removeprefix("\ufeff"))
        )
    )
    assert [line["Day"] for line in days] == [f"2026-11-{day}" for day in range(12, 19)]


def test_numbers_are_there_when_no_chart_can_be_drawn(
    sign_in: Callable[..., FlaskClient], week: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "ENGINE", HelperProcess("no.such_module:svg"))
    charts._drawn.cache_clear()
    page = sign_in("analyst").get("/numbers").text
    chart = page.split('data-test="chart-answered_by_day"')[1].split("</figure>")[0]
    assert "The chart could not be drawn now. The table below has its numbers." in chart
    assert "<svg" not in chart
    assert chart.count("<tr>") == 31


def test_charts_follow_the_theme_and_have_a_table(sign_in: Callable[..., FlaskClient], week: None) -> None:
    page = sign_in("analyst", "ru").get("/numbers").text
    chart = page.split('data-test="chart-answered_by_day"')[1].split("</figure>")[0]
    svg = chart[chart.index("<svg") : chart.index("</svg>")]
    assert "var(--chart-in-time)" in svg
    assert "var(--muted)" in svg
    assert not re.findall(r"#[0-9a-f]{6}|style=|<script|url\(", svg)
    assert "окт." in svg
    assert "отвечено в срок 7" in svg
    assert chart.count("<tr>") == 31


def test_an_empty_period_says_what_to_do(client: FlaskClient, world: object) -> None:
    page = client.get("/numbers").text
    assert "No mentions in this period" in page
    assert "no case waits for an answer" in figure(page, "backlog")


def test_long_periods_are_drawn_by_weeks_and_months() -> None:
    def bars(days: int) -> int:
        first = date(2024, 1, 1)
        shown = [first + timedelta(days=number) for number in range(days)]
        svg = charts.stacked(shown, [Layer("all", "chart-sent", [1] * days)], "en", "")
        return str(svg).count("var(--chart-sent)")

    assert (bars(100), bars(140), bars(900)) == (100, 20, 30)
