"""Folders on the pages: what does not belong to the brand is listed apart, says why, and comes back by one click."""

import sqlalchemy as sa
from flask.testing import FlaskClient

from desk.base import db
from desk.base.words import FiledBy, Folder
from desk.brands import brands
from desk.models import Brand, Mention, Source
from tests.world import rows
from tests.world.desk import listen


def say(now, text: str, **facts: object) -> int:
    source_id = listen(f"https://shop.example/{text[:3]}", "schema_org", title="Магазин", now=now)
    with db.transaction() as session:
        return rows.mention(session, session.get_one(Source, source_id), text=text, **facts).id


def kept(mention_id: int) -> tuple[Folder | None, FiledBy | None]:
    with db.snapshot() as session:
        found = session.get_one(Mention, mention_id)
        return found.folder, found.filed_by


def test_what_is_filed_is_listed_apart(client: FlaskClient, now) -> None:
    say(now, "Чайник течёт"), say(now, "Отель грязный", folder=Folder.SPAM, filed_by=FiledBy.PERSON)
    assert "Отель грязный" not in client.get("/mentions").text
    filed = client.get("/mentions?filed=yes").text
    assert "Отель грязный" in filed and "Чайник течёт" not in filed


def test_the_page_says_which_word_decided(client: FlaskClient, now) -> None:
    off = {"folder": Folder.OFF_TOPIC, "filed_by": FiledBy.QUERY, "thread_title": ""}
    missing, excluded = say(now, "Утюг хороший", **off), say(now, "Отель «Заря»", **off)
    with db.transaction() as session:
        brands.change_query(session, session.scalars(sa.select(Brand.id)).one(), "заря -отель")
    assert "Not found: заря." in client.get(f"/mentions/{missing}").text
    assert "Excluded by: Отель." in client.get(f"/mentions/{excluded}").text


def test_one_click_files_and_brings_back(client: FlaskClient, now) -> None:
    mention_id = say(now, "Купите лайки")
    client.post(f"/mentions/{mention_id}/file", data={"folder": "spam"})
    assert kept(mention_id) == (Folder.SPAM, FiledBy.PERSON)
    client.post(f"/mentions/{mention_id}/file", data={"folder": ""})
    assert kept(mention_id) == (None, FiledBy.PERSON)
    assert client.post(f"/mentions/{mention_id}/file", data={"folder": "bin"}).status_code == 422
    assert kept(mention_id) == (None, FiledBy.PERSON)


def test_whoever_only_reads_is_refused(sign_in, now) -> None:
    mention_id = say(now, "Купите лайки")
    assert sign_in("analyst").post(f"/mentions/{mention_id}/file", data={"folder": "spam"}).status_code == 403
    assert kept(mention_id) == (None, None)
