"""Answers count from when they can be read: what was handed over is told from what is public, and rejected is a state.

Rows of before: what was held or posted by hand and never seen had counted as answered. Where it is still looked for, its
case waits for that. Where the looks are used up, its case is open again. Closed cases stay closed, but no longer count
as answered, and their promise is undecided. What a moderator held and was then called vanished is no longer called so.
"""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, is_sqlite, key, to, word

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ORIGIN = ("otklik", "by_hand", "site")
STATES = (
    "draft", "approved", "sending", "pending", "published", "verified", "vanished", "cannot_tell",
    "failed", "unknown", "discarded",
)  # fmt: skip
NEW_STATES = (*STATES[:6], "rejected", *STATES[6:])
PROBLEMS = "state IN ('failed', 'unknown', 'vanished', 'cannot_tell')"
NEW_PROBLEMS = "state IN ('failed', 'unknown', 'rejected', 'vanished', 'cannot_tell')"
COLUMNS = (
    "id, case_id, source_id, mention_id, user_id, approver_id, origin, state, text, thread_seen, closes_case, "
    "is_review_asked, external_id, url, error_kind, error, created_at, changed_at, approved_at, sending_at, "
    "published_at, verified_at, next_look_at, looks"
)
# Handed over, and never seen in public.
UNSEEN = "r.published_at IS NULL AND r.accepted_at IS NOT NULL AND r.state IN ('pending', 'published', 'cannot_tell')"
# The case of an answer that was the last to be given in it.
OF_CASE = (
    "SELECT r.accepted_at FROM replies r WHERE r.case_id = cases.id AND {which}"
    " AND NOT EXISTS (SELECT 1 FROM replies l WHERE l.case_id = r.case_id AND l.id > r.id"
    " AND l.state IN ('pending', 'published', 'verified', 'cannot_tell'))"
)


def upgrade() -> None:
    # Columns that may be empty are added at once, however many millions of rows there are.
    op.add_column("cases", sa.Column("sent_at", MOMENT))
    op.add_column("mentions", sa.Column("answer_sent_at", MOMENT))
    if is_sqlite():
        _build_anew(NEW_STATES, f"{COLUMNS}, accepted_at, misses", f"{COLUMNS}, published_at, 0")
    else:
        op.add_column("replies", sa.Column("accepted_at", MOMENT))
        op.add_column("replies", sa.Column("misses", sa.Integer, nullable=False, server_default="0"))
        op.alter_column("replies", "misses", server_default=None)
        _allow(NEW_STATES)
        op.execute("UPDATE replies SET accepted_at = published_at")
    _index_problems(NEW_PROBLEMS)
    _tell_handed_over_from_public()
    _take_back_what_nobody_saw()


def downgrade() -> None:
    # A version that knows nothing of awaited answers would let their cases sleep for ever.
    op.execute(
        "UPDATE cases SET stage = '1_unanswered', status = CASE WHEN assignee_id IS NULL THEN 'open' ELSE 'taken' END"
        " WHERE sent_at IS NOT NULL AND status = 'waiting' AND snoozed_until IS NULL"
    )
    op.execute("UPDATE replies SET state = 'failed' WHERE state = 'rejected'")
    op.execute("UPDATE replies SET published_at = accepted_at WHERE published_at IS NULL")
    op.drop_index("ix_replies_problems", "replies")
    if is_sqlite():
        _build_anew(STATES, COLUMNS, COLUMNS)
    else:
        _allow(STATES)
        op.drop_column("replies", "misses")
        op.drop_column("replies", "accepted_at")
    _index_problems(PROBLEMS, is_there=False)
    op.drop_column("mentions", "answer_sent_at")
    op.drop_column("cases", "sent_at")


def _allow(states: tuple[str, ...]) -> None:
    """The words that PostgreSQL takes as a state."""
    op.drop_constraint(op.f("ck_replies_state"), "replies", type_="check")
    words = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_replies_state"), "replies", f"state IN ({words})")


def _build_anew(states: tuple[str, ...], columns: str, chosen: str) -> None:
    """SQLite cannot change which words a column takes: the table is built anew around its rows."""
    # Dropping the old table would take along the journal's rows that point at it.
    op.execute("CREATE TEMPORARY TABLE told AS SELECT id, reply_id FROM journal WHERE reply_id IS NOT NULL")
    op.execute("UPDATE journal SET reply_id = NULL WHERE reply_id IS NOT NULL")
    op.execute("CREATE TEMPORARY TABLE before AS SELECT * FROM replies")
    # Whichever there are by now; that of the problems is made anew with its new words.
    found = op.get_bind().exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'replies' AND sql IS NOT NULL"
        " AND name <> 'ix_replies_problems'"
    )
    indexes = found.scalars().all()
    op.drop_table("replies")
    _create(states, is_new="misses" in columns)
    op.execute(f"INSERT INTO replies ({columns}) SELECT {chosen} FROM before")  # noqa: S608 -- our own words
    op.execute("DROP TABLE before")
    for index in indexes:
        op.execute(index)
    op.execute("UPDATE journal SET reply_id = told.reply_id FROM told WHERE told.id = journal.id")
    op.execute("DROP TABLE told")


def _create(states: tuple[str, ...], *, is_new: bool) -> None:
    added = [sa.Column("accepted_at", MOMENT), sa.Column("misses", sa.Integer, nullable=False)]
    op.create_table(
        "replies",
        key(),
        to("cases.id", "case_id", nullable=False),
        to("sources.id", "source_id", nullable=False),
        to("mentions.id", "mention_id", nullable=False),
        to("users.id", "user_id"),
        to("users.id", "approver_id"),
        word("origin", ORIGIN, nullable=False),
        word("state", states, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("thread_seen", sa.Integer, nullable=False),
        sa.Column("closes_case", sa.Boolean, nullable=False),
        sa.Column("is_review_asked", sa.Boolean, nullable=False),
        sa.Column("external_id", sa.String(255)),
        sa.Column("url", sa.String(2000)),
        sa.Column("error_kind", sa.String(40)),
        sa.Column("error", sa.Text),
        *(sa.Column(f"{what}_at", MOMENT, nullable=False) for what in ("created", "changed")),
        *(
            sa.Column(f"{what}_at", MOMENT)
            for what in ("approved", "sending", "published", "verified", "next_look")
        ),
        sa.Column("looks", sa.Integer, nullable=False),
        *(added if is_new else ()),
    )


def _index_problems(problems: str, *, is_there: bool = True) -> None:
    # On SQLite the index went with the old table.
    if is_there and not is_sqlite():
        op.drop_index("ix_replies_problems", "replies")
    is_problem = sa.text(problems)
    op.create_index(
        "ix_replies_problems", "replies", ["case_id"], sqlite_where=is_problem, postgresql_where=is_problem
    )


def _tell_handed_over_from_public() -> None:
    never = "verified_at IS NULL AND accepted_at IS NOT NULL"
    op.execute(
        "UPDATE replies SET state = 'cannot_tell', error_kind = 'not_public', published_at = NULL"  # noqa: S608
        f" WHERE state = 'vanished' AND {never} AND id IN (SELECT reply_id FROM journal WHERE event = 'pending')"
    )
    op.execute(
        "UPDATE replies SET published_at = NULL WHERE verified_at IS NULL AND origin <> 'site' AND (state = 'pending'"
        " OR (origin = 'by_hand' AND state IN ('published', 'cannot_tell')))"
    )
    op.execute(
        "UPDATE replies SET error_kind = 'not_seen'"
        " WHERE origin = 'by_hand' AND state = 'cannot_tell' AND published_at IS NULL"
    )


def _take_back_what_nobody_saw() -> None:
    """Mentions first, for they are known by the time at which the answer had counted."""
    is_theirs = "r.case_id = mentions.case_id AND r.accepted_at = mentions.answered_at"
    unseen = f"SELECT 1 FROM replies r WHERE {is_theirs} AND {UNSEEN}"  # noqa: S608 -- our own words
    op.execute(
        "UPDATE mentions SET answer_sent_at = CASE WHEN EXISTS"  # noqa: S608
        f" ({unseen} AND r.next_look_at IS NOT NULL) THEN answered_at END, answered_at = NULL,"
        " answer_wall_seconds = NULL, answer_business_seconds = NULL"
        f" WHERE answered_at IS NOT NULL AND answer_seen_at IS NULL AND EXISTS ({unseen})"
    )
    awaited = OF_CASE.format(which=f"{UNSEEN} AND r.next_look_at IS NOT NULL")
    given_up = OF_CASE.format(which=f"{UNSEEN} AND r.next_look_at IS NULL")
    is_undecided = "first_answer_at = NULL, is_met = CASE WHEN is_met THEN NULL ELSE is_met END"
    for found, status, sent in (
        (awaited, "status = 'waiting', stage = '2_waiting', snoozed_until = NULL", f"({awaited})"),
        (given_up, "status = 'reopened', stage = '1_unanswered'", "NULL"),
    ):
        # The first answer decided the promise; where an earlier one was seen, that stays decided.
        is_first = f"first_answer_at = ({found})"
        op.execute(
            f"UPDATE cases SET {is_undecided} WHERE status IN ('answered', 'closed') AND {is_first}"  # noqa: S608
        )
        op.execute(
            f"UPDATE cases SET {status}, sent_at = {sent}, answered_at = NULL"  # noqa: S608
            f" WHERE status = 'answered' AND answered_at = ({found})"
        )
