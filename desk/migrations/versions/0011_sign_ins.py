"""Sign-ins as rows, so that signing out ends them here and not only in the browser."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, to

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("key", sa.String(64), primary_key=True),
        to("users.id", "user_id", ondelete="CASCADE", nullable=False),
        sa.Column("browser", sa.String(80), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
    )
    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])


def downgrade() -> None:
    op.drop_table("sign_ins")
