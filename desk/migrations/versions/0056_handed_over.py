"""Who handed a case over, when, and whether those who got it have opened it."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns that may be empty are added at once, however many rows there are.
    op.add_column("cases", sa.Column("handed_at", MOMENT))
    op.execute("ALTER TABLE cases ADD COLUMN handed_by_id INTEGER REFERENCES users (id)")
    op.add_column("cases", sa.Column("is_handover_new", sa.Boolean))
    is_new = sa.text("is_handover_new")
    op.create_index("ix_cases_handed", "cases", ["id"], sqlite_where=is_new, postgresql_where=is_new)


def downgrade() -> None:
    op.drop_index("ix_cases_handed", "cases")
    op.drop_column("cases", "is_handover_new")
    op.drop_column("cases", "handed_by_id")
    op.drop_column("cases", "handed_at")
