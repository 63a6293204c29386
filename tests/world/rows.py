"""Rows written straight into the tables, for tests of the read side: every value can be said, none has to be."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.words import STAGE_OF, CaseStatus, Intent, MentionState, Sentiment, Urgency
from desk.models import Author, Brand, Calendar, Case, Mention, Source, Team, User

NOON = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
numbers = itertools.count(1)


def team(session: Session, key: str = "service") -> Team:
    return session.scalars(sa.select(Team).where(Team.key == key)).one()


def brand(session: Session, name: str = "Заря", **facts: Any) -> Brand:
    calendar = Calendar(
        name=name, time_zone="Europe/Moscow", hours={"0": [["09:00", "21:00"]]}, exceptions={}
    )
    row = Brand(
        **{"name": name, "words": [], "own_names": [], "calendar": calendar, "created_at": NOON} | facts
    )
    session.add(row)
    session.flush()
    return row


def source(session: Session, of: Brand, **facts: Any) -> Source:
    number = next(numbers)
    row = Source(
        **{
            "brand_id": of.id, "kind": "schema_org", "url": f"http://shop.example/{number}", "title": f"Shop {number}",
            "settings": {}, "cursor": {}, "interval_seconds": 900, "created_at": NOON, "next_crawl_at": NOON,
        } | facts
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def user(session: Session, name: str = "Игорь Павлов", **facts: Any) -> User:
    number = next(numbers)
    row = User(
        **{
            "email": f"person{number}@example.com", "name": name, "fs_uniquifier": f"u{number}", "preferences": {},
            "created_at": NOON,
        } | facts
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def author(session: Session, name: str = "Анна К.") -> Author:
    row = Author(site="shop.example", external_id=f"a{next(numbers)}", name=name)
    session.add(row)
    session.flush()
    return row


def mention(session: Session, of: Source, **facts: Any) -> Mention:
    """A judged complaint, published an hour before NOON, that nobody has answered."""
    number = next(numbers)
    published_at = facts.get("published_at", NOON - timedelta(hours=1))
    row = Mention(
        **{
            "source_id": of.id, "brand_id": of.brand_id, "external_id": f"m{number}", "kind": "review",
            "url": f"http://shop.example/{number}", "title": "", "text": f"Заказ {number} везли три недели.",
            "language": "ru", "thread": f"t{number}", "thread_title": "Кофеварка", "published_at": published_at,
            "collected_at": published_at + timedelta(minutes=5), "content_hash": f"h{number}",
            "state": MentionState.JUDGED, "sentiment": Sentiment.NEGATIVE, "intent": Intent.COMPLAINT,
            "urgency": Urgency.NORMAL,
        } | facts
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def answered(
    session: Session, of: Source, after: timedelta, *, is_seen: bool = True, **facts: Any
) -> Mention:
    """A mention with a public answer `after` its publication; the business clock ran half of that."""
    published_at = facts.setdefault("published_at", NOON - timedelta(hours=1))
    return mention(
        session, of, answered_at=published_at + after,
        answer_seen_at=published_at + after + timedelta(minutes=10) if is_seen else None,
        answer_wall_seconds=int(after.total_seconds()), answer_business_seconds=int(after.total_seconds()) // 2, **facts,
    )  # fmt: skip


def case(session: Session, of: Mention, **facts: Any) -> Case:
    """An open case for that mention, due in an hour."""
    status = facts.get("status", CaseStatus.OPEN)
    row = Case(
        **{
            "brand_id": of.brand_id, "source_id": of.source_id, "mention_id": of.id, "author_id": of.author_id,
            "source_kind": session.get_one(Source, of.source_id).kind, "thread": f"t{of.id}", "author_key": f"k{of.id}",
            "team_id": team(session).id, "status": status, "stage": STAGE_OF[status], "priority": Urgency.NORMAL,
            "rule_en": "Complaints → Service", "rule_ru": "Жалобы → Сервис", "policy": "Reviews v1",
            "sentiment": of.sentiment, "intent": of.intent, "language": of.language, "opened_at": of.collected_at,
            "waits_since": of.published_at, "due_at": NOON + timedelta(hours=1), "changed_at": NOON,
        } | facts
    )  # fmt: skip
    session.add(row)
    session.flush()
    of.case_id = row.id
    session.flush()
    return row
