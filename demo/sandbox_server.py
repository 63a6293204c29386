"""Serving one sandbox to whoever started this process: `python -m demo --sandbox KIND`."""

import json
import sys
from threading import Thread

from werkzeug.serving import make_server

from demo.sandboxes import SANDBOXES, sandbox


COMPLAINT = "Чайник «Заря» (Zarya) течёт третий день, магазин не отвечает. Верните деньги!"
"""Said at every sandbox that is served, so that there is something to answer."""


def tell_kinds() -> None:
    """A line of JSON: the kinds that have one."""
    sys.stdout.write(f"{json.dumps(SANDBOXES)}\n")


def serve(kind: str) -> None:
    """On loopback, until the input ends. A line of JSON says how to connect it."""
    site = sandbox(kind)
    server = make_server("127.0.0.1", 0, site, threaded=True)
    site.url = f"http://127.0.0.1:{server.port}"
    site.say(COMPLAINT)
    told = {
        "url": site.url, "address": site.address, "settings": dict(site.settings), "secrets": dict(site.secrets),
        "own_ids": list(site.own_ids),
    }  # fmt: skip
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # whoever started it holds the other end, and takes it away when he ends, however he ends
    server.shutdown()
