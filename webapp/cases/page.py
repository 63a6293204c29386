"""Everything the case page shows, gathered once: the thread, the author, the verdict, the composer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_security import current_user

from desk.base.words import STANDS, CaseStage
from desk.cases import cases, handling, handovers
from desk.mentions import conversation, edits
from desk.mentions.conversation import Item
from desk.models import Case, Journal, Mention, Note, Reply, Team, User, Verdict
from desk.people import users
from desk.people.users import Session
from desk.replies import conflicts, draft_list, lifecycle
from desk.verdicts import tags
from webapp.live import presence
from webapp.request import languages
from webapp.wording import channels as channel_words


@dataclass(frozen=True, slots=True)
class Writing:
    """What stands in the composer. `news` are public messages that came, or were changed (`rewritten` holds their ids),
    after the draft was begun, `answers` what colleagues have answered meanwhile."""

    text: str
    thread_seen: int
    edit_seen: int
    draft: Reply | None
    news: Sequence[Mention]
    rewritten: frozenset[int]
    answers: Sequence[Reply] = ()

    @property
    def beside(self) -> Reply | None:
        """The newest of them that stands, beside which this one may go out all the same; None while one is on its way."""
        if any(one.state in lifecycle.ON_ITS_WAY for one in self.answers):
            return None
        standing = [one for one in self.answers if one.state in STANDS and one.approved_at]
        return max(standing, key=lambda one: (one.approved_at, one.id), default=None)


@dataclass(frozen=True, slots=True)
class CaseFile:
    case: Case
    thread: Sequence[Item]
    others: Sequence[Mention]
    author: dict[str, int]
    verdicts: Sequence[Verdict]
    human: Verdict | None
    journal: Sequence[Journal]
    names: dict[int, str]
    teams: Sequence[Team]
    colleagues: Sequence[User]
    reviews: Sequence[Reply]
    left_behind: Sequence[Reply]
    is_answered_by_us: bool
    composer: channel_words.Composer
    writing: Writing
    complaint: str
    handover: Note | None
    watchers: Sequence[presence.Watcher] = field(default_factory=list)

    @property
    def team_names(self) -> dict[int, str]:
        is_russian = languages.language() == "ru"
        return {team.id: team.name_ru if is_russian else team.name_en for team in self.teams}

    @property
    def is_unanswered(self) -> bool:
        return self.case.stage in (CaseStage.UNANSWERED, CaseStage.ON_HOLD)

    @property
    def is_handed_to_reader(self) -> bool:
        return bool(self.case.is_handover_new) and handovers.is_for(self.case, current_user)

    @property
    def holder(self) -> str:
        """Who has it now: a person, or a team."""
        return self.case.assignee.name if self.case.assignee else self.team_names[self.case.team_id]

    @property
    def is_mine(self) -> bool:
        return bool(self.case.assignee_id == current_user.id)

    @property
    def verdict(self) -> Verdict | None:
        """The one in force: a person's about the words that stand there now, else the machine's newest."""
        return self.human or self.guess or next(iter(self.verdicts), None)

    @property
    def guess(self) -> Verdict | None:
        """The machine's newest, with its probabilities."""
        return next((one for one in self.verdicts if one.by == "model"), None)


def draft_version(draft: Reply | None) -> str:
    """Changes with every change of the draft; empty where there is none. A browser compares it (static/js/drafts.js)."""
    return f"{draft.id}:{draft.changed_at.isoformat()}" if draft else ""


def gather(session: Session, case_id: int, typed: dict[str, Any] | None = None) -> CaseFile:
    """Raises NotFound. `typed` is what a refused form held: it is shown again instead of the draft."""
    case = cases.load(session, case_id)
    thread = conversation.thread(session, case)
    steps = conversation.journal_of(session, case_id)
    writing = _writing(session, case, thread, typed)
    return CaseFile(
        case=case,
        thread=thread,
        others=conversation.others_of_author(session, case),
        author=conversation.author_facts(session, case.author) if case.author else {},
        verdicts=conversation.verdicts(session, case.mention_id),
        human=tags.newest_human(session, case.mention),
        journal=steps,
        names=users.names(session),
        teams=users.teams(session),
        colleagues=users.colleagues(session),
        reviews=[
            one for one in draft_list.to_approve(session, case_id=case_id) if one.user_id != current_user.id
        ],
        left_behind=draft_list.left_behind(session, case_id),
        is_answered_by_us=handling.is_answered_by_us(session, case),
        composer=channel_words.composer(case.source),
        writing=writing,
        complaint=channel_words.complaint(case.source, writing.text) if writing.text.strip() else "",
        handover=handovers.note_of(session, case) if case.handed_at else None,
        watchers=presence.here().others(case_id, current_user.id),
    )


def _writing(session: Session, case: Case, thread: Sequence[Item], typed: dict[str, Any] | None) -> Writing:
    draft = draft_list.draft_of(session, case.id, current_user.id)
    seen = typed["thread_seen"] if typed else draft.thread_seen if draft else None
    newest = conflicts.newest_in_thread(session, case)
    rewritten = _rewritten(thread, typed["edit_seen"] if typed else draft.edit_seen if draft else None)
    said = [item.mention for item in thread if item.what == "mention" and item.mention and seen is not None]
    # The page shows the thread as it stands now, so whoever writes below it has seen its newest message.
    return Writing(
        text=typed["text"] if typed else draft.text if draft else "",
        thread_seen=newest,
        edit_seen=edits.newest_in_thread(session, case),
        draft=draft,
        news=[one for one in said if (seen is not None and seen < one.id <= newest) or one.id in rewritten],
        rewritten=rewritten,
        answers=_answers(thread, draft, typed),
    )


def _rewritten(thread: Sequence[Item], edit_seen: int | None) -> frozenset[int]:
    """The mentions that said something new by an edit that the writer has not seen."""
    return frozenset(
        item.mention.id
        for item in thread
        if item.mention and not item.mention.is_own and edit_seen is not None
        for wording in item.earlier
        if wording.said_at is not None and wording.id > edit_seen
    )


def _answers(thread: Sequence[Item], draft: Reply | None, typed: dict[str, Any] | None) -> list[Reply]:
    """`typed["answer"]` is the id of the one because of which this draft was not sent."""
    if draft is None and not typed:
        return []
    given = [item.reply for item in thread if item.reply and item.reply.user_id != current_user.id]
    reason = typed.get("answer") if typed else None
    return [one for one in given if one.id == reason or _is_meanwhile(one, draft)]


def _is_meanwhile(reply: Reply, draft: Reply | None) -> bool:
    if reply.state in lifecycle.ON_ITS_WAY:
        return True
    is_after = draft is not None and reply.approved_at is not None and reply.approved_at >= draft.created_at
    return reply.state in STANDS and is_after
