"""What the case page shows: the thread as it stands in public, with our answers and private notes in their place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from desk.base.words import ReplyOrigin, ReplyState
from desk.models import Author, Case, EarlierWording, Journal, Mention, Note, Reply, Verdict

LONGEST_THREAD = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the thread: a mention with its earlier wordings, a reply or a note; or, for "edit", a mention that was
    rewritten after an answer, with the wording that stood there (`was`) and what took its place (`became`)."""

    at: datetime
    what: Literal["mention", "edit", "reply", "note"]
    mention: Mention | None = None
    was: EarlierWording | None = None
    became: Mention | EarlierWording | None = None
    earlier: Sequence[EarlierWording] = ()
    reply: Reply | None = None
    note: Note | None = None
    is_of_case: bool = False


def thread(session: Session, case: Case) -> list[Item]:
    """In the order in which things were said. An answer of ours that the crawl saw again is shown once."""
    said = _mentions(session, case)
    ours = session.scalars(
        sa.select(Reply)
        .where(Reply.case_id == case.id, Reply.state.not_in([ReplyState.DRAFT, ReplyState.DISCARDED]))
        .where(Reply.origin != ReplyOrigin.SITE)
    ).all()
    shown_as_reply = {reply.external_id for reply in ours if reply.external_id}
    earlier = _earlier_wordings(session, [mention.id for mention in said if mention.edit_count])
    items = [
        Item(
            m.published_at,
            "mention",
            mention=m,
            earlier=earlier.get(m.id, ()),
            is_of_case=m.case_id == case.id,
        )
        for m in said
        if not (m.is_own and m.external_id in shown_as_reply)
    ]
    items += [edit for m in said for edit in _edits(m, earlier.get(m.id, ()), m.case_id == case.id)]
    items += [Item(r.published_at or r.approved_at or r.created_at, "reply", reply=r) for r in ours]
    notes = session.scalars(sa.select(Note).where(Note.case_id == case.id))
    items += [Item(n.written_at, "note", note=n) for n in notes]
    return sorted(items, key=lambda item: item.at)


def _edits(mention: Mention, earlier: Sequence[EarlierWording], is_of_case: bool) -> Iterator[Item]:
    """Where it was changed after an answer, in its place among the answers."""
    later: list[Mention | EarlierWording] = [*earlier[1:], mention]
    for was, became in zip(earlier, later, strict=False):
        if was.said_at is not None and was.answered_at is not None:
            yield Item(was.said_at, "edit", mention=mention, was=was, became=became, is_of_case=is_of_case)


def _mentions(session: Session, case: Case) -> Sequence[Mention]:
    query = (
        sa.select(Mention)
        .where(Mention.source_id == case.source_id, Mention.thread == case.thread)
        .options(joinedload(Mention.author))
        .order_by(Mention.published_at.desc(), Mention.id.desc())
        .limit(LONGEST_THREAD)
    )
    return session.scalars(query).all()


def _earlier_wordings(session: Session, mention_ids: list[int]) -> dict[int, list[EarlierWording]]:
    found: dict[int, list[EarlierWording]] = {}
    if mention_ids:
        query = (
            sa.select(EarlierWording)
            .where(EarlierWording.mention_id.in_(mention_ids))
            .order_by(EarlierWording.id)
        )
        for wording in session.scalars(query):
            found.setdefault(wording.mention_id, []).append(wording)
    return found


def earlier_wordings(session: Session, mention_id: int) -> list[EarlierWording]:
    """The earlier wordings of one mention, oldest first."""
    return _earlier_wordings(session, [mention_id]).get(mention_id, [])


def others_of_author(session: Session, case: Case, limit: int = 10) -> list[Mention]:
    """What the same author said elsewhere at that site, newest first."""
    if case.author_id is None:
        return []
    query = sa.select(Mention).where(
        Mention.author_id == case.author_id, sa.or_(Mention.case_id.is_(None), Mention.case_id != case.id)
    )
    return list(session.scalars(query.order_by(Mention.published_at.desc()).limit(limit)))


def author_facts(session: Session, author: Author) -> dict[str, int]:
    """How many mentions and cases he has, and how many of them were answered."""
    mentions, answered = session.execute(
        sa.select(sa.func.count(), sa.func.count(Mention.answered_at)).where(Mention.author_id == author.id)
    ).one()
    cases = session.scalar(sa.select(sa.func.count()).where(Case.author_id == author.id)) or 0
    return {"mentions": mentions, "answered": answered, "cases": cases}


def verdicts(session: Session, mention_id: int) -> list[Verdict]:
    """Newest first."""
    query = sa.select(Verdict).where(Verdict.mention_id == mention_id)
    return list(session.scalars(query.order_by(Verdict.id.desc())))


def journal_of(session: Session, case_id: int, limit: int = 200) -> list[Journal]:
    """Oldest first."""
    query = sa.select(Journal).where(Journal.case_id == case_id).order_by(Journal.id.desc()).limit(limit)
    return list(reversed(session.scalars(query).all()))


def answers_by_case(session: Session) -> dict[int, list[Reply]]:
    """Every answer that left the draft, by case, oldest first."""
    found: dict[int, list[Reply]] = {}
    is_shown = Reply.state.not_in([ReplyState.DRAFT, ReplyState.DISCARDED])
    for reply in session.scalars(sa.select(Reply).where(is_shown).order_by(Reply.id)):
        found.setdefault(reply.case_id, []).append(reply)
    return found
