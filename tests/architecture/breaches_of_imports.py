"""Breaches of who may import whom: what is tried -> the guard that must find it, and the files that do it."""

from tests.architecture.lines import act, module, view

ARROWS = "packages import along the arrows"
WALLS = "libraries stay behind their walls"
BY_NAME = "nothing is imported by a name made up"
CIRCLE = "no circle"
SUBJECTS = "no subject imports a later one"


BREACHES: dict[str, tuple[str, dict[str, str]]] = {
    # The arrows between packages.
    "desk imports a page": (ARROWS, act("return transaction", head="from webapp.request import transaction")),
    "desk imports a page late": (ARROWS, act("from webapp.views import case", "return case")),
    "desk imports a job for the type checker": (
        ARROWS,
        act(
            "return 1",
            head="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from workers import jobs",
        ),
    ),
    "a page imports a job": (ARROWS, view("return 1", head="from workers import jobs")),
    "a channel imports desk": (ARROWS, module("channels/vk.py", "import desk.base.db as rows")),
    "a relative import": (ARROWS, module("webapp/layout.py", "from . import transaction")),
    "import_module past the arrows": (
        ARROWS,
        act("return import_module('workers.jobs')", head="from importlib import import_module"),
    ),
    "__import__ past the arrows": (ARROWS, act("return __import__('webapp.request.transaction')")),
    "a string that names a module": (
        ARROWS,
        module("desk/base/heartbeats.py", "WATCHED = {'web': 'webapp.request.transaction'}"),
    ),
    "a string that names a function": (
        ARROWS,
        module("desk/base/heartbeats.py", "CALL = 'workers.jobs:tag'"),
    ),
    "the beginning of a name": (ARROWS, act("return f'webapp.views.{case}'")),
    "a wake-up that names more than a job": (
        ARROWS,
        module("desk/base/work.py", "JOBS = {'tag': 'workers.burst.run'}"),
    ),
    "a page imports a test": (ARROWS, view("return 1", head="from tests import stack")),
    "a page imports the sample": (
        "nothing imports the stage sets",
        view("return 1", head="from demo import shop"),
    ),
    # Imports that no guard could read.
    "import_module of a made-up name": (
        BY_NAME,
        act("return import_module(case.kind)", head="from importlib import import_module"),
    ),
    "import_module under another name": (
        BY_NAME,
        act("return load(case.kind)", head="from importlib import import_module as load"),
    ),
    "import_module late": (BY_NAME, act("import importlib", "return importlib.import_module(case.kind)")),
    "__import__ of a made-up name": (BY_NAME, act("return __import__(case.kind)")),
    "__import__ under another name": (BY_NAME, act("load = __import__", "return load(case.kind)")),
    "a module run by its name": (
        BY_NAME,
        view("return runpy.run_module(transaction.kind)", head="import runpy"),
    ),
    "everything that is there": (BY_NAME, view("return 1", head="from desk.base.db import *")),
    "text that is run": (BY_NAME, view("exec(transaction.text)")),
    # Libraries behind walls.
    "a view imports SQLAlchemy": (WALLS, view("return sa", head="import sqlalchemy as sa")),
    "a view imports SQLAlchemy from desk": (WALLS, view("return sa", head="from desk.base.db import sa")),
    "a view takes SQLAlchemy from desk": (
        WALLS,
        view("return db.sa.select(1)", head="from desk.base import db"),
    ),
    "a view takes the session's type from db": (
        WALLS,
        view("return Session", head="from desk.base.db import Session"),
    ),
    "a job imports Flask": (WALLS, module("workers/clock.py", "from flask import g")),
    "a page wakes the model": (WALLS, view("return 1", head="from sentiment.why import explain")),
    "somebody speaks HTTP past the guard": (
        WALLS,
        module("channels/vk.py", "from urllib.request import urlopen"),
    ),
    "somebody opens a socket": (WALLS, module("channels/vk.py", "import socket")),
    "somebody speaks HTTP by a lower library": (WALLS, module("channels/vk.py", "import httpcore")),
    # Circles.
    "two that import each other": (
        CIRCLE,
        {
            "desk/replies/verification.py": '"""Looks."""\nfrom desk.replies import drafts',
            "desk/replies/drafts.py": '"""Answers."""\nfrom desk.replies import verification',
        },
    ),
    "a circle that is closed late": (
        CIRCLE,
        {
            "desk/replies/drafts.py": '"""Answers."""\nfrom desk.replies import verification',
            "desk/replies/verification.py": '"""Looks."""\n\n\ndef see():\n    from desk.replies import drafts\n    return drafts',
        },
    ),
    "a circle closed for the type checker": (
        CIRCLE,
        {
            "desk/replies/drafts.py": '"""Answers."""\nfrom desk.replies import verification',
            "desk/replies/verification.py": '"""Looks."""\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from desk.replies.drafts import Draft',
        },
    ),
    "a circle of three": (
        CIRCLE,
        {
            "desk/replies/drafts.py": '"""Answers."""\nfrom desk.replies import verification',
            "desk/replies/verification.py": '"""Looks."""\nfrom desk.replies import public_answers as answers',
            "desk/replies/public_answers.py": '"""Answers in public."""\nfrom desk.replies import drafts',
        },
    ),
    "a circle through a package": (
        CIRCLE,
        {"desk/models/case.py": '"""The case."""\nfrom desk import models'},
    ),
    "a circle closed by a string": (
        CIRCLE,
        {"channels/rss/channel.py": '"""Feeds."""\nfrom channels import KINDS'},
    ),
    "a circle in a package of pages": (
        CIRCLE,
        {
            "webapp/request/transaction.py": '"""A request."""\nfrom webapp import layout as frame',
            "webapp/layout.py": '"""Around a page."""\nfrom webapp.request import transaction',
        },
    ),
    # The order of subjects.
    "a subject imports a later one": (
        SUBJECTS,
        act("return 1", head="from desk.replies import verification"),
    ),
    "a subject imports a later one late": (
        SUBJECTS,
        act("from desk.pipeline.triage import judge", "return judge"),
    ),
    "a subject imports a package after it": (
        SUBJECTS,
        act("return 1", head="from desk.metrics import report"),
    ),
    "rows import what works on them": (
        SUBJECTS,
        {"desk/models/case.py": '"""The case."""\nfrom desk.cases.cases import move'},
    ),
    "a subject names a later one in a string": (SUBJECTS, act("return 'desk.pipeline.triage.judge'")),
    "desk itself imports": (
        SUBJECTS,
        {"desk/__init__.py": '"""The domain."""\nfrom desk.cases import cases'},
    ),
    "a module without a subject": (SUBJECTS, module("desk/utilities.py")),
}
