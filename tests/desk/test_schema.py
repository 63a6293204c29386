"""Migrations and models say the same, in both directions, on whichever database runs."""

import multiprocessing
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.words import RoleName
from desk.models import Base, Role, Team
from desk.operations import schema, schema_version
from tests.world import rows


def shape(engine: sa.Engine) -> dict[str, object]:
    """All that a table promises, by name, whatever order it was written in."""
    inspector = sa.inspect(engine)
    tables = [
        name
        for name in inspector.get_table_names()
        if not name.startswith(("mention_search", "case_search", "alembic"))
    ]
    return {
        name: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(name)
            ),
            "primary": inspector.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(
                (k["constrained_columns"], k["referred_table"], k["options"].get("ondelete"))
                for k in inspector.get_foreign_keys(name)
            ),
            "unique": sorted((u["column_names"], u["name"]) for u in inspector.get_unique_constraints(name)),
            "indexes": sorted(
                (i["name"], i["column_names"])
                for i in inspector.get_indexes(name)
                if not i.get("duplicates_constraint")
            ),
            "checks": sorted((c["name"], c["sqltext"]) for c in inspector.get_check_constraints(name)),
        }
        for name in tables
    }


def test_migrations_build_exactly_what_the_models_say(empty_database: str) -> None:
    schema.upgrade()
    migrated = shape(db.engine())
    schema.downgrade("base")
    with db.engine().begin() as connection:
        Base.metadata.create_all(connection)
    assert migrated == shape(db.engine())
    assert len(migrated) == len(Base.metadata.tables)


def test_migrations_go_down_to_nothing_and_up_again(empty_database: str) -> None:
    schema.upgrade()
    schema.downgrade("base")
    assert set(sa.inspect(db.engine()).get_table_names()) <= {"alembic_version"}
    schema.upgrade()
    assert schema.is_current()
    assert schema.check() == []


def test_going_down_works_with_rows_that_point_at_each_other(database: None) -> None:
    with db.transaction() as session:
        rows.case(session, rows.mention(session, rows.source(session, rows.brand(session))))
    schema.downgrade("base")
    assert not sa.inspect(db.engine()).has_table("mentions")


def test_an_empty_database_says_what_to_do(empty_database: str) -> None:
    assert not schema.is_current()
    assert schema.check() == ["The database is empty: run `otklik db upgrade`."]


def test_an_old_database_says_what_to_do(database: None) -> None:
    schema.downgrade("0002")
    assert not schema.is_current()
    (sentence,) = schema.check()
    assert "otklik db upgrade" in sentence
    assert "0002" in sentence


def test_the_teams_and_the_roles_are_there_from_the_start(database: None) -> None:
    with db.snapshot() as session:
        assert {(t.key, t.name_en, t.name_ru) for t in session.scalars(sa.select(Team))} == {
            ("service", "Service", "Сервис"),
            ("marketing", "Marketing", "Маркетинг"),
        }
        assert set(session.scalars(sa.select(Role.name))) == set(RoleName)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        ("DROP INDEX ix_cases_queue", "Index cases.ix_cases_queue is missing."),
        ("ALTER TABLE users DROP COLUMN theme", "Column users.theme is missing."),
        ("ALTER TABLE users ADD COLUMN shoe_size INTEGER", "Column users.shoe_size is not in the models."),
        ("CREATE TABLE stray (id INTEGER PRIMARY KEY)", "Table stray is not in the models."),
        ("DROP TABLE case_search", "Table case_search (full text) is missing."),
        ("DROP TABLE mention_search", "Table mention_search (full text) is missing."),
    ],
)
def test_a_difference_is_told_in_plain_words(database: None, damage: str, sentence: str) -> None:
    with db.engine().begin() as connection:
        connection.exec_driver_sql(damage)
    assert schema.check() == [sentence]


def test_a_row_that_points_nowhere_is_found(database: None) -> None:
    if db.engine().dialect.name != "sqlite":
        pytest.skip("PostgreSQL never lets it happen")
    with closing(sqlite3.connect(db.engine().url.database)) as connection, connection:
        connection.execute(
            "INSERT INTO notes (case_id, user_id, text, written_at) VALUES (7, 8, '', '2026-01-01')"
        )
    assert sorted(schema.check()) == [
        "Row 1 of notes points to a row of cases that is gone.",
        "Row 1 of notes points to a row of users that is gone.",
    ]


def test_processes_that_upgrade_at_once_do_not_quarrel(empty_database: str) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    outcomes = context.Queue()
    children = [context.Process(target=_upgrade, args=(empty_database, barrier, outcomes)) for _ in range(3)]
    for child in children:
        child.start()
    found = [outcomes.get(timeout=60) for _ in children]
    for child in children:
        child.join()
    assert found == ["fine"] * 3
    assert schema.check() == []


def _upgrade(address: str, barrier, outcomes) -> None:
    barrier.wait(timeout=60)
    try:
        schema.upgrade(address)
        outcomes.put("fine" if schema.is_current(address) else "not current")
    except Exception as error:
        outcomes.put(repr(error))


def test_the_version_that_is_needed_is_the_newest_migration() -> None:
    """It is read off the files' names, so that health needs no Alembic."""
    assert schema_version.needed() == schema._head()
