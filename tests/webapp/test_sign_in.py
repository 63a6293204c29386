"""Signing in and out, as a browser does it: with tokens, with wrong passwords, with addresses that lead elsewhere."""

from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.webapp.conftest import PASSWORD, token_in


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def enter(browser: FlaskClient, email: str, password: str, where: str = "/sign-in") -> object:
    token = token_in(browser.get(where).text)
    return browser.post(where, data={"csrf_token": token, "email": email, "password": password})


def test_the_right_pair_opens_the_queue(stranger: FlaskClient) -> None:
    answer = enter(stranger, " Ivan@Example.org ", PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Иван Петров" in stranger.get("/").text


@pytest.mark.parametrize(
    ("email", "password"), [("ivan@example.org", "wrong wrong"), ("nobody@example.org", PASSWORD)]
)
def test_a_wrong_pair_gets_one_answer_whoever_it_was(
    stranger: FlaskClient, email: str, password: str
) -> None:
    page = enter(stranger, email, password).text
    assert page.count("do not fit together") == 1
    assert stranger.get("/").status_code == 302


def test_a_form_without_its_token_signs_nobody_in(stranger: FlaskClient) -> None:
    stranger.get("/sign-in")
    answer = stranger.post("/sign-in", data={"email": "ivan@example.org", "password": PASSWORD})
    assert answer.status_code == 400
    assert stranger.get("/").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(stranger: FlaskClient, target: str) -> None:
    answer = enter(stranger, "ivan@example.org", PASSWORD, f"/sign-in?next={target}")
    if answer.status_code == 302:
        assert urljoin("http://localhost/sign-in", answer.location).startswith("http://localhost/")
        assert "\\" not in answer.location


def test_signing_in_leads_back_to_the_page_that_was_asked_for(stranger: FlaskClient) -> None:
    wall = stranger.get("/account?x=1")
    assert wall.location == "/sign-in?next=/account?x%3D1"
    assert enter(stranger, "ivan@example.org", PASSWORD, wall.location).location == "/account?x=1"


def test_guessing_is_stopped_and_says_how_long(stranger: FlaskClient) -> None:
    for _ in range(5):
        assert enter(stranger, "ivan@example.org", "wrong wrong").status_code == 200
    answer = enter(stranger, "ivan@example.org", PASSWORD)
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    assert enter(stranger, "olga@example.org", PASSWORD).status_code == 302


def test_signing_out_is_a_post_and_ends_it(stranger: FlaskClient) -> None:
    enter(stranger, "ivan@example.org", PASSWORD)
    assert stranger.get("/sign-out").status_code == 405
    token = token_in(stranger.get("/").text)
    assert stranger.post("/sign-out", data={"csrf_token": token}).location == "/sign-in"
    assert stranger.get("/").status_code == 302


def test_a_changed_password_signs_other_browsers_out(app: Flask, stranger: FlaskClient) -> None:
    other = app.test_client()
    enter(other, "ivan@example.org", PASSWORD)
    enter(stranger, "ivan@example.org", PASSWORD)
    token = token_in(stranger.get("/account/password").text)
    fresh = "another good password"
    form = {"csrf_token": token, "password": PASSWORD, "new_password": fresh, "new_password_confirm": fresh}
    assert stranger.post("/account/password", data=form).location == "/account"
    assert "Your password is changed" in stranger.get("/account").text
    assert other.get("/").status_code == 302
    assert enter(app.test_client(), "ivan@example.org", fresh).status_code == 302
    assert enter(app.test_client(), "ivan@example.org", PASSWORD).status_code == 200


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (
            {"password": "no", "new_password": "long enough", "new_password_confirm": "long enough"},
            "present password",
        ),
        (
            {"password": PASSWORD, "new_password": "short", "new_password_confirm": "short"},
            "at least 8 characters",
        ),
        (
            {"password": PASSWORD, "new_password": "long enough", "new_password_confirm": "other"},
            "passwords differ",
        ),
        (
            {"password": PASSWORD, "new_password": PASSWORD, "new_password_confirm": PASSWORD},
            "is the old one",
        ),
    ],
)
def test_a_refused_password_says_why(stranger: FlaskClient, form: dict[str, str], words: str) -> None:
    enter(stranger, "ivan@example.org", PASSWORD)
    token = token_in(stranger.get("/account/password").text)
    assert words in stranger.post("/account/password", data={**form, "csrf_token": token}).text


def test_nobody_registers_himself(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert endpoints == {"security.login", "security.logout", "security.change_password"}


def test_the_cookie_is_closed_to_scripts_and_to_other_sites(stranger: FlaskClient) -> None:
    cookie = stranger.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
