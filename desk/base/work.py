"""The table of work: everything that can wait, one row each. The wake-ups, the clock, the jobs, a burst and the processes go by it.

A further kind of work is a row here, a function `waiting(session, now)` in the module that the row names, and a file in
workers/jobs/ with a function `run`. tests/architecture/work.py sees that none of the three is missing.
"""

from dataclasses import dataclass
from typing import Literal

WorkName = Literal[
    "crawl",
    "receive",
    "subscribe",
    "import_files",
    "tag",
    "publish",
    "change",
    "verify",
    "learn",
    "judge_again",
]


@dataclass(frozen=True, slots=True)
class Work:
    """`subject` is the module whose `waiting` says whether there is any; `job` is what RQ runs, for at most
    `timeout_seconds`. Both are named and not imported: whoever only sends a wake-up needs neither."""

    name: WorkName
    subject: str
    job: str
    queue: str
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Pending:
    """Whether there is work that nobody has leased, and whether some is leased: that will be done
    soon, or be free again when its lease runs out."""

    is_free: bool
    is_held: bool


# In the order in which a burst does them. Tagging has a queue of its own because its worker keeps the model loaded and
# never forks. The same worker judges again what is in the queue "again", after everything that is in "tag". Learning would
# keep it from new mentions for seconds, so it is done beside the crawling.
ROWS = (
    Work("crawl", "desk.sources.crawls", "workers.jobs.crawl.run", "crawl", 1_800),
    Work("receive", "desk.sources.deliveries", "workers.jobs.receive.run", "receive", 600),
    Work("subscribe", "desk.sources.subscriptions", "workers.jobs.subscribe.run", "receive", 300),
    Work("import_files", "desk.sources.import_folder", "workers.jobs.import_files.run", "crawl", 1_800),
    Work("tag", "desk.pipeline.triage", "workers.jobs.tag.run", "tag", 600),
    Work("publish", "desk.replies.sending", "workers.jobs.publish.run", "reply", 300),
    Work("change", "desk.replies.change_sending", "workers.jobs.change.run", "reply", 300),
    Work("verify", "desk.replies.looks", "workers.jobs.verify.run", "reply", 600),
    Work("learn", "desk.verdicts.judge_revisions", "workers.jobs.learn.run", "learn", 600),
    Work("judge_again", "desk.pipeline.reclassification_runs", "workers.jobs.judge_again.run", "again", 900),
)
BY_NAME: dict[WorkName, Work] = {row.name: row for row in ROWS}

# The queues that each process serves, those first that must not wait for the others.
SERVED: dict[str, tuple[str, ...]] = {
    "tag": ("tag", "again"),
    "jobs": ("reply", "receive", "learn", "crawl"),
    "reply": ("reply", "receive"),
    "crawl": ("learn", "crawl"),
}
