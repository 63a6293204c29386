"""Whether this process was asked to stop: a long sweep ends after the step it is at."""

import signal
import threading

_asked = threading.Event()


def ask(*_signal: object) -> None:
    _asked.set()


def is_asked() -> bool:
    return _asked.is_set()


def wait(seconds: float) -> bool:
    """Sleeps so long, or until asked to stop; says whether it was."""
    return _asked.wait(seconds)


def listen() -> None:
    """SIGTERM and SIGINT ask this process to stop."""
    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
