"""What the judge has been: the models that came with the program and what they learned from the desk."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to, word

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATE = ("shipped", "asked", "adopted", "refused")


def upgrade() -> None:
    op.create_table(
        "judge_revisions",
        key(),
        word("state", STATE, nullable=False),
        sa.Column("revision", sa.String(80), unique=True),
        sa.Column("base", sa.String(80), nullable=False),
        sa.Column("backend", sa.String(80), nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("adaptation", sa.LargeBinary),
        sa.Column("seen_verdict_id", sa.Integer, nullable=False),
        to("users.id", "user_id"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("made_at", MOMENT),
        sa.Column("active_since", MOMENT),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
    )
    # Corrections are few among millions of verdicts, and the page of the judge counts them.
    is_human = sa.text("\"by\" = 'human'")
    op.create_index(
        "ix_verdicts_human",
        "verdicts",
        ["mention_id", "id"],
        sqlite_where=is_human,
        postgresql_where=is_human,
    )


def downgrade() -> None:
    op.drop_index("ix_verdicts_human", "verdicts")
    op.drop_table("judge_revisions")
