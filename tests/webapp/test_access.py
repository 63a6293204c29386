"""The two walls: nobody passes without signing in, and who only reads changes nothing. Walked over every address."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing.converters import AnyConverter, NumberConverter

from desk import db, queue
from tests.webapp.stage import Stage
from webapp.access import OWN_AFFAIRS, PUBLIC, local_target
from webapp.headers import CONTENT_SECURITY_POLICY


def addresses(app: Flask, method: str) -> list[tuple[str, str]]:
    """Every endpoint that takes that method, with an address that matches its rule."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or set()):
            built = rule.build({name: example(converter) for name, converter in rule._converters.items()})
            assert built is not None, rule
            found.append((rule.endpoint, built[1]))
    return found


def example(converter: object) -> object:
    if isinstance(converter, AnyConverter):
        return next(iter(converter.items))
    return 1 if isinstance(converter, NumberConverter) else "x"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_reaches_only_what_is_listed_as_public(app: Flask, method: str) -> None:
    stranger = app.test_client()
    open_to_all = set()
    for endpoint, address in addresses(app, method):
        answer = stranger.open(address, method=method)
        if not (
            answer.status_code in (302, 401)
            and "/sign-in" in (answer.location or answer.headers.get("HX-Redirect", ""))
        ):
            open_to_all.add(endpoint)
    assert open_to_all <= PUBLIC


def test_a_script_of_a_stranger_is_sent_to_sign_in_as_a_whole(app: Flask) -> None:
    answer = app.test_client().get("/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_an_analyst_reads_every_page_and_posts_nothing(
    app: Flask, stage: Stage, sign_in: Callable[..., FlaskClient]
) -> None:
    case_id = stage.complain()
    analyst = sign_in("analyst")
    assert analyst.get("/").status_code == 200
    assert "data-composer" not in analyst.get(f"/cases/{case_id}").text
    with db.snapshot() as session:
        before = queue.version(session)
    for endpoint, address in addresses(app, "POST"):
        if endpoint not in OWN_AFFAIRS:
            assert analyst.post(address).status_code == 403, endpoint
    with db.snapshot() as session:
        assert queue.version(session) == before


def test_every_page_forbids_what_is_not_ours(app: Flask, client: FlaskClient) -> None:
    for page in (
        client.get("/"),
        app.test_client().get("/sign-in"),
        client.get("/nowhere"),
        client.get("/static/mark.svg"),
    ):
        assert page.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_pages_carry_no_inline_script_and_no_inline_style(client: FlaskClient, stage: Stage) -> None:
    case_id = stage.complain()
    for address in ("/", f"/cases/{case_id}", "/account", "/sign-in"):
        page = client.get(address).text
        assert " style=" not in page
        assert "<style" not in page
        assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/cases/5?x=1#y", "/cases/5?x=1#y"),
        ("//evil.example/", "/here"),
        ("/\\evil.example", "/here"),
        ("https://evil.example/", "/here"),
        ("javascript:alert(1)", "/here"),
        ("/a\nb", "/here"),
        ("", "/here"),
        (None, "/here"),
    ],
)
def test_a_form_leads_only_within_the_site(target: str | None, kept: str) -> None:
    assert local_target(target, "/here") == kept


def test_a_form_without_its_token_changes_nothing(app: Flask, stage: Stage, client: FlaskClient) -> None:
    case_id = stage.complain()
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/cases/{case_id}/take")
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert stage.case(case_id).assignee_id is None


def test_another_name_for_this_machine_is_not_answered(app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
