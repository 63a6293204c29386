"""Forms that every guard must let pass."""

from tests.architecture.lines import act, module, rule, view

ALLOWED: dict[str, dict[str, str]] = {
    "a function of ours that is called begin": view(
        "return sources.begin(transaction.session())", head="from desk.sources import sources"
    ),
    "what the request's form holds": view(
        "session['next'] = request.form.get('next')",
        "session.get('next')",
        head="from flask import request, session",
    ),
    "a set that something is added to": view("found = set()", "found.add(1)", "return found"),
    "a session that is handed on": view(
        "return cases.take(transaction.session(), 1)", head="from desk.cases import cases"
    ),
    "the type of a session": view("return Session", head="from desk.people.users import Session"),
    "an object of its own with a status": module(
        "webapp/gateway.py", "class Answer:", "    def __init__(self):", "        self.status = 200"
    ),
    "a state that is read and compared": act("return case.status == 'open' or case.stage"),
    "another attribute by its name": act("setattr(case, 'note', now)"),
    "a savepoint where the unique key decides": module(
        "desk/pipeline/brand_setup.py",
        "def add(session):",
        "    with session.begin_nested():",
        "        pass",
    ),
    "a narrow except": act("try:", "    pass", "except OSError:", "    pass"),
    "a narrow suppress": act(
        "with suppress(OSError, ValueError):", "    pass", head="from contextlib import suppress"
    ),
    "a suppress at a border that says so": module(
        "workers/clock.py",
        "from contextlib import suppress",
        "with suppress(Exception):  # the job border: others wait",
        "    pass",
    ),
    "a rule that takes now": rule(
        "from datetime import datetime, timedelta",
        "def f(now: datetime, wire):",
        "    return now - timedelta(1), wire.now",
    ),
    "a rule that imports rules and words": {
        "desk/brands/calendars.py": '"""[pure] Hours."""\nfrom desk.base import errors\nfrom desk.brands import targets\nfrom desk.base.words import A'
    },
    "a rule with harmless libraries": rule(
        "import math", "import re", "from collections.abc import Mapping", "from urllib.parse import urlsplit"
    ),
    "a rule that reads a date": rule(
        "from datetime import datetime", "def f(text):", "    return datetime.fromisoformat(text)"
    ),
    "a page that says pure later on": module("webapp/wording/numbers.py", "# Pure words."),
    "an import of one's own package late": view(
        "from webapp import onboarding as first_run", "return first_run"
    ),
    "a table of one's own commands": module(
        "webapp/cli/__init__.py",
        "from importlib import import_module",
        "ALL = {'run': 'webapp.cli.run:run'}",
        "def f(name):",
        "    return import_module(ALL[name])",
    ),
    "a subject that imports an earlier one": act(
        "return targets", head="from desk.brands import targets\nfrom desk.models import Case"
    ),
    "a module in the folder of its subject": module("desk/metrics/by_day.py", "from desk.models import Case"),
    "a comment that names what is there": act(
        "return case  # as desk.base.db.transaction in desk/base/db.py, and desk/cases/ as a whole"
    ),
    "a sentence that names a file": act("return 'See desk.css and desk/cases/handling.py.'"),
    "the version of a package": module("webapp/about.py", "from importlib.metadata import version"),
    "an object that has a method called eval": module(
        "sentiment/hub.py", "def f(model):", "    return model.eval()"
    ),
}
