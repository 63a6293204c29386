"""What an author made of his words afterwards. An edit that says something new waits for an answer of its own; the
answer that the earlier words had stays with them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.wordings import Wording, is_said_again, says_something_new
from desk.base.words import ReplyOrigin
from desk.models import Case, EarlierWording, Mention, Reply, Verdict

ANSWER = ("answered_at", "answer_seen_at", "answer_proof", "answer_wall_seconds", "answer_business_seconds")


def wording_of(row: Mention | EarlierWording) -> Wording:
    return Wording(row.title, row.text, row.rating)


def note(
    session: Session, mention: Mention, after: Wording, edited_at: datetime | None, now: datetime
) -> EarlierWording:
    """Keeps the wording that stands, before `after` takes its place, and with it the answer that was given to it."""
    before = wording_of(mention)
    earlier = EarlierWording(
        mention_id=mention.id, replaced_at=now, title=before.title, text=before.text, rating=before.rating
    )
    if says_something_new(before, after) and not _was_answered_before(session, mention, after):
        earlier.said_at = _said_at(session, mention, edited_at, now)
        if mention.answered_at is not None and not _has_answered_this(session, mention, earlier.said_at):
            move_answer(mention, earlier)
    session.add(earlier)
    return earlier


def _was_answered_before(session: Session, mention: Mention, after: Wording) -> bool:
    answered = sa.select(EarlierWording).where(
        EarlierWording.mention_id == mention.id, EarlierWording.answered_at.is_not(None)
    )
    return any(is_said_again(after, wording_of(earlier)) for earlier in session.scalars(answered))


def _said_at(session: Session, mention: Mention, edited_at: datetime | None, now: datetime) -> datetime:
    """The site's own time where it can be true: the words that are replaced were still there when they were read."""
    read = sa.select(sa.func.max(EarlierWording.replaced_at)).where(EarlierWording.mention_id == mention.id)
    last_read = (session.scalar(read) if mention.edit_count else None) or mention.collected_at
    return edited_at if edited_at is not None and last_read <= edited_at <= now else now


def _has_answered_this(session: Session, mention: Mention, said_at: datetime) -> bool:
    """Somebody answered on the site after the edit, which we notice only now. Whoever answers here has read what we
    had read."""
    if mention.answered_at is None or mention.answered_at < said_at:
        return False
    written_here = sa.select(Reply.id).where(
        Reply.case_id == mention.case_id,
        Reply.origin != ReplyOrigin.SITE,
        Reply.published_at == mention.answered_at,
    )
    return mention.case_id is None or session.scalar(written_here.limit(1)) is None


def move_answer(source: Mention | EarlierWording, target: Mention | EarlierWording) -> None:
    for name in ANSWER:
        setattr(target, name, getattr(source, name))
        setattr(source, name, None)


def give_answer_back(session: Session, mention: Mention) -> None:
    """The edit turned out to ask for nothing: it was thanks. What was answered is answered."""
    if (
        mention.answered_at is None
        and (newest := news(session, mention))
        and newest[-1].answered_at is not None
    ):
        move_answer(newest[-1], mention)


def news(session: Session, mention: Mention) -> list[EarlierWording]:
    """The edits of this mention that said something new, oldest first."""
    if not mention.edit_count:
        return []
    session.flush()
    query = sa.select(EarlierWording).where(
        EarlierWording.mention_id == mention.id, EarlierWording.said_at.is_not(None)
    )
    return list(session.scalars(query.order_by(EarlierWording.id)))


def answered_words(
    session: Session, mention: Mention, answered_at: datetime, edit_seen: int | None
) -> Mention | EarlierWording:
    """What an answer is about: the mention as it stands, or the earlier wording that its writer saw. `edit_seen` is
    what the composer showed (Reply.edit_seen); of an answer that was written elsewhere only the time is known."""

    def is_later(edit: EarlierWording) -> bool:
        if edit_seen is not None:
            return edit.id > edit_seen
        return edit.said_at is not None and edit.said_at > answered_at

    return next((edit for edit in news(session, mention) if is_later(edit)), mention)


def waits_since(session: Session, mention: Mention, words: Mention | EarlierWording) -> datetime | None:
    """When the author began to wait for an answer to these words: with the edit that followed the last answer. None
    where he had no answer before, and waits since he wrote."""
    edits = news(session, mention)
    before = edits if isinstance(words, Mention) else [edit for edit in edits if edit.id < words.id]
    return next((edit.said_at for edit in reversed(before) if edit.answered_at is not None), None)


def has_unjudged_edit(session: Session, mention: Mention) -> bool:
    """Whether it says something new since anybody, model or person, has judged it."""
    if not (edits := news(session, mention)):
        return False
    judged = session.scalar(
        sa.select(sa.func.max(sa.func.coalesce(Verdict.wording, 0))).where(Verdict.mention_id == mention.id)
    )
    return judged is not None and judged < wording_number(session, edits[-1])


def wording_number(session: Session, edit: EarlierWording) -> int:
    """How many edits led to the words that this one brought."""
    query = sa.select(sa.func.count()).where(
        EarlierWording.mention_id == edit.mention_id, EarlierWording.id <= edit.id
    )
    return session.scalar(query) or 0


def newest_in_thread(session: Session, case: Case) -> int:
    """The id of the newest edit in the thread that said something new, 0 where there is none."""
    query = (
        sa.select(sa.func.max(EarlierWording.id))
        .join(Mention, Mention.id == EarlierWording.mention_id)
        .where(Mention.source_id == case.source_id, Mention.thread == case.thread)
        .where(~Mention.is_own, Mention.edit_count > 0, EarlierWording.said_at.is_not(None))
    )
    return session.scalar(query) or 0
