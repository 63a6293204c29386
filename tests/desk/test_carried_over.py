"""Rows of the released schema, carried over: what had counted as answered though nobody ever saw it."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from desk.base import db
from desk.base.words import CaseStatus, ReplyState
from desk.models import Case, Journal, Mention, Reply
from desk.operations import schema
from tests.world import rows

POSTED_AT = rows.NOON - timedelta(minutes=30)
LOOK_AT = rows.NOON + timedelta(hours=6)


@pytest.fixture
def old(database: None) -> None:
    """The database as version 0.1.0 has it, with one source that several answers were given to."""
    with db.transaction() as session:
        rows.source(session, rows.brand(session))
    schema.downgrade("0005")


def put(table: str, **values: object) -> int:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    query = sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id")
    moments = [sa.bindparam(k, type_=db.UtcDateTime) for k, v in values.items() if isinstance(v, datetime)]
    with db.engine().execution_options(is_write=True).begin() as connection:
        return int(connection.execute(query.bindparams(*moments), values).scalar_one())


def answered(number: int, status: str = "answered", *, is_seen: bool = False, **reply: object) -> int:
    """A case with one answer in it, as the old program wrote it down; returns the case's id."""
    stage = {"answered": "3_answered", "closed": "4_closed", "reopened": "1_unanswered"}[status]
    at = None if status == "reopened" else POSTED_AT
    mention = put(
        "mentions", source_id=1, brand_id=1, external_id=f"m{number}", url="http://shop.example/1", form="review",
        title="", text="It broke.", thread=f"t{number}", thread_title="", published_at=rows.NOON - timedelta(hours=1),
        is_date_known=True, collected_at=rows.NOON, content_hash=f"h{number}", revision_count=0, is_own=False,
        state="judged", kind="complaint", needs_look=False, answered_at=at, answer_seen_at=at if is_seen else None,
        answer_wall_seconds=1800 if at else None,
    )  # fmt: skip
    case = put(
        "cases", brand_id=1, source_id=1, source_kind="rss", mention_id=mention, thread=f"t{number}",
        author_key=f"k{number}", team_id=1, status=status, stage=stage, priority="normal", rule_en="", rule_ru="",
        policy="Reviews v1", sentiment="negative", kind="complaint", needs_look=False, message_count=1,
        opened_at=rows.NOON, waits_since=rows.NOON, due_at=rows.NOON, answered_at=at, first_answer_at=POSTED_AT,
        close_reason="answered" if status == "closed" else None, closed_at=at if status == "closed" else None,
        reopened_count=0, is_met=True, version=1, changed_at=rows.NOON,
    )  # fmt: skip
    with db.engine().begin() as connection:
        connection.execute(
            sa.text("UPDATE mentions SET case_id = :case WHERE id = :id"), {"case": case, "id": mention}
        )
    values = {
        "case_id": case, "source_id": 1, "mention_id": mention, "origin": "otklik", "state": "published", "text": "Sorry.",
        "thread_seen": mention, "closes_case": False, "is_review_asked": False, "created_at": POSTED_AT,
        "changed_at": POSTED_AT, "published_at": POSTED_AT, "next_look_at": LOOK_AT, "looks": 3,
    }  # fmt: skip
    reply_id = put("replies", **(values | reply))
    events = ["pending"] if reply.get("state") in ("pending", "vanished") else ["published"]
    for event in events:
        put("journal", at=POSTED_AT, event=event, case_id=case, reply_id=reply_id, facts="{}")
    return case


def read(case_id: int) -> tuple[Case, Mention, Reply]:
    with db.snapshot() as session:
        case = session.get_one(Case, case_id)
        reply = session.scalars(
            sa.select(Reply).where(Reply.case_id == case_id).order_by(Reply.id.desc())
        ).first()
        assert reply is not None
        return case, session.get_one(Mention, case.mention_id), reply


@pytest.mark.parametrize("facts", [{"origin": "by_hand"}, {"state": "pending"}])
def test_what_is_still_looked_for_waits(old: None, facts: dict[str, object]) -> None:
    case_id = answered(1, **facts)
    schema.upgrade()
    case, mention, reply = read(case_id)
    assert (case.status, case.sent_at, case.is_met, case.first_answer_at) == (
        CaseStatus.ON_HOLD,
        POSTED_AT,
        None,
        None,
    )
    assert (mention.answered_at, mention.answer_sent_at, mention.answer_wall_seconds) == (
        None,
        POSTED_AT,
        None,
    )
    assert (reply.accepted_at, reply.published_at, reply.is_awaited) == (POSTED_AT, None, True)


def test_posted_by_hand_and_never_seen_is_open_again(old: None) -> None:
    case_id = answered(1, origin="by_hand", state="cannot_tell", next_look_at=None)
    schema.upgrade()
    case, mention, reply = read(case_id)
    assert (case.status, case.sent_at, case.is_met) == (CaseStatus.REOPENED, None, None)
    assert (mention.answered_at, mention.answer_sent_at) == (None, None)
    assert (reply.state, reply.error_kind) == (ReplyState.CANNOT_TELL, "not_seen")


def test_closed_cases_stay_closed_and_undecided(old: None) -> None:
    case_id = answered(1, "closed", origin="by_hand", state="cannot_tell", next_look_at=None)
    schema.upgrade()
    case, mention, _reply = read(case_id)
    assert (case.status, case.is_met, mention.answered_at) == (CaseStatus.CLOSED, None, None)


def test_what_was_seen_and_what_the_site_called_public_stays_as_it_was(old: None) -> None:
    seen = answered(1, is_seen=True, origin="by_hand", state="verified", verified_at=rows.NOON)
    sent = answered(2, state="published")
    untold = answered(3, state="cannot_tell", next_look_at=None)
    schema.upgrade()
    for case_id in (seen, sent, untold):
        case, mention, reply = read(case_id)
        assert (case.status, case.is_met, case.first_answer_at) == (CaseStatus.ANSWERED, True, POSTED_AT)
        assert (mention.answered_at, reply.published_at, reply.accepted_at) == (
            POSTED_AT,
            POSTED_AT,
            POSTED_AT,
        )


def test_what_a_moderator_held_is_no_longer_called_gone(old: None) -> None:
    case_id = answered(1, "reopened", state="vanished", next_look_at=None)
    schema.upgrade()
    case, _mention, reply = read(case_id)
    assert (reply.state, reply.error_kind, reply.published_at) == (ReplyState.CANNOT_TELL, "not_public", None)
    assert case.status is CaseStatus.REOPENED


def test_the_journal_still_names_the_answers(old: None) -> None:
    answered(1)
    answered(2, origin="by_hand")
    schema.upgrade()
    with db.snapshot() as session:
        assert list(session.scalars(sa.select(Journal.reply_id).order_by(Journal.id))) == [1, 2]
    assert schema.check() == []
    schema.downgrade("0005")
    with db.engine().connect() as connection:
        assert connection.execute(sa.text("SELECT reply_id FROM journal ORDER BY id")).scalars().all() == [
            1,
            2,
        ]


def test_going_down_lets_no_case_sleep_for_ever(old: None) -> None:
    case_id = answered(1, origin="by_hand")
    rejected = answered(2, "reopened", state="failed", next_look_at=None)
    schema.upgrade()
    with db.transaction() as session:
        session.execute(sa.update(Reply).where(Reply.case_id == rejected).values(state=ReplyState.REJECTED))
    schema.downgrade("0005")
    with db.engine().connect() as connection:
        found = connection.execute(
            sa.text("SELECT status, stage FROM cases WHERE id = :id"), {"id": case_id}
        ).one()
        states = connection.execute(sa.text("SELECT state FROM replies ORDER BY id")).scalars().all()
    assert tuple(found) == ("open", "1_unanswered")
    assert states == ["published", "failed"]
