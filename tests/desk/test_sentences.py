"""What is said in both languages is kept in both, and what older versions kept is shown as it is."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from desk.base import db, sentences
from desk.base.damage import is_damaged
from desk.base.sentences import Sentence
from desk.base.words import CrawlOutcome
from desk.models import Crawl, Source
from desk.sources import crawls
from tests.world import rows

NO_PAGE = Sentence("There is no such page.", "Такой страницы нет.")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXTS, TEXTS, st.integers(0, 20))
def test_both_languages_come_back_and_are_cut_alike(en: str, ru: str, most: int) -> None:
    cut = Sentence(en, ru)[:most]
    back = sentences.read_text(sentences.written_text(cut))
    assert (back, back.ru if isinstance(back, Sentence) else back) == (en[:most], ru[:most])
    assert json.dumps(cut) == json.dumps(en[:most])


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "Comments are closed.",
        '{"en": 5, "ru": "x"}',
        '{"en": "a"}',
        '{"en":',
        "{}",
        '{"en": "a", "ru": "b", "c": 1}',
    ],
)
def test_any_other_text_is_itself(kept: str) -> None:
    assert sentences.read_text(kept) == kept
    assert not isinstance(sentences.read_text(kept), Sentence)


@pytest.mark.parametrize(
    "kept", [None, {}, [5], [["a"]], [{"en": "a"}], [{"en": "\ud800", "ru": "b"}], ["\ud800"]]
)
def test_a_damaged_list_is_told_apart(kept: object) -> None:
    assert is_damaged(sentences.read_list(kept))


def test_the_health_of_a_source_is_kept_in_both(database: None) -> None:
    with db.transaction() as session:
        source_id = rows.source(session, rows.brand(session)).id
    remarks = ("An old remark.", Sentence("Entry 5: cut.", "Запись 5: обрезана."))
    report = crawls.CrawlReport(CrawlOutcome.FAILED, error_kind="not_found", error=NO_PAGE, remarks=remarks)
    with db.transaction() as session:
        crawl = crawls.start_crawl(session, source_id, rows.NOON)
        crawls.finish_crawl(session, crawl.id, report, rows.NOON + timedelta(minutes=1))
    with db.snapshot() as session:
        source, crawl = session.get_one(Source, source_id), session.scalars(sa.select(Crawl)).one()
        assert source.error == "There is no such page." and source.error.ru == "Такой страницы нет."
        assert [getattr(one, "ru", None) for one in crawl.remarks] == [None, "Запись 5: обрезана."]
        assert list(crawl.remarks) == ["An old remark.", "Entry 5: cut."]


def test_rows_of_an_older_version_are_shown_as_they_are(database: None) -> None:
    with db.transaction() as session:
        source_id = rows.source(session, rows.brand(session)).id
        session.execute(sa.text("UPDATE sources SET error = 'The site has no such page (404).'"))
        session.execute(
            sa.text(
                "INSERT INTO crawls (source_id, started_at, outcome, requests, unchanged, items, new, edited, remarks)"
                " VALUES (:id, :at, 'ok', 0, 0, 0, 0, 0, '[\"Cut.\"]')"
            ).bindparams(sa.bindparam("at", type_=db.UtcDateTime)),
            {"id": source_id, "at": rows.NOON},
        )
    with db.snapshot() as session:
        assert session.get_one(Source, source_id).error == "The site has no such page (404)."
        assert session.scalars(sa.select(Crawl.remarks)).one() == ["Cut."]
