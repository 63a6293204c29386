"""What is done in a child process of its own: crawling, because a reactor starts once a process, and learning, because what
it takes would stay with whoever did it. What hangs can be killed; nothing is forked, so that threads may be here."""

import subprocess
import sys
import time

from desk.base import logs
from workers import stopping

LONGEST_SECONDS = 1_500
LONGEST_LEARNING_SECONDS = 540
GRACE_SECONDS = 8
"""After SIGTERM the crawler stores what it has read; it takes less than this."""

log = logs.logger()


def crawl_due() -> bool:
    """Whether the crawler itself worked, which says nothing about the sources: their health is in their rows."""
    return _is_done("crawler", ("--due", "--with-parent"), LONGEST_SECONDS)


def learn() -> bool:
    """Whether learning itself worked; what came of it stands in its row."""
    return _is_done("workers", ("learn",), LONGEST_LEARNING_SECONDS)


def _is_done(module: str, arguments: tuple[str, ...], longest_seconds: float) -> bool:
    started = time.monotonic()
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            if stopping.is_asked() or time.monotonic() - started > longest_seconds:
                _end(child)
            _pause(child)
    if child.returncode:
        log.error("child_failed", module=module, exit_code=child.returncode)
    return child.returncode == 0


def _pause(child: "subprocess.Popen[bytes]") -> None:
    try:
        child.wait(0.2)
    except subprocess.TimeoutExpired:
        pass


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
