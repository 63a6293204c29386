"""A desk for tests: a brand, its sources and people, and one sentence for each step from what somebody says to its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from channels.contract import AuthorSeen, Sighting
from desk.base import db
from desk.base.words import Intent, Sentiment, Urgency
from desk.brands import brands
from desk.models import Case, Journal, Mention, Reply, User
from desk.people import users
from desk.pipeline import arrivals, brand_setup, triage
from desk.replies import approvals, conflicts, drafts, sending
from desk.replies.outgoing import Outgoing
from desk.sources import sources

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
ACME_PEOPLE = {
    "igor": ("agent", "service"), "maria": ("agent", "marketing"), "anna": ("lead", None), "boris": ("analyst", None),
}  # fmt: skip


@dataclass(frozen=True)
class Usual:
    """What is said, judged and answered there where a test does not tell otherwise. `thread` may name the mention as {}."""

    complaint: str = "It broke."
    answer: str = "We are sorry. Fixed today."
    author: str = "Anna K."
    thread: str = "t1"
    address: str = "https://{place}.example/{id}"
    age: timedelta = timedelta()
    said: Mapping[str, Any] = field(default_factory=dict)
    urgency: Urgency = Urgency.NORMAL
    judged: Mapping[str, Any] = field(
        default_factory=lambda: {
            "language": "en", "language_probability": 0.9, "sentiment_probability": 0.9, "intent_probability": 0.9,
            "urgency_probability": 0.9,
        }
    )  # fmt: skip


ACME = Usual()
ZARYA = Usual(
    complaint="Течёт с первого дня.",
    answer="Здравствуйте!",
    author="Анна К.",
    thread="t-{}",
    address="https://{place}.example/#{id}",
    age=timedelta(hours=1),
    said={"thread_title": "Кофеварка"},
    urgency=Urgency.HIGH,
    judged={
        "language": "ru", "language_probability": 0.99, "sentiment_probability": 0.97, "intent_probability": 0.91,
        "urgency_probability": 0.74, "is_uncertain": False,
    },
)  # fmt: skip


@dataclass
class World:
    """`sources` and `people` are ids by name; where a step does not tell which one, it is the first."""

    now: datetime
    sources: dict[str, int]
    people: dict[str, int]
    usual: Usual = ACME

    @property
    def source_id(self) -> int:
        return next(iter(self.sources.values()))

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now

    def user(self, session: db.Session, name: str) -> User:
        return session.get_one(User, self.people[name] if name else next(iter(self.people.values())))

    def crawl(self, *sightings: Sighting, where: str = "") -> arrivals.Recorded:
        """That source is read and shows these."""
        with db.transaction() as session:
            source = sources.load(session, self.sources[where] if where else self.source_id)
            return arrivals.record(session, source, sightings, self.now)

    def say(self, external_id: str, text: str, where: str = "", **more: Any) -> arrivals.Recorded:
        """One more sighting at that source; `more` are facts of it."""
        place, usual = where or next(iter(self.sources)), self.usual
        told = {"thread": usual.thread.format(external_id), **usual.said, **more}
        told.setdefault("url", usual.address.format(place=place, id=external_id))
        return self.crawl(
            said(external_id, text, self.now - usual.age, told.pop("author", usual.author), **told),
            where=where,
        )

    def judge(self, intent: Intent = Intent.COMPLAINT, urgency: Urgency | None = None, **more: Any) -> int:
        """Everything that waits for it; how many that were."""
        facts = {"sentiment": Sentiment.NEGATIVE, "intent": intent, "urgency": urgency or self.usual.urgency}
        known = {"backend": "test", "model_revision": "1"}
        judgement = triage.Judgement(**(dict(self.usual.judged) | known | facts | more))
        with db.transaction() as session:
            waiting = triage.claim(session, self.now, 100)
        for item in waiting:
            with db.transaction() as session:
                triage.judge(session, item.mention_id, judgement, self.now, wording=item.wording)
        return len(waiting)

    def complain(self, external_id: str = "c1", text: str | None = None, where: str = "", **more: Any) -> int:
        """A complaint that opened a case; its id."""
        self.say(external_id, self.usual.complaint if text is None else text, where, **more)
        self.judge()
        return self.case_of(external_id)

    def draft(self, text: str | None = None, who: str = "", case_id: int | None = None) -> int:
        with db.transaction() as session:
            case = session.get_one(Case, case_id) if case_id else session.scalars(sa.select(Case)).one()
            seen = conflicts.newest_in_thread(session, case)
            words = self.usual.answer if text is None else text
            draft = drafts.save_draft(session, case.id, self.user(session, who), words, seen, self.now)
            assert draft is not None
            return draft.id

    def approve(self, reply_id: int, who: str = "", **more: Any) -> None:
        with db.transaction() as session:
            approvals.approve(session, reply_id, self.user(session, who), self.now, **more)

    def begin(self, reply_id: int) -> Outgoing | None:
        with db.transaction() as session:
            return sending.begin(session, reply_id, self.now)

    def send(self, case_id: int | None = None, text: str | None = None, who: str = "") -> int:
        """An answer that has left for the site, which has not said yet what it makes of it; its id."""
        reply_id = self.draft(text, who, case_id)
        self.approve(reply_id, who)
        assert self.begin(reply_id) is not None
        return reply_id

    def published(self, reply_id: int, external_id: str = "answer-1", is_pending: bool = False) -> None:
        with db.transaction() as session:
            sending.taken(
                session, reply_id, external_id=external_id, url="https://shop.example/a",
                state="held" if is_pending else "public",
                at=None, now=self.now,
            )  # fmt: skip

    def answer(self, text: str | None = None) -> int:
        """An answer that the site has taken and shows; its id."""
        reply_id = self.send(text=text)
        self.published(reply_id)
        return reply_id

    def case(self, case_id: int | None = None) -> Case:
        """That one; without a number the only one."""
        query = sa.select(Case).options(sa.orm.joinedload(Case.team))
        with db.snapshot() as session:
            return session.scalars(query if case_id is None else query.where(Case.id == case_id)).one()

    def cases(self) -> list[Case]:
        with db.snapshot() as session:
            return list(session.scalars(sa.select(Case).order_by(Case.id)))

    def case_of(self, external_id: str) -> int:
        case_id = self.mention(external_id).case_id
        assert case_id is not None
        return case_id

    def mention(self, external_id: str) -> Mention:
        with db.snapshot() as session:
            return session.scalars(sa.select(Mention).where(Mention.external_id == external_id)).one()

    def newest(self, case_id: int) -> int:
        """What a person has read who has just opened that case."""
        with db.snapshot() as session:
            return conflicts.newest_in_thread(session, session.get_one(Case, case_id))

    def reply(self) -> Reply:
        with db.snapshot() as session:
            return session.scalars(sa.select(Reply).order_by(Reply.id.desc())).first()  # type: ignore[return-value]

    def replies(self) -> list[tuple[str, str]]:
        with db.snapshot() as session:
            rows = session.scalars(sa.select(Reply).order_by(Reply.id))
            return [(row.state.value, row.text) for row in rows]

    def events(self) -> list[str]:
        with db.snapshot() as session:
            return list(session.scalars(sa.select(Journal.event).order_by(Journal.id)))


def act(world: World, step: Any, who: str = "", *more: Any, **named: Any) -> Any:
    """A step of that person for the first case."""
    with db.transaction() as session:
        return step(session, world.cases()[0].id, world.user(session, who), *more, now=world.now, **named)


def write(step: Any, reply_id: int, now: datetime, **facts: Any) -> Any:
    """What a worker writes down of an answer."""
    with db.transaction() as session:
        return step(session, reply_id, now=now, **facts)


def acme(now: datetime) -> World:
    """A shop that is read by its feed and answered in English, with two agents, a lead and an analyst."""
    source_id = listen(
        "https://shop.example/feed", brand="Acme", own_names=["Acme Care"], title="Shop", now=now,
        added_at=now - timedelta(days=30),
    )  # fmt: skip
    with db.transaction() as session:
        made = {
            name: users.add(session, f"{name}@acme.example", name, "x", [role], team, now).id
            for name, (role, team) in ACME_PEOPLE.items()
        }
    return World(now, {"shop": source_id}, made)


def zarya(now: datetime, people: dict[str, int]) -> World:
    """A blog that takes answers, a feed that does not, and customers who write in Russian."""
    before = now - timedelta(days=30)
    brand = {"brand": "Заря", "own_names": ["Заря"], "now": before}
    blog = listen(
        "https://blog.example/", "wordpress", title="Блог", settings_values={"username": "zarya-support"},
        secrets={"application_password": "a b c"}, **brand,
    )  # fmt: skip
    feed = listen("https://feed.example/rss", title="Лента", **brand)
    return World(now, {"blog": blog, "feed": feed}, people, ZARYA)


def listen(
    url: str, kind: str = "rss", *, now: datetime, brand: str = "Заря", own_names: list[str] | None = None,
    added_at: datetime | None = None, **facts: Any,
) -> int:  # fmt: skip
    """A source of that brand, which is set up as new where there is none of that name; the source's id."""
    with db.transaction() as session:
        known = [one for one in brands.all_brands(session) if one.name == brand]
        facts_of_brand = {"own_names": own_names or [], "time_zone": "Europe/Moscow", "now": now}
        of = known[0] if known else brand_setup.create(session, brand, **facts_of_brand)
        return sources.add(session, of, kind, url, now=added_at or now, **facts).id


def agent(now: datetime) -> dict[str, int]:
    """One person who answers."""
    with db.transaction() as session:
        found = users.add(session, "agent@example.com", "Agent", "x", ["agent"], "service", now)
        return {"agent": found.id}


def said(
    external_id: str, text: str, at: datetime, author: str | AuthorSeen = "Anna K.", **more: Any
) -> Sighting:
    """One comment in the thread t1; `more` are facts of it."""
    values: dict[str, Any] = {
        "url": f"https://shop.example/{external_id}", "thread": "t1", "kind": "comment", "published_at": at,
        "author": AuthorSeen(author) if isinstance(author, str) else author,
    } | more  # fmt: skip
    return Sighting(external_id, text=text, **values)


def ours(external_id: str, text: str, at: datetime, **more: Any) -> Sighting:
    """The brand itself says that."""
    return said(external_id, text, at, author="Acme Care", **more)
