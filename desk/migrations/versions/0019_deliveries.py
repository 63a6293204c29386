"""What sites send to us is kept until it is read, and a source has an address for it."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to, word

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        key(),
        to("sources.id", "source_id", ondelete="CASCADE", nullable=False),
        sa.Column("key", sa.String(255)),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        word("state", ("new", "read", "failed"), nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("error_kind", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("source_id", "key"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "source_id", "id"])
    op.add_column("sources", sa.Column("push_nonce", sa.String(32)))
    op.add_column("sources", sa.Column("subscribed_nonce", sa.String(32)))
    op.add_column("sources", sa.Column("subscribe_at", MOMENT))
    op.add_column("sources", sa.Column("subscribe_tries", sa.Integer, nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("subscribe_error", sa.Text))


def downgrade() -> None:
    for name in ("subscribe_error", "subscribe_tries", "subscribe_at", "subscribed_nonce", "push_nonce"):
        op.drop_column("sources", name)
    op.drop_table("deliveries")
