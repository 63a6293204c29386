"""A database that is emptied between two tests is as good as a new one."""

import psycopg
import pytest

from desk.base import db
from desk.models import Brand, Team
from tests import databases
from tests.conftest import SERVER
from tests.world import rows


def made_brand(name: str) -> int:
    with db.transaction() as session:
        return rows.brand(session, name).id


@pytest.mark.parametrize("time", ["first", "second"])
def test_every_test_finds_the_rows_of_a_migrated_database_and_no_others(database: None, time: str) -> None:
    with db.snapshot() as session:
        assert session.query(Brand).count() == 0
        assert {team.key for team in session.query(Team)} == {"service", "marketing"}
    assert made_brand(time) == 1, "numbers begin anew"
    with db.transaction() as session:
        session.query(Team).delete()


def test_whoever_changes_the_tables_changes_them_for_himself_alone(emptied: databases.Emptied | None) -> None:
    if emptied is None or SERVER is None:
        pytest.skip("on SQLite every test has a file of its own")
    for change in ("ALTER TABLE teams ADD COLUMN colour text", "CREATE TABLE left_behind (id int)"):
        name = emptied.next()
        with psycopg.connect(f"{SERVER.rsplit('/', 1)[0]}/{name}", autocommit=True) as connection:
            connection.execute(change)
        assert emptied.next() != name
    assert emptied.next() == emptied.next()
