"""What does not belong to a brand is kept in a folder; a source may be filtered by the brand's query; a brand may be only listened to."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

FOLDERS = "'off_topic', 'spam', 'advertisement', 'competitor'"
FILED_BY = "'query', 'rule', 'learned', 'person'"


def upgrade() -> None:
    # Both databases add these at once, without writing the rows anew.
    op.execute(
        f"ALTER TABLE mentions ADD COLUMN folder VARCHAR(32) CONSTRAINT ck_mentions_folder CHECK (folder IN ({FOLDERS}))"
    )
    op.execute(
        "ALTER TABLE mentions ADD COLUMN filed_by VARCHAR(32)"
        f" CONSTRAINT ck_mentions_filed_by CHECK (filed_by IN ({FILED_BY}))"
    )
    is_filed = sa.text("folder IS NOT NULL")
    op.create_index(
        "ix_mentions_filed",
        "mentions",
        ["published_at", "id"],
        sqlite_where=is_filed,
        postgresql_where=is_filed,
    )
    by_person = sa.text("filed_by = 'person'")
    op.create_index(
        "ix_mentions_filed_by_person",
        "mentions",
        ["brand_id", "id"],
        sqlite_where=by_person,
        postgresql_where=by_person,
    )
    op.add_column("sources", sa.Column("is_filtered", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("brands", sa.Column("is_competitor", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("brands", "is_competitor")
    op.drop_column("sources", "is_filtered")
    op.drop_index("ix_mentions_filed_by_person", "mentions")
    op.drop_index("ix_mentions_filed", "mentions")
    op.execute("ALTER TABLE mentions DROP COLUMN filed_by")
    op.execute("ALTER TABLE mentions DROP COLUMN folder")
