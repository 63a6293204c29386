"""A case that is snoozed, or whose answer nobody can read yet, is on hold. What waits for an answer is unanswered."""

from alembic import op

from desk.migrations.renames import rename_word

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STATUS = ("open", "taken", "{}", "answered", "reopened", "closed")
STAGE = ("1_unanswered", "{}", "3_answered", "4_closed")


def upgrade() -> None:
    _rename("waiting", "on_hold")


def downgrade() -> None:
    _rename("on_hold", "waiting")


def _rename(old: str, new: str) -> None:
    stages = f"2_{old}", f"2_{new}"
    rename_word("cases", "status", "ck_cases_status", old, new, [word.format(new) for word in STATUS])
    rename_word("cases", "stage", "ck_cases_stage", *stages, [word.format(stages[1]) for word in STAGE])
    # A step that can be undone holds the status and the stage from before it.
    before = (
        f"""replace(replace(CAST(before AS TEXT), '"{old}"', '"{new}"'), '"{stages[0]}"', '"{stages[1]}"')"""
    )
    op.execute(f"UPDATE undo_steps SET before = CAST({before} AS {_json()})")  # noqa: S608 -- words of this file


def _json() -> str:
    return "TEXT" if op.get_context().dialect.name == "sqlite" else "JSON"
