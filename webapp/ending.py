"""How `otklik run` ends: what a killed supervisor has left behind is stopped, and people are told that nothing is lost."""

import signal
import sys
from pathlib import Path

from webapp import orphans, supervision


def end_orphans(home: Path) -> None:
    """Two sets of the same processes would hold the port, the socket and each other's work."""
    left = orphans.marked(home)
    if left:
        sys.stdout.write(f"Stopping what a killed supervisor left running (processes: {len(left)}) …\n")
        sys.stdout.flush()
        orphans.end(left, supervision.STOP_SECONDS)


def tell(home: Path, code: int) -> int:
    """Of the supervisor's exit code, negative for a signal as in subprocess, makes that of the command."""
    if code < 0 and code != -signal.SIGTERM:
        end_orphans(home)
        sys.stderr.write(
            "The supervisor was killed, so its processes were stopped. Nothing is lost; start again with the "
            "same command.\n"
        )
        return 1
    sys.stdout.write("Stopped. Everything is kept; start again with the same command.\n")
    return 0 if code == -signal.SIGTERM else code
