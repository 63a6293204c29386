"""How a source arrives (crawled, pushed, imported) is a column, so that no rule asks for the name of a channel."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both databases add it at once, without writing the rows anew.
    op.execute(
        "ALTER TABLE sources ADD COLUMN arrives VARCHAR(32) DEFAULT 'crawl' NOT NULL "
        "CONSTRAINT ck_sources_arrives CHECK (arrives IN ('crawl', 'push', 'import'))"
    )
    op.execute("UPDATE sources SET arrives = 'import' WHERE kind = 'file'")


def downgrade() -> None:
    op.execute("ALTER TABLE sources DROP COLUMN arrives")
