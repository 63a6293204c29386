"""The crawler as a child process: a reactor starts once a process, and what hangs can be killed."""

import subprocess
import sys
import time

from desk import logs
from workers import stopping

LONGEST_SECONDS = 1_500
GRACE_SECONDS = 8
"""After SIGTERM the crawler stores what it has read; it takes less than this."""

log = logs.logger()


def crawl_due() -> bool:
    """Whether the crawler itself worked, which says nothing about the sources: their health is in their rows."""
    command = [sys.executable, "-m", "crawler", "--due", "--with-parent"]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            if stopping.is_asked() or time.monotonic() - started > LONGEST_SECONDS:
                _end(child)
            _pause(child)
    if child.returncode:
        log.error("crawler_failed", exit_code=child.returncode)
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
