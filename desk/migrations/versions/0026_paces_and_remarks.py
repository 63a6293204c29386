"""The pace of a host or an account holds for all processes, and what a channel remarks outside of crawls is kept."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to, word

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("lane", sa.String(255), primary_key=True),
        sa.Column("next_at", MOMENT, nullable=False),
    )
    op.create_table(
        "source_remarks",
        key(),
        to("sources.id", "source_id", ondelete="CASCADE", nullable=False),
        word("origin", ("delivery", "answer"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_index("ix_source_remarks_source", "source_remarks", ["source_id", "last_at"])


def downgrade() -> None:
    op.drop_table("source_remarks")
    op.drop_table("paces")
