"""`make test`: everything on SQLite with the embedded Valkey. With OTKLIK_TEST_ALL (`.ci/run` sets it) also against a
real WordPress, what touches a database once more on PostgreSQL with an outside Redis, and what needs torch in the
environment that `make train` uses; then nothing may be missing.
What was left out is named at the end together with how to get it."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests import servers
from tests.real import wordpress

# One more than there are processors: browsers and processes are often waited for. Each process takes half a gigabyte.
AT_ONCE = ["-n", str(min(len(os.sched_getaffinity(0)) + 1, 5)), "--dist", "loadgroup"]
ROOT = Path(__file__).parents[1]
TRAINING = str(ROOT / ".venv-train" / "bin" / "python")
LONGER = "OTKLIK_TEST_ALL=1 make test (some minutes more)"


def main(arguments: list[str]) -> int:
    if arguments:
        return _pytest(arguments, {})
    is_all = bool(os.environ.get("OTKLIK_TEST_ALL"))
    training = _make_training_environment() if is_all else None
    print("== SQLite, embedded Valkey", flush=True)
    code = _pytest([*AT_ONCE, *([] if is_all else ["-m", "not real"])], {})
    missing = _missing()
    if is_all and not missing:
        code = _second_run() or code
    if training is not None:
        training.wait()
        code = _third_run() or code
    elif not is_all:
        missing.append(f"PostgreSQL with an outside Redis, a real WordPress, and torch: {LONGER}.")
    for line in missing:
        print(f"LEFT OUT  {line}")
    return code or int(is_all and bool(missing))


def _missing() -> list[str]:
    needed = {
        servers.CHROMIUM_HINT: bool(servers.chromium()),
        servers.POSTGRESQL_HINT: servers.postgresql_binaries() is not None,
        servers.REDIS_HINT: shutil.which("redis-server") is not None,
        wordpress.HINT: wordpress.is_here(),
    }
    return [hint for hint, is_here in needed.items() if not is_here]


def _second_run() -> int:
    print("== PostgreSQL, outside Redis (the tests that touch a database)", flush=True)
    with ExitStack() as stack:
        outside = {
            "OTKLIK_TEST_POSTGRESQL": stack.enter_context(servers.postgresql()),
            "OTKLIK_TEST_REDIS": stack.enter_context(servers.redis()),
        }
        # What a browser shows and what WordPress answers does not depend on the database; the journey runs on both.
        return _pytest([*AT_ONCE, "--only-database", "-m", "not browser and not real"], outside)


def _make_training_environment() -> "subprocess.Popen[bytes]":
    """Begins it: what it downloads and unpacks takes the time that the tests leave."""
    return subprocess.Popen(["nice", "make", "--silent", ".venv-train/.made"], cwd=ROOT)


def _third_run() -> int:
    print("== torch (training the judge, models of others)", flush=True)
    # A test that is skipped here would be skipped everywhere, so the environment is asked first.
    subprocess.check_call(["make", ".venv-train/.made"], cwd=ROOT)
    subprocess.check_call([TRAINING, "-c", "import torch, transformers, sklearn"])
    return _pytest(["-m", "torch", "tests/sentiment"], {}, TRAINING)


def _pytest(arguments: list[str], more: dict[str, str], python: str = sys.executable) -> int:
    return subprocess.call([python, "-m", "pytest", *arguments], env={**os.environ, **more})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
