"""Judging again: the rounds and their ranges. And whether a mention insults people, which verdicts now say."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COUNTS = ("passed", "judged", "changed", "opened")


def upgrade() -> None:
    # Columns that may be empty are added at once, however many millions of rows there are.
    op.add_column("verdicts", sa.Column("is_abusive", sa.Boolean))
    op.add_column("verdicts", sa.Column("abuse_probability", sa.Double))
    op.add_column("mentions", sa.Column("is_abusive", sa.Boolean))
    is_abusive = sa.text("is_abusive")
    op.create_index(
        "ix_mentions_abusive",
        "mentions",
        ["published_at", "id"],
        sqlite_where=is_abusive,
        postgresql_where=is_abusive,
    )
    _create_rounds()
    _create_ranges()


def downgrade() -> None:
    op.drop_table("rejudging_ranges")
    op.drop_table("rejudgings")
    op.drop_index("ix_mentions_abusive", "mentions")
    op.drop_column("mentions", "is_abusive")
    op.drop_column("verdicts", "abuse_probability")
    op.drop_column("verdicts", "is_abusive")


def _create_rounds() -> None:
    op.create_table(
        "rejudgings",
        key(),
        to("users.id", "user_id"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("only_open", sa.Boolean, nullable=False),
        sa.Column("since", MOMENT),
        sa.Column("backend", sa.String(80)),
        sa.Column("revision", sa.String(80)),
        sa.Column("next_id", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        *_counts(),
        sa.Column("began_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        to("rejudgings.id", "replaced_by_id"),
    )


def _create_ranges() -> None:
    op.create_table(
        "rejudging_ranges",
        key(),
        to("rejudgings.id", "rejudging_id", ondelete="CASCADE", nullable=False),
        sa.Column("next_id", sa.Integer, nullable=False),
        sa.Column("last_id", sa.Integer, nullable=False),
        sa.Column("claimed_until", MOMENT),
        *_counts(),
    )
    op.create_index("ix_rejudging_ranges_rejudging_id", "rejudging_ranges", ["rejudging_id"])


def _counts() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in COUNTS]
