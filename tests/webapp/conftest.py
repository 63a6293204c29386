"""A desk with people in it, and a browser that is signed in."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import WSGIRequestHandler

from desk.base import db, settings
from desk.people import signed_in
from tests.servers import serving
from tests.world.desk import World, zarya
from webapp import catalogue
from webapp.application import create_app
from webapp.live import views as events
from webapp.request.users import add_user

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
    """Argon2 is slow on purpose, and so is every sign-in after it: not so here, for all the people of all tests."""
    return PasswordHasher.from_parameters(CHEAPEST).hash(PASSWORD)


@pytest.fixture
def people(
    database: None, password_hash: str, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> dict[str, int]:
    monkeypatch.setattr("webapp.request.users.keep_password", lambda _password: password_hash)
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
def world(people: dict[str, int], now: datetime) -> World:
    return zarya(now, people)


class UnderWay:
    """Counts the requests under way: a page asks for news by itself and must not find the next test's half-made database.

    They are counted where a connection is served: the server leaves an answer unclosed when the browser hangs up.
    """

    def __init__(self) -> None:
        self._count, self._changed = 0, threading.Condition()

    def handler(self) -> type[WSGIRequestHandler]:
        add = self._add

        class Counted(WSGIRequestHandler):
            def run_wsgi(self) -> None:
                add(1)
                try:
                    super().run_wsgi()
                finally:
                    add(-1)

        return Counted

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._count == 0, timeout=30), self._count

    def _add(self, number: int) -> None:
        with self._changed:
            self._count += number
            self._changed.notify_all()


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    # Without webapp/gateway.py a stream ends after its first lines, and the browser soon asks for the next ones.
    monkeypatch.setattr(events, "AGAIN_MS", (200, 300))
    under_way = UnderWay()
    with serving(app, under_way.handler()) as found:
        yield found
    under_way.wait()


@pytest.fixture
def browse(
    address: str, sign_in: Callable[..., FlaskClient], chromium: Browser
) -> Iterator[Callable[..., Any]]:
    problems: list[str] = []
    contexts: list[BrowserContext] = []

    def page(who: str = "agent", width: int = 1400, height: int = 860, **more: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        cookie = sign_in(who).get_cookie("otklik")
        context.add_cookies(
            [
                {"name": "otklik", "value": cookie.value, "url": address},
                {"name": "locale", "value": "en", "url": address},
            ]
        )
        opened = context.new_page()
        opened.set_default_timeout(15_000)
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on(
            "console",
            lambda line: problems.append(line.text) if "Content Security" in line.text else None,
        )
        opened.goto(address)
        return opened

    yield page
    for context in contexts:
        context.close()
    assert problems == []
