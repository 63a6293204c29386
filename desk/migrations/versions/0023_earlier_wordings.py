"""How a mention read before an edit is an earlier wording. A revision is one of the model alone."""

from desk.migrations.renames import rename_column, rename_constraint, rename_index, rename_table

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OLD, NEW = "revisions", "earlier_wordings"
SIGNED = ("verdicts", "rejudgings", "judge_revisions")
UNIQUE = "uq_judge_revisions_revision", "uq_judge_revisions_model_revision"


def upgrade() -> None:
    _rename_wordings(OLD, NEW)
    for table in SIGNED:
        rename_column(table, "revision", "model_revision")
    rename_constraint("judge_revisions", *UNIQUE)


def downgrade() -> None:
    rename_constraint("judge_revisions", *reversed(UNIQUE))
    for table in SIGNED:
        rename_column(table, "model_revision", "revision")
    _rename_wordings(NEW, OLD)


def _rename_wordings(old: str, new: str) -> None:
    rename_table(old, new)
    rename_constraint(new, f"pk_{old}", f"pk_{new}")
    rename_constraint(new, f"fk_{old}_mention_id", f"fk_{new}_mention_id")
    rename_index(f"ix_{old}_mention_id", f"ix_{new}_mention_id", new, ["mention_id"])
    rename_index(
        f"ix_{old}_answered", f"ix_{new}_answered", new, ["mention_id", "id"], where="answered_at IS NOT NULL"
    )
