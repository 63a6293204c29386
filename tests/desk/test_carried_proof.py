"""Answers of before: each gets a reference of its own and is told by whose word it stands; and the way back."""

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.words import ReplyState
from desk.models import Journal, Reply
from desk.operations import schema
from tests.world import rows
from tests.world.desk import World


@pytest.fixture
def answers(complained: World) -> list[int]:
    """A draft, one on its way, one that was seen, one that vanished after it was seen."""
    facts = [
        {"state": "draft"},
        {"state": "published", "sending_at": rows.NOON},
        {"state": "verified", "sending_at": rows.NOON, "verified_at": rows.NOON},
        {"state": "vanished", "sending_at": rows.NOON, "verified_at": rows.NOON},
    ]
    first = complained.answer()
    with db.transaction() as session:
        made = session.get_one(Reply, first)
        for one in facts:
            session.add(
                Reply(
                    case_id=made.case_id,
                    source_id=made.source_id,
                    mention_id=made.mention_id,
                    text="Sorry.",
                    thread_seen=1,
                    created_at=rows.NOON,
                    changed_at=rows.NOON,
                    **one,
                )
            )
        session.flush()
        session.execute(sa.delete(Journal).where(Journal.reply_id == first))
        session.delete(made)
        return list(session.scalars(sa.select(Reply.id).where(Reply.id != first).order_by(Reply.id)))


def test_answers_of_before_are_carried_over(answers: list[int]) -> None:
    schema.downgrade("0015")
    schema.upgrade()
    with db.snapshot() as session:
        found = [session.get_one(Reply, number) for number in answers]
        assert len({reply.reference for reply in found}) == len(found)
        assert all(len(reply.reference) == 32 for reply in found)
        assert [(reply.sends, reply.proof) for reply in found] == [
            (0, None), (1, None), (1, "stranger"), (1, "stranger"),
        ]  # fmt: skip
    assert schema.check() == []


def test_an_older_version_knows_every_state_that_it_is_left(answers: list[int]) -> None:
    new = [ReplyState.ACCEPTED, ReplyState.BOUNCED, ReplyState.REPLACED]
    with db.transaction() as session:
        for number, state in zip(answers, new, strict=False):
            session.execute(sa.update(Reply).where(Reply.id == number).values(state=state))
    schema.downgrade("0015")
    with db.engine().connect() as connection:
        left = connection.execute(sa.text("SELECT state FROM replies ORDER BY id")).scalars().all()
    assert left == ["published", "rejected", "discarded", "vanished"]
    schema.upgrade()
