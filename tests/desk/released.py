"""The desk of version 0.1.0 with its sample, as that program wrote it (tests/desk/released.json): five sources, 48 mentions,
20 cases, answers in all states, tags set by people, trainings, an edit, a step that can be undone.

What later migrations rename is written down here, once each: whatever else they do to a row of that desk, a test fails."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from desk.base import db
from desk.operations import schema

REVISION = "0014"
FILE = json.loads(Path(__file__).with_name("released.json").read_text())
NOW = datetime.fromisoformat(FILE["now"])
NUMBERS: dict[str, Any] = FILE["numbers"]

TABLES = {"revisions": "earlier_wordings"}
COLUMNS = {
    ("mentions", "form"): "kind",
    ("mentions", "kind"): "intent",
    ("cases", "kind"): "intent",
    ("verdicts", "kind"): "intent",
    ("verdicts", "kind_probability"): "intent_probability",
    ("authors", "place"): "site",
    ("mentions", "needs_look"): "is_uncertain",
    ("cases", "needs_look"): "is_uncertain",
    ("verdicts", "needs_look"): "is_uncertain",
    ("verdicts", "revision"): "model_revision",
    ("rejudgings", "revision"): "model_revision",
    ("judge_revisions", "revision"): "model_revision",
}
WORDS = {
    ("cases", "status"): {"waiting": "on_hold"},
    ("cases", "stage"): {"2_waiting": "2_on_hold"},
}
"""Stored words, by table and column of version 0.1.0."""
KEYS = {
    "kind": "intent",
    "was_kind": "was_intent",
    "needs_look": "is_uncertain",
    "was_needs_look": "was_is_uncertain",
}
NAMED = {
    ("rules", "conditions"),
    ("journal", "facts"),
    ("undo_steps", "before"),
    ("judge_revisions", "figures"),
}
"""Columns of JSON whose keys are names of fields."""

Row = dict[str, Any]


def restore() -> None:
    """Into an empty database of the newest version, which becomes one of version 0.1.0."""
    schema.downgrade(REVISION)
    with db.engine().execution_options(is_write=True).begin() as connection:
        tables = _tables(connection)
        for name in reversed(FILE["tables"]):  # what the migrations themselves wrote
            connection.execute(sa.delete(tables[name]))
        for name in FILE["tables"]:
            if not name.endswith("_tallies"):  # which the triggers fill
                _fill(connection, tables[name])
        mentions = tables["mentions"]
        for row in _rows("mentions"):
            of_case = sa.update(mentions).where(mentions.c.id == row["id"]).values(case_id=row["case_id"])
            connection.execute(of_case)
        _go_on_counting(connection, tables)


def read() -> dict[str, list[Row]]:
    """Every row of every table, as the database has it now."""
    with db.engine().connect() as connection:
        return {
            name: [_plain(dict(row)) for row in connection.execute(sa.select(table)).mappings()]
            for name, table in _tables(connection).items()
        }


def expected() -> Iterator[tuple[str, list[Row]]]:
    """Each table of version 0.1.0 under its name of today, with all its rows as they are to be found."""
    for name in FILE["tables"]:
        yield TABLES.get(name, name), [_renamed(name, row) for row in _rows(name)]


def before() -> dict[str, list[Row]]:
    return {name: list(_rows(name)) for name in FILE["tables"]}


def _fill(connection: sa.Connection, table: sa.Table) -> None:
    # A case names its mention and the mention its case, so one of the two is told afterwards.
    later = {"case_id": None} if table.name == "mentions" else {}
    if rows := [_typed(table, row) | later for row in _rows(table.name)]:
        connection.execute(sa.insert(table), rows)


def _rows(name: str) -> Iterator[Row]:
    told = FILE["tables"][name]
    return (dict(zip(told["columns"], row, strict=True)) for row in told["rows"])


def _renamed(table: str, row: Row) -> Row:
    found: Row = {}
    for column, value in row.items():
        words = WORDS.get((table, column), {})
        kept = _with_keys(value) if (table, column) in NAMED else value
        found[COLUMNS.get((table, column), column)] = words.get(kept, kept) if isinstance(kept, str) else kept
    return found


def _with_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {KEYS.get(key, key): _with_keys(one) for key, one in value.items()}
    return value


def _tables(connection: sa.Connection) -> Mapping[str, sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(
        connection, only=lambda name, _: not name.startswith(("alembic", "mention_search", "case_search"))
    )
    return metadata.tables


def _typed(table: sa.Table, row: Row) -> Row:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.DateTime):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if db.engine().dialect.name == "sqlite" else moment
    return time.fromisoformat(value) if isinstance(kind, sa.Time) else value


def _plain(row: Row) -> Row:
    for name, value in row.items():
        if isinstance(value, datetime):
            row[name] = value.isoformat() if value.tzinfo else f"{value.isoformat()}+00:00"
        elif isinstance(value, time):
            row[name] = value.isoformat()
    return row


def _go_on_counting(connection: sa.Connection, tables: Mapping[str, sa.Table]) -> None:
    """PostgreSQL gives out ids by itself, and has not heard of those that were brought along."""
    if connection.dialect.name == "sqlite":
        return
    for name, table in tables.items():
        if "id" in table.c:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), greatest((SELECT max(id) FROM {name}), 1))"
            )
