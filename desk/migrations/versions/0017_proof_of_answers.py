"""Each answer has a reference of ours, the same in every try, and says what it is known to stand there by.

Rows of before: each gets a reference; what was sent was sent once; what a look has seen, a stranger has seen.
"""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import is_sqlite
from desk.migrations.renames import change_words

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None

WORDS = (
    "draft", "approved", "sending", "pending", "published", "verified", "rejected", "vanished", "cannot_tell",
    "failed", "unknown", "discarded",
)  # fmt: skip
NEW_WORDS = (
    "draft", "approved", "sending", "pending", "published", "accepted", "verified", "rejected", "bounced",
    "vanished", "cannot_tell", "failed", "unknown", "replaced", "discarded",
)  # fmt: skip
PROBLEMS = "state IN ('failed', 'unknown', 'rejected', 'vanished', 'cannot_tell')"
NEW_PROBLEMS = "state IN ('failed', 'unknown', 'rejected', 'bounced', 'vanished', 'cannot_tell')"


def upgrade() -> None:
    # Columns that may be empty are added at once, however many millions of rows there are.
    op.add_column("mentions", sa.Column("answer_proof", sa.String(16)))
    op.add_column("revisions", sa.Column("answer_proof", sa.String(16)))
    op.add_column("replies", sa.Column("reference", sa.String(64), nullable=False, server_default=""))
    op.add_column("replies", sa.Column("sends", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "ALTER TABLE replies ADD COLUMN proof VARCHAR(32)"
        " CONSTRAINT ck_replies_proof CHECK (proof IN ('stranger', 'account', 'receipt'))"
    )
    made = "lower(hex(randomblob(16)))" if is_sqlite() else "md5(random()::text || clock_timestamp() || id)"
    op.execute(
        f"UPDATE replies SET reference = {made},"  # noqa: S608 -- our own words
        " sends = CASE WHEN sending_at IS NULL THEN 0 ELSE 1 END,"
        " proof = CASE WHEN verified_at IS NOT NULL AND state IN ('verified', 'vanished') THEN 'stranger' END"
    )
    op.create_index("ix_replies_reference", "replies", ["reference"], unique=True)
    change_words("replies", "ck_replies_state", "state", WORDS, NEW_WORDS)
    _index_problems(NEW_PROBLEMS)


def downgrade() -> None:
    # An older version looks for what nobody can see; what came back it calls rejected, which leads to the same steps.
    op.execute("UPDATE replies SET state = 'rejected', error_kind = 'rejected' WHERE state = 'bounced'")
    op.execute("UPDATE replies SET state = 'published' WHERE state = 'accepted'")
    op.execute("UPDATE replies SET state = 'discarded' WHERE state = 'replaced'")
    change_words("replies", "ck_replies_state", "state", NEW_WORDS, WORDS)
    _index_problems(PROBLEMS)
    op.drop_index("ix_replies_reference", "replies")
    for table, column in (
        ("replies", "proof"),
        ("replies", "sends"),
        ("replies", "reference"),
        ("revisions", "answer_proof"),
        ("mentions", "answer_proof"),
    ):
        op.drop_column(table, column)


def _index_problems(problems: str) -> None:
    op.drop_index("ix_replies_problems", "replies")
    is_problem = sa.text(problems)
    op.create_index(
        "ix_replies_problems", "replies", ["case_id"], sqlite_where=is_problem, postgresql_where=is_problem
    )
