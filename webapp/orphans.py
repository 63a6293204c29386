"""Which processes belong to a home, by a mark that all of them inherit; and ending those whose supervisor was killed.

A mark and no file of process ids: such a file is out of date after a power cut, and its numbers may be anybody's by then.
"""

import os
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "UNDER_OTKLIK"


def environment(home: Path) -> dict[str, str]:
    """What a supervisor of this home is started with; everything below it inherits the mark."""
    return {**os.environ, MARK: str(home.resolve())}


def supervisor(home: Path) -> int | None:
    """The process id of the supervisor that serves this home, if there is one."""
    return next((process.pid for process in marked(home) if _is_supervisor(process, home)), None)


def marked(home: Path) -> list[psutil.Process]:
    """Everything that runs for this home, but this very process."""
    wanted, found = str(home.resolve()), []
    for process in psutil.process_iter():
        # Of processes of others nothing can be read, and some end while we look.
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == wanted:
                found.append(process)
    return found


def end(processes: list[psutil.Process], patience_seconds: float) -> None:
    """Asks them to stop, so that what is being sent is written down, and kills what has not stopped by then."""
    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    _gone, alive = psutil.wait_procs(processes, timeout=patience_seconds)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=patience_seconds)


def _is_supervisor(process: psutil.Process, home: Path) -> bool:
    return str(home.resolve() / "run" / "supervisor.conf") in process.cmdline()
