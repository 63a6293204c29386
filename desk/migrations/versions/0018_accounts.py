"""Accounts at sites, whose credentials several sources share."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to, word

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        key(),
        to("brands.id", "brand_id", nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("secrets", sa.Text),
        sa.Column("expires_at", MOMENT),
        word("state", ("ready", "needs_person"), nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("renewing_until", MOMENT),
        sa.Column("connect_nonce", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_accounts_brand_id", "accounts", ["brand_id"])
    # A column that may be empty is added at once; the table stays as it is.
    op.execute("ALTER TABLE sources ADD COLUMN account_id INTEGER REFERENCES accounts (id)")
    op.create_index("ix_sources_account_id", "sources", ["account_id"])


def downgrade() -> None:
    op.drop_index("ix_sources_account_id", "sources")
    op.drop_column("sources", "account_id")
    op.drop_table("accounts")
