"""What the pages are shown with: a brand, a place that takes answers and one that does not, people who complain."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from channels.contract import AuthorSeen, Sighting
from desk.base import db
from desk.base.words import Intent, Sentiment, Urgency
from desk.models import Case, Mention, Reply, User
from desk.pipeline import arrivals, brand_setup, triage
from desk.replies import approvals, conflicts, drafts, sending
from desk.sources import sources

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@dataclass
class Stage:
    now: datetime
    people: dict[str, int]
    sources: dict[str, int]

    def say(self, external_id: str, text: str, where: str = "blog", **more: object) -> None:
        """One more sighting at that place, an hour ago unless told otherwise."""
        values = {
            "author": AuthorSeen("Анна К."),
            "thread": f"t-{external_id}",
            "thread_title": "Кофеварка",
            "kind": "comment",
            "published_at": self.now - timedelta(hours=1),
        } | more
        seen = Sighting(external_id, f"https://{where}.example/#{external_id}", text, **values)
        with db.transaction() as session:
            arrivals.record(session, sources.load(session, self.sources[where]), [seen], self.now)

    def judge(self, **more: object) -> None:
        values = {
            "language": "ru",
            "sentiment": Sentiment.NEGATIVE,
            "intent": Intent.COMPLAINT,
            "urgency": Urgency.HIGH,
            "language_probability": 0.99,
            "sentiment_probability": 0.97,
            "intent_probability": 0.91,
            "urgency_probability": 0.74,
            "is_uncertain": False,
            "backend": "test",
            "model_revision": "1",
        } | more
        with db.transaction() as session:
            for waiting in triage.claim(session, self.now, 100):
                triage.judge(session, waiting.mention_id, triage.Judgement(**values), self.now)

    def complain(
        self, external_id: str = "c1", text: str = "Течёт с первого дня.", where: str = "blog", **more: object
    ) -> int:
        """A complaint that opened a case; its id."""
        self.say(external_id, text, where, **more)
        self.judge()
        return self.case_of(external_id)

    def case_of(self, external_id: str) -> int:
        with db.snapshot() as session:
            case_id = session.query(Mention).filter_by(external_id=external_id).one().case_id
            assert case_id is not None
            return case_id

    def case(self, case_id: int) -> Case:
        with db.snapshot() as session:
            return session.get_one(Case, case_id)

    def newest(self, case_id: int) -> int:
        with db.snapshot() as session:
            return conflicts.newest_in_thread(session, session.get_one(Case, case_id))

    def reply(self) -> Reply:
        with db.snapshot() as session:
            return session.query(Reply).order_by(Reply.id.desc()).first()

    def replies(self) -> list[tuple[str, str]]:
        with db.snapshot() as session:
            return [(row.state.value, row.text) for row in session.query(Reply).order_by(Reply.id)]

    def answer(self, case_id: int, text: str = "Здравствуйте!", who: str = "agent") -> int:
        """An answer that has left for the site; its id."""
        with db.transaction() as session:
            user = session.get_one(User, self.people[who])
            draft = drafts.save_draft(session, case_id, user, text, self.newest(case_id), self.now)
            approvals.approve(session, draft.id, user, self.now)
        with db.transaction() as session:
            assert sending.begin(session, draft.id, self.now) is not None
        return draft.id


def build(now: datetime, people: dict[str, int]) -> Stage:
    before = now - timedelta(days=30)
    with db.transaction() as session:
        brand = brand_setup.create(session, "Заря", own_names=["Заря"], time_zone="Europe/Moscow", now=before)
        blog = sources.add(
            session,
            brand,
            "wordpress",
            "https://blog.example/",
            title="Блог",
            now=before,
            settings_values={"username": "zarya-support"},
            secrets={"application_password": "a b c"},
        )
        feed = sources.add(session, brand, "rss", "https://feed.example/rss", title="Лента", now=before)
        return Stage(now, people, {"blog": blog.id, "feed": feed.id})
