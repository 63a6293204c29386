"""A model that cannot be had: said once, seen on the health page, tried again later; no mention is claimed meanwhile."""

from collections.abc import Iterator

import pytest
import structlog

import sentiment
from desk.base import db, heartbeats, settings
from desk.models import Mention
from tests.workers.test_tagging import collect
from workers import burst, jobs, judge, readiness, tagging


@pytest.fixture(autouse=True)
def nothing_tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(readiness, "_trouble", readiness._Trouble())
    judge.forget()
    yield
    judge.forget()


@pytest.fixture
def no_model(home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SENTIMENT_MODEL", "/no/such/model")
    settings.current.cache_clear()


def test_it_is_said_once_and_mentions_wait_unclaimed(database, no_model, source) -> None:
    collect(source, "Ужасно", "Отлично")
    with structlog.testing.capture_logs() as logged:
        assert [jobs.run("tag") for _ in range(5)] == [0] * 5
    assert [line["event"] for line in logged] == ["judge_missing"]
    assert "/no/such/model" in logged[0]["reason"]
    with db.snapshot() as session:
        assert {mention.claimed_until for mention in session.query(Mention)} == {None}


def test_the_words_stand_there_for_the_health_page_until_it_is_settled(
    database, no_model, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not readiness.has_judge(clock=lambda: 100.0)
    assert "/no/such/model is no folder" in (heartbeats.trouble("tag") or "")
    monkeypatch.setenv("OTKLIK_SENTIMENT_MODEL", "")
    settings.current.cache_clear()
    assert not readiness.has_judge(clock=lambda: 100.0 + readiness.RETRY_SECONDS - 1)
    assert readiness.has_judge(clock=lambda: 100.0 + readiness.RETRY_SECONDS)
    assert heartbeats.trouble("tag") is None


def test_a_hub_is_not_asked_at_every_wakeup(home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def backend() -> None:
        asked.append(1)
        raise sentiment.ModelMissing("somebody/model cannot be fetched")

    monkeypatch.setattr(tagging, "backend", backend)
    assert not any(readiness.has_judge(clock=lambda: 5.0) for _ in range(10))
    assert len(asked) == 1


def test_burst_ends_and_says_that_work_is_left(
    database, no_model, source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(burst, "PAUSE_SECONDS", 0)
    collect(source, "Ужасно")
    monkeypatch.setattr("workers.jobs.crawl.run", lambda: 0)
    with structlog.testing.capture_logs() as logged:
        assert burst.run() is False
    assert {"judge_missing", "work_left"} <= {line["event"] for line in logged}


def test_the_other_models_settings_reach_it(home, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(sentiment, "load", lambda *given: told.append(given))
    monkeypatch.setenv("OTKLIK_SENTIMENT_MODEL", "a/b")
    monkeypatch.setenv("OTKLIK_SENTIMENT_LABELS", "LABEL_0=negative,LABEL_1=positive")
    monkeypatch.setenv("OTKLIK_SENTIMENT_THRESHOLD", "0.8")
    settings.current.cache_clear()
    tagging.backend()
    assert told == [("a/b", "LABEL_0=negative,LABEL_1=positive", 0.8)]
