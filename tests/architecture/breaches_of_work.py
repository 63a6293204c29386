"""Breaches of the table of work."""

from tests.architecture.lines import module

WORK = "every work is asked for, done and served"

_SERVED = "SERVED: dict[str, tuple[str, ...]] = {'tag': ('tag',)}"


def _table(row: str, served: str = _SERVED) -> dict[str, str]:
    return module("desk/base/work.py", "class Work: ...", f"ROWS = ({row},)", served)


_TAG = "Work('tag', 'desk.pipeline.triage', 'workers.jobs.tag.run', 'tag', 600)"

BREACHES: dict[str, tuple[str, dict[str, str]]] = {
    "work that nobody asks for": (
        WORK,
        _table("Work('tag', 'desk.cases.cases', 'workers.jobs.tag.run', 'tag', 600)"),
    ),
    "a waiting of another form": (
        WORK,
        module("desk/pipeline/triage.py", "def waiting(session): ...") | _table(_TAG),
    ),
    "work without a job": (
        WORK,
        _table(
            "Work('tag', subject='desk.pipeline.triage', job='workers.jobs.note.run', queue='tag', timeout_seconds=1)"
        )
        | module("workers/jobs/tag.py", "def run(): ..."),
    ),
    "work in a queue that nobody serves": (
        WORK,
        _table("Work('tag', 'desk.pipeline.triage', 'workers.jobs.tag.run', 'labels', 600)"),
    ),
    "a role that no process has": (
        WORK,
        _table(_TAG, "SERVED: dict[str, tuple[str, ...]] = {'tag': ('tag',), 'label': ('tag',)}"),
    ),
    "a job that no row names": (WORK, module("workers/jobs/report.py", "def run(): ...")),
    "a job of more than 25 lines": (
        WORK,
        module("workers/jobs/tag.py", "def run():", *["    pass"] * 25),
    ),
}
