"""Mentions are counted when they come and go, and each filter of their list has an index: pages cost the same at any size."""

# ruff: noqa: S608 -- these statements are put together from this file's own words
import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, is_sqlite, to

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_mentions_source", "mentions", ["source_id", "published_at", "id"]),
    ("ix_mentions_brand", "mentions", ["brand_id", "published_at", "id"]),
    ("ix_mentions_language", "mentions", ["language", "published_at", "id"]),
    ("ix_mentions_kind", "mentions", ["kind", "published_at", "id"]),
    ("ix_mentions_sentiment", "mentions", ["sentiment", "published_at", "id"]),
    ("ix_replies_external", "replies", ["source_id", "external_id"]),
)
# The quarter of an hour in which a mention was collected, as each database stores moments.
SQLITE_QUARTER = (
    "substr({0}collected_at, 1, 14)"
    " || substr('00153045', 1 + 2 * (substr({0}collected_at, 15, 2) / 15), 2) || ':00.000000'"
)
POSTGRESQL_QUARTER = "to_timestamp(floor(extract(epoch FROM {0}collected_at) / 900) * 900)"
COUNTED = "INSERT INTO source_tallies (source_id, mentions) SELECT source_id, count(*) FROM {rows} GROUP BY 1"
ARRIVED = (
    "INSERT INTO arrival_tallies (source_id, at, mentions)"
    " SELECT source_id, {quarter}, count(*) FROM {rows} GROUP BY 1, 2"
)
SQLITE_COMES = f"""
    INSERT INTO source_tallies (source_id, mentions) VALUES (NEW.source_id, 1)
      ON CONFLICT (source_id) DO UPDATE SET mentions = mentions + 1;
    INSERT INTO arrival_tallies (source_id, at, mentions)
      VALUES (NEW.source_id, {SQLITE_QUARTER.format("NEW.")}, 1)
      ON CONFLICT (source_id, at) DO UPDATE SET mentions = mentions + 1;
"""
SQLITE_GOES = f"""
    UPDATE source_tallies SET mentions = mentions - 1 WHERE source_id = OLD.source_id;
    UPDATE arrival_tallies SET mentions = mentions - 1
      WHERE source_id = OLD.source_id AND at = {SQLITE_QUARTER.format("OLD.")};
"""
SQLITE_TRIGGERS = (
    f"CREATE TRIGGER tally_mentions_come AFTER INSERT ON mentions BEGIN {SQLITE_COMES} END",
    f"CREATE TRIGGER tally_mentions_go AFTER DELETE ON mentions BEGIN {SQLITE_GOES} END",
    f"CREATE TRIGGER tally_mentions_move AFTER UPDATE OF source_id, collected_at ON mentions BEGIN {SQLITE_GOES} {SQLITE_COMES} END",
)
# One statement for all rows of a batch; sources in one order, so that no two batches wait for each other.
POSTGRESQL_COMES = f"""
    INSERT INTO source_tallies AS known (source_id, mentions)
      SELECT source_id, count(*) FROM fresh GROUP BY 1 ORDER BY 1
      ON CONFLICT (source_id) DO UPDATE SET mentions = known.mentions + excluded.mentions;
    INSERT INTO arrival_tallies AS known (source_id, at, mentions)
      SELECT source_id, {POSTGRESQL_QUARTER.format("")}, count(*) FROM fresh GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (source_id, at) DO UPDATE SET mentions = known.mentions + excluded.mentions;
"""
POSTGRESQL_GOES = f"""
    UPDATE source_tallies AS known SET mentions = known.mentions - gone.n
      FROM (SELECT source_id, count(*) AS n FROM former GROUP BY 1) AS gone
      WHERE known.source_id = gone.source_id;
    UPDATE arrival_tallies AS known SET mentions = known.mentions - gone.n
      FROM (
        SELECT source_id, {POSTGRESQL_QUARTER.format("")} AS at, count(*) AS n FROM former GROUP BY 1, 2
      ) AS gone
      WHERE known.source_id = gone.source_id AND known.at = gone.at;
"""
# Statements see all rows that an update touches, whichever columns it changes, so this one goes row by row.
POSTGRESQL_MOVES = f"""
    UPDATE source_tallies SET mentions = mentions - 1 WHERE source_id = OLD.source_id;
    UPDATE arrival_tallies SET mentions = mentions - 1
      WHERE source_id = OLD.source_id AND at = {POSTGRESQL_QUARTER.format("OLD.")};
    INSERT INTO source_tallies AS known (source_id, mentions) VALUES (NEW.source_id, 1)
      ON CONFLICT (source_id) DO UPDATE SET mentions = known.mentions + 1;
    INSERT INTO arrival_tallies AS known (source_id, at, mentions)
      VALUES (NEW.source_id, {POSTGRESQL_QUARTER.format("NEW.")}, 1)
      ON CONFLICT (source_id, at) DO UPDATE SET mentions = known.mentions + 1;
"""
POSTGRESQL_TRIGGERS = (
    ("tally_mentions_come", POSTGRESQL_COMES, "AFTER INSERT", "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"),
    ("tally_mentions_go", POSTGRESQL_GOES, "AFTER DELETE", "REFERENCING OLD TABLE AS former FOR EACH STATEMENT"),
    ("tally_mentions_move", POSTGRESQL_MOVES, "AFTER UPDATE OF source_id, collected_at", "FOR EACH ROW"),
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "source_tallies",
        _source(),
        sa.Column("mentions", sa.Integer, nullable=False),
    )
    op.create_table(
        "arrival_tallies",
        _source(),
        sa.Column("at", MOMENT, primary_key=True),
        sa.Column("mentions", sa.Integer, nullable=False),
    )
    _run(COUNTED.format(rows="mentions"))
    quarter = SQLITE_QUARTER if is_sqlite() else POSTGRESQL_QUARTER
    _run(ARRIVED.format(rows="mentions", quarter=quarter.format("")))
    _create_triggers()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    needs_look = sa.text("needs_look")
    op.create_index(
        "ix_mentions_look",
        "mentions",
        ["published_at", "id"],
        sqlite_where=needs_look,
        postgresql_where=needs_look,
    )


def downgrade() -> None:
    op.drop_index("ix_mentions_look", "mentions")
    for name, table, _columns in INDEXES:
        op.drop_index(name, table)
    for name, *_facts in POSTGRESQL_TRIGGERS:
        if is_sqlite():
            _run(f"DROP TRIGGER {name}")
        else:
            _run(f"DROP TRIGGER {name} ON mentions")
            _run(f"DROP FUNCTION {name}()")
    op.drop_table("arrival_tallies")
    op.drop_table("source_tallies")


def _source() -> sa.Column[int]:
    column = to("sources.id", "source_id", ondelete="CASCADE", nullable=False)
    column.primary_key = True
    return column


def _create_triggers() -> None:
    if is_sqlite():
        for trigger in SQLITE_TRIGGERS:
            _run(trigger)
        return
    for name, body, when, how in POSTGRESQL_TRIGGERS:
        _run(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        )
        _run(f"CREATE TRIGGER {name} {when} ON mentions {how} EXECUTE FUNCTION {name}()")


def _run(statement: str) -> None:
    # Past SQLAlchemy, which would take the colons of a time of day for names of parameters.
    op.get_bind().exec_driver_sql(statement)
