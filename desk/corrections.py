"""What people said with or against the model: the newest human verdict of each mention, beside the words it is about."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import triage
from desk.models import Mention, Revision, Verdict
from desk.models.mention import HUMAN


@dataclass(frozen=True, slots=True)
class Correction:
    """`text` as the judge reads it; `labels`: head -> word, for the heads that people tag."""

    verdict_id: int
    text: str
    labels: dict[str, str]


def newest(session: Session, limit: int) -> list[Correction]:
    """The newest first. A mention that was edited after somebody tagged it is left out: its words are others now."""
    of_each = sa.select(sa.func.max(Verdict.id)).where(sa.text(HUMAN)).group_by(Verdict.mention_id)
    was_edited = sa.exists().where(
        Revision.mention_id == Verdict.mention_id, Revision.replaced_at > Verdict.made_at
    )
    words = (Mention.title, Mention.text, Mention.parent)
    query = (
        sa.select(Verdict.id, Verdict.sentiment, Verdict.kind, Verdict.urgency, *words)
        .join(Mention, Mention.id == Verdict.mention_id)
        .where(Verdict.id.in_(of_each), ~was_edited)
        .order_by(Verdict.id.desc())
        .limit(limit)
    )
    return [
        Correction(
            row.id,
            triage.words(row),
            {"sentiment": row.sentiment.value, "kind": row.kind.value, "urgency": row.urgency.value},
        )
        for row in session.execute(query)
    ]


def count(session: Session, after: int = 0) -> int:
    """Mentions that a person has tagged, since the verdict `after`."""
    mentions = sa.select(sa.func.count(Verdict.mention_id.distinct()))
    return session.scalar(mentions.where(sa.text(HUMAN), Verdict.id > after)) or 0


def newest_id(session: Session) -> int:
    """0 where nobody has tagged anything yet."""
    return session.scalar(sa.select(sa.func.max(Verdict.id)).where(sa.text(HUMAN))) or 0
