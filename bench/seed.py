"""Fills an empty, migrated database with a desk that has been at work for a year. For benchmarks only.

The brands, sources and people are those of the tests (tests/world/rows.py). What there are a million of is written batch by
batch past the models, because an object for each would fill the memory."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.texts import text
from desk.base import db
from desk.base.words import (
    STAGE_OF,
    CaseStatus,
    CloseReason,
    Intent,
    MentionState,
    ReplyState,
    Sentiment,
    Urgency,
)
from desk.mentions import search
from desk.models import (
    Author,
    Base,
    Calendar,
    Case,
    Journal,
    Mention,
    Reply,
    Source,
    Team,
    Verdict,
)
from desk.operations import schema
from tests.world import rows

CHANNELS = ("schema_org", "rss", "wordpress", "vk")
BATCH = 2_000
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
SENTIMENT = {"complaint": Sentiment.NEGATIVE, "question": Sentiment.NEUTRAL, "praise": Sentiment.POSITIVE}
EN_OF_INTENT = {"complaint": "Complaints → Service", "question": "Questions → Service"}


@dataclass(frozen=True)
class Plan:
    """How much: `open_cases` of the mentions wait for an answer, the other complaints and questions have one."""

    mentions: int = 100_000
    open_cases: int = 20_000
    days: int = 365
    seed: int = 7


@dataclass(frozen=True)
class House:
    """Who was there before the first mention; `kinds` are those of the sources."""

    sources: Sequence[Source]
    kinds: dict[int, str]
    team_ids: Sequence[int]
    user_ids: Sequence[int]


def fill(
    session: Session, plan: Plan, now: datetime = NOW, *, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Everything that the pages and the numbers read, full text included. Needs empty tables. Written batch by batch,
    so that a desk of any size takes the memory of one batch."""
    random = Random(plan.seed)
    house = _house(session, now)
    _insert(session, Author, _authors(random, plan))
    _look_around(session)
    asked = sum(intent != "praise" for intent in _intents(plan))
    mentions = zip(_intents(plan), range(1, plan.mentions + 1), strict=True)
    rows = (_mention(random, number, intent, plan, house.sources, now) for intent, number in mentions)
    cases, next_case = _chosen(random, min(plan.open_cases, asked), asked), count(1)
    for batch in _batches(rows):
        _write(session, random, house, batch, cases, next_case, now)
        if batch[0]["id"] == 1:
            _look_around(session)
        progress(len(batch))
    _renumber(session)


def _write(
    session: Session,
    random: Random,
    house: House,
    batch: list[dict[str, Any]],
    is_open: Iterator[bool],
    numbers: Iterator[int],
    now: datetime,
) -> None:
    cases = [
        _case_of(random, next(numbers), row, next(is_open), house, now)
        for row in batch
        if row["intent"] is not Intent.PRAISE
    ]
    # A mention names its case and the case its mention, so one of the two is told afterwards.
    _insert(session, Mention, batch)
    _insert(session, Case, cases)
    if cases:
        _link(session, cases[0]["id"], cases[-1]["id"])
    _insert(session, Verdict, map(_verdict, batch))
    _insert(session, Reply, _replies(random, cases))
    _insert(session, Journal, _journal(cases))
    search.index(session, [row["id"] for row in batch])


def _intents(plan: Plan) -> Iterator[str]:
    """The same each time, of a random of its own: how many of them ask for an answer is needed before the first row."""
    random = Random(plan.seed)
    return (random.choices(("complaint", "question", "praise"), (5, 2, 3))[0] for _ in range(plan.mentions))


def _chosen(random: Random, wanted: int, among: int) -> Iterator[bool]:
    """One after the other, so that in the end just so many are chosen and each was as likely as any."""
    for left in range(among, 0, -1):
        is_chosen = random.random() * left < wanted
        wanted -= is_chosen
        yield is_chosen


def _authors(random: Random, plan: Plan) -> Iterator[dict[str, Any]]:
    for number in range(1, plan.mentions // 3 + 2):
        name = _name(random)
        yield {"id": number, "site": "bench.example", "external_id": str(number), "name": name}


def _house(session: Session, now: datetime) -> House:
    hours = {str(day): [["09:00", "21:00"]] for day in range(7)}
    calendar = Calendar(name="Bench", time_zone="Europe/Moscow", hours=hours, exceptions={})
    brands = [rows.brand(session, name, calendar=calendar, created_at=now) for name in ("Заря", "Rowan")]
    team_ids = list(session.scalars(sa.select(Team.id)))
    people = [rows.user(session, f"Agent {i}", team_id=team_ids[i % 2], created_at=now) for i in range(12)]
    sources = [
        rows.source(
            session, brand, kind=kind, url=f"http://bench.example/{brand.id}/{kind}/{part}",
            title=f"{kind} {part}", created_at=now, next_crawl_at=now, accepts_replies=kind != "rss",
        )
        for brand in brands
        for kind in CHANNELS
        for part in range(2)
    ]  # fmt: skip
    kinds = {source.id: source.kind for source in sources}
    return House(sources, kinds, team_ids, [user.id for user in people])


def _name(random: Random) -> str:
    first = random.choice(("Анна", "Пётр", "Ольга", "Ильдар", "Mary", "John", "Зоя", "Семён", "Ada", "Tom"))
    return f"{first} {random.choice('АБВГДЕКЛМНОПРСТ')}."


def _mention(
    random: Random, number: int, intent: str, plan: Plan, sources: Sequence[Source], now: datetime
) -> dict[str, Any]:
    source = random.choice(sources)
    language = random.choices(("ru", "en"), (7, 3))[0]
    published_at = now - timedelta(
        days=plan.days * (plan.mentions - number) / plan.mentions, seconds=random.randrange(3600)
    )
    return {
        "id": number, "source_id": source.id, "brand_id": source.brand_id, "author_id": 1 + random.randrange(plan.mentions // 3 + 1),
        "external_id": f"seed-{number}", "url": f"http://bench.example/m/{number}", "kind": "review", "title": "",
        "text": text(random, language, intent), "rating": {"complaint": 1.0, "praise": 5.0}.get(intent), "language": language,
        "thread": f"seed-{number // 3}", "thread_title": "Кофеварка «Заря»", "published_at": published_at,
        "is_date_known": True, "collected_at": published_at + timedelta(minutes=9), "content_hash": f"{number:064d}",
        "edit_count": 0, "is_own": False, "state": MentionState.JUDGED, "sentiment": SENTIMENT[intent],
        "intent": Intent(intent), "urgency": random.choice(list(Urgency)), "is_uncertain": random.random() < 0.1,
        "answered_at": None, "answer_seen_at": None, "answer_wall_seconds": None, "answer_business_seconds": None,
    }  # fmt: skip


def _case_of(
    random: Random, number: int, row: dict[str, Any], is_open: bool, house: House, now: datetime
) -> dict[str, Any]:
    """One case for each complaint and question. The open ones are spread over all ages, as they are in life."""
    status = _status(random) if is_open else random.choice((CaseStatus.ANSWERED, CaseStatus.CLOSED))
    case = _case(random, number, row, status, house)
    if not is_open:
        _answer(random, row, case, now)
    case["is_met"] = case["is_met"] if case["answered_at"] else (False if case["due_at"] < now else None)
    return case


def _status(random: Random) -> CaseStatus:
    words = (CaseStatus.OPEN, CaseStatus.TAKEN, CaseStatus.REOPENED, CaseStatus.ON_HOLD)
    return random.choices(words, (80, 12, 3, 5))[0]


def _case(
    random: Random,
    number: int,
    row: dict[str, Any],
    status: CaseStatus,
    house: House,
) -> dict[str, Any]:
    opened_at = row["collected_at"]
    return {
        "id": number, "brand_id": row["brand_id"], "source_id": row["source_id"], "source_kind": house.kinds[row["source_id"]],
        "mention_id": row["id"], "author_id": row["author_id"], "thread": row["thread"], "author_key": f"a{number}",
        "team_id": random.choice(house.team_ids), "assignee_id": None if status is CaseStatus.OPEN else random.choice(house.user_ids),
        "status": status, "stage": STAGE_OF[status], "priority": row["urgency"], "rule_en": EN_OF_INTENT[row["intent"]],
        "rule_ru": "Жалобы → Сервис", "policy": "Reviews v1", "sentiment": row["sentiment"], "intent": row["intent"],
        "language": row["language"], "is_uncertain": row["is_uncertain"], "message_count": 1, "opened_at": opened_at,
        "waits_since": row["published_at"], "due_at": row["published_at"] + timedelta(hours=random.randrange(4, 72)),
        "taken_at": None, "answered_at": None, "closed_at": None, "close_reason": None, "snoozed_until": None,
        "reopened_count": 0, "first_answer_at": None, "is_met": None, "version": 1, "changed_at": opened_at,
    }  # fmt: skip


def _answer(random: Random, row: dict[str, Any], case: dict[str, Any], now: datetime) -> None:
    seconds = int(min(random.lognormvariate(9.5, 1.4), (now - row["published_at"]).total_seconds()))
    at = row["published_at"] + timedelta(seconds=seconds)
    row |= {"answered_at": at, "answer_seen_at": at if random.random() < 0.97 else None}
    row |= {"answer_wall_seconds": seconds, "answer_business_seconds": seconds // 2}
    case |= {"answered_at": at, "first_answer_at": at, "is_met": at <= case["due_at"], "changed_at": at}
    if case["status"] is CaseStatus.CLOSED:
        case |= {"closed_at": at, "close_reason": CloseReason.ANSWERED}


def _verdict(row: dict[str, Any]) -> dict[str, Any]:
    words = {name: row[name] for name in ("language", "sentiment", "intent", "urgency", "is_uncertain")}
    return {
        "mention_id": row["id"],
        "by": "model",
        "backend": "bench",
        "model_revision": "1",
        "made_at": row["collected_at"],
    } | words


def _replies(random: Random, cases: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for case in cases:
        if case["answered_at"] or case["id"] % 500 == 0:
            state = ReplyState.VERIFIED if case["answered_at"] else ReplyState.FAILED
            yield {
                "case_id": case["id"], "source_id": case["source_id"], "mention_id": case["mention_id"], "origin": "otklik",
                "user_id": case["assignee_id"], "state": state, "text": text(random, "ru", "praise"), "thread_seen": 1,
                "closes_case": False, "is_review_asked": False, "created_at": case["changed_at"],
                "changed_at": case["changed_at"], "published_at": case["answered_at"], "looks": 1,
                "external_id": f"r{case['id']}" if case["answered_at"] else None,
            }  # fmt: skip


def _journal(cases: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for case in cases:
        for event in ("opened", "answered") if case["answered_at"] else ("opened",):
            yield {
                "at": case["changed_at"],
                "event": event,
                "brand_id": case["brand_id"],
                "case_id": case["id"],
                "facts": {},
            }


def _insert(session: Session, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    for batch in _batches(rows):
        session.execute(sa.insert(model.__table__), batch)  # type: ignore[arg-type]


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _link(session: Session, first_case: int, last_case: int) -> None:
    known = sa.update(Mention).where(
        Case.mention_id == Mention.id, Case.id >= first_case, Case.id <= last_case
    )
    session.execute(known.values(case_id=Case.id).execution_options(synchronize_session=False))


def _renumber(session: Session) -> None:
    """PostgreSQL's counters do not notice ids that were given."""
    if session.get_bind().dialect.name == "postgresql":
        for table in ("authors", "mentions", "cases"):
            session.execute(
                sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
            )
    _look_around(session)


def _look_around(session: Session) -> None:
    """Within one transaction nobody else tells PostgreSQL that its tables have grown."""
    session.execute(sa.text("ANALYZE"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentions", type=int, default=Plan.mentions)
    parser.add_argument("--open-cases", type=int, default=Plan.open_cases)
    asked = parser.parse_args()
    schema.upgrade()
    with db.transaction() as session:
        fill(session, Plan(asked.mentions, asked.open_cases))


if __name__ == "__main__":
    main()
