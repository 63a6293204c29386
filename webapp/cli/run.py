"""`otklik run`: everything on one machine, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import httpx
from filelock import FileLock, Timeout

from desk import bell, db, schema, settings
from desk.errors import DeskError
from webapp import first_start, orphans, supervision
from webapp.cli.ground import now

START_SECONDS = 60


@click.command()
@click.option("--sample", "is_sample", is_flag=True, help="Load the sample brand if the database is empty.")
def run(is_sample: bool) -> None:
    """Start web, workers, clock and (unless OTKLIK_REDIS_URL is set) Valkey; stop them all with Ctrl-C."""
    chosen = settings.current()
    with _alone(chosen.home):
        _end_orphans(chosen.home)
        _refuse_busy_port(chosen)
        if reason := bell.openness():
            raise DeskError(reason)
        sys.exit(_run(chosen, is_sample=is_sample))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Raises DeskError while another `otklik run` or its supervisor is at work here. The lock dies with its holder."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home / "run" / "otklik.lock", timeout=0):
            if (pid := orphans.supervisor(home)) is not None:
                raise DeskError(f"Otklik is already running here. Stop it first: `kill {pid}`.")
            yield
    except Timeout:
        pid = orphans.supervisor(home)
        how = f"with Ctrl-C or `kill {pid}`" if pid else "with Ctrl-C"
        raise DeskError(f"Otklik is already running here. Stop it first, {how}.") from None


def _end_orphans(home: Path) -> None:
    """Two sets of the same processes would hold the port, the socket and each other's work."""
    left = orphans.marked(home)
    if left:
        click.echo(f"Stopping what a killed supervisor left running (processes: {len(left)}) …")
        orphans.end(left, supervision.STOP_SECONDS)


def _run(chosen: settings.Settings, *, is_sample: bool) -> int:
    click.echo("Bringing the database up to date …")
    schema.upgrade()
    with db.transaction() as session:
        start = first_start.prepare(session, chosen, now(), is_sample=is_sample)
    db.forget()
    if start.demo_port is not None:
        # The sample brand lives on loopback, which the address guard refuses otherwise.
        os.environ["OTKLIK_ALLOW_PRIVATE_ADDRESSES"] = "true"
    wanted = supervision.processes(chosen, start.demo_port)
    configuration = supervision.write_configuration(chosen, wanted)
    return _serve(configuration, chosen, start, [process.name for process in wanted])


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


def _serve(configuration: Path, chosen: settings.Settings, start: first_start.Start, names: list[str]) -> int:
    # A session of its own keeps Ctrl-C from reaching the children directly: the supervisor stops them in order.
    supervisor = subprocess.Popen(
        supervision.command(configuration), start_new_session=True, env=orphans.environment(chosen.home)
    )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: supervisor.terminate())
    try:
        if _is_up(supervisor, chosen):
            click.echo(_greeting(chosen, start, names))
        elif supervisor.poll() is None:
            click.secho(
                f"The web process does not respond yet. Otklik keeps trying; see {chosen.home / 'log' / 'web.log'}.",
                fg="red",
                err=True,
            )
        code = supervisor.wait()
    finally:
        if supervisor.poll() is None:
            supervisor.terminate()
            supervisor.wait(supervision.STOP_SECONDS * 3)
    if code < 0 and code != -signal.SIGTERM:
        _end_orphans(chosen.home)
        click.secho(
            "The supervisor was killed, so its processes were stopped. Nothing is lost; start again with the "
            "same command.", fg="red", err=True,
        )  # fmt: skip
        return 1
    click.echo("Stopped. Everything is kept; start again with the same command.")
    return 0 if code in (0, -signal.SIGTERM) else code


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


def _greeting(chosen: settings.Settings, start: first_start.Start, names: list[str]) -> str:
    lines = ["", f"  Otklik is at {chosen.address}", ""]
    lines += [f"    {line}" for line in start.sign_in]
    if start.demo_port is not None:
        lines += ["", f"  Shop and forum of the sample brand: http://127.0.0.1:{start.demo_port}/"]
    lines += ["", f"  Running: {', '.join(names)}. Logs: {chosen.home / 'log'}. Stop with Ctrl-C.", ""]
    return "\n".join(lines)
