"""The web process: gunicorn with threads, because a live page keeps one for itself."""

from threading import Thread
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication

from desk import db, logs, settings
from webapp import charts
from webapp.application import create_app

LIVE_MARGIN_SECONDS = 90


class Server(BaseApplication):
    """Gunicorn, told by our settings instead of by a file or a command line."""

    def __init__(self, configuration: settings.Settings) -> None:
        self._configuration = configuration
        super().__init__()

    def load_config(self) -> None:
        for name, value in _options(self._configuration).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        db.forget()  # a connection must not be shared with the process that started us
        # The engine that draws takes seconds to start; the first director must not wait for it.
        Thread(target=charts.warm, name="charts", daemon=True).start()
        return create_app(self._configuration)


def _options(configuration: settings.Settings) -> dict[str, Any]:
    host = f"[{configuration.host}]" if ":" in configuration.host else configuration.host
    return {
        "bind": f"{host}:{configuration.port}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": configuration.web_threads,
        "timeout": LIVE_MARGIN_SECONDS,
        "graceful_timeout": 3,
        "keepalive": 5,
        "limit_request_line": 8190,
        "loglevel": configuration.log_level.lower(),
        "proc_name": "otklik-web",
        "worker_tmp_dir": None,
        "control_socket_disable": True,
    }


def main() -> None:
    configuration = settings.current()
    logs.to_stderr()
    structlog.get_logger().info("web_starts", address=configuration.address)
    Server(configuration).run()


if __name__ == "__main__":
    main()
