"""What a person may take back for a few minutes."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "undo_steps",
        key(),
        sa.Column("token", sa.String(32), nullable=False),
        to("users.id", "user_id", ondelete="CASCADE", nullable=False),
        to("cases.id", "case_id", ondelete="CASCADE", nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
    )
    op.create_index("ix_undo_steps_token", "undo_steps", ["token"])
    op.create_index("ix_undo_steps_made_at", "undo_steps", ["made_at"])


def downgrade() -> None:
    op.drop_table("undo_steps")
