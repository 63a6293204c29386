"""An author is known at a site; `place` is left to the contract of channels."""

from desk.migrations.renames import rename_column, rename_constraint

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OLD, NEW = "uq_authors_place_external_id", "uq_authors_site_external_id"


def upgrade() -> None:
    rename_column("authors", "place", "site")
    rename_constraint("authors", OLD, NEW)


def downgrade() -> None:
    rename_column("authors", "site", "place")
    rename_constraint("authors", NEW, OLD)
