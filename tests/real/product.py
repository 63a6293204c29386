"""Otklik as its owner runs it: the command in processes of its own, and the few clicks that only pages have."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner

from desk.base import db
from desk.base.errors import DeskError
from desk.cases import cases
from desk.models import Case, EarlierWording, Mention, Reply, User
from desk.people import users
from desk.replies import approvals, conflicts, drafts, sending
from desk.sources import changes, sources
from tests import processes
from webapp.cli import otklik
from workers import jobs, publishing


class Otklik:
    """What one says to it, and what it says. Every command is a process of its own where `is_apart`; otherwise only
    the crawler is."""

    def __init__(self, is_apart: bool = False) -> None:
        self._command = self._process if is_apart else _here

    def run(self, *arguments: str, expect: int = 0) -> str:
        code, said = self._command(arguments)
        if code != expect:
            raise AssertionError(f"otklik {' '.join(arguments)} ended with {code}: {said}")
        return said

    def _process(self, arguments: tuple[str, ...]) -> tuple[int, str]:
        done = processes.run(processes.OTKLIK, *arguments)
        return done.returncode, done.stdout + (done.stderr if done.returncode else "")

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        return list(json.loads(self.run(*arguments, "--json")))

    def listen(self, url: str, *more: str) -> int:
        said = self.run("source", "add", url, *more)
        found = re.search(r"^Source (\d+): \w+, ", said, re.MULTILINE)
        assert found, said
        return int(found[1])

    def crawl(self, source: int, expect: int = 0) -> dict[str, Any]:
        said = self.run("crawl", str(source), "--json", expect=expect)
        row: dict[str, Any]
        (row,) = json.loads(said)
        return row

    def work(self) -> None:
        self.run("work", "--burst")

    def work_here(self) -> None:
        """The same in this process: the model is loaded once for all tests."""
        while sum(jobs.run(name) for name in ("tag", "publish", "change", "verify")):
            pass

    def mentions(self, *more: str) -> dict[str, dict[str, Any]]:
        """As the command lists them, by the number that the site gave them."""
        return {row["external_id"]: row for row in self.rows("mention", "list", *more)}

    def mention(self, comment: int | str) -> Mention:
        with db.snapshot() as session:
            return session.scalars(sa.select(Mention).where(Mention.external_id == str(comment))).one()

    def wordings(self, comment: int) -> list[str]:
        """Oldest first; the last one stands now."""
        with db.snapshot() as session:
            mention = session.scalars(sa.select(Mention).where(Mention.external_id == str(comment))).one()
            past = (
                sa.select(EarlierWording.text)
                .where(EarlierWording.mention_id == mention.id)
                .order_by(EarlierWording.id)
            )
            return [*session.scalars(past), mention.text]

    def answer(self, comment: int | str, text: str, by: str = "igor@lumen.example") -> int:
        """Writes an answer in the comment's case and approves it, as on the case page; returns the answer's number."""
        with db.transaction() as session:
            user, now = _agent(session, by), datetime.now(UTC)
            asked = session.scalars(sa.select(Mention).where(Mention.external_id == str(comment))).one()
            assert asked.case_id is not None, f"no case was opened: {asked.intent}, {asked.sentiment}"
            seen = conflicts.newest_in_thread(session, cases.load(session, asked.case_id))
            draft = drafts.save_draft(session, asked.case_id, user, text, seen, now)
            assert draft is not None
            approvals.approve(session, draft.id, user, now)
            return draft.id

    def click(self, act: Any, reply_id: int, by: str = "igor@lumen.example") -> None:
        with db.transaction() as session:
            act(session, reply_id, _agent(session, by), datetime.now(UTC))

    def reply(self, reply_id: int) -> Reply:
        with db.snapshot() as session:
            return session.get_one(Reply, reply_id)

    def case(self, reply_id: int) -> Case:
        """The one that this answer is for."""
        with db.snapshot() as session:
            return session.get_one(Case, session.get_one(Reply, reply_id).case_id)

    def sign_in(self, source: int, username: str, password: str) -> None:
        """Writes answers as somebody else from now on."""
        with db.transaction() as session:
            known = sources.load(session, source)
            known.settings = {**known.settings, "username": username}
        self.give_password(source, password)

    def give_password(self, source: int, password: str) -> None:
        with db.transaction() as session:
            changes.change_secrets(session, source, {"application_password": password})

    def send_and_die(self, reply_id: int) -> None:
        """Sends it, and is killed before it writes down what the site said."""
        with db.transaction() as session:
            outgoing = sending.begin(session, reply_id, datetime.now(UTC))
        assert outgoing is not None
        publishing.send(outgoing)
        with db.transaction() as session:
            reply = session.get_one(Reply, reply_id)
            reply.sending_at = datetime.now(UTC) - timedelta(seconds=sending.STALE_SECONDS + 1)

    def give_up_on_the_cut_off(self) -> None:
        with db.transaction() as session:
            sending.recover(session, datetime.now(UTC))

    def answers_to(self, comment: int) -> list[int]:
        """Every answer that the desk knows to be given, or to be on its way, in the comment's case."""
        with db.snapshot() as session:
            case_id = sa.select(Mention.case_id).where(Mention.external_id == str(comment)).scalar_subquery()
            return list(session.scalars(sa.select(Reply.id).where(Reply.case_id == case_id)))


def _here(arguments: tuple[str, ...]) -> tuple[int, str]:
    done = CliRunner().invoke(otklik, arguments)
    if isinstance(done.exception, DeskError):
        return done.exit_code, f"{done.stdout}{done.exception}"
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def _agent(session: db.Session, email: str) -> User:
    return users.by_email(session, email) or users.add(
        session, email, email.partition("@")[0].title(), "x", ["agent"], "service", datetime.now(UTC)
    )
