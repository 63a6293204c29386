"""An answer that the site has can be corrected or taken back there; what was taken back is withdrawn."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to, word
from desk.migrations.renames import change_words

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

WORDS = (
    "draft", "approved", "sending", "pending", "published", "accepted", "verified", "rejected", "bounced",
    "vanished", "cannot_tell", "failed", "unknown", "replaced", "discarded",
)  # fmt: skip
NEW_WORDS = (
    "draft", "approved", "sending", "pending", "published", "accepted", "verified", "rejected", "bounced",
    "withdrawn", "vanished", "cannot_tell", "failed", "unknown", "replaced", "discarded",
)  # fmt: skip
STATES = (
    "asked", "approved", "sending", "taken", "seen", "not_seen", "failed", "unknown", "discarded",
)  # fmt: skip
UNFINISHED = "state IN ('asked', 'approved', 'sending', 'unknown', 'taken')"


def upgrade() -> None:
    op.create_table(
        "reply_changes",
        key(),
        to("replies.id", "reply_id", ondelete="CASCADE", nullable=False),
        word("kind", ("correct", "withdraw"), nullable=False),
        word("state", STATES, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        to("users.id", "user_id", nullable=False),
        to("users.id", "approver_id"),
        sa.Column("error_kind", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        *(
            sa.Column(name, MOMENT)
            for name in ("approved_at", "sending_at", "done_at", "seen_at", "next_look_at")
        ),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
    )
    is_unfinished = sa.text(UNFINISHED)
    op.create_index("ix_reply_changes_reply", "reply_changes", ["reply_id", "id"])
    op.create_index(
        "ix_reply_changes_unfinished",
        "reply_changes",
        ["state", "id"],
        sqlite_where=is_unfinished,
        postgresql_where=is_unfinished,
    )
    change_words("replies", "ck_replies_state", "state", WORDS, NEW_WORDS)


def downgrade() -> None:
    # An older version knows an answer that is not there any more as one that has vanished.
    op.execute("UPDATE replies SET state = 'vanished', error_kind = 'vanished' WHERE state = 'withdrawn'")
    change_words("replies", "ck_replies_state", "state", NEW_WORDS, WORDS)
    op.drop_table("reply_changes")
