"""What a site tells beside the words: facts, attachments, reach, what was withdrawn; budgets of accounts; ids of the brand.

A mention without an address keeps the empty text that stood for it before, so that no row of a large table is rewritten.
"""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT
from desk.migrations.renames import change_words

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHECK = "ck_cases_close_reason"
REASONS = ("answered", "no_answer_needed", "not_for_us", "abuse", "duplicate")


def upgrade() -> None:
    # Columns that may be empty, or have one value for all, are added at once, however many millions of rows there are.
    for name in ("handle", "facts", "attachments", "reach"):
        op.add_column("mentions", sa.Column(name, sa.JSON))
    op.add_column("mentions", sa.Column("is_machine", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("mentions", sa.Column("can_be_answered", sa.Boolean))
    op.add_column("mentions", sa.Column("withdrawn_at", MOMENT))
    op.add_column("sources", sa.Column("own_ids", sa.JSON, nullable=False, server_default="[]"))
    change_words("cases", CHECK, "close_reason", REASONS, (*REASONS, "withdrawn"))
    op.create_table(
        "quotas_spent",
        sa.Column("budget", sa.String(255), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("spent", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("quotas_spent")
    # An older version knows the reason nearest to it: the customer waits for nothing.
    op.execute("UPDATE cases SET close_reason = 'no_answer_needed' WHERE close_reason = 'withdrawn'")
    change_words("cases", CHECK, "close_reason", (*REASONS, "withdrawn"), REASONS)
    op.drop_column("sources", "own_ids")
    for name in ("withdrawn_at", "can_be_answered", "is_machine", "reach", "attachments", "facts", "handle"):
        op.drop_column("mentions", name)
