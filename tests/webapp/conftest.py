"""A desk with people in it, and a browser that is signed in."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from desk import db, settings, signed_in
from tests.webapp.stage import Stage, build
from webapp import catalogue
from webapp.application import create_app
from webapp.people import add_user

PASSWORD = "a long enough password"
PEOPLE = {
    "agent": ("ivan@example.org", "Иван Петров", ["agent"], "service"),
    "other": ("olga@example.org", "Ольга Смирнова", ["agent"], "service"),
    "lead": ("lena@example.org", "Lena Braun", ["lead"], "marketing"),
    "analyst": ("anna@example.org", "Анна Белова", ["analyst"], None),
    "admin": ("admin@example.org", "Admin", ["admin"], None),
}


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    catalogue.compile_all()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Argon2 is slow on purpose; once is enough for all the people of all tests."""
    from webapp.people import keep_password

    return keep_password(PASSWORD)


@pytest.fixture
def people(
    database: None, password_hash: str, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> dict[str, int]:
    monkeypatch.setattr("webapp.people.keep_password", lambda _password: password_hash)
    with db.transaction() as session:
        return {
            key: add_user(session, email, name, PASSWORD, roles, team, now).id
            for key, (email, name, roles, team) in PEOPLE.items()
        }


@pytest.fixture
def app(people: dict[str, int], now: datetime) -> Iterator[Flask]:
    app = create_app(settings.current(), now=lambda: now)
    # Tests that are about other things post without a token; tests/webapp/test_sign_in.py puts the check back.
    app.config["WTF_CSRF_ENABLED"] = False
    yield app


@pytest.fixture
def sign_in(app: Flask, people: dict[str, int], now: datetime) -> Callable[..., FlaskClient]:
    """A signed-in browser: the cookie that signing in would have set, without the slow hash."""

    def browser(who: str = "agent", language: str = "en") -> FlaskClient:
        from desk.models import User

        client = app.test_client()
        with db.transaction() as session:
            uniquifier = session.get_one(User, people[who]).fs_uniquifier
            key = signed_in.begin(session, people[who], "Chromium, Linux", now)
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"], cookie["sign_in"] = uniquifier, True, key
        client.set_cookie("locale", language)
        return client

    return browser


@pytest.fixture
def client(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("agent")


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None, "the page has no form with a token"
    return found[1]


@pytest.fixture
def stage(people: dict[str, int], now: datetime) -> Stage:
    return build(now, people)
