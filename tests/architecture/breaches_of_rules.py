"""Breaches of what a module may do: what is tried -> the guard that must find it, and the files that do it."""

from tests.architecture.lines import act, module, rule, view
from tests.architecture.tables import LONGEST_FILE, LONGEST_FUNCTION

PURE = "pure modules stay pure"
SESSIONS = "sessions are asked in desk alone"
TRANSACTIONS = "transactions are opened at the edges"
STATES = "states are written where they are checked"
HTTP = "httpx stays in its rooms"
EXCEPTS = "broad excepts stand at the borders"
WORDS = "a word means one thing"
COMMENTS = "comments name what is there"
FIGURES = "no figure of speech stands for a thing"


BREACHES: dict[str, tuple[str, dict[str, str]]] = {
    # Pure modules.
    "a rule imports the session": (PURE, rule("from desk.base import db")),
    "a rule imports from the session": (PURE, rule("from desk.base.db import transaction")),
    "a rule imports an impure neighbour": (PURE, rule("from desk.sources import sources")),
    "a rule imports rows": (PURE, rule("from desk.models import Case")),
    "a rule imports a word from among the rows": (
        PURE,
        {**rule("from desk.models.kinds import Kind"), "desk/models/kinds.py": '"""[pure] Words."""'},
    ),
    "a rule imports an impure neighbour late": (
        PURE,
        rule("def f():", "    from desk.base import db", "    return db"),
    ),
    "a rule imports SQLAlchemy": (PURE, rule("import sqlalchemy as sa")),
    "a rule asks the clock": (
        PURE,
        rule("from datetime import UTC, datetime", "def f():", "    return datetime.now(UTC)"),
    ),
    "a rule asks the clock under another name": (
        PURE,
        rule("import datetime as dt", "ask = dt.datetime.utcnow"),
    ),
    "a rule asks for the day": (
        PURE,
        rule("from datetime import date", "def f():", "    return date.today()"),
    ),
    "a rule asks the clock by a string": (
        PURE,
        rule("from datetime import datetime", "ask = getattr(datetime, 'now')"),
    ),
    "a rule measures time": (PURE, rule("import time", "def f():", "    return time.time()")),
    "a rule draws lots": (PURE, rule("from random import choice")),
    "a rule makes a name": (PURE, rule("from uuid import uuid4")),
    "a rule opens a file": (PURE, rule("def f():", "    return open('hours.json')")),
    "a rule knows paths": (PURE, rule("from pathlib import Path")),
    "a rule reads the environment": (PURE, rule("import os")),
    "a rule speaks HTTP": (PURE, rule("import httpx")),
    "a rule imports by a name": (PURE, rule("CASES = 'desk.cases.cases'")),
    "a rule that is not marked": (PURE, {"desk/base/bounds.py": '"""Times, brought within bounds. Pure."""'}),
    # Sessions.
    "a view asks the session": (SESSIONS, view("return transaction.session().execute('SELECT 1')")),
    "a view reads a row": (
        SESSIONS,
        view("return transaction.session().get_one(Case, 1)", head="from desk.models import Case"),
    ),
    "a view asks one that it keeps": (SESSIONS, view("return transaction.kept_session.scalar('SELECT 1')")),
    "a view adds a row": (SESSIONS, view("session = transaction.session()", "session.add(1)")),
    "a view asks under another name": (SESSIONS, view("rows = transaction.session()", "rows.flush()")),
    "a view asks in an expression": (
        SESSIONS,
        view("if rows := transaction.session():", "    rows.delete(1)"),
    ),
    "a method is handed on": (SESSIONS, view("return map(transaction.session().scalar, [])")),
    "a job asks what it has opened": (
        SESSIONS,
        module(
            "workers/clock.py", "from desk.base import db", "with db.transaction() as s:", "    s.scalars(1)"
        ),
    ),
    "a parameter of that type is asked": (
        SESSIONS,
        module(
            "crawler/crawl_report.py",
            "from desk.people.users import Session",
            "def f(rows: Session) -> None:",
            "    rows.get(1, 2)",
        ),
    ),
    "a parameter that may be one is asked": (
        SESSIONS,
        module(
            "crawler/crawl_report.py",
            "from desk.people.users import Session",
            "def f(rows: Session | None) -> None:",
            "    rows.get(1, 2)",
        ),
    ),
    "a job makes a session": (
        SESSIONS,
        module("workers/clock.py", "from desk.people.users import Session", "rows = Session()"),
    ),
    "a job takes the engine": (
        SESSIONS,
        module("workers/clock.py", "from desk.base import db", "db.engine().dispose()"),
    ),
    # Transactions.
    "desk opens one": (
        TRANSACTIONS,
        act("with db.transaction() as other:", "    return other", head="from desk.base import db"),
    ),
    "desk opens one by its name": (
        TRANSACTIONS,
        act("return transaction()", head="from desk.base.db import transaction"),
    ),
    "desk begins one": (TRANSACTIONS, act("with session.begin():", "    return 1")),
    "desk begins one in another": (TRANSACTIONS, act("session.begin_nested()")),
    "desk makes a session": (
        TRANSACTIONS,
        act("return Session()", head="from sqlalchemy.orm import Session"),
    ),
    "desk connects past its session": (
        TRANSACTIONS,
        act("return db.engine().connect()", head="from desk.base import db"),
    ),
    "desk commits": (TRANSACTIONS, act("session.commit()")),
    "desk takes one back": (TRANSACTIONS, act("session.rollback()")),
    "a job commits": (TRANSACTIONS, module("workers/clock.py", "def f(work):", "    work.commit()")),
    # States.
    "a state is written elsewhere": (STATES, act("case.status = 'open'")),
    "two at once": (STATES, act("case.status, case.stage = 'open', 'a'")),
    "with a type": (STATES, act("case.stage: str = 'a'")),
    "of something deeper": (STATES, act("case.mention.state = 'new'")),
    "by setattr": (STATES, act("setattr(case, 'status', 'open')")),
    "by a name made up": (STATES, act("setattr(case, now, 'open')")),
    "past the attribute": (STATES, act("case.__dict__['status'] = 'open'")),
    "past the attribute by vars": (STATES, act("vars(case)[now] = 'open'")),
    "with a new row": (STATES, act("return Case(status='open')", head="from desk.models import Case")),
    "with a new row of its module": (
        STATES,
        act("return models.Case(stage='a')", head="from desk import models"),
    ),
    "for all rows at once": (
        STATES,
        act("session.execute(sa.update(1).values(status='open'))", head="import sqlalchemy as sa"),
    ),
    "for all rows by a table": (STATES, act("return now.values({'stage': 'a'})")),
    "for all rows by a column": (STATES, act("return now.values({case.state: 'a'})")),
    "in a page": (STATES, view("transaction.case.status = 'open'")),
    "in a loop": (STATES, act("for case.status in 'ab':", "    pass")),
    # HTTP.
    "a job makes a client": (
        HTTP,
        module("workers/clock.py", "import httpx", "def f():", "    return httpx.get('http://a')"),
    ),
    "a channel makes a client": (
        HTTP,
        {"channels/rss/channel.py": '"""Feeds."""\nimport httpx\n\nCLIENT = httpx.Client()'},
    ),
    "a channel imports one by its name": (
        HTTP,
        {"channels/rss/channel.py": '"""Feeds."""\nfrom httpx import Client as Asking\n'},
    ),
    "a channel names another type": (
        HTTP,
        {
            "channels/rss/channel.py": '"""Feeds."""\nimport httpx\n\n\ndef f(http: httpx.AsyncClient) -> None: ...\n'
        },
    ),
    "a channel names the client": (
        HTTP,
        {
            "channels/rss/channel.py": '"""Feeds."""\nimport httpx\n\n\ndef f(http: httpx.Client) -> None: ...\n'
        },
    ),
    "a page names the client": (
        HTTP,
        module("webapp/sources/probe.py", "import httpx", "def f(http: httpx.Client): ..."),
    ),
    "desk names the client": (HTTP, act("return 1", head="import httpx")),
    # Broad excepts.
    "except Exception": (
        EXCEPTS,
        act("try:", "    pass", "except Exception:  # the job border: no, it is not", "    pass"),
    ),
    "except without a name": (EXCEPTS, act("try:", "    pass", "except:", "    pass")),
    "BaseException among others": (
        EXCEPTS,
        act("try:", "    pass", "except (OSError, BaseException):", "    pass"),
    ),
    "from builtins": (EXCEPTS, act("try:", "    pass", "except builtins.Exception:", "    pass")),
    "a border that does not say so": (
        EXCEPTS,
        module("workers/clock.py", "try:", "    pass", "except Exception:", "    pass"),
    ),
    "suppress": (
        EXCEPTS,
        act("with suppress(Exception):", "    pass", head="from contextlib import suppress"),
    ),
    "suppress under another name": (
        EXCEPTS,
        act(
            "with quiet(OSError, BaseException):", "    pass", head="from contextlib import suppress as quiet"
        ),
    ),
    "suppress from its module": (
        EXCEPTS,
        act("with contextlib.suppress(Exception):", "    pass", head="import contextlib"),
    ),
    # Form.
    "a file that is too long": (
        "no file is too long",
        module("desk/base/bounds.py", *["A = 1"] * LONGEST_FILE),
    ),
    "a function that is too long": ("no function is too long", act(*["now = 1"] * LONGEST_FUNCTION)),
    "a module that says nothing": ("every module says what it is for", {"desk/base/bounds.py": "A = 1"}),
    # Comments.
    "a comment that names a module of old": (COMMENTS, act("return case  # as desk.cases.openings does")),
    "a comment that names a file of old": (COMMENTS, act("return case  # see desk/cases/openings.py")),
    "a docstring that names what a module no longer holds": (
        COMMENTS,
        module("desk/base/bounds.py", "def f():", '    """As desk.base.words.Colour."""'),
    ),
    # Words.
    "a freed word as a name": (WORDS, act("place = case.site")),
    "a freed word as a column": (WORDS, act("return case.is_waiting")),
    "a freed word as a key": (WORDS, act("return {'needs_look': case.is_uncertain}")),
    "a freed word as an argument": (WORDS, act("return move(case, promise=True)")),
    "a freed word as a class": (WORDS, module("desk/models/mention.py", "class Revision: ...")),
    "a figure of speech as a name": (FIGURES, act("return ring_bell(case)")),
    "a figure of speech as a class": (FIGURES, module("crawler/runner.py", "class FleetRunner: ...")),
    "a figure of speech in a comment": (FIGURES, act("return case  # until the bell is heard")),
}
