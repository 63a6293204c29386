"""Cases are found by their notes and by the answers given to them, mentions by the title of their thread."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from desk.mentions import search
from desk.migrations.columns import is_sqlite

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if is_sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE case_search USING fts5(stems, tokenize='unicode61 remove_diacritics 0')"
        )
    else:
        op.execute(
            "CREATE TABLE case_search (case_id integer PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,"
            " words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_case_search_words ON case_search USING gin (words)")
    _index_what_is_there()


def downgrade() -> None:
    op.drop_table("case_search")


def _index_what_is_there() -> None:
    said = (
        "SELECT case_id FROM notes UNION"
        " SELECT case_id FROM replies WHERE state NOT IN ('draft', 'discarded') ORDER BY 1"
    )
    with Session(op.get_bind(), join_transaction_mode="rollback_only") as session:
        for case_id in session.scalars(sa.text(said)).all():
            search.index_case(session, case_id)
        titled = session.scalars(
            sa.text("SELECT id FROM mentions WHERE thread_title <> '' AND thread_title <> title")
        )
        search.index(session, titled.all())
