"""The two walls: nobody passes without signing in, and who only reads changes nothing. Walked over every address."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing.converters import AnyConverter, NumberConverter

from desk.base import db
from desk.cases import queue
from tests.world.desk import World
from webapp.request.access import OWN_AFFAIRS, PUBLIC, local_target
from webapp.request.headers import CONTENT_SECURITY_POLICY


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
        if not (answer.status_code in (302, 401) and "/sign-in" in (answer.location or answer.text)):
            open_to_all.add(endpoint)
    assert open_to_all <= PUBLIC


def test_a_script_of_a_stranger_is_told_to_sign_in_without_leaving_its_page(app: Flask) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/cases/5?x=1"}
    answer = app.test_client().get("/", headers=headers)
    assert (answer.status_code, answer.headers["Otklik-Session"]) == (401, "over")
    assert answer.headers["HX-Retarget"] == "#notices"
    assert 'href="/sign-in?next=/cases/5?x%3D1"' in answer.text


@pytest.mark.parametrize(
    "came_from", ["https://elsewhere.example/cases/5", "//elsewhere.example", "nonsense", ""]
)
def test_the_way_back_never_leads_to_another_site(app: Flask, came_from: str) -> None:
    answer = app.test_client().get("/", headers={"HX-Request": "true", "HX-Current-URL": came_from})
    assert 'href="/sign-in"' in answer.text


@pytest.mark.parametrize("has_tokens", [True, False])
def test_a_form_whose_session_is_over_shows_its_text_once_more(app: Flask, has_tokens: bool) -> None:
    app.config["WTF_CSRF_ENABLED"] = has_tokens
    answer = app.test_client().post(
        "/cases/5/answer", data={"text": "Замена <b>уедет</b>", "action": "publish"}
    )
    assert answer.status_code == 401
    assert "Your session is over." in answer.text
    assert "Замена &lt;b&gt;уедет&lt;/b&gt;</textarea>" in answer.text


def test_a_form_older_than_the_sign_in_shows_its_text_once_more(
    app: Flask, sign_in: Callable[..., FlaskClient]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    form = {"text": "Замена уедет", "csrf_token": "of another session"}
    answer = sign_in("agent").post("/cases/5/answer", data=form)
    assert answer.status_code == 400
    assert "Замена уедет</textarea>" in answer.text
    fragment = sign_in("agent").post("/cases/5/answer", data=form, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["Otklik-Session"]) == (400, "stale")


def test_an_analyst_reads_every_page_and_posts_nothing(
    app: Flask, world: World, sign_in: Callable[..., FlaskClient]
) -> None:
    case_id = world.complain()
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


def test_pages_carry_no_inline_script_and_no_inline_style(client: FlaskClient, world: World) -> None:
    case_id = world.complain()
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


def test_a_form_without_its_token_changes_nothing(app: Flask, world: World, client: FlaskClient) -> None:
    case_id = world.complain()
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/cases/{case_id}/take")
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.text
    assert world.case(case_id).assignee_id is None


def test_another_name_for_this_machine_is_not_answered(app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
