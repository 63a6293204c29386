"""Everything that was said: found, paged, shown with its changes, and put right by one click."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import Intent, MentionState, Sentiment, Urgency
from desk.mentions import search
from desk.models import Case, EarlierWording, Mention, Source, Verdict
from desk.pipeline import triage
from tests.world import rows
from tests.world.desk import World, listen


@pytest.fixture
def said(people: object, now) -> Callable[..., int]:
    """Says something at the brand's shop; returns the mention's id."""
    source_id = listen("https://shop.example/p", "schema_org", title="Магазин", now=now)

    def say(text: str = "Чайник не греет", **facts: object) -> int:
        with db.transaction() as session:
            row = rows.mention(session, session.get_one(Source, source_id), text=text, **facts)
            search.index(session, [row.id])
            return row.id

    return say


def one(mention_id: int) -> Mention:
    with db.snapshot() as session:
        found = session.get_one(Mention, mention_id)
        session.expunge_all()
        return found


def test_newest_first_and_hostile_text_stays_text(client: FlaskClient, said) -> None:
    said("Старое", published_at=rows.NOON - timedelta(days=2))
    said("Новое <img src=x onerror=alert(1)>")
    page = client.get("/mentions").text
    assert page.index("Новое") < page.index("Старое")
    assert "<img src=x" not in page


def test_words_are_found_in_any_form(client: FlaskClient, said) -> None:
    said("Сломался чайник"), said("Прекрасная кофеварка")
    page = client.get("/mentions?q=чайники").text
    assert "Сломался чайник" in page
    assert "кофеварка" not in page


def test_the_mark_of_abuse_stands_at_the_mention_and_hides_nothing(client: FlaskClient, said) -> None:
    mention_id = said("Вы все идиоты", is_abusive=True)
    mark = 'data-test="abusive"'
    assert mark in client.get(f"/mentions/{mention_id}").text
    assert mark in client.get("/mentions").text
    said("Спасибо", is_abusive=False), said("Раньше не спрашивали")
    rest = client.get("/mentions?abusive=no").text
    assert "Спасибо" in rest
    assert "Раньше не спрашивали" in rest
    assert mark not in rest


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("intent=question", "вопрос"),
        ("sentiment=positive", "похвала"),
        ("uncertain=yes", "неясно"),
        ("abusive=yes", "ругань"),
        ("answered=yes", "отвечено"),
        ("language=en", "english"),
        ("own=yes", "от бренда"),
        ("intent=nonsense", "вопрос"),
    ],
)
def test_filters(client: FlaskClient, said, query: str, shown: str) -> None:
    said("жалоба", language="ru")
    said("вопрос", intent=Intent.QUESTION)
    said("похвала", intent=Intent.PRAISE, sentiment=Sentiment.POSITIVE)
    said("неясно", is_uncertain=True)
    said("ругань", is_abusive=True)
    said("отвечено", answered_at=rows.NOON)
    said("english", language="en")
    said("от бренда", is_own=True)
    page = client.get(f"/mentions?{query}").text
    assert f">{shown}<" in page
    assert (">жалоба<" in page) is (query in ("own=yes", "intent=nonsense"))


def test_days_are_the_readers_unless_a_zone_is_named(client: FlaskClient, said) -> None:
    said(
        "поздно вечером", published_at=rows.NOON.replace(hour=22)
    )  # the 19th in Moscow, still the 18th in UTC
    client.set_cookie("zone", "Europe/Moscow")
    assert "поздно вечером" in client.get("/mentions?since=2026-11-19&until=2026-11-19").text
    assert "поздно вечером" not in client.get("/mentions?since=2026-11-19&until=2026-11-19&zone=UTC").text
    assert client.get("/mentions?since=never&until=9999-12-31&zone=Mars/Base").status_code == 200


def test_what_the_numbers_count_can_be_listed(client: FlaskClient, said) -> None:
    said("жалоба без ответа")
    said("похвала без звёзд", intent=Intent.PRAISE)
    said("жалоба с ответом", answered_at=rows.NOON, answer_seen_at=rows.NOON)
    page = client.get("/mentions?counted=yes&seen=no").text
    assert "жалоба без ответа" in page
    assert "похвала" not in page
    assert "жалоба с ответом" not in page


def test_pages_follow_each_other_without_gaps(client: FlaskClient, said) -> None:
    for number in range(55):
        said(f"слово{number:03d}", published_at=rows.NOON - timedelta(minutes=number))
    first = client.get("/mentions").text
    address = first.split('data-test="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(address).text
    assert ("слово049" in first, "слово050" in first) == (True, False)
    assert ("слово049" in second, "слово050" in second, "слово054" in second) == (False, True, True)
    assert client.get("/mentions?after=damaged").status_code == 422


def test_a_mention_shows_each_change(client: FlaskClient, said) -> None:
    mention_id = said("Везли три недели", edit_count=2, rating=1)
    with db.transaction() as session:
        for text, rating in (("Везли две недели", 3.0), ("Везли две долгие недели", 1.0)):
            session.add(
                EarlierWording(
                    mention_id=mention_id, replaced_at=rows.NOON, title="", text=text, rating=rating
                )
            )
    page = client.get(f"/mentions/{mention_id}").text
    newer, older = page.split('data-test="edits"')[1].split("<li>")[1:3]
    assert "<del>две долгие</del><ins>три</ins>" in newer
    assert "<ins>долгие </ins>" in older
    assert "3 of 5" in older


def test_one_click_corrects_a_tag_and_opens_the_case(client: FlaskClient, said, now) -> None:
    mention_id = said("Верните деньги", intent=Intent.OTHER, is_uncertain=True)
    answer = client.post(
        f"/mentions/{mention_id}/correct", data={"intent": "complaint", "next": "/mentions?uncertain=yes"}
    )
    assert answer.location == "/mentions?uncertain=yes"
    mention = one(mention_id)
    assert (mention.intent, mention.sentiment, mention.is_uncertain) == (
        Intent.COMPLAINT,
        Sentiment.NEGATIVE,
        False,
    )
    with db.snapshot() as session:
        assert session.scalar(sa.select(Case.mention_id)) == mention_id
        assert session.scalar(sa.select(Verdict.by)) == "human"


def test_saying_that_the_tags_are_right_settles_them(client: FlaskClient, said) -> None:
    mention_id = said(is_uncertain=True, intent=Intent.PRAISE)
    client.post(f"/mentions/{mention_id}/correct", data={"right": "1"})
    assert (one(mention_id).is_uncertain, one(mention_id).intent) == (False, Intent.PRAISE)


def test_an_empty_correction_changes_nothing(client: FlaskClient, said) -> None:
    mention_id = said(is_uncertain=True)
    assert client.post(f"/mentions/{mention_id}/correct", data={"intent": "rubbish"}).status_code == 422
    assert one(mention_id).is_uncertain


def test_an_analyst_reads_and_corrects_nothing(sign_in, said) -> None:
    mention_id, analyst = said(is_uncertain=True), sign_in("analyst")
    assert "Wrong tags" not in analyst.get("/mentions").text
    assert analyst.post(f"/mentions/{mention_id}/correct", data={"right": "1"}).status_code == 403
    assert one(mention_id).is_uncertain


def test_a_correction_leads_nowhere_else(client: FlaskClient, said) -> None:
    mention_id = said()
    answer = client.post(
        f"/mentions/{mention_id}/correct", data={"intent": "praise", "next": "https://evil.example/"}
    )
    assert answer.location == f"/mentions/{mention_id}"


def test_verdicts_name_who_made_them(client: FlaskClient, said, now) -> None:
    mention_id = said(state=MentionState.NEW)
    with db.transaction() as session:
        triage.judge(session, mention_id, triage.Judgement(
            language="ru", sentiment=Sentiment.NEGATIVE, intent=Intent.COMPLAINT, urgency=Urgency.HIGH, intent_probability=0.97,
            backend="onnx", model_revision="r7",
        ), now)  # fmt: skip
    client.post(f"/mentions/{mention_id}/correct", data={"urgency": "low"})
    verdicts = client.get(f"/mentions/{mention_id}").text.split('data-test="verdicts"')[1]
    assert verdicts.index("Иван Петров") < verdicts.index("onnx r7")
    assert "97%" in verdicts


def test_empty_lists_say_what_to_do(client: FlaskClient, world: World) -> None:
    assert "No mentions yet" in client.get("/mentions").text
    assert "No mentions found" in client.get("/mentions?q=слон").text
    assert client.get("/mentions/999").status_code == 404
