"""Removing a source or a brand by hand: said first what goes, then done, and only by those who may."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from desk.base import db
from desk.models import Brand, Source
from tests.world.desk import World


def test_the_page_says_what_goes_and_where_to_turn_back(
    sign_in: Callable[..., FlaskClient], world: World
) -> None:
    lead = sign_in("lead")
    blog = world.sources["blog"]
    assert f"/sources/{blog}/remove" in lead.get(f"/sources/{blog}").text
    page = lead.get(f"/sources/{blog}/remove").text
    assert "permanently deletes" in page
    assert "0 mentions" in page
    assert f'href="/sources/{blog}"' in page
    answer = lead.post(f"/sources/{blog}/remove", follow_redirects=True)
    assert "“Блог” is being removed with everything collected there." in answer.text
    assert "being removed" in answer.text
    with db.snapshot() as session:
        assert session.get_one(Source, blog).removing_at == world.now
    assert "It is already being removed" in lead.get(f"/sources/{blog}/remove").text


def test_a_brand_is_removed_by_an_administrator(sign_in: Callable[..., FlaskClient], world: World) -> None:
    admin = sign_in("admin", "ru")
    assert "/settings/brands/1/remove" in admin.get("/settings/brands/1").text
    assert "Удалить" in admin.get("/settings/brands/1/remove").text
    page = admin.post("/settings/brands/1/remove", follow_redirects=True).text
    assert "удаляется" in page
    with db.snapshot() as session:
        assert session.get_one(Brand, 1).removing_at == world.now


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("agent", "/sources/1/remove"),
        ("analyst", "/sources/1/remove"),
        ("lead", "/settings/brands/1/remove"),
    ],
)
def test_others_are_refused(sign_in: Callable[..., FlaskClient], world: World, who: str, path: str) -> None:
    assert sign_in(who).get(path).status_code == 403
    assert sign_in(who).post(path).status_code == 403
