"""One application over one seeded database, in a process of its own that answers a line with a line."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, Self

EMAIL, PASSWORD = "bench@otklik.example", "only-for-the-bench"


class Served:
    """`module` is run with these arguments; it prints one line when it is ready, and then one of JSON for each that it
    reads. Without OTKLIK_HOME in `environment` its folder is thrown away afterwards."""

    def __init__(self, module: str, *arguments: object, environment: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", module, *map(str, arguments)]
        self._environment = dict(environment or {})

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        home = self._stack.enter_context(tempfile.TemporaryDirectory())
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OTKLIK_")}
        outside = {"OTKLIK_HOME": home, "OTKLIK_LOG_LEVEL": "ERROR", **self._environment}
        self._process = subprocess.Popen(
            self._command, env=kept | outside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._read()
        return self

    def ask(self, words: str = "go") -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        return json.loads(self._read())

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the measured application stopped")
        return line

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._stack.close()


def seeded(mentions: int, open_cases: int) -> Any:
    """A signed-in client of the application, on the day on which the seed ends. A database that was filled before is
    taken as it is."""
    from bench import seed
    from desk.base import db, settings
    from desk.operations import schema
    from desk.people import users
    from webapp.application import create_app

    schema.upgrade()
    with db.transaction() as session:
        if not users.everybody(session):
            seed.fill(session, seed.Plan(mentions, open_cases))
    app = create_app(settings.current())
    app.config["CLOCK"] = lambda: seed.NOW
    return _signed_in(app.test_client())


def _signed_in(client: Any) -> Any:
    from bench import seed
    from desk.base import db
    from desk.people import users as known
    from webapp.request import users

    with db.transaction() as session:
        if EMAIL not in {user.email for user in known.everybody(session)}:
            users.add_user(session, EMAIL, "Bench", PASSWORD, ["admin"], None, seed.NOW)
    page = client.get("/sign-in").text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    done = client.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token})
    assert done.status_code == 302, done.status
    return client
