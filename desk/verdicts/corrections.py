"""What people said with or against the model: the newest human verdict of each mention, beside the words it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.models import EarlierWording, Mention, Verdict
from desk.models.mention import HUMAN
from desk.verdicts import tags

TAGS = (Verdict.sentiment, Verdict.intent, Verdict.urgency)


@dataclass(frozen=True, slots=True)
class Correction:
    """`text` as the judge reads it; `labels`: head -> word, for the heads that people tag."""

    verdict_id: int
    text: str
    labels: dict[str, str]


def newest(session: Session, limit: int) -> list[Correction]:
    """The newest first. A mention that was edited after somebody tagged it is left out: its words are others now.
    A tag that the stars decided and that nobody changed says nothing of the words, and is left out too."""
    of_each = sa.select(sa.func.max(Verdict.id)).where(sa.text(HUMAN)).group_by(Verdict.mention_id)
    was_edited = sa.exists().where(
        EarlierWording.mention_id == Verdict.mention_id, EarlierWording.replaced_at > Verdict.made_at
    )
    words = (Mention.title, Mention.text, Mention.parent, Mention.rating)
    query = (
        sa.select(Verdict.id, Verdict.mention_id, *TAGS, *words)
        .join(Mention, Mention.id == Verdict.mention_id)
        .where(Verdict.id.in_(of_each), ~was_edited)
        .order_by(Verdict.id.desc())
        .limit(limit)
    )
    found = session.execute(query).all()
    by_stars = _by_stars(session, [row.mention_id for row in found if row.rating is not None])
    left = [[head for head in tags.HEADS if (row.mention_id, head) not in by_stars] for row in found]
    return [
        Correction(row.id, tags.words(row), {head: getattr(row, head).value for head in heads})
        for row, heads in zip(found, left, strict=True)
        if heads
    ]


def _by_stars(session: Session, mention_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Mention and head: what stars decided against the words (desk.verdicts.tags.with_star_rating keeps no probability of that) and
    everybody who tagged the mention left as it was."""
    said = (Verdict.sentiment_probability, Verdict.intent_probability, Verdict.urgency_probability)
    query = sa.select(Verdict.mention_id, Verdict.by, *TAGS, *said).where(Verdict.mention_id.in_(mention_ids))
    shown: dict[int, Any] = {}
    found: set[tuple[int, str]] = set()
    for row in session.execute(query.order_by(Verdict.id)):
        before = shown.get(row.mention_id)
        if row.by != "human" and before is not None and before.by == "human":
            continue  # Kept, but a person's word stays in force.
        for head in tags.HEADS:
            if row.by != "human" and getattr(row, f"{head}_probability") is None:
                found.add((row.mention_id, head))
            elif row.by != "human" or (before and getattr(before, head) is not getattr(row, head)):
                found.discard((row.mention_id, head))
        shown[row.mention_id] = row
    return found


def count(session: Session, after: int = 0) -> int:
    """Mentions that a person has tagged, since the verdict `after`."""
    mentions = sa.select(sa.func.count(Verdict.mention_id.distinct()))
    return session.scalar(mentions.where(sa.text(HUMAN), Verdict.id > after)) or 0


def newest_id(session: Session) -> int:
    """0 where nobody has tagged anything yet."""
    return session.scalar(sa.select(sa.func.max(Verdict.id)).where(sa.text(HUMAN))) or 0
