"""What a channel had to say about a source outside of its crawls: while it read what the site had sent, or sent an answer. What it
says in a crawl stands with the crawl."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.sentences import Sentence
from desk.base.words import RemarkOrigin
from desk.models import Source, SourceRemark

MOST_KEPT = 20
"""Of one source; the one that was said longest ago makes room."""
KEPT = timedelta(days=30)
LONGEST = 500


def note(session: Session, source_id: int, origin: RemarkOrigin, said: Iterable[str], now: datetime) -> None:
    """Lines in both languages (Sentence). One that was said before is counted and not told twice."""
    lines = list(dict.fromkeys(Sentence.alike(one).in_one_line(LONGEST) for one in said))
    if not lines:
        return
    # The source row is the lock: two who say the same at the same moment are counted as two.
    session.execute(sa.select(Source.id).where(Source.id == source_id).with_for_update())
    known = {(one.origin, str(one.text)): one for one in listed(session, source_id)}
    for line in lines:
        if (row := known.get((origin, str(line)))) is not None:
            row.last_at, row.times = now, row.times + 1
        else:
            session.add(
                SourceRemark(
                    source_id=source_id, origin=origin, text=line, first_at=now, last_at=now, times=1
                )
            )
    session.flush()
    for old in listed(session, source_id)[MOST_KEPT:]:
        session.delete(old)
    forgotten = sa.delete(SourceRemark).where(
        SourceRemark.source_id == source_id, SourceRemark.last_at < now - KEPT
    )
    session.execute(forgotten)


def listed(session: Session, source_id: int) -> list[SourceRemark]:
    """The newest first."""
    query = sa.select(SourceRemark).where(SourceRemark.source_id == source_id)
    return list(session.scalars(query.order_by(SourceRemark.last_at.desc(), SourceRemark.id.desc())))
