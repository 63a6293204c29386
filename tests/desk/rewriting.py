"""A review that its author rewrites, for the tests of what that means."""

from datetime import datetime

import sqlalchemy as sa

from desk.base import db
from desk.models import EarlierWording, Journal
from tests.world.desk import World, said


def review(text: str, at: datetime, rating: float | None = 3.0, **more: object):  # type: ignore[no-untyped-def]
    return said("m1", text, at, kind="review", rating=rating, **more)


def rewrite(
    world: World, text: str = "UPD: it caught fire!", rating: float | None = 1.0, **more: object
) -> None:
    world.crawl(review(text, world.mention("m1").published_at, rating, **more))


def earlier(world: World) -> EarlierWording:
    with db.snapshot() as session:
        return session.scalars(sa.select(EarlierWording).order_by(EarlierWording.id.desc())).first()  # type: ignore[return-value]


def journal(world: World, event: str) -> list[dict[str, object]]:
    with db.snapshot() as session:
        query = sa.select(Journal.facts).where(Journal.event == event)
        return list(session.scalars(query.order_by(Journal.id)))


def ask(world: World) -> World:
    """It waits for its answer since `world.now`."""
    world.crawl(review("Not bad, but it took long.", world.now))
    world.judge()
    return world
