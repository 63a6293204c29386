"""A brand's query on its page: tried out before it is saved, written in a line or put together from fields."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from desk.base import db
from desk.brands import brands
from desk.models import Brand, Source
from tests.world import rows
from tests.world.desk import listen


@pytest.fixture
def brand(people: object, now) -> int:
    source_id = listen("https://shop.example/p", "schema_org", title="Магазин", now=now)
    with db.transaction() as session:
        source = session.get_one(Source, source_id)
        for text in ("Чайник Зари <i>течёт</i>", "Отель «Заря»: грязно", "Утюг хороший"):
            rows.mention(session, source, text=text, thread_title="")
        return source.brand_id


@pytest.fixture
def admin(sign_in) -> FlaskClient:
    return sign_in("admin")


def query_of(brand_id: int) -> str | None:
    with db.snapshot() as session:
        return session.scalars(sa.select(Brand.query).where(Brand.id == brand_id)).one()


def test_a_query_is_tried_and_nothing_is_saved(admin: FlaskClient, brand: int) -> None:
    answer = admin.post(f"/settings/brands/{brand}/query/try", data={"query": "заря -отель OR утюг"})
    assert answer.status_code == 200
    assert "Match: 2. Would be lost: 1. Would be found as well: 1." in answer.text
    assert "<mark>Зари</mark> &lt;i&gt;" in answer.text
    assert "<mark>Отель</mark>" in answer.text
    assert query_of(brand) is None


def test_a_query_is_saved_and_shown_on_the_brand_s_page(admin: FlaskClient, brand: int) -> None:
    admin.post(f"/settings/brands/{brand}/query", data={"query": " заря\n -отель "})
    assert query_of(brand) == "заря -отель"
    assert "заря -отель" in admin.get(f"/settings/brands/{brand}").text
    admin.post(f"/settings/brands/{brand}/query", data={"query": ""})
    with db.snapshot() as session:
        assert brands.query_of(brands.load(session, brand)) == "заря"


@pytest.mark.parametrize("path", ["query", "query/try"])
def test_a_fault_is_marked_and_what_was_typed_stays(admin: FlaskClient, brand: int, path: str) -> None:
    answer = admin.post(f"/settings/brands/{brand}/{path}", data={"query": "заря (отель"})
    assert answer.status_code == 422
    assert "This parenthesis is not closed." in answer.text
    assert "заря <mark>(</mark>отель" in answer.text
    assert ">заря (отель</textarea>" in answer.text
    assert query_of(brand) is None


def test_a_query_is_put_together_from_fields(admin: FlaskClient, brand: int) -> None:
    form = {"build": "1", "some": "заря\nгорячая линия", "also": "", "none": "отель", "language": "ru"}
    answer = admin.post(f"/settings/brands/{brand}/query/try", data=form)
    assert ">(заря OR &#34;горячая линия&#34;) -отель lang:ru</textarea>" in answer.text
    assert "Match: 1. Would be lost: 1." in answer.text


def test_one_that_fields_cannot_say_tells_so(admin: FlaskClient, brand: int) -> None:
    admin.post(f"/settings/brands/{brand}/query", data={"query": "заря /3 чайник"})
    assert "says more than these fields can" in admin.get(f"/settings/brands/{brand}/query").text


def test_leads_try_and_others_do_not(sign_in, brand: int) -> None:
    path = f"/settings/brands/{brand}/query"
    lead = sign_in("lead")
    assert lead.get(path).status_code == 200
    assert 'data-test="save-query"' not in lead.get(path).text
    assert lead.post(f"{path}/try", data={"query": "заря"}).status_code == 200
    assert lead.post(path, data={"query": "заря"}).status_code == 403
    assert sign_in("agent").get(path).status_code == 403
    assert sign_in("agent").post(f"{path}/try", data={"query": "заря"}).status_code == 403
