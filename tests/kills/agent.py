"""A person at the desk who answers whatever waits, through the pages; and who looks before he sends anything again."""

import threading
from dataclasses import dataclass, field

import httpx
import sqlalchemy as sa

from desk.base import db
from desk.base.words import CaseStage, ReplyState
from desk.models import Case, Reply, Source
from tests.stack import Visitor

EMAIL, PASSWORD = "agent@lumen.example", "a-long-phrase-for-tests"
TEXT = "Здравствуйте! Деньги за заказ по обращению {case} вернули, извините за ожидание."


@dataclass
class Agent:
    """`written`: case -> the text that he has pressed "publish" for at least once."""

    address: str
    written: dict[int, str] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    visitor: Visitor | None = None
    troubles: list[str] = field(default_factory=list)

    def work(self) -> None:
        while not self.stopped.wait(0.2):
            try:
                self.once()
            except httpx.HTTPError:
                self.stopped.wait(0.3)  # the page did not come: the process was killed
            except (AssertionError, StopIteration) as trouble:
                # A page that says no. Whatever it was about is still there, and is looked at anew.
                self.troubles.append(f"{type(trouble).__name__}: {str(trouble)[:300]}")
                self.visitor = None
                self.stopped.wait(0.3)

    def once(self) -> None:
        for reply_id, case_id, step in _unfinished():
            self._on_page(case_id).send(f"/replies/{reply_id}/{step}")
        for case_id in _unanswered():
            text = TEXT.format(case=case_id)
            page = self._on_page(case_id)
            self.written[case_id] = text
            page.send(f"/cases/{case_id}/answer", text=text, action="publish")

    def _on_page(self, case_id: int) -> Visitor:
        if self.visitor is None:
            visitor = Visitor(self.address)
            visitor.http.timeout = httpx.Timeout(10)
            self.visitor = visitor.sign_in(EMAIL, PASSWORD)
        self.visitor.open(f"/cases/{case_id}")
        return self.visitor


def _unanswered() -> list[int]:
    """Cases of forums that nobody has written an answer for, but drafts."""
    begun = sa.exists().where(Reply.case_id == Case.id, Reply.state != ReplyState.DRAFT)
    query = sa.select(Case.id).join(Source, Case.source_id == Source.id)
    with db.snapshot() as session:
        return list(
            session.scalars(query.where(Case.stage == CaseStage.UNANSWERED, Source.kind == "forum", ~begun))
        )[:5]


def _unfinished() -> list[tuple[int, int, str]]:
    """What a person has to decide: refused ones are sent again, unsure ones looked for."""
    steps = {ReplyState.FAILED: "retry", ReplyState.CANNOT_TELL: "look"}
    with db.snapshot() as session:
        rows = session.execute(
            sa.select(Reply.id, Reply.case_id, Reply.state).where(
                Reply.state.in_(steps), sa.or_(Reply.state == ReplyState.FAILED, Reply.next_look_at.is_(None))
            )
        )
        return [(row[0], row[1], steps[row[2]]) for row in rows][:5]
