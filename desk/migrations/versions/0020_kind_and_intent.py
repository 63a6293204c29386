"""`kind` is what a mention is (a review, a comment), as channels say it; `intent` is what its author wants."""

from desk.migrations.renames import rename_column, rename_constraint, rename_index, rename_keys

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TAGGED = ("mentions", "cases", "verdicts")
LISTED = ["published_at", "id"]
# Where a tag is named in JSON: conditions of rules, facts of the journal, steps that can be undone, figures of trainings.
NAMED = (
    ("rules", "conditions", "true"),
    ("journal", "facts", "event IN ('judged_by_person', 'judged_again')"),
    ("undo_steps", "before", "true"),
    ("judge_revisions", "figures", "true"),
)
NAMES = {"kind": "intent", "was_kind": "was_intent"}


def upgrade() -> None:
    for table in TAGGED:
        rename_column(table, "kind", "intent")
        rename_constraint(table, f"ck_{table}_kind", f"ck_{table}_intent")
    rename_column("verdicts", "kind_probability", "intent_probability")
    rename_index("ix_mentions_kind", "ix_mentions_intent", "mentions", ["intent", *LISTED])
    rename_column("mentions", "form", "kind")
    for table, column, where in NAMED:
        rename_keys(table, column, NAMES, where=where)


def downgrade() -> None:
    for table, column, where in NAMED:
        rename_keys(table, column, {new: old for old, new in NAMES.items()}, where=where)
    rename_column("mentions", "kind", "form")
    rename_index("ix_mentions_intent", "ix_mentions_kind", "mentions", ["intent", *LISTED])
    rename_column("verdicts", "intent_probability", "kind_probability")
    for table in TAGGED:
        rename_column(table, "intent", "kind")
        rename_constraint(table, f"ck_{table}_intent", f"ck_{table}_kind")
