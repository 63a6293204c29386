"""Which mentions the brand could have answered in public, and which have an answer that was seen there. The response rate
and the list of mentions ask the same question (docs/metrics.md)."""

import sqlalchemy as sa

from desk.base.words import CloseReason, Intent
from desk.models import Brand, Case, EarlierWording, Mention, Source
from desk.models.mention import WAS_ANSWERED

NOT_OURS_TO_ANSWER = (CloseReason.ABUSE, CloseReason.DUPLICATE, CloseReason.NOT_FOR_US)


def is_seen() -> sa.ColumnElement[bool]:
    """An answer was seen in public, to these words or to earlier ones; for queries of mentions."""
    earlier = sa.select(EarlierWording.id).where(
        EarlierWording.mention_id == Mention.id,
        sa.text(f"earlier_wordings.{WAS_ANSWERED}"),
        EarlierWording.answer_seen_at.is_not(None),
    )
    return sa.or_(Mention.answer_seen_at.is_not(None), earlier.exists())


def is_answerable() -> sa.ColumnElement[bool]:
    """What the figures count; for queries of mentions with their source and, outer, their case."""
    return reason() == ""


def reason() -> sa.ColumnElement[str]:
    """One reason for each mention, the first that holds: a total of the counts is a number of mentions."""
    is_review = Mention.rating.is_not(None)
    return sa.case(
        (Mention.is_own, "own"),
        (Mention.folder.is_not(None), "filed"),
        (Mention.brand_id.in_(sa.select(Brand.id).where(Brand.is_competitor)), "competitor"),
        (Mention.intent.is_(None) & ~is_review, "not_tagged"),
        (Mention.intent.not_in((Intent.COMPLAINT, Intent.QUESTION)) & ~is_review, "intent"),
        (~Source.accepts_replies, "no_replies"),
        (Mention.is_machine, "machine"),
        (Mention.can_be_answered.is_(False), "not_open"),
        (Mention.withdrawn_at.is_not(None) & Mention.answered_at.is_(None), "withdrawn"),
        (~Mention.is_date_known, "date_unknown"),
        *((Case.close_reason == reason, reason.value) for reason in NOT_OURS_TO_ANSWER),
        else_="",
    )
