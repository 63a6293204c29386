"""The full text index, filled by desk/mentions/search.py: with stems, on both databases."""

from alembic import op

from desk.migrations.columns import is_sqlite

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if is_sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE mention_search USING fts5(stems, tokenize='unicode61 remove_diacritics 0')"
        )
        return
    op.execute(
        "CREATE TABLE mention_search (mention_id integer PRIMARY KEY REFERENCES mentions (id) ON DELETE CASCADE,"
        " words tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_mention_search_words ON mention_search USING gin (words)")


def downgrade() -> None:
    op.drop_table("mention_search")
