"""Store the verdict, route by it, and see to the case: opened, joined or moved (desk/cases/opening.py)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import leases
from desk.base.errors import NotFound
from desk.base.words import CaseStage, CloseReason, Folder, Intent, MentionState, Sentiment, Urgency
from desk.base.work import Pending
from desk.cases import cases, handling, handovers, needs, opening
from desk.mentions import edits, filing
from desk.models import Case, Mention, Source, User, Verdict
from desk.people import permissions
from desk.routing import routing, rulebook
from desk.verdicts import tags
from desk.verdicts.star_ratings import Judgement

__all__ = ["Judgement", "Unjudged", "claim", "correct", "judge", "waiting"]


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A mention to be judged; title and text as one string, the text alone where it is a reply. `wording` counts
    its edits."""

    mention_id: int
    text: str
    rating: float | None
    language: str | None
    wording: int = 0


def waiting(session: Session, now: datetime) -> Pending:
    """New mentions."""
    new = sa.select(Mention.id).where(Mention.state == MentionState.NEW)
    is_free = leases.is_free(Mention.claimed_until, now)
    return leases.pending(session, new.where(is_free), new.where(~is_free))


def claim(session: Session, now: datetime, limit: int, lease_seconds: int = 300) -> list[Unjudged]:
    """Leases the oldest unjudged mentions; a lease that ran out (a killed worker) is taken again."""
    chosen = (
        sa.select(Mention.id)
        .where(Mention.state == MentionState.NEW, leases.is_free(Mention.claimed_until, now))
        .order_by(Mention.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        # Chosen once: as a bare subquery PostgreSQL may choose anew for each row, and so lease more than the limit.
        .cte("chosen")
    )
    lease = (
        sa.update(Mention)
        .where(Mention.id.in_(sa.select(chosen.c.id)))
        .values(claimed_until=now + timedelta(seconds=lease_seconds))
        .returning(
            Mention.id,
            Mention.title,
            Mention.text,
            Mention.rating,
            Mention.language,
            Mention.parent,
            Mention.published_at,
            Mention.edit_count,
        )
        .execution_options(synchronize_session=False)
    )
    # Who spoke first opens the case, whatever order the site lists things in.
    rows = sorted(session.execute(lease).all(), key=lambda row: (row.published_at, row.id))
    return [Unjudged(row.id, tags.words(row), row.rating, row.language, row.edit_count) for row in rows]


def judge(
    session: Session, mention_id: int, judgement: Judgement, now: datetime, *, wording: int | None = None
) -> None:
    """Safe to run twice: a mention that has been judged meanwhile is left alone. One that was edited since it was read
    at that `wording` stays new, for the judgement is about words that are gone. A person's word stays in force."""
    mention = _locked(session, mention_id)
    if mention is None or mention.state is not MentionState.NEW:
        return
    if wording not in (None, mention.edit_count):
        return
    weighed = tags.with_star_rating(judgement, mention.rating)
    has_unjudged_edit = edits.has_unjudged_edit(session, mention)
    _store(session, mention, weighed, now, by="model", user=None)
    tags.apply(mention, weighed)
    if (human := tags.newest_human(session, mention)) is not None:
        tags.apply(mention, human)
    # While it is new, it is no example of what belongs to the brand.
    _file(session, mention)
    mention.state, mention.claimed_until = MentionState.JUDGED, None
    _route(session, mention, now, has_unjudged_edit=has_unjudged_edit)


def file(session: Session, mention_id: int, user: User, folder: Folder | None, now: datetime) -> Mention:
    """A person puts it into a folder or, with None, back among the mentions, where it may open a case. His word stays in
    force. Raises NotFound, NotAllowed."""
    permissions.require_writer(user)
    mention = _locked(session, mention_id)
    if mention is None:
        raise NotFound(f"There is no mention {mention_id}.")
    filing.put_by_person(mention, folder)
    event: journal.Event = "filed" if folder else "unfiled"
    journal.write(
        session, event, now, case=_case_of(session, mention), mention=mention, user=user, folder=folder
    )
    if mention.state is MentionState.JUDGED and not mention.is_own:
        _route(session, mention, now, user)
    return mention


def correct(
    session: Session,
    mention_id: int,
    user: User,
    now: datetime,
    *,
    sentiment: Sentiment | None = None,
    intent: Intent | None = None,
    urgency: Urgency | None = None,
    language: str | None = None,
) -> Verdict:
    """A person's verdict; what he does not name keeps its value. Raises NotFound, NotAllowed."""
    permissions.require_writer(user)
    mention = _locked(session, mention_id)
    if mention is None:
        raise NotFound(f"There is no mention {mention_id}.")
    judgement = Judgement(
        language=language or mention.language or "und",
        sentiment=sentiment or mention.sentiment or Sentiment.NEUTRAL,
        intent=intent or mention.intent or Intent.OTHER,
        urgency=urgency or mention.urgency or Urgency.NORMAL,
        backend="human",
    )
    has_unjudged_edit = edits.has_unjudged_edit(session, mention)
    verdict = _store(session, mention, judgement, now, by="human", user=user)
    mention.state = MentionState.JUDGED
    tags.apply(mention, verdict)
    journal.write(
        session,
        "judged_by_person",
        now,
        case=_case_of(session, mention),
        mention=mention,
        user=user,
        sentiment=verdict.sentiment,
        intent=verdict.intent,
        urgency=verdict.urgency,
    )
    _route(session, mention, now, user, has_unjudged_edit=has_unjudged_edit)
    return verdict


def _locked(session: Session, mention_id: int) -> Mention | None:
    """Its case first, as everybody does: whoever sends an answer holds the case and then wants its mentions."""
    case_id = session.scalar(sa.select(Mention.case_id).where(Mention.id == mention_id))
    if case_id is not None:
        cases.locked(session, case_id)
    query = sa.select(Mention).where(Mention.id == mention_id).with_for_update(of=Mention)
    return session.scalar(query.execution_options(populate_existing=True))


def _store(
    session: Session, mention: Mention, j: Judgement, now: datetime, *, by: str, user: User | None
) -> Verdict:
    values = tags.verdict_values(mention.id, j, now, by=by, wording=mention.edit_count)
    verdict = Verdict(**values, user_id=user.id if user else None)
    session.add(verdict)
    session.flush()
    return verdict


def _case_of(session: Session, mention: Mention) -> Case | None:
    return session.get(Case, mention.case_id) if mention.case_id else None


def _file(session: Session, mention: Mention) -> None:
    """What belongs to a conversation that has a case is never filed by itself."""
    where = filing.proposal(session, mention, session.get_one(Source, mention.source_id))
    if where is not None and (mention.case_id is not None or needs.same_conversation(session, mention)):
        where = None
    filing.put(mention, where)


def _route(
    session: Session,
    mention: Mention,
    now: datetime,
    user: User | None = None,
    *,
    has_unjudged_edit: bool = False,
) -> None:
    source = session.get_one(Source, mention.source_id)
    decision = routing.route(needs.facts_of(mention, source), rulebook.rules(session, mention.brand_id))
    if has_unjudged_edit and not decision.opens:
        edits.give_answer_back(session, mention)
    case = _case_of(session, mention) or needs.same_conversation(session, mention)
    if case is None:
        if decision.opens:
            opening.open_case(session, mention, source, decision, now, is_edit=has_unjudged_edit)
        return
    if has_unjudged_edit and decision.opens:
        mention.answer_sent_at = None  # What is awaited in public was written to the earlier words.
    is_joining = mention.case_id is None
    asks = (is_joining or has_unjudged_edit) and decision.opens and mention.answered_at is None
    if is_joining:
        opening.join(session, case, mention, now)
    elif not (asks and needs.asks_more(decision, mention, case)):
        _reroute(session, case, mention, decision, now, user)
    if asks:
        opening.raise_for(session, case, mention, source, decision, now, is_edit=has_unjudged_edit)


def _reroute(
    session: Session,
    case: Case,
    mention: Mention,
    decision: routing.Decision,
    now: datetime,
    user: User | None,
) -> None:
    if case.mention_id != mention.id:
        return
    opening.retag(case, mention)
    cases.touch(case, now)
    if case.stage is not CaseStage.UNANSWERED:
        return
    # The tags that are shown are this message's, but a weightier one that still waits keeps the case where it is.
    _, decision = needs.most_urgent(session, case, mention, decision)
    if not decision.opens:
        if user is not None and mention.answered_at is None and case.message_count == 1:
            handling.close(session, case.id, user, CloseReason.NO_ANSWER_NEEDED, now)
        return
    case.policy, case.due_at = needs.target(session, decision, mention.brand_id, case.waits_since)
    case.rule_id, case.rule_en, case.rule_ru = decision.rule_id, decision.reason_en, decision.reason_ru
    case.priority = decision.priority or case.priority
    # Whoever has taken it keeps it: a correction takes no case away from its owner.
    if (
        case.assignee_id is None
        and decision.team_id is not None
        and not handovers.is_team_chosen(session, case)
    ):
        case.team_id = decision.team_id
    journal.write(session, "rerouted", now, case=case, mention=mention, user=user, rule=decision.rule_id)
