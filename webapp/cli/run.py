"""`otklik run`: everything on one machine, until Ctrl-C."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click
import httpx

from desk.base import db, settings, wakeups
from desk.base.errors import DeskError
from desk.operations import schema
from webapp import bootstrap, ending, orphans, supervision, watching
from webapp.cli.common import now

START_SECONDS = 60


@click.command()
@click.option("--sample", "is_sample", is_flag=True, help="Load the sample brand if the database is empty.")
def run(is_sample: bool) -> None:
    """Start web, workers, clock and (unless OTKLIK_REDIS_URL is set) Valkey; stop them all with Ctrl-C."""
    chosen = settings.current()
    with _alone(chosen.home) as lock:
        ending.end_orphans(chosen.home)
        _refuse_busy_port(chosen)
        if reason := wakeups.openness():
            raise DeskError(reason)
        sys.exit(_run(chosen, lock, is_sample=is_sample))


@contextmanager
def _alone(home: Path) -> Iterator[int]:
    """The lock of this home, open. Raises DeskError while another `otklik run` or its supervisor is at work here. The lock
    dies with its holder, and passes to the program that takes the place of this one if the file is handed on."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    lock = os.open(home / "run" / "otklik.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if (pid := orphans.supervisor(home)) is not None:
            raise DeskError(f"Otklik is already running here. Stop it first: `kill {pid}`.")
        yield lock
    except BlockingIOError:
        pid = orphans.supervisor(home)
        how = f"with Ctrl-C or `kill {pid}`" if pid else "with Ctrl-C"
        raise DeskError(f"Otklik is already running here. Stop it first, {how}.") from None
    finally:
        os.close(lock)


def _run(chosen: settings.Settings, lock: int, *, is_sample: bool) -> int:
    click.echo("Bringing the database up to date …")
    schema.upgrade()
    with db.transaction() as session:
        start = bootstrap.prepare(session, chosen, now(), is_sample=is_sample)
    db.forget()
    if start.demo_port is not None:
        # The sample brand lives on loopback, which the address guard refuses otherwise.
        os.environ["OTKLIK_ALLOW_PRIVATE_ADDRESSES"] = "true"
    wanted = supervision.processes(chosen, start.demo_port)
    configuration = supervision.write_configuration(chosen, wanted)
    supervisor = _serve(configuration, chosen, start, [process.name for process in wanted])
    if supervisor.poll() is None:
        os.set_inheritable(lock, True)
        watching.go_on(supervisor.pid, chosen.home)
    return ending.tell(chosen.home, supervisor.returncode)


def _refuse_busy_port(chosen: settings.Settings) -> None:
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as error:
            raise DeskError(
                f"{chosen.host}:{chosen.port} cannot be used: {error.strerror}. Choose another port, for example OTKLIK_PORT=8801."
            ) from None


def _serve(
    configuration: Path, chosen: settings.Settings, start: bootstrap.Start, names: list[str]
) -> "subprocess.Popen[bytes]":
    """The supervisor, once the page answers or it is too late to wait for that; it may have ended by then."""
    # A session of its own keeps Ctrl-C from reaching the children directly: the supervisor stops them in order.
    supervisor = subprocess.Popen(
        supervision.command(configuration), start_new_session=True, env=orphans.environment(chosen.home)
    )
    for number in watching.STOPPING:
        signal.signal(number, lambda *_: supervisor.terminate())
    with ExitStack() as undoing:
        undoing.callback(_end, supervisor)
        if _is_up(supervisor, chosen):
            click.echo(_greeting(chosen, start, names))
        elif supervisor.poll() is None:
            click.secho(
                f"The web process does not respond yet. Otklik keeps trying; see {chosen.home / 'log' / 'web.log'}.",
                fg="red",
                err=True,
            )
        undoing.pop_all()
    return supervisor


def _end(supervisor: "subprocess.Popen[bytes]") -> None:
    supervisor.terminate()
    supervisor.wait(supervision.STOP_SECONDS * 3)


def _is_up(supervisor: subprocess.Popen[bytes], chosen: settings.Settings) -> bool:
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
    deadline = time.monotonic() + START_SECONDS
    with click.progressbar(length=START_SECONDS, label="Starting", show_eta=False) as bar:
        while time.monotonic() < deadline and supervisor.poll() is None:
            with suppress(httpx.HTTPError):
                if httpx.get(f"http://{host}:{chosen.port}/healthz?only=web", timeout=2).status_code < 500:
                    bar.update(START_SECONDS)
                    return True
            time.sleep(0.3)
            bar.update(1)
    return False


def _greeting(chosen: settings.Settings, start: bootstrap.Start, names: list[str]) -> str:
    lines = ["", f"  Otklik is at {chosen.address}", ""]
    lines += [f"    {line}" for line in start.sign_in]
    if start.demo_port is not None:
        lines += ["", f"  Shop and forum of the sample brand: http://127.0.0.1:{start.demo_port}/"]
    lines += ["", f"  Running: {', '.join(names)}. Logs: {chosen.home / 'log'}. Stop with Ctrl-C.", ""]
    return "\n".join(lines)
