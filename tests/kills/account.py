"""What must be true once everything has come to rest: nothing lost, nothing twice, every state a legal one."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from desk.base import db, wakeups, work
from desk.base.words import CaseStage, CrawlOutcome, MentionState, ReplyState
from desk.models import Case, Crawl, Journal, JudgeRevision, Mention, RejudgingRange, Reply, Source
from desk.operations import pending_work, schema
from tests.kills.town import Town

LEASES = (Mention, Source, RejudgingRange, JudgeRevision)
LONGER_THAN_ANY_LEASE = timedelta(seconds=900)


def let_time_pass() -> None:
    """Only while nothing runs: what the dead held is as old as if somebody had waited for it."""
    with db.transaction() as session:
        for model in LEASES:
            session.execute(sa.update(model).values(claimed_until=None))
        for reply in session.scalars(sa.select(Reply).where(Reply.state == ReplyState.SENDING)):
            reply.sending_at -= LONGER_THAN_ANY_LEASE
        for reply in session.scalars(sa.select(Reply).where(Reply.next_look_at.is_not(None))):
            if reply.next_look_at < datetime.now(UTC) + timedelta(seconds=300):
                reply.next_look_at = datetime.now(UTC)


def make_due() -> None:
    """As if everybody had pressed "read now", whatever the sites have asked for; and a worker is woken for all work that waits."""
    now = datetime.now(UTC)
    with db.transaction() as session:
        session.execute(sa.update(Source).values(next_crawl_at=now))
    with db.snapshot() as session:
        names = pending_work.names(session, now)
    for name in names:
        if (wakeups.lengths() or {}).get(work.BY_NAME[name].queue, 0) < 3:
            wakeups.send_now(name)


def unrest(since: datetime) -> list[str]:
    """What is still to be done; nothing means rest."""
    now = datetime.now(UTC)
    found = []
    with db.snapshot() as session:
        found += [f"work {name}" for name in pending_work.names(session, now)]
        if pending_work.has_leases(session, now):
            found.append("something is leased")
        for title, success, trouble in session.execute(
            sa.select(Source.title, Source.last_success_at, Source.error).order_by(Source.id)
        ):
            if success is None or success < since or trouble:
                found.append(f"{title}: not read since ({trouble})")
        states = Counter(session.scalars(sa.select(Reply.state).where(Reply.state != ReplyState.DRAFT)))
        found += [
            f"{count} answers {state}" for state, count in states.items() if state != ReplyState.VERIFIED
        ]
        unanswered = session.scalar(
            sa.select(sa.func.count())
            .select_from(Case)
            .join(Source, Source.id == Case.source_id)
            .where(Case.stage == CaseStage.UNANSWERED, Source.kind == "forum")
        )
        if unanswered:
            found.append(f"{unanswered} cases without an answer")
    return found


def faults(town: Town, written: dict[int, str]) -> list[str]:
    with db.snapshot() as session:
        return [
            *_of_mentions(session, town),
            *_of_answers(session, town, written),
            *_of_states(session),
            *schema.check(),
        ]


def _of_mentions(session: Any, town: Town) -> list[str]:
    found = []
    texts = Counter(session.scalars(sa.select(Mention.text).where(~Mention.is_own)))
    expected = Counter([*town.blog, *town.reviews, *(text for forum in town.forums for text in forum.topics)])
    found += [f"lost: {text}" for text in expected - texts]
    found += [f"too many: {text}" for text in texts - expected]
    return found


def _of_answers(session: Any, town: Town, written: dict[int, str]) -> list[str]:
    stands = Counter(text for forum in town.forums for _topic, text in forum.posted)
    approved = Counter(session.scalars(sa.select(Reply.text).where(Reply.state == ReplyState.VERIFIED)))
    found = [f"posted {count} times: {text}" for text, count in stands.items() if count > 1]
    found += [f"verified {count} times: {text}" for text, count in approved.items() if count > 1]
    found += [f"said to be public and is not: {text}" for text in approved - stands]
    found += [f"public and not known: {text}" for text in stands - approved]
    found += [f"written and never posted: {text}" for text in set(written.values()) - set(stands)]
    return found


ENDS_A_SENDING = {"published", "pending", "failed", "lost_track"}


def _of_states(session: Any) -> list[str]:
    """By the journal: nothing was sent again before it was known what became of it."""
    found = []
    mentions = Counter(session.scalars(sa.select(Mention.state)))
    found += [
        f"{count} mentions {state}" for state, count in mentions.items() if state != MentionState.JUDGED
    ]
    running = session.scalars(sa.select(Crawl.id).where(Crawl.outcome == CrawlOutcome.RUNNING)).all()
    found += [f"crawl {number} never ended" for number in running]
    last: dict[int, str] = {}
    steps = (
        sa.select(Journal.reply_id, Journal.event).where(Journal.reply_id.is_not(None)).order_by(Journal.id)
    )
    for reply_id, event in session.execute(steps):
        before = last.get(reply_id, "")
        if event == "sending" and before not in ("approved", "review_asked"):
            found.append(f"answer {reply_id} was sent after «{before}»")
        if (
            event in ENDS_A_SENDING
            and before != "sending"
            and not (event == "failed" and before == "lost_track")
        ):
            found.append(f"answer {reply_id}: «{event}» after «{before}»")
        if event == "vanished":
            found.append(f"answer {reply_id} vanished from a site that hides nothing")
        last[reply_id] = event
    return found
