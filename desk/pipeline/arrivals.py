"""What a crawl or a file brings: mentions are stored (desk/mentions/intake.py), and whoever has to know of it is told. Cases hear of
new words, the brand's own words become answers, and a worker is woken to judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, wakeups
from desk.cases import cases
from desk.mentions import intake, recognition, search
from desk.mentions.intake import Seen
from desk.models import Case, Mention, Source
from desk.pipeline import late_authorship, outcomes
from desk.pipeline import withdrawals as withdrawals_of
from desk.pipeline.outcomes import AnswerNews
from desk.pipeline.withdrawals import WithdrawalSeen
from desk.replies import attribution, public_answers
from desk.replies.terms import USUAL, Terms
from desk.sources import changes


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch came to: mentions never seen before, wordings that changed, those known already, own
    answers, what its author took back, and moves of the source that could not be followed."""

    new: int = 0
    edited: int = 0
    known: int = 0
    answers: int = 0
    withdrawn: int = 0
    not_followed: int = 0

    def __add__(self, other: "Recorded") -> "Recorded":
        return Recorded(
            self.new + other.new,
            self.edited + other.edited,
            self.known + other.known,
            self.answers + other.answers,
            self.withdrawn + other.withdrawn,
            self.not_followed + other.not_followed,
        )


class MoveSeen(Protocol):
    """channels.contract.Moved has this shape."""

    @property
    def url(self) -> str | None: ...
    @property
    def settings(self) -> Mapping[str, str]: ...


def record(
    session: Session,
    source: Source,
    sightings: Sequence[Seen],
    now: datetime,
    *,
    answers: Sequence[AnswerNews] = (),
    withdrawals: Sequence[WithdrawalSeen] = (),
    moves: Sequence[MoveSeen] = (),
    terms: Terms = USUAL,
) -> Recorded:
    """Stores a batch; the same batch again changes nothing. Wakes "tag" when something must be judged. `terms`: on which the
    source's channel takes answers; by them an answer that is met was seen by anybody, or by our account alone."""
    recorded = _record_sightings(session, source, sightings, now, terms)
    news = sum(outcomes.note(session, source, one, now, terms) for one in answers)
    gone = sum(_withdraw(session, source, one, now) for one in withdrawals)
    followed = [changes.follow(session, source, move.url, move.settings, now) for move in moves]
    return recorded + Recorded(answers=news, withdrawn=gone, not_followed=followed.count(False))


def _withdraw(session: Session, source: Source, seen: WithdrawalSeen, now: datetime) -> bool:
    mention = withdrawals_of.find(session, source, seen)
    if mention is None:
        return False
    if mention.is_own:
        mention.withdrawn_at = bounds.between(seen.at, mention.published_at, now)
        outcomes.removed(session, source, mention, now)
    else:
        withdrawals_of.withdraw(session, mention, seen.at, now)
    return True


def _record_sightings(
    session: Session, source: Source, sightings: Sequence[Seen], now: datetime, terms: Terms
) -> Recorded:
    batch = {intake.key(seen.external_id): seen for seen in recognition.settle(session, source, sightings)}
    if not batch:
        return Recorded()
    known = intake.known(session, source, batch)
    fresh = intake.insert(session, source, {k: seen for k, seen in batch.items() if k not in known}, now)
    changed = [row.id for row in known.values() if intake.hash_of(batch[row.external_id]) != row.content_hash]
    learned = [row.id for row in known.values() if _is_told_otherwise(row, batch[row.external_id])]
    for row in known.values():
        intake.refresh(session, row, batch[row.external_id])
    back = [row.id for row in known.values() if row.withdrawn_at is not None]
    withdrawals_of.restore(session, _locked(session, back), now)
    for mention in _locked(session, learned):
        late_authorship.learn(session, source, mention, not mention.is_own, now)
    edited = _locked(session, changed)
    for mention in edited:
        _note_edit(session, mention, batch[mention.external_id], now)
    if touched := [row.id for row in fresh] + changed + learned:
        search.index(session, touched)
        wakeups.send(session, "tag")
    own = _mentions(session, [row.id for row in fresh if row.is_own])
    own += [mention for mention in _mentions(session, sorted({*changed, *learned})) if mention.is_own]
    own += attribution.waiting_for_parent(
        session, source, [row.external_id for row in fresh if not row.is_own], now
    )
    covered = sum(
        public_answers.record_public_answer(session, source, mention, now, terms.seen_by) for mention in own
    )
    return Recorded(len(fresh), len(edited), len(known) - len(edited), covered)


def _is_told_otherwise(row: sa.Row[Any], seen: Seen) -> bool:
    """Whether the channel knows now that it is ours, or not ours, of which the opposite is written down."""
    return seen.is_by_brand is not None and seen.is_by_brand is not row.is_own


def _mentions(session: Session, ids: Sequence[int]) -> list[Mention]:
    query = sa.select(Mention).where(Mention.id.in_(ids)).order_by(Mention.id)
    return list(session.scalars(query)) if ids else []


def _locked(session: Session, ids: Sequence[int]) -> list[Mention]:
    """Their cases first, as everybody does who changes both."""
    if not ids:
        return []
    theirs = sa.select(Mention.case_id).where(Mention.id.in_(ids), Mention.case_id.is_not(None))
    session.execute(sa.select(Case.id).where(Case.id.in_(theirs)).order_by(Case.id).with_for_update())
    query = sa.select(Mention).where(Mention.id.in_(ids)).order_by(Mention.id).with_for_update(of=Mention)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _note_edit(session: Session, mention: Mention, seen: Seen, now: datetime) -> None:
    earlier = intake.reword(session, mention, seen, now)
    if earlier is None or mention.is_own or earlier.said_at is None or mention.case_id is None:
        return
    case = cases.load(session, mention.case_id)
    cases.touch(case, now)
    journal.write(
        session, "reworded", now, case=case, mention=mention, after_answer=earlier.answered_at is not None
    )
