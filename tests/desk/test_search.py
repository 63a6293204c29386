"""Full text: the same finds on both databases, and no query that raises."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from desk.base import db
from desk.mentions import search
from desk.models import Mention, Note
from desk.operations import schema
from tests.world import rows

TEXTS = {
    "delivery": "Заказ везли три недели, поддержка молчит. Доставка ужасная!",
    "courier": "Курьеры привезли чужой заказ и нагрубили",
    "yolka": "Ёлку прислали без ёлочных игрушек, ещё и осыпалась",
    "refund": "They never refunded my money, three deliveries went missing",
    "wifi": "Wi-Fi в кофеварке ЗАРЯ-300 не подключается",
    "refunded": "Верните деньги за утюг",
    "child": "Ребёнок порезался",
    "worse": "Стало хуже прежнего",
    "markup": "<b>bold</b> \x01 'quoted' %percent% & co",
}


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        for name, text in TEXTS.items():
            rows.mention(session, source, external_id=name, text=text, thread_title="")
        titled = rows.mention(
            session,
            source,
            external_id="titled",
            title="Кофеварка течёт",
            text="Смотрите сами",
            thread_title="",
        )
        titled.author = rows.author(session, "Марфа Петровна")
        session.flush()
        search.index(session, list(session.scalars(sa.select(Mention.id))))
        yield session


def found(session: Session, query: str) -> set[str]:
    chosen = sa.select(Mention.external_id).where(Mention.id.in_(search.matching(session, query)))
    return set(session.scalars(chosen))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("доставкой", {"delivery"}),
        ("неделя", {"delivery"}),
        ("КУРЬЕР", {"courier"}),
        ("заказы", {"delivery", "courier"}),
        ("заказы неделю", {"delivery"}),
        ("елка", {"yolka"}),
        ("ёлка", {"yolka"}),
        ("еще", {"yolka"}),
        ("refunding", {"refund"}),
        ("delivery", {"refund"}),
        ("delivered money", set()),
        ("wi-fi", {"wifi"}),
        ("заря 300", {"wifi"}),
        ("кофеварки", {"wifi", "titled"}),
        ("течет", {"titled"}),
        ("марфа", {"titled"}),
        ("марфы петровны", {"titled"}),
        ("не подключается", {"wifi"}),  # a list of stop words would have lost the «не»
        ("не везли", set()),
        ("слон", set()),
        # What stems alone do not join: vowels that come and go, moods of a verb, words of two roots.
        ("кофеварок", {"wifi", "titled"}),
        ("недель", {"delivery"}),
        ("везти", {"delivery"}),
        ("осыпаться", {"yolka"}),
        ("ёлок", {"yolka"}),
        ("игрушка", {"yolka"}),
        ("вернуть деньги", {"refunded"}),
        ("денег", {"refunded"}),
        ("верни", {"refunded"}),
        ("ребёнку", {"child"}),
        ("дети", {"child"}),
        ("плохо", {"worse"}),
        ("хуже", {"worse"}),
    ],
)
def test_words_are_found_in_any_form(session: Session, query: str, names: set[str]) -> None:
    assert found(session, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("курь", {"courier"}),
        ("доставками", {"delivery"}),
        ("заказ кур", {"courier"}),
        ("кур заказ", set()),  # only the last word is still being typed
        ("refunde", {"refund"}),
        ("курь ", set()),  # the blank says that the word is finished
        ("wi-f", {"wifi"}),
    ],
)
def test_the_last_word_may_be_unfinished(session: Session, query: str, names: set[str]) -> None:
    assert found(session, query) == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('"три недели"', {"delivery"}),
        ('"недели три"', set()),
        ('"чужие заказы"', {"courier"}),
        ('заказ "три недели"', {"delivery"}),
        ('"три недели', {"delivery"}),
    ],
)
def test_quoted_words_stay_together(session: Session, query: str, names: set[str]) -> None:
    assert found(session, query) == names


@pytest.mark.parametrize(
    "query",
    [
        *(
            "",
            "   ",
            '"',
            '""',
            "'",
            "*",
            "NEAR(",
            "a AND",
            "NOT",
            "AND OR",
            "stems:x",
            "(((",
            "\x00",
            "%",
            "_",
            "&|!:*<->",
        ),
        *(
            "'; DROP TABLE mentions",
            "😀",
            "\ud800",
            "ы" * 5000,
            "а " * 5000,
            '" " " "',
            "^заказ",
            "{x}",
            "\\",
            "-заказ",
        ),
    ],
)
def test_hostile_queries_never_raise(session: Session, query: str) -> None:
    assert found(session, query) <= {*TEXTS, "titled"}
    assert len(found(session, "заказ")) == 2


def test_a_query_without_words_finds_nothing(session: Session) -> None:
    assert found(session, ' " - ') == set()


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(query=st.text(max_size=40))
def test_any_text_is_a_query(session: Session, query: str) -> None:
    assert found(session, query) <= {*TEXTS, "titled"}


def test_a_new_wording_replaces_the_old_one(session: Session) -> None:
    mention = session.scalars(sa.select(Mention).where(Mention.external_id == "courier")).one()
    mention.text = "Всё исправили, спасибо"
    search.index(session, [mention.id])
    assert found(session, "курьер") == set()
    assert found(session, "исправить спасибо") == {"courier"}


def test_indexing_twice_changes_nothing(session: Session) -> None:
    search.index(session, list(session.scalars(sa.select(Mention.id))))
    assert found(session, "заказ") == {"delivery", "courier"}


def test_a_text_of_a_million_characters_is_found_by_its_beginning(session: Session) -> None:
    source = session.scalars(sa.select(Mention)).first().source
    words = " ".join(f"слово{number}" for number in range(100_000))
    huge = rows.mention(session, source, external_id="huge", text="Начало конца. " + words + "я" * 300_000)
    search.index(session, [huge.id])
    assert found(session, "начало") == {"huge"}
    assert found(session, "слово50") >= {"huge"}


def test_unknown_ids_are_nobody(session: Session) -> None:
    search.index(session, [999_999])
    search.index(session, [])
    assert found(session, "заказ") == {"delivery", "courier"}


def test_a_mention_is_found_by_the_title_of_its_thread(session: Session) -> None:
    mention = session.scalars(sa.select(Mention).where(Mention.external_id == "worse")).one()
    mention.thread_title = "Утюг Заря-2000"
    search.index(session, [mention.id])
    assert found(session, "утюги заря 2000") == {"worse"}


def test_notes_and_answers_of_before_the_index_are_found(database: None) -> None:
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session))
        case = rows.case(session, rows.mention(session, source))
        case_id = case.id
        session.add(Note(case_id=case_id, user=rows.user(session), text="Заказ 4521", written_at=rows.NOON))
    schema.downgrade("0011")
    schema.upgrade()
    with db.snapshot() as session:
        assert search.few(session, "4521", search.CASES) == [case_id]
