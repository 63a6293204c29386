"""Two languages, complete: every sentence, every page, every plural; chosen by the reader, else by the browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient

from desk.base import db
from desk.models import User
from tests.webapp.test_access import addresses
from tests.world.desk import World
from webapp import catalogue
from webapp.request.languages import FOLDER

PLURALS = {"ru": 3, "en": 2}


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_the_catalogue_has_every_sentence_of_the_code_and_no_other(locale: str) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        kept = read_po(file, locale=locale)
    assert catalogue.missing(kept) == []
    wanted = {catalogue.key(message) for message in catalogue.collect() if message.id}
    assert {catalogue.key(message) for message in kept if message.id} == wanted


@pytest.mark.parametrize("locale", ["ru", "en"])
def test_every_translation_names_the_same_things(locale: str) -> None:
    with (FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        kept = read_po(file, locale=locale)
    assert [(m.id, [str(e) for e in m.check()]) for m in kept if m.id and list(m.check())] == []
    assert kept.num_plurals == PLURALS[locale]
    assert all(len(m.string) == PLURALS[locale] for m in kept if m.pluralizable and m.id)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_is_rendered_in_both_languages(
    app: Flask, world: World, sign_in: Callable[..., FlaskClient], language: str
) -> None:
    world.complain()
    admin = sign_in("admin", language=language)
    for endpoint, address in addresses(app, "GET"):
        if endpoint in (
            "static",
            "events.stream",
            "health.live",
        ):  # the last answers machines, and 503 while nothing runs
            continue
        answer = admin.get(address)
        assert answer.status_code < 500, (endpoint, address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            assert "<html" not in answer.text or f'<html lang="{language}"' in answer.text, endpoint


def test_the_browser_decides_until_somebody_chooses(app: Flask) -> None:
    stranger = app.test_client()
    assert "Войти" in stranger.get("/sign-in", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}).text
    assert "Sign in" in stranger.get("/sign-in", headers={"Accept-Language": "de"}).text
    stranger.post("/account/language", data={"locale": "ru", "next": "/sign-in"})
    assert "Войти" in stranger.get("/sign-in", headers={"Accept-Language": "en"}).text


def test_a_choice_is_kept_with_the_person(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], people: dict[str, int]
) -> None:
    assert client.post("/account/language", data={"locale": "ru", "next": "/account"}).location == "/account"
    client.post("/account/theme", data={"theme": "dark"})
    elsewhere = sign_in("agent", language="en")
    page = elsewhere.get("/").text
    assert '<html lang="ru" data-theme="dark">' in page
    with db.snapshot() as session:
        assert session.get_one(User, people["agent"]).locale == "ru"


@pytest.mark.parametrize("form", [{"locale": "xx"}, {}])
def test_a_language_that_is_not_there_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post("/account/language", data=form).status_code == 422
    assert client.post("/account/theme", data=form).status_code == 422


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 сообщение"), (2, "2 сообщения"), (5, "5 сообщений"), (21, "21 сообщение"), (11, "11 сообщений")],
)
def test_russian_counts_in_three_forms(app: Flask, count: int, words: str) -> None:
    from flask_babel import force_locale, ngettext

    with app.test_request_context(), force_locale("ru"):
        assert ngettext("%(num)s message", "%(num)s messages", count) == words


def test_a_merge_files_russian_and_keeps_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    template = catalogue.collect()
    first = catalogue.update(
        template, "ru", {"Queue": "Очередь", "%(num)s case|%(num)s cases": ["1", "2", "5"]}
    )
    assert "Queue" not in catalogue.missing(first)
    assert "Mentions" in catalogue.missing(first)
    second = catalogue.update(template, "ru", {"Mentions": "Упоминания"})
    assert second.get("Queue").string == "Очередь"
    assert second.get("Mentions").string == "Упоминания"
