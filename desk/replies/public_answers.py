"""What the brand said in public, and whom it answers. The response rate stands on this file.

The rule. An own message that names its parent answers that message and whatever else its author said in the thread
before it. One without a parent answers the newest customer message before it in its thread. An answer that was
written here is recognised by its text and answers what its case holds. Whoever rewrites his message afterwards has said
something new: an answer is about the wording that its writer saw (desk/mentions/edits.py). A brand that rewrites its answer
answers once more.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds
from desk.base.wordings import plain
from desk.base.words import STAGE_OF, AnswerProof, CaseStage, CaseStatus, ReplyOrigin, ReplyState
from desk.brands import calendars, targets
from desk.cases import lifecycle, opening
from desk.mentions import edits, search
from desk.models import Brand, Case, EarlierWording, Mention, Reply, Source
from desk.replies import change_rows
from desk.routing import routing

_MAY_TURN_UP = frozenset(
    {
        ReplyState.SENDING, ReplyState.ACCEPTED, ReplyState.VANISHED, ReplyState.WITHDRAWN, ReplyState.REJECTED,
        ReplyState.BOUNCED, ReplyState.FAILED,
    }
)  # fmt: skip


def record_public_answer(
    session: Session,
    source: Source,
    own: Mention,
    now: datetime,
    proof: AnswerProof = AnswerProof.STRANGER,
) -> bool:
    """Whether this own message answered anybody who had no answer seen yet. `proof`: who saw it there, anybody or only our
    account."""
    if (reply := _written_here(session, source, own)) is not None:
        if reply.state in (ReplyState.SENDING, ReplyState.WITHDRAWN):
            return False  # Whoever sends it, or looks whether it is gone, will write down what he learns.
        shown_at = own.published_at if own.is_date_known else None
        is_news = confirm(
            session, reply, external_id=own.external_id, url=own.url, now=now, shown_at=shown_at, proof=proof
        )
        # What is corrected from here goes on answering what it answered.
        if is_news or not edits.news(session, own) or change_rows.is_ours(session, reply, own.text):
            return is_news
    asked = _asked(session, source, own)
    if asked is None:
        return False
    at = _said_at(session, own)
    case = _locked(session, asked.case_id) if asked.case_id else None
    is_stranger = proof is AnswerProof.STRANGER
    before = _said_before(session, asked, at)
    is_news = mark_answered(session, before, case, at, now, seen_at=now if is_stranger else None, proof=proof)
    if is_news and case is not None:
        if reply is None:
            session.add(_as_reply(own, asked, case, now, proof))
            search.index_case(session, case.id)
        journal.write(session, "answered_on_site", now, case=case, mention=own)
    return is_news


def answered_elsewhere(
    session: Session,
    asked: Mention,
    now: datetime,
    *,
    text: str,
    external_id: str | None,
    url: str | None,
    at: datetime | None,
    proof: AnswerProof = AnswerProof.STRANGER,
) -> bool:
    """The site says that the brand has answered this mention, with words that were not written here; `at` is its own time
    of that. Whether it was news."""
    case = _locked(session, asked.case_id) if asked.case_id else None
    answered_at = bounds.between(at, asked.published_at, now)
    covered = _said_before(session, asked, answered_at)
    seen_at = now if proof is AnswerProof.STRANGER else None
    is_news = mark_answered(session, covered, case, answered_at, now, seen_at=seen_at, proof=proof)
    if is_news and case is not None:
        session.add(
            Reply(
                case_id=case.id, source_id=asked.source_id, mention_id=asked.id, origin=ReplyOrigin.SITE,
                state=ReplyState.VERIFIED, proof=proof, text=text, thread_seen=asked.id, external_id=external_id,
                url=url, created_at=now, changed_at=now, published_at=answered_at, verified_at=now,
            )
        )  # fmt: skip
        search.index_case(session, case.id)
        journal.write(session, "answered_on_site", now, case=case, mention=asked)
    return is_news


def _said_at(session: Session, own: Mention) -> datetime:
    rewritten = edits.news(session, own)
    return rewritten[-1].said_at or own.published_at if rewritten else own.published_at


def _locked(session: Session, case_id: int) -> Case | None:
    """Before its mentions, as whoever sends does: else each could wait for the other for ever."""
    query = sa.select(Case).where(Case.id == case_id).with_for_update(of=Case)
    return session.scalar(query.execution_options(populate_existing=True))


def waiting_for_parent(
    session: Session, source: Source, ids: Sequence[str], arrived_at: datetime
) -> list[Mention]:
    """Own messages that arrived before the messages they answer, which are these."""
    if not ids:
        return []
    query = sa.select(Mention).where(
        Mention.source_id == source.id,
        Mention.is_own,
        Mention.parent.in_(ids),
        Mention.collected_at < arrived_at,
    )
    return list(session.scalars(query))


def confirm(
    session: Session,
    reply: Reply,
    *,
    external_id: str | None,
    url: str | None,
    now: datetime,
    shown_at: datetime | None = None,
    proof: AnswerProof = AnswerProof.STRANGER,
) -> bool:
    """A reply of ours stands there, by this `proof`, `shown_at` being the site's own time of it. Returns False when that was
    known already."""
    is_better = proof is AnswerProof.STRANGER and reply.proof is not proof
    if reply.state is ReplyState.VERIFIED and is_better:
        reply.proof = proof
        mark_answered_by_reply(
            session, reply, session.get_one(Case, reply.case_id), now, seen_at=now, proof=proof
        )
        return True
    if reply.state is ReplyState.VERIFIED or ReplyState.VERIFIED not in lifecycle.REPLY_STEPS[reply.state]:
        return False
    case = session.get_one(Case, reply.case_id)
    reply.published_at = reply.published_at or _public_since(session, reply, case, shown_at, now)
    reply.state, reply.verified_at, reply.changed_at = ReplyState.VERIFIED, now, now
    reply.external_id, reply.url = external_id or reply.external_id, url or reply.url
    reply.error_kind = reply.error = None
    reply.proof = proof
    journal.write(session, "verified", now, case=case, reply=reply, proof=proof.value)
    is_stranger = proof is AnswerProof.STRANGER
    mark_answered_by_reply(session, reply, case, now, seen_at=now if is_stranger else None, proof=proof)
    return True


def _public_since(
    session: Session, reply: Reply, case: Case, shown_at: datetime | None, now: datetime
) -> datetime:
    """By hand: the site's own time, else when the person said so. Held for moderation: not before it was seen, for the
    site goes on to show the time at which it was handed in. Cut off: when it was sent."""
    if reply.origin is ReplyOrigin.BY_HAND and reply.accepted_at is not None:
        zone = ZoneInfo(session.get_one(Brand, case.brand_id).calendar.time_zone)
        is_likely = shown_at is not None and case.waits_since <= shown_at <= now
        return shown_at if shown_at and is_likely and not _is_day(shown_at, zone) else reply.accepted_at
    return now if reply.accepted_at is not None else reply.sending_at or now


def _is_day(moment: datetime, zone: ZoneInfo) -> bool:
    """Midnight to the second is a site that shows days only."""
    return any(moment.astimezone(one).time() == time.min for one in (zone, UTC))


def await_public(session: Session, reply: Reply, case: Case, now: datetime) -> None:
    """Handed over, but nobody can read it yet. The case waits for that, and nothing about it is decided meanwhile."""
    at = reply.accepted_at or now
    for mention in session.scalars(_held(reply, case, at)):
        words = edits.answered_words(session, mention, at, reply.edit_seen)
        if words is mention and mention.answered_at is None:
            mention.answer_sent_at = reply.accepted_at
    if case.stage not in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        return
    case.sent_at = reply.accepted_at
    session.flush()
    # What was said or rewritten after the answer was written asks for one of its own, and the case stays where it is.
    if opening.still_asks(session, case, is_unsent=True) is None:
        if case.status is not CaseStatus.ON_HOLD:
            lifecycle.check_case(case.status, CaseStatus.ON_HOLD)
        case.status, case.stage = CaseStatus.ON_HOLD, STAGE_OF[CaseStatus.ON_HOLD]
        case.snoozed_until = None
    case.version, case.changed_at = case.version + 1, now


def give_up(session: Session, reply: Reply, case: Case) -> None:
    """It is not awaited any longer: what it was to answer waits for another one."""
    if reply.accepted_at is None:
        return
    session.execute(
        sa.update(Mention)
        .where(Mention.case_id == case.id, Mention.answer_sent_at == reply.accepted_at)
        .values(answer_sent_at=None)
    )
    if case.sent_at == reply.accepted_at:
        case.sent_at = None


def mark_answered_by_reply(
    session: Session,
    reply: Reply,
    case: Case,
    now: datetime,
    seen_at: datetime | None,
    proof: AnswerProof | None = None,
) -> None:
    """Everything the case held when the reply was written is answered, at the time the site took it."""
    at = reply.published_at or now
    give_up(session, reply, case)
    covered = list(session.scalars(_held(reply, case, at)))
    mark_answered(session, covered, case, at, now, seen_at=seen_at, edit_seen=reply.edit_seen, proof=proof)


def _held(reply: Reply, case: Case, at: datetime) -> sa.Select[Mention]:
    """What the case held when the reply was handed over; which words of it are answered tells `Reply.edit_seen`."""
    until = min(at, reply.accepted_at or at)
    said_before = sa.or_(Mention.id <= reply.thread_seen, Mention.published_at <= until)
    return sa.select(Mention).where(Mention.case_id == case.id, said_before)


def mark_answered(
    session: Session,
    covered: Sequence[Mention],
    case: Case | None,
    answered_at: datetime,
    now: datetime,
    *,
    seen_at: datetime | None,
    edit_seen: int | None = None,
    proof: AnswerProof | None = None,
) -> bool:
    """Writes the answer down on the words it is about, once, and moves the case. Whether anything was news."""
    is_news = False
    for mention in covered:
        words = edits.answered_words(session, mention, answered_at, edit_seen)
        if words.answered_at is None:
            _measure(session, mention, words, answered_at)
            is_news = True
        if words.answer_seen_at is None and seen_at is not None:
            words.answer_seen_at = seen_at
            is_news = True
        words.answer_proof = _better(words.answer_proof, proof) if words.answer_seen_at is None else None
    if case is not None:
        _move_on(session, case, answered_at, now)
    return is_news


def mark_unanswered(session: Session, reply: Reply, case: Case) -> None:
    """The answer is no longer in public: what it alone had answered is unanswered again. What nobody ever saw there
    has met no target either."""
    held = sa.select(Mention).where(Mention.case_id == case.id, Mention.answered_at == reply.published_at)
    earlier = sa.select(EarlierWording).join(Mention, Mention.id == EarlierWording.mention_id)
    earlier = earlier.where(Mention.case_id == case.id, EarlierWording.answered_at == reply.published_at)
    for words in (*session.scalars(held), *session.scalars(earlier)):
        words.answered_at = words.answer_seen_at = words.answer_proof = None
        words.answer_wall_seconds = words.answer_business_seconds = None
    if reply.verified_at is None and case.first_answer_at == reply.published_at:
        case.first_answer_at = case.is_met = None


def _better(known: str | None, proof: AnswerProof | None) -> str | None:
    """What the site has confirmed stays confirmed, whatever a receipt says later."""
    if proof is None or known == AnswerProof.ACCOUNT:
        return known
    return proof.value


def _measure(
    session: Session, mention: Mention, words: Mention | EarlierWording, answered_at: datetime
) -> None:
    """How long its author waited for this answer: since he wrote, or since the edit that asked for another one."""
    again = edits.waits_since(session, mention, words)
    words.answered_at = answered_at
    if isinstance(words, Mention):
        words.answer_sent_at = None
    if again is None and not mention.is_date_known:
        return
    since = again or mention.published_at
    words.answer_wall_seconds = max(0, int((answered_at - since).total_seconds()))
    words.answer_business_seconds = _open_seconds(session, mention.brand_id, since, answered_at)


def _open_seconds(session: Session, brand_id: int, since: datetime, until: datetime) -> int | None:
    """None where somebody damaged the brand's calendar: how long the desk was open is not known then."""
    row = session.get_one(Brand, brand_id).calendar
    if not calendars.is_whole(row):
        return None
    return targets.elapsed(targets.from_row(row), since, until)


def _move_on(session: Session, case: Case, answered_at: datetime, now: datetime) -> None:
    session.flush()
    if (asking := opening.still_asks(session, case)) is not None:
        _go_on(session, case, *asking, answered_at)
        return
    _decide(case, answered_at)
    if case.stage not in (CaseStage.UNANSWERED, CaseStage.ON_HOLD):
        return
    lifecycle.check_case(case.status, CaseStatus.ANSWERED)
    case.status, case.stage = CaseStatus.ANSWERED, STAGE_OF[CaseStatus.ANSWERED]
    case.answered_at, case.snoozed_until, case.news_at = answered_at, None, None
    case.version, case.changed_at = case.version + 1, now
    wall = max(0, int((answered_at - case.waits_since).total_seconds()))
    business = _open_seconds(session, case.brand_id, case.waits_since, answered_at)
    journal.write(
        session, "answered", now, case=case, wall_seconds=wall, business_seconds=business, met=case.is_met
    )


def _go_on(
    session: Session, case: Case, mention: Mention, decision: routing.Decision, answered_at: datetime
) -> None:
    """A later message still waits. The target of the first one is decided, and the clock runs for this one."""
    since_edit = edits.waits_since(session, mention, mention)
    start = since_edit or opening.clock_start(mention, session.get_one(Source, case.source_id))
    if start > case.waits_since:
        _decide(case, answered_at)
        case.waits_since = start
        case.policy, case.due_at = opening.target(session, decision, case.brand_id, start)


def _decide(case: Case, answered_at: datetime) -> None:
    """The target, by the first answer. One that turns out to have stood there in time was no breach."""
    is_in_time = answered_at <= case.due_at
    if case.is_met is None or (case.first_answer_at is None and is_in_time):
        case.is_met = is_in_time
    case.first_answer_at = case.first_answer_at or answered_at


def _written_here(session: Session, source: Source, own: Mention) -> Reply | None:
    """Ours by the id the site gave it, else by its text in the same thread."""
    of_source = sa.select(Reply).join(Case, Reply.case_id == Case.id).where(Reply.source_id == source.id)
    by_id = of_source.where(Reply.external_id == own.external_id).order_by(Reply.id.desc())
    if (reply := session.scalars(by_id).first()) is not None:
        return reply
    nameless = of_source.where(
        Reply.origin != ReplyOrigin.SITE,
        Reply.state.in_(lifecycle.TO_LOOK_FOR | _MAY_TURN_UP),
        sa.or_(Case.thread == own.thread, Case.thread == own.parent),
    )
    wanted = plain(own.text)
    return next((reply for reply in session.scalars(nameless) if plain(reply.text) == wanted), None)


def _asked(session: Session, source: Source, own: Mention) -> Mention | None:
    said = sa.select(Mention).where(Mention.source_id == source.id, ~Mention.is_own)
    if own.parent is not None:
        parent = session.scalar(said.where(Mention.external_id == own.parent))
        if parent is not None or own.parent != own.thread:
            return parent
    before = said.where(Mention.thread == own.thread, Mention.published_at <= own.published_at)
    return session.scalars(before.order_by(Mention.published_at.desc(), Mention.id.desc()).limit(1)).first()


def _said_before(session: Session, asked: Mention, at: datetime) -> list[Mention]:
    """The message asked about and the earlier ones of its author in that thread."""
    if asked.author_id is None:
        return [asked]
    query = sa.select(Mention).where(
        Mention.source_id == asked.source_id,
        Mention.thread == asked.thread,
        Mention.author_id == asked.author_id,
        ~Mention.is_own,
        sa.or_(Mention.id == asked.id, Mention.published_at <= at),
    )
    return list(session.scalars(query))


def _as_reply(own: Mention, asked: Mention, case: Case, now: datetime, proof: AnswerProof) -> Reply:
    return Reply(
        case_id=case.id,
        source_id=own.source_id,
        mention_id=asked.id,
        origin=ReplyOrigin.SITE,
        state=ReplyState.VERIFIED,
        proof=proof,
        text=own.text,
        thread_seen=own.id,
        external_id=own.external_id,
        url=own.url,
        created_at=now,
        changed_at=now,
        published_at=own.published_at,
        verified_at=now,
    )
