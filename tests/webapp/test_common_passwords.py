"""Passwords that everybody has are refused on every way one is set, and the refusal says what to do."""

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from desk.base.errors import Invalid
from tests.webapp.conftest import PASSWORD, token_in
from webapp.cli import otklik
from webapp.request import users
from webapp.request.common_passwords import is_common

keep_password = users.keep_password  # before the fixtures put a quick one in its place


@pytest.mark.parametrize(
    "password",
    [
        "password", "PassWord", "12345678", "1q2w3e4r5t", "qwertyuiop", "йцукенгшщз", "ЙЦУКЕНГШЩЗ", "ghbdtnrfrltkf",
        "приветкакдела", "пароль123", "gfhjkm123", "привет2026", "любовьлюбовь", "iloveyou1", "trustno1",
        "１２３４５６７８", "password1",
    ],
)  # fmt: skip
def test_what_everybody_has_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password",
    ["a long enough password", "correct horse battery staple", "кофе на балконе в шесть", "x7Kq-2mVt9w", "пароль от сейфа в бухгалтерии"],
)  # fmt: skip
def test_words_of_ones_own_are_not(password: str) -> None:
    assert not is_common(password)


def test_no_common_password_is_kept() -> None:
    with pytest.raises(Invalid, match="tried first"):
        keep_password("ghbdtnrfrltkf")


def test_the_page_says_what_to_do(app: Flask, client: FlaskClient) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    token = token_in(client.get("/account/password").text)
    form = {"password": PASSWORD, "new_password": "йцукенгшщз", "new_password_confirm": "йцукенгшщз"}
    answer = client.post("/account/password", data={**form, "csrf_token": token})
    assert "Use several words" in answer.text
    assert "йцукенгшщз" not in answer.text


def test_the_command_refuses_it_too(database: None) -> None:
    done = CliRunner().invoke(otklik, ["user", "add", "a@example.org", "--password", "password123"])
    assert isinstance(done.exception, Invalid)
