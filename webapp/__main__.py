"""The web process: Hypercorn for the network, one event loop for what waits, and threads for Flask."""

import asyncio
import ctypes
import resource
import signal
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from desk.base import logs, settings
from webapp.application import create_app
from webapp.gateway import Gateway
from webapp.live import events

HEAD_SECONDS = 10
"""A connection on which no whole request head arrived in this time is closed, whether it is silent or slow."""
HEAD_BYTES = 32 * 1024
GRACE_SECONDS = 3
WAITING_CONNECTIONS = 1024
OPEN_FILES = 65_536
M_ARENA_MAX, ARENAS = -8, 2  # the first is malloc.h's name of that setting


def server(configuration: settings.Settings) -> Config:
    host = f"[{configuration.host}]" if ":" in configuration.host else configuration.host
    chosen = Config()
    chosen.bind = [f"{host}:{configuration.port}"]
    chosen.backlog = WAITING_CONNECTIONS
    chosen.keep_alive_timeout = HEAD_SECONDS
    chosen.h11_max_incomplete_size = HEAD_BYTES
    chosen.graceful_timeout = GRACE_SECONDS
    chosen.include_server_header = False
    chosen.loglevel = "WARNING"
    chosen.errorlog = "-"
    return chosen


async def run(configuration: settings.Settings) -> None:
    app = create_app(configuration)
    asyncio.get_running_loop().set_exception_handler(_say_what_broke)
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)

    async def stop() -> None:
        await asked_to_stop.wait()
        events.pages(app).stop()

    application: Any = Gateway(app, configuration.web_threads)
    await serve(application, server(configuration), shutdown_trigger=stop)


def _say_what_broke(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Connections that are cut when the process stops are no fault; Python 3.11 reports each of them as one."""
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


def main() -> None:
    configuration = settings.current()
    logs.to_stderr()
    _permit_open_files()
    _share_arenas()
    logs.logger().info("web_starts", address=configuration.address)
    asyncio.run(run(configuration))


def _permit_open_files() -> None:
    """Each connection is one; systems start with 1024, whatever they permit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _share_arenas() -> None:
    """The allocator of Linux gives threads heaps of their own, eight a processor, and each keeps what its busiest request
    took: with two for all the process stays 15 MB smaller, and Python lets one thread allocate at a time anyway."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


if __name__ == "__main__":
    main()
