"""A program beside this one, for work that takes much memory and is seldom asked for: it starts with the first question and
ends when nobody has asked for a while, so that the pages do not hold for months what was wanted for a second.

`python -m webapp.helper_process MODULE:FUNCTION SECONDS` is that program: it answers one JSON line with another by the function, and
ends after so many seconds without a question, or with whoever started it. Nothing heavy may be imported here.
"""

import json
import select
import signal
import subprocess
import sys
import traceback
from importlib import import_module
from threading import Lock, Thread, Timer
from types import TracebackType
from typing import Any

IDLE_SECONDS = 600
ANSWER_SECONDS = 30
MOST_ANSWERS = 500
"""An engine that grows by what it has done is begun anew after these."""


class Broken(Exception):
    """It could not be started, died, or took too long, twice over the same question."""


class HelperProcess:
    """Safe to ask from several threads; they take turns."""

    def __init__(self, function: str, idle_seconds: float = IDLE_SECONDS) -> None:
        """`function` is MODULE:FUNCTION; it takes the question and returns the answer, both as JSON knows them."""
        self._command = [sys.executable, "-m", "webapp.helper_process", function, str(idle_seconds)]
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = 0

    def wake(self) -> None:
        """Lets it start, where it does not live, while its question is still being put together."""
        if self._turn.acquire(blocking=False):
            try:
                self._living()
            except OSError:
                return  # the machine has no room for it now; whoever asks is told
            finally:
                self._turn.release()

    def ask(self, question: Any) -> Any:
        """Raises Broken."""
        line = json.dumps(question).encode() + b"\n"
        with self._turn:
            # Whoever was about to end, or was killed since the last question, is begun again once.
            for _try in range(2):
                if (said := self._exchange(line)) is not None:
                    return json.loads(said)
                self._end()
        raise Broken(self._command[3])

    @property
    def pid(self) -> int | None:
        """None where it does not live."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def _exchange(self, line: bytes) -> bytes | None:
        try:
            process = self._living()
        except OSError:
            return None  # no room for another process
        assert process.stdin is not None
        assert process.stdout is not None
        slow = Timer(ANSWER_SECONDS, process.kill)
        slow.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            said = process.stdout.readline()
        except OSError:
            return None
        finally:
            slow.cancel()
        self._answers += 1
        return said if said.endswith(b"\n") else None

    def _living(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._answers >= MOST_ANSWERS:
            self._end()
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._answers = 0
            # It may end by itself at any time, and must not stay in the list of processes as a dead one.
            Thread(target=self._process.wait, name="helper-process", daemon=True).start()
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                _close(pipe)
            self._process = None


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        return  # what was not written yet has nobody to go to


def main(function: str, idle_seconds: float) -> None:
    # Ctrl-C reaches everybody on a terminal; this one ends with its questions.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = _say_what_broke
    module, _, name = function.partition(":")
    answer = getattr(import_module(module), name)
    while select.select([sys.stdin], [], [], idle_seconds)[0] and (line := sys.stdin.buffer.readline()):
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _say_what_broke(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """Without the error's words: they may quote a customer (desk/base/logs.py, which is too heavy for here)."""
    sys.stderr.write("".join(traceback.format_tb(trace)) + kind.__name__ + "\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
