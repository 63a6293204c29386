"""What was said and what became of it: mentions, verdicts, cases, replies, the journal."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, is_sqlite, key, to, word

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

URGENCY = ("critical", "high", "normal", "low")
MENTION_STATE = ("new", "judged")
SENTIMENT = ("negative", "neutral", "positive")
KIND = ("complaint", "question", "praise", "suggestion", "other")
STATUS = ("open", "taken", "waiting", "answered", "reopened", "closed")
STAGE = ("1_unanswered", "2_waiting", "3_answered", "4_closed")
CLOSE_REASON = ("answered", "no_answer_needed", "not_for_us", "abuse", "duplicate")
ORIGIN = ("otklik", "by_hand", "site")
REPLY_STATE = (
    "draft", "approved", "sending", "pending", "published", "verified", "vanished", "cannot_tell",
    "failed", "unknown", "discarded",
)  # fmt: skip
INDEXES = (
    ("ix_mentions_author", "mentions", ["author_id", "published_at"]),
    ("ix_mentions_case", "mentions", ["case_id"]),
    ("ix_mentions_parent", "mentions", ["source_id", "parent"]),
    ("ix_mentions_published", "mentions", ["published_at", "id"]),
    ("ix_mentions_state", "mentions", ["state", "id"]),
    ("ix_mentions_thread", "mentions", ["source_id", "thread", "published_at"]),
    ("ix_cases_assignee", "cases", ["stage", "assignee_id", "due_at", "id"]),
    ("ix_cases_mention", "cases", ["mention_id"]),
    ("ix_cases_queue", "cases", ["stage", "due_at", "id"]),
    ("ix_cases_snoozed", "cases", ["status", "snoozed_until"]),
    ("ix_cases_team", "cases", ["stage", "team_id", "due_at", "id"]),
    ("ix_revisions_mention_id", "revisions", ["mention_id"]),
    ("ix_verdicts_mention", "verdicts", ["mention_id", "id"]),
    ("ix_replies_case", "replies", ["case_id", "id"]),
    ("ix_replies_source", "replies", ["source_id", "state"]),
    ("ix_replies_state", "replies", ["state", "next_look_at"]),
    ("ix_notes_case_id", "notes", ["case_id"]),
    ("ix_journal_case", "journal", ["case_id", "id"]),
    ("ix_journal_event", "journal", ["event", "at"]),
)
TABLES = (
    "mentions", "cases", "revisions", "verdicts", "replies", "notes", "journal",
)  # fmt: skip


def upgrade() -> None:
    _create_mentions()
    _create_cases()
    _create_verdicts()
    _create_replies()
    _create_journal()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    is_problem = sa.text("state IN ('failed', 'unknown', 'vanished', 'cannot_tell')")
    op.create_index(
        "ix_replies_problems", "replies", ["case_id"], sqlite_where=is_problem, postgresql_where=is_problem
    )
    if not is_sqlite():
        op.create_foreign_key("fk_mentions_case_id", "mentions", "cases", ["case_id"], ["id"])


def downgrade() -> None:
    op.execute("UPDATE mentions SET case_id = NULL")
    if not is_sqlite():
        op.drop_constraint("fk_mentions_case_id", "mentions", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)


def _to_cases() -> list[sa.ForeignKeyConstraint]:
    # Mentions and cases point at each other. SQLite cannot add a key later but lets it name a table that is not
    # there yet; PostgreSQL is the other way round.
    return [sa.ForeignKeyConstraint(["case_id"], ["cases.id"])] if is_sqlite() else []


def _create_mentions() -> None:
    op.create_table(
        "mentions",
        key(),
        to("sources.id", "source_id", nullable=False),
        to("brands.id", "brand_id", nullable=False),
        to("authors.id", "author_id"),
        sa.Column("case_id", sa.Integer),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("form", sa.String(16), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("rating", sa.Double),
        sa.Column("language", sa.String(16)),
        sa.Column("thread", sa.String(255)),
        sa.Column("thread_title", sa.Text, nullable=False),
        sa.Column("parent", sa.String(255)),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("is_date_known", sa.Boolean, nullable=False),
        sa.Column("collected_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("revision_count", sa.Integer, nullable=False),
        sa.Column("is_own", sa.Boolean, nullable=False),
        word("state", MENTION_STATE, nullable=False),
        sa.Column("claimed_until", MOMENT),
        word("sentiment", SENTIMENT),
        word("kind", KIND),
        word("urgency", URGENCY),
        sa.Column("needs_look", sa.Boolean, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("answer_seen_at", MOMENT),
        sa.Column("answer_wall_seconds", sa.Integer),
        sa.Column("answer_business_seconds", sa.Integer),
        sa.UniqueConstraint("source_id", "external_id"),
        *_to_cases(),
    )


def _create_cases() -> None:
    op.create_table(
        "cases",
        key(),
        to("brands.id", "brand_id", nullable=False),
        to("sources.id", "source_id", nullable=False),
        sa.Column("source_kind", sa.String(40), nullable=False),
        to("mentions.id", "mention_id", nullable=False),
        to("authors.id", "author_id"),
        sa.Column("thread", sa.String(255), nullable=False),
        sa.Column("author_key", sa.String(255), nullable=False),
        to("teams.id", "team_id", nullable=False),
        to("users.id", "assignee_id"),
        word("status", STATUS, nullable=False),
        word("stage", STAGE, nullable=False),
        word("priority", URGENCY, nullable=False),
        to("rules.id", "rule_id", ondelete="SET NULL"),
        sa.Column("rule_en", sa.Text, nullable=False),
        sa.Column("rule_ru", sa.Text, nullable=False),
        sa.Column("policy", sa.String(220), nullable=False),
        word("sentiment", SENTIMENT, nullable=False),
        word("kind", KIND, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("needs_look", sa.Boolean, nullable=False),
        sa.Column("message_count", sa.Integer, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("waits_since", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT),
        sa.Column("answered_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        word("close_reason", CLOSE_REASON),
        sa.Column("snoozed_until", MOMENT),
        sa.Column("reopened_count", sa.Integer, nullable=False),
        sa.Column("first_answer_at", MOMENT),
        sa.Column("is_met", sa.Boolean),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("source_id", "thread", "author_key"),
    )


def _create_verdicts() -> None:
    op.create_table(
        "revisions",
        key(),
        to("mentions.id", "mention_id", ondelete="CASCADE", nullable=False),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("rating", sa.Double),
    )
    op.create_table(
        "verdicts",
        key(),
        to("mentions.id", "mention_id", ondelete="CASCADE", nullable=False),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("backend", sa.String(80), nullable=False),
        sa.Column("revision", sa.String(80), nullable=False),
        to("users.id", "user_id"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("language_probability", sa.Double),
        word("sentiment", SENTIMENT, nullable=False),
        sa.Column("sentiment_probability", sa.Double),
        word("kind", KIND, nullable=False),
        sa.Column("kind_probability", sa.Double),
        word("urgency", URGENCY, nullable=False),
        sa.Column("urgency_probability", sa.Double),
        sa.Column("needs_look", sa.Boolean, nullable=False),
    )


def _create_replies() -> None:
    op.create_table(
        "replies",
        key(),
        to("cases.id", "case_id", nullable=False),
        to("sources.id", "source_id", nullable=False),
        to("mentions.id", "mention_id", nullable=False),
        to("users.id", "user_id"),
        to("users.id", "approver_id"),
        word("origin", ORIGIN, nullable=False),
        word("state", REPLY_STATE, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("thread_seen", sa.Integer, nullable=False),
        sa.Column("closes_case", sa.Boolean, nullable=False),
        sa.Column("is_review_asked", sa.Boolean, nullable=False),
        sa.Column("external_id", sa.String(255)),
        sa.Column("url", sa.String(2000)),
        sa.Column("error_kind", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("sending_at", MOMENT),
        sa.Column("published_at", MOMENT),
        sa.Column("verified_at", MOMENT),
        sa.Column("next_look_at", MOMENT),
        sa.Column("looks", sa.Integer, nullable=False),
    )


def _create_journal() -> None:
    op.create_table(
        "notes",
        key(),
        to("cases.id", "case_id", ondelete="CASCADE", nullable=False),
        to("users.id", "user_id", nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
    )
    op.create_table(
        "journal",
        key(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        to("brands.id", "brand_id"),
        to("cases.id", "case_id", ondelete="CASCADE"),
        to("mentions.id", "mention_id", ondelete="CASCADE"),
        to("replies.id", "reply_id", ondelete="CASCADE"),
        to("users.id", "user_id"),
        sa.Column("facts", sa.JSON, nullable=False),
    )
