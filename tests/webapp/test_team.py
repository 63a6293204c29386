"""People: everybody sees them, an administrator changes them, a password is seen once, and somebody stays in charge."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.models import User
from tests.webapp.conftest import token_in
from webapp.request.users import keep_password

REAL_HASH = keep_password


def row(user_id: int) -> User:
    with db.snapshot() as session:
        user = session.get_one(User, user_id)
        assert user.roles is not None
        session.expunge_all()
        return user


@pytest.fixture
def admin(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("admin")


def test_a_new_person_gets_a_password_that_is_shown_once(admin: FlaskClient, people) -> None:
    answer = admin.post(
        "/team",
        data={"name": "Пётр", "email": " Petr@Example.org", "roles": ["agent", "lead"], "team": "service"},
    )
    password = re.search(r'<code id="secret"[^>]*>([^<]+)</code>', answer.text)[1]
    assert answer.headers["Cache-Control"] == "no-store"
    assert password not in admin.get("/team").text
    assert "petr@example.org" in admin.get("/team").text


def test_the_password_opens_the_desk_and_the_old_one_does_not(
    app, admin: FlaskClient, people, monkeypatch
) -> None:
    monkeypatch.setattr("webapp.request.users.keep_password", REAL_HASH)  # because this password is typed
    page = admin.post(f"/team/{people['agent']}/password").text
    password = re.search(r'<code id="secret"[^>]*>([^<]+)</code>', page)[1]
    browser = app.test_client()
    form = {
        "email": "ivan@example.org",
        "password": password,
        "csrf_token": token_in(browser.get("/sign-in").text),
    }
    assert browser.post("/sign-in", data=form).status_code == 302
    assert browser.get("/team").status_code == 200


def test_a_new_password_signs_out_everywhere(admin: FlaskClient, sign_in, people) -> None:
    browser = sign_in("agent")
    assert browser.get("/team").status_code == 200
    admin.post(f"/team/{people['agent']}/password")
    assert browser.get("/team").status_code == 302


def test_roles_and_team_are_changed(admin: FlaskClient, people) -> None:
    admin.post(
        f"/team/{people['analyst']}",
        data={"name": " Анна  Белова ", "roles": ["agent", "lead"], "team": "marketing"},
    )
    changed = row(people["analyst"])
    assert (changed.name, {role.name for role in changed.roles}, changed.team.key) == (
        "Анна Белова",
        {"agent", "lead"},
        "marketing",
    )


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "A", "roles": []}, "Choose at least one role."),
        ({"name": "A", "roles": ["king"]}, "Choose at least one role."),
        ({"name": " ", "roles": ["agent"]}, "Enter a name."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(admin: FlaskClient, people, form: dict, words: str) -> None:
    answer = admin.post(f"/team/{people['agent']}", data=form)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert row(people["agent"]).name == "Иван Петров"


def test_an_address_is_taken_once(admin: FlaskClient, people) -> None:
    form = {"name": "Twin", "email": "IVAN@example.org", "roles": ["agent"]}
    assert "already has an account" in admin.post("/team", data=form).text
    assert "not an e-mail address" in admin.post("/team", data={**form, "email": "ivan"}).text


def test_whoever_is_shut_out_is_out_at_once_and_comes_back(admin: FlaskClient, sign_in, people) -> None:
    browser = sign_in("agent")
    assert browser.get("/team").status_code == 200
    admin.post(f"/team/{people['agent']}/deactivate")
    assert browser.get("/team").status_code == 302
    assert "access blocked" in admin.get("/team").text
    admin.post(f"/team/{people['agent']}/activate")
    assert sign_in("agent").get("/team").status_code == 200


def test_somebody_stays_in_charge(admin: FlaskClient, people) -> None:
    assert "You cannot block your own access" in admin.post(f"/team/{people['admin']}/deactivate").text
    answer = admin.post(f"/team/{people['admin']}", data={"name": "Admin", "roles": ["lead"]})
    assert "At least one administrator is needed" in answer.text
    admin.post(f"/team/{people['lead']}", data={"name": "Lena", "roles": ["admin"]})
    assert (
        admin.post(f"/team/{people['admin']}", data={"name": "Admin", "roles": ["lead"]}).status_code == 302
    )


@pytest.mark.parametrize("who", ["agent", "lead", "analyst"])
def test_others_read_and_change_nothing(sign_in, people, who: str) -> None:
    browser = sign_in(who)
    page = browser.get("/team").text
    assert "ivan@example.org" in page
    assert 'data-test="add-person"' not in page
    assert browser.get(f"/team/{people['agent']}").status_code == 403
    for path in ("", f"/{people['agent']}", f"/{people['admin']}/password", f"/{people['admin']}/deactivate"):
        assert browser.post(f"/team{path}", data={"name": "x", "roles": ["admin"]}).status_code == 403
    assert row(people["admin"]).active
