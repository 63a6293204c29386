"""Which answers are to be sent and which to be looked for. What speaks to sites is loaded when there is one."""

from datetime import UTC, datetime

from desk.base import db, logs
from desk.replies import looks, sending
from desk.replies.outgoing import Outgoing
from desk.replies.terms import Terms

log = logs.logger()


def recover() -> None:
    """Answers whose send was cut off become unknown."""
    with db.transaction() as session:
        sending.recover(session, datetime.now(UTC), terms_of=_terms_of)


def _terms_of(kind: str) -> Terms:
    from workers import speaking

    return speaking.terms_of(kind)


def to_send() -> list[int]:
    with db.snapshot() as session:
        return sending.to_send(session)


def to_look_for() -> list[Outgoing]:
    with db.snapshot() as session:
        return looks.due(session, datetime.now(UTC))


def publish(reply_id: int) -> bool:
    """Whether it was ours to send."""
    from workers import publishing

    try:
        return publishing.publish(reply_id)
    except Exception:  # the job border: one answer that cannot even be begun must not hold up the others
        log.exception("answer_not_begun", reply=reply_id)
        return False


def look_for(outgoing: Outgoing) -> bool:
    """Whether it was ours to look for."""
    from workers import verifying

    return verifying.verify(outgoing)
