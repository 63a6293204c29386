"""`python -m workers tag|jobs|reply|crawl|clock|burst|again|learn`: the processes that do what waits.

`crawl --with-clock` is both crawl and clock in one process, which saves one of 50 MB.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

from desk.base import heartbeats, logs, wakeups, work


def tag() -> int:
    """Keeps the model loaded; when nothing is new, it judges again what people ask for."""
    from workers import judge, queues, readiness

    if readiness.has_judge():
        judge.greet()
    queues.serve(queues.InProcess, work.SERVED["tag"])
    return 0


def jobs() -> int:
    """Replies first; while it crawls, they wait for another such process."""
    from workers import queues

    queues.serve(queues.Forking, work.SERVED["jobs"])
    return 0


def reply() -> int:
    from workers import queues

    queues.serve(queues.Forking, work.SERVED["reply"])
    return 0


def crawl() -> int:
    """Crawls and, before each, learns, which takes seconds. Each is a process of its own, so this one only waits."""
    from workers import queues

    queues.serve(queues.InProcess, work.SERVED["crawl"])
    return 0


def clock() -> int:
    from workers import clock as timetable

    timetable.run()
    return 0


def burst() -> int:
    """Does everything that waits, in this process and without Redis, and ends."""
    from workers import burst as everything

    return 0 if everything.run() else 1


def again() -> int:
    """Judges again until nothing waits for it, in this process and without Redis, and ends."""
    from workers import burst as everything

    return 0 if everything.judge_again() else 1


def learn() -> int:
    """Learns what was asked for, in this process and without Redis, and ends."""
    from workers import learning, stopping

    stopping.listen()
    learning.learn_all()
    return 0


ROLES: dict[str, Callable[[], int]] = {
    role.__name__: role for role in (tag, jobs, reply, crawl, clock, burst, again, learn)
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m workers", description="Does what waits to be done.")
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("--with-clock", action="store_true", help="keep the timetable too; for `crawl` alone")
    chosen = parser.parse_args(arguments)
    role = chosen.role
    if chosen.with_clock and role != "crawl":
        parser.error("--with-clock goes with crawl: the others fork, or are busy for minutes")
    logs.to_stderr()
    if role in work.SERVED and (reason := wakeups.openness()):
        sys.stderr.write(f"otklik: {reason}\n")
        return 1
    with heartbeats.beating(role), _clock() if chosen.with_clock else nullcontext():
        return ROLES[role]()


@contextmanager
def _clock() -> Iterator[None]:
    from workers import clock as timetable

    with heartbeats.beating("clock"), timetable.beside():
        yield


if __name__ == "__main__":
    sys.exit(main())
