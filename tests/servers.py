"""Servers of this machine's own packages, started on loopback for the time of a test run and then removed."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from tests import processes
from tests.processes import free_port, listens

POSTGRESQL_HINT = "PostgreSQL is not on this machine: apt-get install postgresql (no service is needed)"
REDIS_PASSWORD = "a-word-for-tests"
REDIS_HINT = "Redis is not on this machine: apt-get install redis-server (no service is needed)"
CHROMIUM_HINT = "Chromium is not on this machine: apt-get install chromium-headless-shell"
# The same browser without windows takes half of the processor's time.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def postgresql_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    beside = shutil.which("initdb")
    return Path(beside).parent if beside else None


def chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


class Quiet(WSGIRequestHandler):
    """Hangs up after each answer."""

    def log(self, *_line: object) -> None:
        pass


class Lasting(Quiet):
    """Keeps the connection for the next question."""

    protocol_version = "HTTP/1.1"


@contextmanager
def serving(
    application: Callable[..., Any], handler: type[WSGIRequestHandler] = Quiet, **more: Any
) -> Iterator[str]:
    """The address of a site of the test's own, which answers until the block ends."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=handler, **more)
    assert isinstance(server, ThreadedWSGIServer)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if 'ssl_context' in more else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a fresh cluster whose user may do everything. Needs `postgresql_binaries()`."""
    binaries = postgresql_binaries()
    assert binaries is not None
    folder, port = Path(tempfile.mkdtemp(prefix="otklik-pg-")), free_port()
    owner = _unprivileged()
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"
    _as(
        owner,
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "otklik",
        "--auth=trust",
        "-E",
        "UTF8",
        "--no-sync",
    )
    # Nothing of a test has to survive a power cut.
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off "
        "-c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    )
    control = str(binaries / "pg_ctl")
    _as(owner, control, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://otklik@127.0.0.1:{port}/postgres"
    finally:
        _as(owner, control, "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; whoever else runs the tests runs it himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def _as(owner: str | None, *command: str) -> None:
    done = subprocess.run(
        command, user=owner, cwd="/", check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    ) if "pg_ctl" not in command[0] else _detached(owner, *command)  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stdout}")


def _detached(owner: str | None, *command: str) -> subprocess.CompletedProcess[str]:
    # The server inherits pg_ctl's output: a pipe would never end.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, user=owner, cwd="/", check=False, stdout=output, stderr=subprocess.STDOUT, text=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read())


@contextmanager
def redis(has_password: bool = True) -> Iterator[str]:
    """The address of a Redis that keeps nothing. Needs redis-server."""
    port = free_port()
    words = ["--requirepass", REDIS_PASSWORD] if has_password else []
    with (
        tempfile.TemporaryDirectory(prefix="otklik-redis-") as folder,
        processes.running(
            "redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no",
            "--dir", folder, *words, is_ready=lambda: listens(port), seconds=15, cwd=folder,
        ),
    ):  # fmt: skip
        yield f"redis://{f':{REDIS_PASSWORD}@' if has_password else ''}127.0.0.1:{port}/0"
