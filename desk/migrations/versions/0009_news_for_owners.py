"""A sign for whoever has a case when its customer writes. Cases of people who left are free again."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from desk.migrations.columns import MOMENT

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WRITERS = ("agent", "lead", "admin")
UNANSWERED, WAITING = "1_unanswered", "2_waiting"

users = sa.table("users", sa.column("id"), sa.column("active", sa.Boolean))
roles = sa.table("roles", sa.column("id"), sa.column("name"))
users_roles = sa.table("users_roles", sa.column("user_id"), sa.column("role_id"))
cases = sa.table(
    "cases",
    *(sa.column(name) for name in ("id", "brand_id", "assignee_id", "status", "stage", "version")),
    sa.column("snoozed_until", MOMENT),
    sa.column("changed_at", MOMENT),
)
journal = sa.table(
    "journal",
    *(sa.column(name) for name in ("event", "brand_id", "case_id")),
    sa.column("at", MOMENT),
    sa.column("facts", sa.JSON),
)


def upgrade() -> None:
    op.add_column("cases", sa.Column("news_at", MOMENT))
    _free_cases_of_those_who_left(op.get_bind(), datetime.now(UTC))


def downgrade() -> None:
    op.drop_column("cases", "news_at")


def _free_cases_of_those_who_left(connection: sa.Connection, now: datetime) -> None:
    writers = (
        sa.select(users_roles.c.user_id)
        .join(roles, roles.c.id == users_roles.c.role_id)
        .where(roles.c.name.in_(WRITERS))
    )
    gone = sa.select(users.c.id).where(sa.or_(sa.not_(users.c.active), users.c.id.not_in(writers)))
    held = sa.select(cases.c.id, cases.c.brand_id, cases.c.assignee_id, cases.c.status).where(
        cases.c.stage.in_((UNANSWERED, WAITING)), cases.c.assignee_id.in_(gone)
    )
    for case in connection.execute(held).all():
        status = "open" if case.status in ("taken", "waiting") else case.status
        values = {"assignee_id": None, "status": status, "stage": UNANSWERED, "snoozed_until": None}
        changed = sa.update(cases).where(cases.c.id == case.id)
        connection.execute(changed.values(**values, version=cases.c.version + 1, changed_at=now))
        facts = {"why": "left", "whose": case.assignee_id}
        row = {"event": "released", "brand_id": case.brand_id, "case_id": case.id, "at": now, "facts": facts}
        connection.execute(sa.insert(journal).values(**row))
