"""Signing in and out, as a browser does it: with tokens, with wrong passwords, with addresses that lead elsewhere."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient

from desk.base import db, settings
from desk.models import SignIn, User
from desk.people import signed_in
from tests.webapp.conftest import PASSWORD, token_in
from webapp.application import create_app
from webapp.request import browsers, sign_in


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def enter(browser: FlaskClient, email: str, password: str, where: str = "/sign-in", **more: str) -> object:
    token = token_in(browser.get(where).text)
    return browser.post(where, data={"csrf_token": token, "email": email, "password": password, **more})


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
    assert page.count("Wrong e-mail or password") == 1
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
    assert "Too many attempts" in answer.text
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
            "current password",
        ),
        (
            {"password": PASSWORD, "new_password": "short", "new_password_confirm": "short"},
            "at least 8 characters",
        ),
        (
            {"password": PASSWORD, "new_password": "long enough", "new_password_confirm": "other"},
            "passwords do not match",
        ),
        (
            {"password": PASSWORD, "new_password": PASSWORD, "new_password_confirm": PASSWORD},
            "is the same as the old one",
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


def cookie_of(browser: FlaskClient) -> str:
    found = browser.get_cookie("otklik")
    assert found is not None
    return found.value


def leave(browser: FlaskClient) -> None:
    browser.post("/sign-out", data={"csrf_token": token_in(browser.get("/").text)})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/").status_code == 200


@pytest.mark.parametrize("remember", ["", "y"])
def test_a_copied_cookie_is_dead_after_signing_out_and_other_browsers_go_on(
    app: Flask, remember: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    mine, other, thief = app.test_client(), app.test_client(), app.test_client()
    enter(mine, "ivan@example.org", PASSWORD, remember=remember)
    enter(other, "ivan@example.org", PASSWORD)
    assert mine.get_cookie("remember_token") is None, "there is one key and no second"
    thief.set_cookie("otklik", cookie_of(mine))
    assert is_in(thief)
    leave(mine)
    assert (is_in(mine), is_in(thief), is_in(other)) == (False, False, True)


def test_staying_signed_in_makes_the_same_cookie_last(stranger: FlaskClient) -> None:
    enter(stranger, "ivan@example.org", PASSWORD, remember="y")
    found = stranger.get_cookie("otklik")
    assert found is not None
    assert found.expires is not None


def test_a_sign_in_ends_after_its_time(app: Flask, client: FlaskClient, now: datetime) -> None:
    assert is_in(client)
    app.config["CLOCK"] = lambda: now + signed_in.LASTS
    assert not is_in(client)


def test_one_can_sign_out_everywhere_else(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    here, elsewhere, colleague = sign_in("agent"), sign_in("agent"), sign_in("lead")
    assert here.get("/account").text.count("Chromium, Linux") == 2
    here.post("/account/elsewhere")
    assert (is_in(here), is_in(elsewhere), is_in(colleague)) == (True, False, True)
    assert "end-elsewhere" not in here.get("/account").text


@pytest.mark.parametrize(
    ("who", "address"), [("agent", "/team/{id}/deactivate"), ("agent", "/team/{id}/password")]
)
def test_whom_an_administrator_shuts_out_is_out_at_once(
    people: dict[str, int], sign_in: Callable[..., FlaskClient], who: str, address: str
) -> None:
    shut_out, admin = sign_in(who), sign_in("admin")
    assert is_in(shut_out)
    admin.post(address.format(id=people[who]))
    assert not is_in(shut_out)
    with db.snapshot() as session:
        assert session.query(SignIn).filter_by(user_id=people[who]).count() == 0


def test_a_cookie_from_before_sign_ins_were_rows_opens_nothing(app: Flask, people: dict[str, int]) -> None:
    browser = app.test_client()
    with db.snapshot() as session, browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = session.get_one(User, people["agent"]).fs_uniquifier, True
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 YaBrowser/25 Safari/537.36", "Yandex Browser, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_would(user_agent: str, said: str) -> None:
    assert browsers.name(user_agent) == said


def tried_in_vain(app: Flask, *addresses: str) -> int:
    """The status of the last of many wrong tries at many names, each from the next of these addresses."""
    app.config["WTF_CSRF_ENABLED"] = False
    browser, status = app.test_client(), 0
    for number in range(sign_in.ADDRESS + 1):
        told = {"X-Forwarded-For": addresses[number % len(addresses)]}
        form = {"email": f"nobody{number}@example.org", "password": "wrong wrong"}
        status = browser.post("/sign-in", data=form, headers=told).status_code
    return status


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown name is checked against a slow hash too; here a hundred are."""
    monkeypatch.setattr("flask_security.forms.hash_password", lambda _password: "")


def test_an_address_that_a_stranger_writes_himself_is_not_believed(app: Flask, quick: None) -> None:
    assert tried_in_vain(app, "198.51.100.1", "198.51.100.2") == 429


def test_behind_a_proxy_each_address_is_counted_by_itself(
    people: dict[str, int], quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTKLIK_PROXIES", "1")
    settings.current.cache_clear()
    assert tried_in_vain(create_app(settings.current()), "198.51.100.1", "198.51.100.2") == 200


@pytest.mark.parametrize(
    ("url", "chosen", "is_secure"),
    [
        ("https://desk.example", "", True),
        ("http://desk.example", "", False),
        ("https://desk.example", "false", False),
        ("http://desk.example", "true", True),
    ],
)
def test_cookies_keep_to_https_where_the_desk_does(
    people: dict[str, int], monkeypatch: pytest.MonkeyPatch, url: str, chosen: str, is_secure: bool
) -> None:
    monkeypatch.setenv("OTKLIK_PUBLIC_URL", url)
    if chosen:
        monkeypatch.setenv("OTKLIK_IS_SECURE_COOKIE", chosen)
    settings.current.cache_clear()
    answer = create_app(settings.current()).test_client().get("/sign-in", headers={"Host": "desk.example"})
    assert ("Secure" in answer.headers["Set-Cookie"]) == is_secure
    assert ("Strict-Transport-Security" in answer.headers) == is_secure
