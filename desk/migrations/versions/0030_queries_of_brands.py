"""A brand may have a query of its own; without one its names are what is looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("brands", sa.Column("query", sa.Text))


def downgrade() -> None:
    op.drop_column("brands", "query")
