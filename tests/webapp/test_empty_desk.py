"""An empty desk: every page says what has to come first, in both languages, to whoever can do it and to whoever cannot."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient

import channels
from desk.base import db
from desk.pipeline import brand_setup
from tests.world.desk import World

SignIn = Callable[..., FlaskClient]
ASKING = ("/", "/?tab=mine", "/?tab=all", "/?tab=problems", "/mentions", "/numbers", "/sources")
WORDS = {"en": ("There is no brand yet", "No sources yet"), "ru": ("Бренда пока нет", "Источников пока нет")}


@pytest.fixture
def brand(people: dict[str, int], now: datetime) -> None:
    with db.transaction() as session:
        brand_setup.create(session, "Заря", time_zone="Europe/Moscow", now=now)


@pytest.mark.parametrize("language", WORDS)
def test_without_a_brand_every_page_asks_for_one(sign_in: SignIn, language: str) -> None:
    admin, agent = sign_in("admin", language), sign_in("agent", language)
    for path in (*ASKING, "/sources/new"):
        page = admin.get(path).text
        assert WORDS[language][0] in page and 'data-test="first-brand"' in page, path
        assert 'data-test="look-form"' not in page
    for path in ASKING:
        page = agent.get(path).text
        assert WORDS[language][0] in page and 'data-test="first-brand"' not in page, path


@pytest.mark.usefixtures("brand")
@pytest.mark.parametrize("language", WORDS)
def test_without_a_source_every_page_asks_for_one(sign_in: SignIn, language: str) -> None:
    lead, agent = sign_in("lead", language), sign_in("agent", language)
    for path in ASKING:
        page = lead.get(path).text
        assert WORDS[language][1] in page and 'data-test="first-source"' in page, path
        page = agent.get(path).text
        assert WORDS[language][1] in page and 'data-test="first-source"' not in page, path
    assert 'data-test="look-form"' in lead.get("/sources/new").text


@pytest.mark.parametrize(
    "tab", ["unassigned", "mine", "team:service", "on_hold", "problems", "answered", "all", "closed"]
)
def test_a_list_without_cases_says_why_and_leads_to_where_there_are_some(
    sign_in: SignIn, world: World, tab: str
) -> None:
    page = sign_in("agent").get(f"/?tab={tab}").text
    assert 'data-test="empty"' in page and "No sources yet" not in page
    assert "Choose a case on the left" not in page
    world.complain()
    if tab in ("mine", "on_hold", "problems", "answered", "closed"):
        assert (
            'href="/?tab=unassigned"'
            in sign_in("agent").get(f"/?tab={tab}").text.split('data-test="empty"')[1]
        )


@pytest.mark.usefixtures("brand")
def test_where_no_channel_has_accounts_none_are_asked_for(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "KINDS", {"rss": channels.KINDS["rss"]})
    page = sign_in("lead").get("/sources/accounts").text
    assert "No accounts are needed" in page and "Go to sources" in page


@pytest.mark.usefixtures("brand")
def test_numbers_of_nothing_are_not_told_as_times(sign_in: SignIn) -> None:
    page = sign_in("lead").get("/numbers").text
    assert "nothing was answered in this period" in page
    assert "nine of ten" not in page.split('data-test="figure-first"')[1].split("<details")[0]


@pytest.mark.usefixtures("brand")
def test_a_brand_without_rules_says_what_follows_of_it(sign_in: SignIn) -> None:
    with db.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM rules")
    assert "Without a rule no mention opens a case" in sign_in("admin").get("/settings/brands/1").text
