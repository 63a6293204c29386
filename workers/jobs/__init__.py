"""The jobs that the table of work names, one file each: a sweep that finds its own work, does it and records it; twice does
no harm. `run` there returns how much was done.

Each imports what it works with when it runs: a process that waits for crawls needs no judge, and one that waits for answers
needs neither until there are some.
"""

from importlib import import_module

from desk.base import work
from desk.base.work import WorkName


def run(name: WorkName) -> int:
    """Does that work in this process; returns how much was done."""
    module, _, function = work.BY_NAME[name].job.rpartition(".")
    return int(getattr(import_module(module), function)())
