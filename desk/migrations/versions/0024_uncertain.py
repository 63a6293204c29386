"""A mention of whose tags the model is not sure is uncertain: it needs review. A look is one at the public page."""

from desk.migrations.renames import rename_column, rename_index, rename_keys

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TAGGED = ("mentions", "cases", "verdicts")
NAMED = (
    ("rules", "conditions", "true"),
    ("journal", "facts", "event = 'judged_again'"),
    ("undo_steps", "before", "true"),
)
OLD, NEW = "needs_look", "is_uncertain"
INDEX = "ix_mentions_look", "ix_mentions_uncertain"
LISTED = ["published_at", "id"]


def upgrade() -> None:
    _rename(OLD, NEW)
    rename_index(INDEX[0], INDEX[1], "mentions", LISTED, where=NEW)


def downgrade() -> None:
    _rename(NEW, OLD)
    rename_index(INDEX[1], INDEX[0], "mentions", LISTED, where=OLD)


def _rename(old: str, new: str) -> None:
    for table in TAGGED:
        rename_column(table, old, new)
    for table, column, where in NAMED:
        rename_keys(table, column, {old: new, f"was_{old}": f"was_{new}"}, where=where)
