"""`make test`: everything on SQLite with the embedded Valkey, then what touches a database again on PostgreSQL with
an outside Redis. What this machine lacks is left out, and named at the end together with how to get it."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack

from tests import servers
from tests.real import wordpress

AT_ONCE = ["-n", "2", "--dist", "loadgroup"]


def main(arguments: list[str]) -> int:
    missing = [] if servers.chromium() else [f"{servers.CHROMIUM_HINT}. Left out: the browser tests."]
    if not os.environ.get("OTKLIK_TEST_REAL"):
        missing.append(
            "The run against a real WordPress takes minutes: OTKLIK_TEST_REAL=1 make test. Left out here."
        )
    elif not wordpress.is_here():
        missing.append(f"{wordpress.HINT}. Left out: the run against a real WordPress.")
    if arguments:
        return _pytest(arguments, {})
    print("== SQLite, embedded Valkey", flush=True)
    code = _pytest([*AT_ONCE, *([] if os.environ.get("OTKLIK_TEST_REAL") else ["-m", "not real"])], {})
    if servers.postgresql_binaries() is None or shutil.which("redis-server") is None:
        hint = servers.POSTGRESQL_HINT if servers.postgresql_binaries() is None else servers.REDIS_HINT
        missing.append(f"{hint}. Left out: the second run, on PostgreSQL with an outside Redis.")
    else:
        code = _second_run() or code
    for line in missing:
        print(f"LEFT OUT  {line}")
    # Where nothing may be left out, what is missing is a failure.
    return code or int(bool(missing) and bool(os.environ.get("OTKLIK_TEST_REQUIRE_ALL")))


def _second_run() -> int:
    print("== PostgreSQL, outside Redis (the tests that touch a database)", flush=True)
    with ExitStack() as stack:
        outside = {
            "OTKLIK_TEST_POSTGRESQL": stack.enter_context(servers.postgresql()),
            "OTKLIK_TEST_REDIS": stack.enter_context(servers.redis()),
        }
        # What a browser shows and what WordPress answers does not depend on the database; the journey runs on both.
        return _pytest([*AT_ONCE, "--only-database", "-m", "not browser and not real"], outside)


def _pytest(arguments: list[str], more: dict[str, str]) -> int:
    return subprocess.call([sys.executable, "-m", "pytest", *arguments], env={**os.environ, **more})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
