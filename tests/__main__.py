"""`make test` and its groups: `python -m tests GROUP …`, or `make test ARGS=GROUP`.

  (nothing)   quick and slow together, on SQLite with the embedded Valkey; WordPress with OTKLIK_TEST_ALL only
  quick       what starts no program, browser or server: the one to run while writing
  slow        journeys in Chromium, kills, everything that starts our processes, and a real WordPress
  postgresql  what a database can change, on PostgreSQL with an outside Redis
  torch       what needs torch, in the environment of `make train`
  all         everything, as `.ci/run` does it (or OTKLIK_TEST_ALL=1); nothing may be missing then

Anything else is given to pytest: make test ARGS="tests/desk -k routing". What was left out is named at the end together with
how to get it. OTKLIK_TEST_LONG=1 tries twenty times as many examples and kills.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests import servers
from tests.groups import ABOUT_DATABASES, SLOW
from tests.real import wordpress

ROOT = Path(__file__).parents[1]
CORES = len(os.sched_getaffinity(0))
TRAINING = str(ROOT / ".venv-train" / "bin" / "python")
LONGER = "OTKLIK_TEST_ALL=1 make test (some minutes more)"


def main(arguments: list[str]) -> int:
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    group = arguments[0] if arguments else "all" if os.environ.get("OTKLIK_TEST_ALL") else "here"
    if group not in GROUPS:
        return _pytest(arguments)
    return GROUPS[group](arguments[1:])


def _here(more: list[str]) -> int:
    code = _sqlite(["-m", "not real", *more])
    left_out = [*_missing(), f"PostgreSQL with an outside Redis, a real WordPress, and torch: {LONGER}."]
    print(*(f"LEFT OUT  {line}" for line in left_out), sep="\n")
    return code


def _all(more: list[str]) -> int:
    """All groups at once: some wait for processes and servers while others compute. The screen belongs to the largest; what the
    others have said follows when each has ended."""
    missing = _missing()
    with ThreadPoolExecutor() as beside, tempfile.TemporaryDirectory() as folder:
        groups = {} if missing else {"postgresql": _postgresql, "torch": _torch}
        begun = {name: _beside(beside, Path(folder) / name, group, more) for name, group in groups.items()}
        code = _sqlite(more)
        for name, one in begun.items():
            code = one.result() or code
            print((Path(folder) / name).read_text(), flush=True)
    print(*(f"LEFT OUT  {line}" for line in missing), sep="\n")
    return code or int(bool(missing))


Group = Callable[..., int]


def _beside(beside: ThreadPoolExecutor, said: Path, group: Group, more: list[str]) -> "Future[int]":
    def run() -> int:
        with said.open("w") as output:
            return group(more, output.fileno())

    return beside.submit(run)


def _missing() -> list[str]:
    needed = {
        servers.CHROMIUM_HINT: bool(servers.chromium()),
        servers.POSTGRESQL_HINT: servers.postgresql_binaries() is not None,
        servers.REDIS_HINT: shutil.which("redis-server") is not None,
        wordpress.HINT: wordpress.is_here(),
    }
    return [hint for hint, is_here in needed.items() if not is_here]


def _at_once(workers: int) -> list[str]:
    """Each of them takes half a gigabyte."""
    return ["-n", str(min(workers, 4)), "--dist", "loadgroup"]


def _sqlite(more: list[str]) -> int:
    # One more than there are processors: browsers and processes are often waited for.
    print("== SQLite, embedded Valkey", flush=True)
    return _pytest([*_at_once(CORES + 1), *more])


def _quick(more: list[str]) -> int:
    return _pytest([*_at_once(CORES), "-m", f"not ({SLOW})", *more])


def _slow(more: list[str]) -> int:
    return _pytest([*_at_once(CORES + 1), "-m", SLOW, *more])


def _postgresql(more: list[str], output: int | None = None) -> int:
    _say("== PostgreSQL, outside Redis (what a database can change)", output)
    with ExitStack() as stack:
        outside = {
            "OTKLIK_TEST_POSTGRESQL": stack.enter_context(servers.postgresql()),
            "OTKLIK_TEST_REDIS": stack.enter_context(servers.redis()),
        }
        # What a browser shows and what WordPress answers does not depend on the database; the journey runs on both.
        chosen = ["--only-database", "-m", "not browser and not real", *ABOUT_DATABASES]
        return _pytest([*_at_once(CORES), *chosen, *more], outside, output=output)


def _torch(more: list[str], output: int | None = None) -> int:
    _say("== torch (training the judge, models of others)", output)
    # What it downloads and unpacks takes the time that the tests leave.
    made = ["nice", "make", "--silent", ".venv-train/.made"]
    # A test that is skipped here would be skipped everywhere, so the environment is asked first.
    asked = [TRAINING, "-c", "import torch, transformers, sklearn"]
    if code := _call(made, output) or _call(asked, output):
        return code
    return _pytest(["-m", "torch", "tests/sentiment", *more], python=TRAINING, output=output)


def _say(line: str, output: int | None) -> None:
    if output is None:
        print(line, flush=True)
    else:
        os.write(output, f"{line}\n".encode())


def _pytest(
    arguments: list[str],
    more: dict[str, str] | None = None,
    python: str = sys.executable,
    output: int | None = None,
) -> int:
    return _call([python, "-m", "pytest", *arguments], output, more)


def _call(command: list[str], output: int | None, more: dict[str, str] | None = None) -> int:
    # Compiled code is kept whatever this machine usually wants: hundreds of processes of the tests read it.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    errors = None if output is None else subprocess.STDOUT
    return subprocess.call(command, cwd=ROOT, env=kept | (more or {}), stdout=output, stderr=errors)


GROUPS: dict[str, Group] = {
    "here": _here, "quick": _quick, "slow": _slow, "postgresql": _postgresql, "torch": _torch, "all": _all,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
