"""Who works here and where we listen: people, brands, sources, authors; with both teams and the four roles."""

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT, key, to, word

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TARGET = ("duration", "by_clock")
URGENCY = ("critical", "high", "normal", "low")
SOURCE_STATE = ("active", "paused", "gone")
OUTCOME = ("running", "ok", "unchanged", "partial", "failed", "interrupted")
INDEXES = (
    ("ix_rules_brand_id", "rules", ["brand_id"]),
    ("ix_sources_due", "sources", ["state", "next_crawl_at"]),
    ("ix_crawls_source_started", "crawls", ["source_id", "started_at"]),
)
TABLES = (
    "roles", "teams", "users", "users_roles", "calendars", "brands", "policies", "rules", "sources",
    "authors", "pages_seen", "crawls",
)  # fmt: skip
TEAMS = (
    {"key": "service", "name_en": "Service", "name_ru": "Сервис"},
    {"key": "marketing", "name_en": "Marketing", "name_ru": "Маркетинг"},
)
ROLES = (
    {"name": "agent", "description": "Takes cases and answers them"},
    {"name": "lead", "description": "Does what agents do, approves answers, sees to the team"},
    {"name": "analyst", "description": "Reads everything, changes nothing"},
    {"name": "admin", "description": "Manages people, brands, sources and rules"},
)


def upgrade() -> None:
    _create_people()
    _create_brands()
    _create_sources()
    _create_crawls()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    op.bulk_insert(
        sa.table("teams", sa.column("key"), sa.column("name_en"), sa.column("name_ru")), list(TEAMS)
    )
    op.bulk_insert(sa.table("roles", sa.column("name"), sa.column("description")), list(ROLES))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_people() -> None:
    op.create_table(
        "roles",
        key(),
        sa.Column("name", sa.String(80), unique=True, nullable=False),
        sa.Column("description", sa.String(255), nullable=False),
    )
    op.create_table(
        "teams",
        key(),
        sa.Column("key", sa.String(40), unique=True, nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("name_ru", sa.String(200), nullable=False),
    )
    op.create_table(
        "users",
        key(),
        sa.Column("email", sa.String(255), unique=True, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password", sa.String(255)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), unique=True, nullable=False),
        to("teams.id", "team_id"),
        sa.Column("locale", sa.String(8)),
        sa.Column("theme", sa.String(8)),
        sa.Column("preferences", sa.JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "users_roles",
        sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("role_id", sa.Integer, sa.ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
    )


def _create_brands() -> None:
    op.create_table(
        "calendars",
        key(),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("hours", sa.JSON, nullable=False),
        sa.Column("exceptions", sa.JSON, nullable=False),
        sa.Column("holidays_of", sa.String(8)),
    )
    op.create_table(
        "brands",
        key(),
        sa.Column("name", sa.String(200), unique=True, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("own_names", sa.JSON, nullable=False),
        to("calendars.id", "calendar_id", nullable=False),
        sa.Column("is_sample", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "policies",
        key(),
        to("brands.id", "brand_id", ondelete="CASCADE", nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        word("target", TARGET, nullable=False),
        sa.Column("seconds", sa.Integer),
        sa.Column("clock", sa.Time),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.UniqueConstraint("brand_id", "name", "version"),
    )
    op.create_table(
        "rules",
        key(),
        to("brands.id", "brand_id", ondelete="CASCADE", nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("name_ru", sa.String(200), nullable=False),
        sa.Column("conditions", sa.JSON, nullable=False),
        to("teams.id", "team_id"),
        word("priority", URGENCY),
        sa.Column("policy_name", sa.String(200)),
        sa.Column("is_active", sa.Boolean, nullable=False),
    )


def _create_sources() -> None:
    op.create_table(
        "sources",
        key(),
        to("brands.id", "brand_id", nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        word("state", SOURCE_STATE, nullable=False),
        sa.Column("accepts_replies", sa.Boolean, nullable=False),
        sa.Column("language", sa.String(16)),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("secrets", sa.Text),
        sa.Column("cursor", sa.JSON, nullable=False),
        sa.Column("interval_seconds", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_crawl_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("last_crawl_at", MOMENT),
        sa.Column("last_success_at", MOMENT),
        sa.Column("error_kind", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.Column("error_at", MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.UniqueConstraint("brand_id", "kind", "url"),
    )


def _create_crawls() -> None:
    op.create_table(
        "authors",
        key(),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("url", sa.String(2000)),
        sa.UniqueConstraint("place", "external_id"),
    )
    op.create_table(
        "pages_seen",
        key(),
        to("sources.id", "source_id", ondelete="CASCADE", nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("etag", sa.String(500)),
        sa.Column("last_modified", sa.String(100)),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.UniqueConstraint("source_id", "url"),
    )
    op.create_table(
        "crawls",
        key(),
        to("sources.id", "source_id", ondelete="CASCADE", nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        word("outcome", OUTCOME, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("items", sa.Integer, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("edited", sa.Integer, nullable=False),
        sa.Column("error_kind", sa.String(40)),
        sa.Column("error", sa.Text),
        sa.Column("remarks", sa.JSON, nullable=False),
    )
