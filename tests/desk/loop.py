"""A small world for the tests of the loop: a brand, a source, people, and one sentence for each step."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from channels.contract import AuthorSeen, Sighting
from desk.base import db
from desk.base.words import Intent, Sentiment, Urgency
from desk.models import Case, Journal, Mention, Reply, User
from desk.people import users
from desk.pipeline import arrivals, brand_setup, triage
from desk.replies import approvals, conflicts, drafts, sending
from desk.replies.outgoing import Outgoing
from desk.sources import sources


@dataclass
class World:
    now: datetime
    source_id: int
    users: dict[str, int]

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def crawl(self, *sightings: Sighting) -> arrivals.Recorded:
        with db.transaction() as session:
            return arrivals.record(session, sources.load(session, self.source_id), sightings, self.now)

    def judge_all(
        self, intent: Intent = Intent.COMPLAINT, urgency: Urgency = Urgency.NORMAL, **more: Any
    ) -> int:
        judgement = triage.Judgement(
            "en",
            Sentiment.NEGATIVE,
            intent,
            urgency,
            0.9,
            0.9,
            0.9,
            0.9,
            backend="test",
            model_revision="1",
            **more,
        )
        with db.transaction() as session:
            waiting = triage.claim(session, self.now, 100)
        for item in waiting:
            with db.transaction() as session:
                triage.judge(session, item.mention_id, judgement, self.now, wording=item.wording)
        return len(waiting)

    def complain(self, text: str = "It broke.") -> "World":
        self.crawl(said("m1", text, self.now))
        self.judge_all()
        return self

    def user(self, session: db.Session, name: str) -> User:
        return session.get_one(User, self.users[name])

    def case(self) -> Case:
        with db.snapshot() as session:
            return session.scalars(sa.select(Case).options(sa.orm.joinedload(Case.team))).one()

    def cases(self) -> list[Case]:
        with db.snapshot() as session:
            return list(session.scalars(sa.select(Case).order_by(Case.id)))

    def mention(self, external_id: str) -> Mention:
        with db.snapshot() as session:
            return session.scalars(sa.select(Mention).where(Mention.external_id == external_id)).one()

    def reply(self) -> Reply:
        with db.snapshot() as session:
            return session.scalars(sa.select(Reply).order_by(Reply.id.desc())).first()  # type: ignore[return-value]

    def events(self) -> list[str]:
        with db.snapshot() as session:
            return list(session.scalars(sa.select(Journal.event).order_by(Journal.id)))

    def draft(self, text: str = "We are sorry. Fixed today.", who: str = "igor") -> int:
        with db.transaction() as session:
            case = session.scalars(sa.select(Case)).one()
            draft = drafts.save_draft(
                session,
                case.id,
                self.user(session, who),
                text,
                conflicts.newest_in_thread(session, case),
                self.now,
            )
            assert draft is not None
            return draft.id

    def approve(self, reply_id: int, who: str = "igor", **more: Any) -> None:
        with db.transaction() as session:
            approvals.approve(session, reply_id, self.user(session, who), self.now, **more)

    def begin(self, reply_id: int) -> Outgoing | None:
        with db.transaction() as session:
            return sending.begin(session, reply_id, self.now)

    def published(self, reply_id: int, external_id: str = "answer-1", is_pending: bool = False) -> None:
        with db.transaction() as session:
            sending.taken(
                session, reply_id, external_id=external_id, url="https://shop.example/a",
                state="held" if is_pending else "public",
                at=None, now=self.now,
            )  # fmt: skip

    def answer(self, text: str = "We are sorry. Fixed today.") -> int:
        reply_id = self.draft(text)
        self.approve(reply_id)
        assert self.begin(reply_id) is not None
        self.published(reply_id)
        return reply_id


def act(world: World, step: Any, who: str = "igor", *more: Any, **named: Any) -> Any:
    """A step of that person for the first case."""
    with db.transaction() as session:
        return step(session, world.cases()[0].id, world.user(session, who), *more, now=world.now, **named)


def write(step: Any, reply_id: int, now: datetime, **facts: Any) -> Any:
    """What a worker writes down of an answer."""
    with db.transaction() as session:
        return step(session, reply_id, now=now, **facts)


def build(now: datetime) -> World:
    with db.transaction() as session:
        brand = brand_setup.create(
            session, "Acme", own_names=["Acme Care"], time_zone="Europe/Moscow", now=now
        )
        source = sources.add(
            session, brand, "rss", "https://shop.example/feed", title="Shop", now=now - timedelta(days=30)
        )
        made = {
            name: users.add(session, f"{name}@acme.example", name, "x", [role], team, now).id
            for name, role, team in (
                ("igor", "agent", "service"),
                ("maria", "agent", "marketing"),
                ("anna", "lead", None),
                ("boris", "analyst", None),
            )
        }
        return World(now, source.id, made)


def said(external_id: str, text: str, at: datetime, author: str = "Anna K.", **more: Any) -> Sighting:
    values: dict[str, Any] = {"thread": "t1", "kind": "comment"} | more
    return Sighting(
        external_id,
        f"https://shop.example/{external_id}",
        text,
        author=AuthorSeen(author),
        published_at=at,
        **values,
    )


def ours(external_id: str, text: str, at: datetime, **more: Any) -> Sighting:
    return said(external_id, text, at, author="Acme Care", **more)
