"""One request, one transaction: what a GET changes is thrown away, what a POST changes is kept once and as a whole."""

from collections.abc import Callable

import pytest
from flask import Flask, redirect
from flask.testing import FlaskClient
from flask_security import current_user

from desk.base import db
from desk.base.errors import Conflict
from desk.models import User
from webapp.request import transaction


@pytest.fixture
def app(app: Flask) -> Flask:
    @app.route("/rename/<how>", methods=["GET", "POST"])
    def rename(how: str) -> object:
        current_user.name = how
        transaction.session().flush()
        if how == "refused":
            raise Conflict("no", "version")
        if how == "broken":
            raise RuntimeError("boom")
        if how == "again":
            transaction.begin_again(RuntimeError("first try"))
            transaction.session().get_one(User, current_user.id).name = "second try"
        return redirect("/account")

    return app


def name_of(people: dict[str, int]) -> str:
    with db.snapshot() as session:
        return session.get_one(User, people["agent"]).name


def test_a_post_is_kept(client: FlaskClient, people: dict[str, int]) -> None:
    client.post("/rename/kept")
    assert name_of(people) == "kept"


def test_what_a_get_changes_is_thrown_away(client: FlaskClient, people: dict[str, int]) -> None:
    client.get("/rename/by reading")
    assert name_of(people) == "Иван Петров"


@pytest.mark.parametrize(("how", "code"), [("refused", 409), ("broken", 500)])
def test_a_failed_post_leaves_no_half_of_itself(
    client: FlaskClient, people: dict[str, int], how: str, code: int
) -> None:
    page = client.post(f"/rename/{how}")
    assert page.status_code == code
    assert name_of(people) == "Иван Петров"


def test_after_a_refusal_the_same_request_may_keep_what_must_not_be_lost(
    client: FlaskClient, people: dict[str, int]
) -> None:
    client.post("/rename/again")
    assert name_of(people) == "second try"


def test_a_commit_that_fails_is_an_error_page(
    client: FlaskClient, sign_in: Callable[..., FlaskClient], app: Flask, people: dict[str, int]
) -> None:
    @app.post("/doubled")
    def doubled() -> object:
        transaction.session().get_one(User, current_user.id).email = "olga@example.org"
        return redirect("/account")

    assert client.post("/doubled").status_code == 500
    assert client.get("/account").status_code == 200
