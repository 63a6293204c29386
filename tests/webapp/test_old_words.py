"""Words that people stumbled over do not come back into a page of either language."""

from collections.abc import Callable

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient
from werkzeug import Response

from tests.crawler.site import Site, serve
from tests.world.desk import World
from webapp.catalogue import FOLDER

GONE = {
    "ru": (
        "не подходят друг к другу", "otklik user add", "роль не отвечает", "звонок", "звонков", "Нужен взгляд",
        "посмотрите сами", "скорее это, чем другое", "Как он", "Каким он был", "Увидено", "Срок: вот-вот", "Судья", "судьи",
        "дождитесь, что с ним станет", "Ответ уже в пути", "Пояс, например", "смотрел человек", "учётные данные",
        "учётных данных", "учётными данными", "«Отклик»", "сайт держит", "доступ к площадке",
    ),
    "en": (
        "Rings unheard", "Room on the disk", "nobody has it", "Otklik can, there", "since we knew", "Present password",
        "one of us", "the judge", "in force again", "sleeps", "to reckon with", "to mend", "is mended", "is no date",
        "is no time", "is no weekday", "is no country", "«", "could not be told",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", GONE)
def test_no_sentence_of_a_page_has_the_old_words(language: str) -> None:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    said = [
        part
        for message in catalogue
        if message.id
        for part in (message.string if message.pluralizable else [message.string])
    ]
    assert len(said) > 900
    found = [(old, one) for old in GONE[language] for one in said if old.casefold() in one.casefold()]
    assert found == []


def test_the_numbers_call_messages_messages_and_name_what_waits_once(
    sign_in: Callable[..., FlaskClient], world: World
) -> None:
    world.complain()
    page = sign_in("analyst").get("/numbers").text
    figures = page.split('data-test="figure-answered"')[1].split('data-test="chart-')[0]
    assert page.count("Open cases now") == 1
    assert "waiting now" not in page.lower()
    assert "people" not in figures.lower()
    assert "Людей" not in sign_in("analyst", "ru").get("/numbers").text


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    from desk.base import settings

    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    settings.current.cache_clear()
    with serve({}) as running:
        yield running


@pytest.mark.parametrize("language", ["en", "ru"])
def test_nothing_is_promised_to_an_address_that_is_not_saved(
    sign_in: Callable[..., FlaskClient], world: World, site: Site, language: str
) -> None:
    """Nobody will try it again: it is no source yet."""
    site.pages["/feed"] = Response("away", 503)
    page = sign_in("lead", language).post("/sources/new", data={"url": site.url("/feed"), "brand": 1}).text
    assert 'data-test="cannot-listen"' in page
    assert "try again automatically" not in page
    assert "попробует снова автоматически" not in page
    assert ("Nothing has been saved" if language == "en" else "Ничего не сохранено") in page
