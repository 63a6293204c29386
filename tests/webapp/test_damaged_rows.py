"""JSON that somebody damaged by hand in the database: every page still opens, says so where it matters, and one bad row
stops no other. Columns are found in the models, so a new one is covered by itself."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from channels.contract import Page
from desk import journal
from desk.base import db
from desk.base.errors import Conflict
from desk.base.stored import StoredObject
from desk.base.words import CrawlOutcome
from desk.cases import assignment, undo
from desk.models import Base, Case, Mention, Rule, Source, User
from desk.operations import damages
from desk.people import users
from desk.pipeline import adoptions
from desk.replies import approvals, drafts, sending, verification
from desk.sources import accounts, crawls, deliveries, sources
from desk.verdicts import judge_revisions
from desk.verdicts.judge_revisions import Learned
from tests.webapp.test_hostile_values import rules
from tests.webapp.test_judge_page import FIGURES
from tests.world.desk import World
from webapp.cli import otklik

COLUMNS = {
    f"{table.name}.{column.name}": isinstance(column.type, StoredObject)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, damages.STORED)
}
NO_JSON = "{not json"
OTHER_SHAPES = ("null", '["a", 5]')
"""What belongs into none of these columns; tests/desk/test_stored.py has many more."""

# Objects whose insides somebody damaged: the shape is right, and what stands in it is not.
INSIDES = {
    "calendars.hours": '{"0": 5, "7": [], "1": [["x", "y"]]}',
    "calendars.exceptions": '{"2026-13-45": [["09:00", "18:00"]], "tomorrow": 7}',
    "rules.conditions": '{"intent": 5, "max_rating": "many", "phase_of_moon": ["full"]}',
    "journal.facts": '{"to": ["a"], "until": "soon", "reason": {}, "why": ["x"], "kind": 7, "undone": [1], "to_team": {}}',
    "judge_revisions.figures": '{"before": 5, "heads": {"intent": [1]}, "texts": "many", "tries": "often"}',
    "users.preferences": '{"rows": ["a"], "keys": {"a": 1}}',
    "sources.settings": '{"username": {"a": 1}, "max_pages": [2]}',
    "sources.cursor": '{"last_id": "many", "own_user_ids": 7, "limits": {"unit": 5}}',
    "mentions.facts": '{"product": {"a": 1}, "size": [2]}',
    "mentions.attachments": '[{"kind": ["a"], "url": 7, "size_bytes": "x", "name": {}}, {}]',
    "mentions.reach": '{"likes": "many"}',
    "accounts.settings": '{"url": 5}',
    "undo_steps.before": '{"case": {"status": 5, "nowhere": 1}, "verdicts_after": "x"}',
}


@pytest.fixture
def desk(world: World, people: dict[str, int]) -> World:
    """A desk with a row in every table that keeps JSON."""
    case_id = world.complain()
    world.complain("c2", "Опять течёт!", "feed")
    with db.transaction() as session:
        admin = session.get_one(User, people["admin"])
        with undo.kept(session, [case_id], "taken", admin, world.now):
            assignment.take(session, case_id, admin, world.now)
        for event in ("handed_over", "snoozed", "closed", "undone", "judged_again", "raised", "assigned"):
            journal.write(session, event, world.now, case=session.get_one(Case, case_id), user=admin)
        adoptions.register_model(session, "onnx", "m1", world.now)
        judge_revisions.ask(session, admin, world.now + timedelta(hours=1))
        number = judge_revisions.claim(session, world.now + timedelta(hours=1))
        learned = Learned("m1", "onnx", "better", FIGURES, "m1+aa", b"x")
        assert number is not None and adoptions.decide(
            session, number, learned, world.now + timedelta(hours=1)
        )
        for source_id in world.sources.values():
            crawl = crawls.start_crawl(session, source_id, world.now)
            crawls.finish_crawl(
                session,
                crawl.id,
                crawls.CrawlReport(CrawlOutcome.OK, remarks=["A line."]),
                world.now,
            )
        _shared_and_sent(session, session.get_one(Source, min(world.sources.values())), world.now)
    return world


def _shared_and_sent(session: users.Session, source: Source, now: datetime) -> None:
    """An account, what a site has sent, and what a mention may bear beside its words."""
    accounts.add(session, source.brand, source.kind, title="An account", now=now)
    received = Page(source.url, 200, {"x-event": "1"}, b"{}", "push", {"page": 1})
    deliveries.keep(session, source.id, received, "event-1", now)
    for mention in session.scalars(sa.select(Mention)):
        mention.handle, mention.facts, mention.reach = {"chat": 1}, {"product": "Kettle"}, {"likes": 2}
        mention.attachments = [{"kind": "image", "url": "https://shop.example/1.png", "name": "1.png"}]


def damage(column: str, stored: str) -> int:
    """Into every row of that column; how many there are."""
    table, name = column.split(".")
    with db.transaction() as session:
        is_json = stored != NO_JSON
        if not is_json and session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL takes no JSON that is none")
        value = ":stored" if session.get_bind().dialect.name == "sqlite" else "CAST(:stored AS json)"
        return session.execute(sa.text(f"UPDATE {table} SET {name} = {value}"), {"stored": stored}).rowcount


def opened(app: Flask, client: FlaskClient) -> Iterator[tuple[str, int]]:
    for rule, address in rules(app, "GET"):
        if rule.endpoint not in ("events.stream", "why.page", "why.found"):
            yield address, client.get(address).status_code


@pytest.mark.parametrize("stored", [*OTHER_SHAPES, NO_JSON])
def test_every_page_opens_when_every_row_is_damaged(
    app: Flask, desk: World, sign_in: Callable[..., FlaskClient], stored: str
) -> None:
    before, client = dict(opened(app, sign_in("admin"))), sign_in("admin", "ru")
    for column in COLUMNS:
        assert damage(column, stored) > 0, f"{column}: the desk of this test needs a row there"
    found = dict(opened(app, client))
    assert {address: code for address, code in found.items() if code != before[address]} == {}


def test_every_page_opens_whatever_an_object_holds(
    app: Flask, desk: World, sign_in: Callable[..., FlaskClient]
) -> None:
    before, client = dict(opened(app, sign_in("admin"))), sign_in("admin", "ru")
    for column, stored in INSIDES.items():
        damage(column, stored)
    found = dict(opened(app, client))
    assert {address: code for address, code in found.items() if code != before[address]} == {}


def test_the_check_of_the_database_names_every_row(desk: World) -> None:
    assert CliRunner().invoke(otklik, ["db", "check"]).exit_code == 0
    for column in COLUMNS:
        damage(column, "5")
    done = CliRunner().invoke(otklik, ["db", "check"])
    assert done.exit_code == 1
    for column in COLUMNS:
        table, name = column.split(".")
        assert re.search(rf"Row \d+ of {table}: {name} cannot be read", done.output), column


@pytest.mark.parametrize("stored", ["5", "[]", "null", '{"intent": 5}'])
def test_a_damaged_rule_decides_nothing_and_the_next_one_does(desk: World, sign_in, stored: str) -> None:
    with db.transaction() as session:
        first, _second = session.query(Rule).order_by(Rule.position).limit(2)
        first_id, brand_id = first.id, first.brand_id
        session.execute(
            sa.text("UPDATE rules SET conditions = :s WHERE id = :i"), {"s": stored, "i": first_id}
        )
    case = desk.case(desk.complain("c9", "Сломалась на второй день"))
    assert case.rule_id not in (None, first_id)
    page = sign_in("admin").get(f"/settings/brands/{brand_id}").text
    assert page.count("The conditions are damaged, so this rule is skipped") == 1
    assert "damaged in the database" in sign_in("admin").get("/health").text
    form = sign_in("admin").get(f"/settings/brands/{brand_id}/rules/{first_id}").text
    assert "The conditions are damaged" in form


@pytest.mark.parametrize("column", ["hours", "exceptions"])
@pytest.mark.parametrize("stored", ["5", "[]", "null", '{"monday": 7}'])
def test_a_complaint_is_due_around_the_clock_where_the_hours_are_damaged(
    desk: World, sign_in, column: str, stored: str
) -> None:
    """It is in the queue, and too early rather than never; the page says so, and saving mends it."""
    damage(f"calendars.{column}", stored)
    at_night = desk.now - timedelta(hours=10)
    case = desk.case(desk.complain("c9", "Ночью потекла", published_at=at_night))
    assert case.due_at == at_night + timedelta(hours=4)
    admin, brand_id = sign_in("admin"), case.brand_id
    assert "due times count around the clock" in admin.get(f"/settings/brands/{brand_id}").text
    fields = {"day-0": "09:00-18:00", "exceptions": "", "time_zone": "Europe/Moscow"}
    assert admin.post(f"/settings/brands/{brand_id}/hours", data=fields).status_code == 302
    assert "damaged" not in admin.get(f"/settings/brands/{brand_id}").text
    with db.snapshot() as session:
        assert damages.of_brands(session) == []


def test_an_answer_in_damaged_hours_has_no_business_time_rather_than_a_wrong_one(
    desk: World, sign_in
) -> None:
    case_id = desk.case_of("c1")
    damage("calendars.hours", "5")
    reply_id = desk.send(case_id, who="admin")
    with db.transaction() as session:
        sending.taken(session, reply_id, external_id="a1", url="", state="public", at=desk.now, now=desk.now)
        verification.seen(session, reply_id, external_id="a1", url="", now=desk.now)
    with db.snapshot() as session:
        mention = session.query(Mention).filter_by(external_id="c1").one()
        assert mention.answer_wall_seconds is not None
        assert mention.answer_business_seconds is None


@pytest.mark.parametrize("column", ["settings", "cursor"])
@pytest.mark.parametrize("stored", ["5", "[]", "null", "{not json"])
def test_a_damaged_source_says_so_and_saving_mends_it(desk: World, sign_in, column: str, stored: str) -> None:
    damage(f"sources.{column}", stored)
    lead, source_id = sign_in("lead"), desk.sources["blog"]
    page = lead.get(f"/sources/{source_id}").text
    assert "settings damaged" in page
    assert "its mentions are safe" in page
    assert lead.post(f"/sources/{source_id}/check").status_code == 409, "the site is not asked with a guess"
    listed = json.loads(CliRunner().invoke(otklik, ["source", "list", "--json"]).output)
    assert {one["error_kind"] for one in listed} == {"damaged"}
    fields = {"title": "Блог", "interval": "900", "field-username": "zarya-support", "accepts_replies": "1"}
    assert lead.post(f"/sources/{source_id}/settings", data=fields).status_code == 302
    assert "settings damaged" not in lead.get(f"/sources/{source_id}").text
    with db.snapshot() as session:
        assert sources.is_whole(sources.load(session, source_id))
        assert not sources.is_whole(sources.load(session, desk.sources["feed"]))


def test_nothing_is_sent_from_a_damaged_source(desk: World, sign_in) -> None:
    case_id = desk.case_of("c1")
    with db.transaction() as session:
        admin = session.get_one(User, desk.people["admin"])
        draft = drafts.save_draft(session, case_id, admin, "Здравствуйте!", desk.newest(case_id), desk.now)
        approvals.approve(session, draft.id, admin, desk.now)
        reply_id = draft.id
    damage("sources.settings", "[]")
    with db.transaction() as session:
        assert sending.begin(session, reply_id, desk.now) is None
    assert (desk.reply().state.value, desk.reply().error_kind) == ("failed", "damaged")
    assert "Nothing was read or sent" in str(desk.reply().error)
    assert "settings that can be read" in sign_in("admin").get(f"/cases/{case_id}").text


def test_a_person_whose_settings_are_damaged_can_work_and_mend_them(desk: World, sign_in) -> None:
    damage("users.preferences", "[1]")
    agent = sign_in("agent")
    assert agent.get("/").status_code == 200
    assert "Your settings are damaged" in agent.get("/account").text
    agent.post("/account", data={"keys": "1"})
    assert "damaged" not in agent.get("/account").text


@pytest.mark.parametrize("stored", ["5", '{"case": {"status": 5}}', '{"case": {"team_id": "x"}}', "{}"])
def test_what_cannot_be_read_is_not_given_back(desk: World, people: dict[str, int], stored: str) -> None:
    damage("undo_steps.before", stored)
    with pytest.raises(Conflict) as refused, db.transaction() as session:
        token = session.scalar(sa.text("SELECT token FROM undo_steps"))
        undo.take_back(session, token, session.get_one(User, people["admin"]), desk.now)
    assert refused.value.code == "undo_damaged"
    assert desk.case(desk.case_of("c1")).assignee_id == people["admin"]


def test_the_history_of_the_model_opens_with_damaged_figures(desk: World, sign_in) -> None:
    for stored in ("5", "{}", '{"before": [1]}', '{"heads": {"intent": {"before": ["a", 2]}}}'):
        damage("judge_revisions.figures", stored)
        assert "The figures of this version are damaged" in sign_in("admin").get("/settings/judge").text
        done = CliRunner().invoke(otklik, ["judge", "history"])
        assert done.exit_code == 0, done.output
