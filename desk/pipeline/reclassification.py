"""A newer model's verdicts on what was judged before: tags change and the journal tells it, and only cases that nobody
has touched are moved. People's words stay in force, no case is closed or reopened, old mentions open none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from desk import journal
from desk.base.words import CaseStage, MentionState
from desk.cases import cases, needs, opening
from desk.models import Case, Journal, Mention, Reply, Source, Verdict
from desk.pipeline.triage import Unjudged
from desk.routing import routing, rulebook
from desk.verdicts import tags
from desk.verdicts.star_ratings import Judgement

RECENT = timedelta(days=7)
"""What was said earlier opens no case any more: a model that changes its mind about a year of reviews would bury
today's complaints under thousands that nobody waits for an answer to."""

TAGS = ("intent", "sentiment", "urgency", "language", "is_uncertain")
NOBODY = "none"
"""The backend of a judgement that no model made, because the text broke it: the verdict that was there is better."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many mentions got a verdict, how many of them other tags, and how many new cases that opened."""

    judged: int = 0
    changed: int = 0
    opened: int = 0


def apply_second_verdicts(
    session: Session, pairs: Sequence[tuple[Unjudged, Judgement]], now: datetime
) -> Outcome:
    """Four reads and two writes for the whole batch, and a few more for each mention whose tags change. What was
    edited or taken away since it was read is left out."""
    given = {one.mention_id: (one, judgement) for one, judgement in pairs}
    rules = cache(partial(rulebook.rules, session))
    _lock_cases(session, list(given))
    humans = _humans(session, list(given))
    rows, changed, opened = [], 0, 0
    for mention in _locked(session, list(given)):
        one, judgement = given[mention.id]
        if mention.edit_count != one.wording or judgement.backend == NOBODY:
            continue
        weighed = tags.with_star_rating(judgement, mention.rating)
        wording = mention.edit_count
        rows.append(tags.verdict_values(mention.id, weighed, now, by="model", wording=wording))
        before = _tags(mention)
        tags.apply(mention, weighed)
        # Few are edited, and of those it is asked whether the person spoke of the words that stand there now.
        human = tags.newest_human(session, mention) if wording else humans.get(mention.id)
        if human is not None:
            tags.apply(mention, human)
        if _tags(mention) != before:
            changed += 1
            source = session.get_one(Source, mention.source_id)
            decision = routing.route(needs.facts_of(mention, source), rules(mention.brand_id))
            opened += _follow_up(session, mention, source, before, decision, now)
    if rows:
        session.execute(sa.insert(Verdict), rows)
    return Outcome(len(rows), changed, opened)


def _lock_cases(session: Session, ids: Sequence[int]) -> None:
    """Before the mentions, as whoever sends or sees an answer does: else each could wait for the other for ever."""
    theirs = sa.select(Mention.case_id).where(Mention.id.in_(ids), Mention.case_id.is_not(None))
    session.execute(sa.select(Case.id).where(Case.id.in_(theirs)).order_by(Case.id).with_for_update())


def _locked(session: Session, ids: Sequence[int]) -> Sequence[Mention]:
    query = sa.select(Mention).where(Mention.id.in_(ids), Mention.state == MentionState.JUDGED)
    alone = query.options(lazyload(Mention.author)).order_by(Mention.id)
    fresh = alone.with_for_update(of=Mention).execution_options(populate_existing=True)
    return session.scalars(fresh).all()


def _humans(session: Session, ids: Sequence[int]) -> dict[int, Verdict]:
    query = sa.select(Verdict).where(Verdict.mention_id.in_(ids), Verdict.by == "human").order_by(Verdict.id)
    return {verdict.mention_id: verdict for verdict in session.scalars(query)}


def _tags(mention: Mention) -> dict[str, object]:
    return {name: getattr(mention, name) for name in TAGS}


def _follow_up(
    session: Session,
    mention: Mention,
    source: Source,
    before: Mapping[str, object],
    decision: routing.Decision,
    now: datetime,
) -> bool:
    """Whether a case was opened."""
    if mention.case_id is not None:
        case = cases.locked(session, mention.case_id)
        journal.write(session, "judged_again", now, case=case, mention=mention, **_changes(mention, before))
        _move(session, case, mention, source, decision, now)
        return False
    if not decision.opens or mention.published_at < now - RECENT:
        return False
    if (found := needs.same_conversation(session, mention)) is None:
        opening.open_case(session, mention, source, decision, now)
        return True
    _join(session, found, mention, source, decision, now)
    return False


def _changes(mention: Mention, before: Mapping[str, object]) -> dict[str, Any]:
    """What each changed tag was and is, as words."""
    found: dict[str, Any] = {}
    for name in TAGS:
        was, now = before[name], getattr(mention, name)
        if was != now:
            found |= {f"was_{name}": _plain(was), name: _plain(now)}
    return found


def _plain(tag: object) -> str | bool | None:
    return tag.value if isinstance(tag, StrEnum) else tag if isinstance(tag, bool | None) else str(tag)


def _move(
    session: Session,
    case: Case,
    mention: Mention,
    source: Source,
    decision: routing.Decision,
    now: datetime,
) -> None:
    """What a case is about is told of every one; where it goes and when it is due, only of one nobody has touched."""
    is_its_own = case.mention_id == mention.id
    if is_its_own:
        opening.retag(case, mention)
    if not _is_untouched(session, case):
        return
    if is_its_own:
        first, decided = needs.most_urgent(session, case, mention, decision)
        if decided.opens:
            case.mention_id = first.id
            opening.retag(case, first)
            _reroute(session, case, first, decided, now)
    elif decision.opens and needs.asks_more(decision, mention, case):
        _follow(session, case, mention, source, decision, now)
        cases.touch(case, now)
        journal.write(session, "rerouted", now, case=case, mention=mention, rule=decision.rule_id)


def _is_untouched(session: Session, case: Case) -> bool:
    """Nobody has it, and no person has done anything to it: where somebody handed it over, there it stays. Whoever
    writes an answer need not have taken it, and a draft is no step that the journal tells."""
    if case.stage is not CaseStage.UNANSWERED or case.assignee_id is not None:
        return False
    by_people = sa.exists().where(Journal.case_id == case.id, Journal.user_id.is_not(None))
    written = sa.exists().where(Reply.case_id == case.id, Reply.user_id.is_not(None))
    return not session.scalar(sa.select(sa.or_(by_people, written)))


def _is_decided(case: Case, now: datetime) -> bool:
    """A target that was missed stays missed, also before somebody has noted that it was."""
    return case.is_met is not None or case.due_at < now


def _reroute(
    session: Session, case: Case, mention: Mention, decision: routing.Decision, now: datetime
) -> None:
    # The sentence stays as well: it tells of the team and the target that the case has.
    if (case.rule_id, case.priority) == (decision.rule_id, decision.priority):
        return
    case.rule_id, case.rule_en, case.rule_ru = decision.rule_id, decision.reason_en, decision.reason_ru
    if not _is_decided(case, now):
        case.policy, case.due_at = needs.target(session, decision, mention.brand_id, case.waits_since)
    case.priority, case.team_id = decision.priority, decision.team_id or case.team_id
    cases.touch(case, now)
    journal.write(session, "rerouted", now, case=case, mention=mention, rule=decision.rule_id)


def _follow(
    session: Session, case: Case, mention: Mention, source: Source, decision: routing.Decision, now: datetime
) -> None:
    opening.follow(session, case, mention, source, decision, keeps_due=_is_decided(case, now))


def _join(
    session: Session, case: Case, mention: Mention, source: Source, decision: routing.Decision, now: datetime
) -> None:
    """Whoever answered or closed the case had this message before his eyes: it does not reopen."""
    opening.join(session, case, mention, now)
    if needs.asks_more(decision, mention, case) and _is_untouched(session, case):
        _follow(session, case, mention, source, decision, now)
