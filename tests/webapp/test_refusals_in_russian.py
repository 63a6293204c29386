"""What the desk refuses is told in the language of the page, by one mechanism for all of its sentences."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from desk.base.errors import Invalid
from desk.base.sentences import Sentence
from webapp.catalogue import NEVER_ON_A_PAGE
from webapp.request import errors
from webapp.request.languages import FOLDER

DESK = Path(__file__).parents[2] / "desk"
FILES = [path for path in sorted(DESK.rglob("*.py")) if not path.as_posix().endswith(NEVER_ON_A_PAGE)]


def raised() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.relative_to(DESK)}:{node.lineno}", node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Invalid"
    ]


@pytest.mark.parametrize(
    ("where", "call"), raised(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_sentence_of_the_desk_can_be_translated(where: str, call: ast.Call) -> None:
    """A sentence put together by hand has no translation: what changes in it is given beside it."""
    said = call.args[0]
    if isinstance(said, ast.Call) and getattr(said.func, "id", "") == "Sentence":
        return
    assert isinstance(said, ast.Constant), where
    with (FOLDER / "ru" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        found = read_po(file, locale="ru").get(said.value)
    assert found is not None and found.string, where
    names = {word.arg for word in call.keywords} - {"field"}
    assert bool(names) == ("%(" in said.value)
    if names:
        assert found.string % dict.fromkeys(names, "x") and said.value % dict.fromkeys(names, "x")


def test_it_is_english_for_programs_and_russian_on_a_russian_page(app: Flask) -> None:
    error = Invalid("The note is longer than %(most)s characters.", "text", most=4_000)
    assert str(error) == "The note is longer than 4000 characters."
    both = Invalid(Sentence("It is locked.", "Закрыто на ключ."))
    with app.test_request_context("/"), force_locale("ru"):
        assert errors.sentence(error) == "Заметка длиннее 4000 знаков."
        assert errors.sentence(both) == "Закрыто на ключ."
        assert errors.sentence(Invalid("100 % of what only a site says")) == "100 % of what only a site says"
    with app.test_request_context("/"), force_locale("en"):
        assert errors.sentence(error) == str(error)


def test_a_russian_reader_is_told_in_russian(sign_in: Callable[..., object]) -> None:
    browser = sign_in("lead")
    browser.set_cookie("locale", "ru")  # type: ignore[attr-defined]
    page = browser.get("/?tab=nowhere").text  # type: ignore[attr-defined]
    assert "Вкладки &#39;nowhere&#39; нет." in page
