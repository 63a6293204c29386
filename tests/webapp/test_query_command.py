"""`otklik query try`: what scripts and people read of a try-out."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from desk.base import db
from tests.world import rows
from webapp.cli import otklik


@pytest.fixture(autouse=True)
def _said(database: None) -> None:
    with db.transaction() as session:
        source = rows.source(session, rows.brand(session, "Заря", words=["Zarya"]))
        rows.mention(session, source, external_id="kettle", text="Чайник Зари протёк", thread_title="")
        rows.mention(session, source, external_id="hotel", text="Отель «Заря»", thread_title="")
        rows.mention(session, source, external_id="other", text="Утюг хороший", thread_title="")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(otklik, ["query", "try", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_scripts_get_every_mention_with_the_words_that_decided() -> None:
    found = told("заря чайник", "--brand", "Заря")
    assert {name: found[name] for name in ("looked_at", "matching", "lost", "gained")} == {
        "looked_at": 3,
        "matching": 1,
        "lost": 1,
        "gained": 0,
    }
    by_text = {one["text"]: one for one in found["mentions"]}
    assert by_text["Чайник Зари протёк"]["decided_by"] == [
        {"field": "text", "start": 0, "end": 6, "word": "Чайник"},
        {"field": "text", "start": 7, "end": 11, "word": "Зари"},
    ]
    lost = by_text["Отель «Заря»"]
    assert (lost["is_match"], lost["matched_before"], lost["is_lost"], lost["missing"]) == (
        False,
        True,
        True,
        ["чайник"],
    )


def test_people_get_a_table_and_the_counts() -> None:
    done = run("заря -отель")
    assert done.exit_code == 0
    assert "lost" in done.stdout and "Отель" in done.stdout
    assert "Looked at: 3. Match: 1. Would be lost: 1. Would be found besides: 0." in done.stdout


def test_a_fault_is_told_with_its_position() -> None:
    done = run("заря (отель")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "otklik: This parenthesis is not closed.",
        "  заря (отель",
        "       ^",
    ]
    done = run("заря (отель", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (
        1,
        {
            "query": "заря (отель",
            "error": {
                "code": "parenthesis_open",
                "start": 5,
                "end": 6,
                "en": "This parenthesis is not closed.",
                "ru": "Эта скобка не закрыта.",
            },
        },
    )


def test_a_brand_that_is_not_there_is_a_clear_line() -> None:
    assert "There is no brand called 'Лумен'." in str(run("заря", "--brand", "Лумен").exception)


def test_a_site_s_search_is_asked_in_lines() -> None:
    done = CliRunner().invoke(
        otklik, ["query", "searches", "(заря OR zarya) чайник -отель", "--kind", "hacker_news"]
    )
    assert done.stdout.splitlines() == ["заря чайник -отель", "zarya чайник -отель"]
    done = CliRunner().invoke(otklik, ["query", "searches", "достав*", "--kind", "hacker_news", "--json"])
    told = json.loads(done.stdout)
    assert (told["lines"], told["is_whole"]) == ([], False)
    done = CliRunner().invoke(otklik, ["query", "searches", "заря", "--kind", "rss"])
    assert "has no search that could be asked" in str(done.exception)
