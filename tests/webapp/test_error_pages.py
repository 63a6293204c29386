"""Error pages: what happened, what is safe, what to do; in both languages, and nothing of our insides."""

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from desk.base.errors import Conflict, IllegalStep, Invalid, NotAllowed, NotFound
from webapp.request import errors

REFUSALS = {
    "missing": NotFound("secret detail"),
    "forbidden": NotAllowed("secret detail"),
    "moved": IllegalStep("secret detail"),
    "version": Conflict("secret detail", "version"),
    "bad": Invalid("Enter a name."),
}


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.get("/refuse/<how>")
    def refuse(how: str) -> str:
        if how.isdigit():
            abort(int(how))
        if how == "broken":
            raise ZeroDivisionError("secret detail")
        raise REFUSALS[how]

    return app


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("how", [*map(str, errors.PAGES), "418", *REFUSALS, "broken"])
def test_every_error_has_its_three_sentences(app: Flask, sign_in, language: str, how: str) -> None:
    page = sign_in("agent", language=language).get(f"/refuse/{how}")
    assert 400 <= page.status_code <= 500
    assert f'<html lang="{language}"' in page.text
    assert 'data-test="error-page"' in page.text
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text


def test_a_script_gets_a_notice_and_its_place(client: FlaskClient) -> None:
    answer = client.get("/refuse/moved", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (409, "#notices")
    assert answer.text.startswith("<p")


def test_a_form_that_is_too_large_is_refused_before_it_is_read(client: FlaskClient) -> None:
    assert client.post("/bulk", data={"next": "x" * 2_000_000}).status_code == 413


def test_a_page_that_is_not_there_is_one_for_a_stranger_too(app: Flask) -> None:
    assert app.test_client().get("/wp-admin.php").status_code == 404
