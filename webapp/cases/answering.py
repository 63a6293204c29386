"""Writing an answer: kept as a draft, approved, or posted by hand. A refusal never costs the text."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from desk.base.errors import Conflict, DeskError, Invalid
from desk.models import Reply
from desk.replies import approvals, draft_list, drafts, looks, replies
from desk.sources import sources
from webapp.cases import page as case_page
from webapp.cases.views import after, page
from webapp.request import clock, row_ids, transaction
from webapp.wording import channels as channel_words

bp = Blueprint("answer", __name__)


@bp.post("/cases/<int:case_id>/draft")
def keep(case_id: int) -> ResponseReturnValue:
    """What the composer sends every few seconds; the answer is the line under it."""
    text, seen = _written(), _seen()
    session = transaction.session()
    if draft_list.is_sent(session, case_id, current_user.id, text):
        return ""
    now = clock.now()
    draft = drafts.save_draft(session, case_id, current_user, text, seen, now, edit_seen=_edit_seen())
    return render_template("case/kept.html", draft=draft), {"Otklik-Draft": case_page.draft_version(draft)}


@bp.post("/cases/<int:case_id>/answer")
def write(case_id: int) -> ResponseReturnValue:
    """One form, several buttons: each keeps the draft first, so that nothing written is lost by a refusal."""
    name = request.form.get("action", "save")
    action, said = _chosen(name)
    session, now = transaction.session(), clock.now()
    try:
        draft = drafts.save_draft(
            session, case_id, current_user, _written(), _seen(), now, edit_seen=_edit_seen()
        )
        if draft is None and action is not None:
            raise Invalid(_("Write the answer first."), "text")
        if draft is not None and action is not None:
            if not name.startswith("by_hand"):  # what he posted himself the site has taken already
                _require_fit(draft)
            action(draft)
    except DeskError as error:
        return _refused(case_id, error)
    return after(case_id, said, goes_on=request.form.get("action", "").endswith("_close"))


@bp.post("/replies/<int:reply_id>/<any(approve, retry, edit, look, discard):step>")
def step(reply_id: int, step: str) -> ResponseReturnValue:
    """The next step of an answer that is under way, or of a colleague's that waits for approval."""
    session, now = transaction.session(), clock.now()
    reply = replies.load(session, reply_id)
    source = sources.load(session, reply.source_id)
    steps: dict[str, tuple[Callable[..., Reply], str]] = {
        "approve": (approvals.approve, _("Approved. It is being sent.")),
        "retry": (approvals.retry, _("The answer is being sent again.")),
        "edit": (drafts.edit_again, _("The answer is a draft again.")),
        "look": (
            partial(looks.again, terms=channel_words.terms_of(source.kind)),
            _("Checking the public page."),
        ),
        "discard": (drafts.discard, _("Discarded.")),
    }
    act, said = steps[step]
    if step == "approve":
        act = partial(act, besides=row_ids.read(request.form.get("besides")))
    case_id = reply.case_id
    try:
        if step in ("approve", "retry"):
            _require_fit(reply)
        act(session, reply_id, current_user, now)
    except DeskError as error:
        transaction.abandon(error)
        return page(case_id, problem=error)
    return after(case_id, said)


def _chosen(action: str) -> tuple[Callable[[Reply], object] | None, str]:
    """`publish_besides` and `by_hand_besides`: although a colleague's answer stands, which the form names."""
    session, now = transaction.session(), clock.now()
    closes = action.endswith("_close")
    besides = row_ids.read(request.form.get("besides")) if action.endswith("_besides") else None
    actions: dict[str, tuple[Callable[[Reply], object] | None, str]] = {
        "save": (None, _("Draft saved.")),
        "publish": (
            lambda draft: approvals.approve(
                session, draft.id, current_user, now, closes_case=closes, besides=besides
            ),
            _("The answer is being sent. This page shows when it is public."),
        ),
        "review": (
            lambda draft: drafts.ask_review(session, draft.id, current_user, now),
            _("A lead has been asked to approve it."),
        ),
        "by_hand": (
            lambda draft: approvals.post_by_hand(
                session,
                draft.id,
                current_user,
                now,
                closes_case=closes,
                besides=besides,
                terms=channel_words.terms_of(sources.load(session, draft.source_id).kind),
            ),
            _("Marked as posted. It counts as answered once it is seen on the site."),
        ),
    }
    bare = action.removesuffix("_close").removesuffix("_besides")
    if bare not in actions:
        raise Invalid(_("Choose what to do with the answer."), "action")
    return actions[bare]


def _require_fit(reply: Reply) -> None:
    """Before it goes anywhere: whoever wrote it can still shorten it."""
    if said := channel_words.complaint(sources.load(transaction.session(), reply.source_id), reply.text):
        raise Invalid(said, "text")


def _refused(case_id: int, error: DeskError) -> ResponseReturnValue:
    """The step is undone as a whole; then the text alone is kept, and shown under the reason."""
    typed: dict[str, object] = {"text": _written(), "thread_seen": _seen(), "edit_seen": _edit_seen()}
    if isinstance(error, Conflict):
        typed["answer"] = error.facts.get("reply")
    transaction.begin_again(error)
    try:
        drafts.save_draft(
            transaction.session(),
            case_id,
            current_user,
            _written(),
            _seen(),
            clock.now(),
            edit_seen=_edit_seen(),
        )
    except DeskError as second:
        # It cannot be kept, a text too long for any draft: then the page is its only place.
        transaction.begin_again(second)
    return page(case_id, problem=error, typed=typed)


def _written() -> str:
    return request.form.get("text", "")


def _edit_seen() -> int | None:
    """None where the form does not say, as those of scripts: then it is what stands there now."""
    return row_ids.read(request.form.get("edit_seen"))


def _seen() -> int:
    return row_ids.read(request.form.get("thread_seen")) or 0
