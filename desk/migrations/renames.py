"""How migrations give another name to what is there, without writing a large table anew. Released migrations stand on it:
add, never change."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import is_sqlite

BATCH = 5_000


def rename_table(old: str, new: str) -> None:
    _run(f"ALTER TABLE {old} RENAME TO {new}")
    if not is_sqlite():
        _run(f"ALTER SEQUENCE {old}_id_seq RENAME TO {new}_id_seq")


def rename_column(table: str, old: str, new: str) -> None:
    """Indexes, checks and triggers that name the column go along, on both databases; their own names stay."""
    _run(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def rename_index(old: str, new: str, table: str, columns: Sequence[str], *, where: str | None = None) -> None:
    """SQLite knows no other name for an index that is there, so it is built anew: a second for a million rows."""
    if not is_sqlite():
        _run(f"ALTER INDEX {old} RENAME TO {new}")
        return
    op.drop_index(old, table)
    only = sa.text(where) if where else None
    op.create_index(new, table, list(columns), sqlite_where=only)


def rename_constraint(table: str, old: str, new: str) -> None:
    if not is_sqlite():
        _run(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
        return
    _rewrite(table, f"CONSTRAINT {old} ", f"CONSTRAINT {new} ")


def rename_word(table: str, column: str, check: str, old: str, new: str, words: Sequence[str]) -> None:
    """A stored word of a closed set: in its rows, and in the check that knows the words; `words` are those from now on."""
    named: sa.ColumnClause[str] = sa.column(column)
    rows = sa.update(sa.table(table, named)).where(named == old).values({column: new})
    if is_sqlite():
        _rewrite(table, f"'{old}'", f"'{new}'", within=f"CONSTRAINT {check} CHECK")
        op.execute(rows)
        return
    _run(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
    op.execute(rows)
    known = ", ".join(f"'{word}'" for word in words)
    _run(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IN ({known}))")


def change_words(table: str, check: str, column: str, old: Sequence[str], new: Sequence[str]) -> None:
    """Which words a closed set has; no row may hold one that it loses. Its check names all `old` ones, in any order."""
    words = ", ".join(f"'{word}'" for word in new)
    if not is_sqlite():
        _run(f"ALTER TABLE {table} DROP CONSTRAINT {check}")
        _run(f"ALTER TABLE {table} ADD CONSTRAINT {check} CHECK ({column} IN ({words}))")
        return
    said = op.get_bind().scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), {"table": table}
    )
    found = re.search(rf"CONSTRAINT {check} CHECK \({column} IN \(([^()]*)\)\)", str(said))
    if found is None or set(found[1].replace("'", "").replace(" ", "").split(",")) != set(old):
        raise LookupError(f"table {table} has another check {check}: {said}")
    _rewrite(table, found[1], words)


def rename_keys(table: str, column: str, names: Mapping[str, str], *, where: str = "true") -> None:
    """Keys of the objects that a column of JSON holds, however deep. What is no JSON stays as it is."""
    connection = op.get_bind()
    wanted = " OR ".join(f"CAST({column} AS TEXT) LIKE '%\"{old}\"%'" for old in names)
    query = sa.text(
        f"SELECT id, CAST({column} AS TEXT) FROM {table} WHERE id > :after AND ({where}) AND ({wanted})"  # noqa: S608 -- words of a migration
        " ORDER BY id LIMIT :most"
    )
    kept = ":value" if is_sqlite() else "CAST(:value AS JSON)"
    update = sa.text(f"UPDATE {table} SET {column} = {kept} WHERE id = :id")  # noqa: S608 -- as above
    after = 0
    while found := connection.execute(query, {"after": after, "most": BATCH}).all():
        after = found[-1][0]
        changed = [{"id": key, "value": value} for key, text in found if (value := _renamed(text, names))]
        if changed:
            connection.execute(update, changed)


def _renamed(text: str, names: Mapping[str, str]) -> str | None:
    try:
        return json.dumps(_with_names(json.loads(text), names))
    except (ValueError, TypeError, RecursionError):
        return None


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _with_names(one, names) for key, one in value.items()}
    return [_with_names(one, names) for one in value] if isinstance(value, list) else value


def _rewrite(table: str, old: str, new: str, *, within: str = "") -> None:
    """What SQLite has written down about a table and what changes nothing in its rows: names and words of checks, by the
    steps that its makers describe (https://www.sqlite.org/lang_altertable.html). The rest would copy the table."""
    connection = op.get_bind()
    known = {"table": table}
    said = connection.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :table"), known
    )
    begin, mark, rest = str(said).partition(within) if within else ("", "", str(said))
    line, end, after = rest.partition("\n") if within else (rest, "", "")
    changed = line.replace(old, new)
    if changed == line:
        raise LookupError(f"table {table} does not say {old}: {said}")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    _run("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :table"),
        known | {"sql": begin + mark + changed + end + after},
    )
    _run(f"PRAGMA schema_version = {version + 1}")
    _run("PRAGMA writable_schema = RESET")


def _run(statement: str) -> None:
    op.get_bind().exec_driver_sql(statement)
