"""The tags of a mention: what a verdict says of the words and stars together, and whose verdict is in force."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.mentions import edits
from desk.models import Mention, Verdict
from desk.verdicts.star_ratings import Judgement, weigh

HEADS = ("sentiment", "intent", "urgency")
"""What people tag, and stars have a say in."""
HEAD_OF = {"sentiment": "sentiment", "intent": "kind", "urgency": "urgency"}
"""What the trained weights call each of them (docs/design.md)."""


def words(row: Any) -> str:
    """The title of a reply is its thread's ("Re: Where is my order?") and says nothing about who replies."""
    return row.text.strip() if row.parent else f"{row.title}\n{row.text}".strip()


def with_star_rating(judgement: Judgement, rating: float | None) -> Judgement:
    """Words and stars together. A tag that the stars alone decided has no probability: the model's own is that of what
    the words said, and nobody is to learn from this tag what the words mean (desk/verdicts/corrections.py)."""
    weighed = weigh(judgement, rating)
    by_stars = [head for head in HEADS if getattr(weighed, head) is not getattr(judgement, head)]
    unknown: dict[str, Any] = {f"{head}_probability": None for head in by_stars}
    return replace(weighed, **unknown)


def verdict_values(mention_id: int, j: Judgement, now: datetime, *, by: str, wording: int) -> dict[str, Any]:
    return {
        "mention_id": mention_id,
        "by": by,
        "backend": j.backend[:80],
        "model_revision": j.model_revision[:80],
        "made_at": now,
        "language": j.language[:16],
        "language_probability": j.language_probability,
        "sentiment": j.sentiment,
        "sentiment_probability": j.sentiment_probability,
        "intent": j.intent,
        "intent_probability": j.intent_probability,
        "urgency": j.urgency,
        "urgency_probability": j.urgency_probability,
        "is_uncertain": j.is_uncertain,
        "is_abusive": j.is_abusive,
        "abuse_probability": j.abuse_probability,
        "wording": wording,
    }


def newest_human(session: Session, mention: Mention) -> Verdict | None:
    """A person's word about these words: what he said of an earlier wording is no word about what it says now."""
    query = sa.select(Verdict).where(Verdict.mention_id == mention.id, Verdict.by == "human")
    found = session.scalars(query.order_by(Verdict.id.desc()).limit(1)).first()
    if found is None or not (news := edits.news(session, mention)):
        return found
    return found if (found.wording or 0) >= edits.wording_number(session, news[-1]) else None


def apply(mention: Mention, verdict: Verdict | Judgement) -> None:
    """That verdict is in force from now on. Whether it insults is not asked of people, so the model's word stays."""
    mention.sentiment, mention.intent, mention.urgency = verdict.sentiment, verdict.intent, verdict.urgency
    mention.language, mention.is_uncertain = verdict.language, verdict.is_uncertain
    if verdict.is_abusive is not None:
        mention.is_abusive = verdict.is_abusive
