"""A desk of the version before: what its sites had sent is counted in the row of the source."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.words import DeliveryState
from desk.models import Delivery, Source
from desk.operations import schema
from tests.world import rows

pytestmark = pytest.mark.usefixtures("database")


def test_what_had_come_is_counted_and_goes_back_without_loss() -> None:
    with db.transaction() as session:
        told, silent = (rows.source(session, rows.brand(session, name)) for name in ("Told", "Silent"))
        for hours in (5, 1, 3):
            session.add(
                Delivery(
                    source_id=told.id, url="", role="push", body=b"", state=DeliveryState.READ,
                    received_at=rows.NOON - timedelta(hours=hours),
                )
            )  # fmt: skip
        ids = told.id, silent.id
    schema.downgrade("0024")
    schema.upgrade()
    with db.snapshot() as session:
        kept = [session.get_one(Source, one) for one in ids]
        assert [(one.received_count, one.received_at) for one in kept] == [
            (3, rows.NOON - timedelta(hours=1)),
            (0, None),
        ]
        assert session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 3
