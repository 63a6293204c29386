"""What remains of `otklik run` when everything has started: it waits for the supervisor and passes on the wish to stop.

A program of its own in the same process, because what prepares a start (migrations, passwords, the sample) takes 140 MB, and
waiting takes ten. `python -m webapp.watching SUPERVISOR HOME`; nothing heavy may be imported here.
"""

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def go_on(supervisor: int, home: Path) -> NoReturn:
    """Puts this program in the place of the running one; open files that are inheritable stay open, and so stay locked."""
    # Between two programs nobody listens: what is asked for then waits until the next one does.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    command = [sys.executable, "-m", "webapp.watching", str(supervisor), str(home.resolve())]
    os.execv(command[0], command)  # noqa: S606 -- our own program


def main() -> int:
    supervisor, home = int(sys.argv[1]), Path(sys.argv[2])
    for number in STOPPING:
        signal.signal(number, lambda *_: os.kill(supervisor, signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
    _pid, status = os.waitpid(supervisor, 0)
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)  # its number may be anybody's from now on
    from webapp import ending

    return ending.tell(home, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    sys.exit(main())
