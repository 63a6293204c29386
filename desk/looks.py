"""When the public page is looked at, and what the look changes: seen, not seen, cannot tell."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from desk import answers, bell, cases, journal, lifecycle, settings
from desk.models import Case, Reply
from desk.models.words import CaseStage, CloseReason, ReplyState

# A send that was cut off is settled after this many looks that did not find it.
LOOKS_FOR_LOST = 3
# A verified answer is looked at once more, because sites remove things later.
SECOND_LOOK = timedelta(days=1)


def plan(reply: Reply, now: datetime) -> None:
    """Sets the next look by the number of looks so far; None when there will be no more."""
    waits = settings.current().verify_seconds
    reply.next_look_at = now + timedelta(seconds=waits[reply.looks]) if reply.looks < len(waits) else None


def longest_wait() -> timedelta:
    """No look is ever planned further ahead than this."""
    return max(SECOND_LOOK, *(timedelta(seconds=wait) for wait in settings.current().verify_seconds))


def soon(session: Session, reply: Reply, now: datetime) -> None:
    reply.next_look_at = now
    reply.looks = min(reply.looks, len(settings.current().verify_seconds) - 1)
    bell.ring(session, "verify")


def seen(session: Session, reply_id: int, *, external_id: str | None, url: str | None, now: datetime) -> None:
    """A stranger can read it. The case is answered, and closed where that was asked."""
    from desk import replies

    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    is_first = reply.verified_at is None
    if reply.state is not ReplyState.VERIFIED:
        answers.confirm(session, reply, external_id=external_id, url=url, now=now)
    reply.looks += 1
    reply.next_look_at = now + SECOND_LOOK if is_first else None
    close_if_asked(session, reply, case, now)


def not_seen(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """It does not stand there. Once or twice that is a cache; in the end it is an answer nobody can read."""
    from desk import replies

    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    reply.looks += 1
    plan(reply, now)
    if reply.state is ReplyState.UNKNOWN and reply.looks >= LOOKS_FOR_LOST:
        reply.state, reply.next_look_at = ReplyState.FAILED, None
        reply.error_kind = "lost"
        reply.error = f"Looked {reply.looks} times: the answer is not on the site. It can be sent again."
        journal.write(session, "failed", now, case=case, reply=reply, kind="lost")
    elif reply.state is ReplyState.VERIFIED or (
        reply.next_look_at is None and reply.state in lifecycle.STANDS
    ):
        _vanish(session, reply, case, reason, now)
    reply.changed_at = now


def could_not_tell(session: Session, reply_id: int, reason: str, now: datetime) -> None:
    """The page did not say either way; nothing is concluded from that."""
    from desk import replies

    case = cases.locked(session, replies.load(session, reply_id).case_id)
    reply = replies.locked(session, reply_id)
    reply.looks += 1
    plan(reply, now)
    reply.error = reason or reply.error
    if reply.next_look_at is None and ReplyState.CANNOT_TELL in lifecycle.REPLY_STEPS[reply.state]:
        reply.state = ReplyState.CANNOT_TELL
        journal.write(session, "cannot_tell", now, case=case, reply=reply)
    reply.changed_at = now


def close_if_asked(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    if reply.closes_case and case.stage is CaseStage.ANSWERED:
        cases.close(session, case.id, None, CloseReason.ANSWERED, now)


def _vanish(session: Session, reply: Reply, case: Case, reason: str, now: datetime) -> None:
    lifecycle.check_reply(reply.state, ReplyState.VANISHED)
    reply.state, reply.next_look_at = ReplyState.VANISHED, None
    reply.error_kind, reply.error = "vanished", reason
    answers.unsettle(session, reply, case)
    journal.write(session, "vanished", now, case=case, reply=reply)
    if case.stage in (CaseStage.ANSWERED, CaseStage.CLOSED):
        cases.reopen(session, case.id, None, now, why="vanished")
