"""An edit after the answer: the earlier answer stays with the earlier wording, verdicts and answers know which they saw."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WAS_ANSWERED = sa.text("answered_at IS NOT NULL")
MOMENTS = ("said_at", "answered_at", "answer_seen_at")
SPANS = ("answer_wall_seconds", "answer_business_seconds")


def upgrade() -> None:
    # Columns that may be empty are added at once, however many millions of rows there are.
    for name in MOMENTS:
        op.add_column("revisions", sa.Column(name, MOMENT))
    for name in SPANS:
        op.add_column("revisions", sa.Column(name, sa.Integer))
    op.create_index(
        "ix_revisions_answered",
        "revisions",
        ["mention_id", "id"],
        sqlite_where=WAS_ANSWERED,
        postgresql_where=WAS_ANSWERED,
    )
    op.add_column("verdicts", sa.Column("wording", sa.Integer))
    op.add_column("replies", sa.Column("edit_seen", sa.Integer))


def downgrade() -> None:
    op.drop_column("replies", "edit_seen")
    op.drop_column("verdicts", "wording")
    op.drop_index("ix_revisions_answered", "revisions")
    for name in (*MOMENTS, *SPANS):
        op.drop_column("revisions", name)
