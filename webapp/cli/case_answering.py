"""`otklik case answer`: the way of the page, from a command: kept as a draft, approved, and handed to whoever sends."""

from pathlib import Path

import click

import channels
from channels import lengths
from channels.contract import Replies
from desk.base import db
from desk.base.errors import Invalid
from desk.cases import cases
from desk.models import Case, User
from desk.people import users
from desk.people.users import Session
from desk.replies import approvals, conflicts, draft_list, drafts
from desk.sources import sources
from webapp.cli.common import now, require_database


@click.command()
@click.argument("case_id", metavar="CASE", type=int)
@click.option(
    "--text-file",
    "path",
    required=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="The answer, text in UTF-8; - reads it from standard input.",
)
@click.option("--by", "email", required=True, metavar="EMAIL", help="In whose name: a person of the desk.")
@click.option("--close", is_flag=True, help="Close the case once the answer is public.")
def answer(case_id: int, path: Path, email: str, close: bool) -> None:
    """Answer CASE as from its page: the answer is approved, published by the worker, and looked for on the site.

    The answer is refused where the page would refuse it: too long for the site, somebody else has the case, or has answered
    meanwhile. `otklik case list --json` says what became of it.
    """
    require_database()
    text = _text(path)
    with db.transaction() as session:
        case, user = cases.load(session, case_id), _user(session, email)
        _demand_fit(session, case, text)
        _demand_no_draft(session, case, user)
        seen = conflicts.newest_in_thread(session, case)
        draft = drafts.save_draft(session, case_id, user, text, seen, now())
        assert draft is not None
        reply = approvals.approve(session, draft.id, user, now(), closes_case=close).id
    click.echo(
        f"Answer {reply} to case {case_id} is approved. It is sent by `otklik run`, or by: otklik work --burst"
    )


def _text(path: Path) -> str:
    try:
        with click.open_file(str(path), encoding="utf-8") as opened:
            text = str(opened.read(drafts.LONGEST_TEXT + 1)).strip()
    except OSError as error:
        raise Invalid(f"{path} cannot be read ({error.strerror}). Nothing was sent.", "text") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not text in UTF-8. Nothing was sent.", "text") from error
    if not text:
        raise Invalid("The file holds no answer. Nothing was sent.", "text")
    return text


def _user(session: Session, email: str) -> User:
    user = users.by_email(session, email)
    if user is None or not user.active:
        raise Invalid(
            f"Nobody at this desk has the e-mail {email}, or may sign in with it. Nothing was sent.", "by"
        )
    return user


def _demand_fit(session: Session, case: Case, text: str) -> None:
    """Raises Invalid where no answer can be published there, or this one does not fit."""
    source = sources.load(session, case.source_id)
    channel = channels.channel(source.kind) if source.kind in channels.KINDS else None
    if channel is None or not isinstance(channel, Replies) or not source.accepts_replies:
        raise Invalid(
            f"Otklik cannot publish at source {source.id} ({source.kind}): answer there by hand. Nothing was sent.",
            "case",
        )
    if (said := lengths.complaint(lengths.limits_of(channel, source.cursor), text)) is not None:
        raise Invalid(f"{said.en} Nothing was sent.", "text")


def _demand_no_draft(session: Session, case: Case, user: User) -> None:
    """What a person is writing must not be lost to a script in his name."""
    if draft_list.draft_of(session, case.id, user.id) is not None:
        raise Invalid(
            f"{user.email} has an unfinished answer in case {case.id}: send or discard it on the page. Nothing was sent.",
            "by",
        )
