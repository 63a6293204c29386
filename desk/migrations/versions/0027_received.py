"""A source knows when its site last sent something and how much has come: what was sent is deleted in time."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OF_DELIVERIES = "(SELECT {what} FROM deliveries WHERE deliveries.source_id = sources.id)"


def upgrade() -> None:
    op.add_column("sources", sa.Column("received_at", MOMENT))
    op.add_column("sources", sa.Column("received_count", sa.Integer, nullable=False, server_default="0"))
    newest, count = (OF_DELIVERIES.format(what=what) for what in ("max(received_at)", "count(*)"))
    op.execute(f"UPDATE sources SET received_at = {newest}, received_count = {count}")  # noqa: S608 -- words of this file


def downgrade() -> None:
    op.drop_column("sources", "received_count")
    op.drop_column("sources", "received_at")
