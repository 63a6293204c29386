"""A small tree that keeps every rule. Tests write one breach into it, or one form that is allowed."""

from pathlib import Path

from tests.architecture.house import PACKAGES, House

CLEAN = {
    "channels/__init__.py": '''
        """Where people speak."""
        from importlib import import_module

        KINDS = {"rss": "channels.rss.channel:Rss"}


        def channel(kind):
            module, name = KINDS[kind].split(":")
            return getattr(import_module(module), name)()
    ''',
    "channels/errors.py": '"""[pure] What can go wrong."""',
    "channels/wire/guard.py": '''
        """The address guard."""
        import httpx


        def guarded_client():
            return httpx.Client()
    ''',
    "channels/rss/channel.py": '''
        """Feeds."""
        from channels import errors


        class Rss:
            def send(self, text: str, wire: object) -> None:
                raise errors.Refused(text)
    ''',
    "crawler/__init__.py": '"""Scrapy."""',
    "crawler/storage.py": '''
        """What the crawler stores."""
        from desk.base import db
        from desk.sources import sources


        def begin(source_id):
            with db.transaction() as session:
                return sources.load(session, source_id)
    ''',
    "desk/__init__.py": '"""The domain."""',
    "desk/base/words.py": '"""[pure] The closed sets of words."""\nfrom enum import StrEnum',
    "desk/base/errors.py": '"""[pure] What the domain refuses."""',
    "desk/brands/targets.py": '''
        """[pure] Business time."""
        from datetime import datetime

        from desk.base.errors import Invalid


        def due(opened_at: datetime, now: datetime) -> bool:
            return opened_at < now
    ''',
    "desk/base/db.py": '''
        """Sessions, and the one commit."""
        import sqlalchemy as sa
        from sqlalchemy.orm import Session


        def transaction():
            session = Session(sa.create_engine("sqlite://"))
            session.begin()
            session.commit()
            return session
    ''',
    "desk/base/work.py": '''
        """The table of work."""


        class Work: ...


        ROWS = (Work("tag", "desk.pipeline.triage", "workers.jobs.tag.run", "tag", 600),)
        SERVED: dict[str, tuple[str, ...]] = {"tag": ("tag",)}
    ''',
    "desk/models/__init__.py": '"""The rows."""\nfrom desk.models.case import Case',
    "desk/models/case.py": '"""The case."""\nfrom desk.base.words import CaseStatus',
    "desk/people/users.py": '"""Who works here."""\nfrom sqlalchemy.orm import Session',
    "desk/sources/sources.py": '"""Where we listen."""\nfrom desk.models import Case',
    "desk/cases/cases.py": '''
        """The row of a case."""
        import sqlalchemy as sa

        from desk.brands import targets
        from desk.models import Case


        def move(session, case, status):
            case.status = status
            session.execute(sa.update(Case).values(status=status))
    ''',
    "desk/replies/drafts.py": '"""Answers."""\nfrom desk.cases import cases',
    "desk/replies/verification.py": '"""Looks at the public page."""\nfrom desk.cases import cases',
    "desk/pipeline/triage.py": '''
        """Verdict, route, case."""
        from desk.cases import cases
        from desk.replies import drafts


        def waiting(session, now): ...
    ''',
    "desk/metrics/__init__.py": '"""The numbers."""\nfrom desk.metrics import report',
    "desk/metrics/report.py": '"""The figures of a page."""\nfrom desk.models import Case',
    "sentiment/__init__.py": '"""Text in, verdict out."""',
    "webapp/__init__.py": '"""Pages."""',
    "webapp/request/transaction.py": '"""A request and its session."""\nfrom desk.base import db\nfrom desk.people.users import Session',
    "webapp/cases/views.py": '''
        """The page of a case."""
        from flask import request

        from desk.cases import cases
        from webapp.request import transaction


        def take(case_id):
            cases.move(transaction.session(), case_id, request.form.get("status"))
    ''',
    "workers/__init__.py": '"""When things happen."""',
    "workers/__main__.py": '"""The processes."""\ndef tag(): ...',
    "workers/jobs/__init__.py": '"""The jobs that the table of work names."""',
    "workers/jobs/tag.py": '''
        """Judging."""
        from desk.base import db
        from desk.pipeline import triage


        def run():
            try:
                with db.transaction() as session:
                    triage.judge(session)
            except Exception:  # the job border: the next one may be well
                return
    ''',
}


def build(root: Path, changes: dict[str, str]) -> House:
    """The clean tree with these files in it: anew, or in place of those of the same path."""
    for path, source in {**CLEAN, **changes}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(_dedented(source), encoding="utf-8")
    return House.read(root, *PACKAGES, "demo", "bench")


def _dedented(source: str) -> str:
    lines = source.strip("\n").split("\n")
    depth = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[depth:] if not line[:depth].strip() else line for line in lines).rstrip() + "\n"
