"""Sources and brands that are being removed, and the indexes without which each deleted mention would cost a scan."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_journal_mention", "journal", "mention_id"),
    ("ix_journal_reply", "journal", "reply_id"),
    ("ix_replies_mention", "replies", "mention_id"),
    ("ix_cases_author", "cases", "author_id"),
)


def upgrade() -> None:
    op.add_column("sources", sa.Column("removing_at", MOMENT))
    op.add_column("brands", sa.Column("removing_at", MOMENT))
    for name, table, column in INDEXES:
        is_told = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, [column], sqlite_where=is_told, postgresql_where=is_told)


def downgrade() -> None:
    for name, table, _column in reversed(INDEXES):
        op.drop_index(name, table)
    op.drop_column("brands", "removing_at")
    op.drop_column("sources", "removing_at")
