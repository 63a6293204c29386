"""What happened, when and by whom: one row a step, in the transaction of the step itself."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from desk.models import Case, Journal, Mention, Reply, User

Event = Literal[
    "opened",
    "joined",
    "reworded",
    "raised",
    "rerouted",
    "judged_by_person",
    "judged_again",
    "filed",
    "unfiled",
    "taken",
    "released",
    "assigned",
    "handed_over",
    "noted",
    "snoozed",
    "woken",
    "breached",
    "answered",
    "reopened",
    "closed",
    "undone",
    "review_asked",
    "approved",
    "withdrawn",
    "sending",
    "published",
    "pending",
    "accepted",
    "rejected",
    "bounced",
    "replaced",
    "failed",
    "lost_track",
    "verified",
    "vanished",
    "cannot_tell",
    "posted_by_hand",
    "discarded",
    "change_asked",
    "change_approved",
    "change_discarded",
    "change_sending",
    "change_failed",
    "change_lost_track",
    "change_seen",
    "change_not_seen",
    "corrected",
    "answer_withdrawn",
    "stopped",
    "answered_on_site",
    "judge_arrived",
    "judge_learned",
    "judge_refused",
    "judge_went_back",
    "source_paused",
    "source_resumed",
    "source_removed",
    "source_moved",
    "author_withdrew",
    "account_added",
    "account_changed",
    "account_removed",
    "account_needs_person",
    "brand_removed",
]


def write(
    session: Session,
    event: Event,
    now: datetime,
    *,
    case: Case | None = None,
    mention: Mention | None = None,
    reply: Reply | None = None,
    user: User | None = None,
    brand_id: int | None = None,
    **facts: str | float | bool | None,
) -> None:
    """Adds one row. `facts` are ids, words and numbers; texts of people stay in their own rows."""
    if brand_id is None and case is not None:
        brand_id = case.brand_id
    if brand_id is None and mention is not None:
        brand_id = mention.brand_id
    session.add(
        Journal(
            at=now,
            event=event,
            brand_id=brand_id,
            case_id=case.id if case else None,
            mention_id=mention.id if mention else None,
            reply_id=reply.id if reply else None,
            user_id=user.id if user else None,
            facts=facts,
        )
    )
