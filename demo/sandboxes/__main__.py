"""`python -m demo.sandboxes KIND`: serves the sandbox of that kind on loopback until its input ends, and says in one line of JSON how
to connect it. Without KIND: which kinds have one."""

import argparse
import json
import logging
import sys
from threading import Thread

from werkzeug.serving import make_server

from demo.sandboxes import SANDBOXES, sandbox


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.sandboxes", description=__doc__)
    parser.add_argument("kind", nargs="?", choices=SANDBOXES)
    chosen = parser.parse_args()
    if chosen.kind is None:
        sys.stdout.write(f"{json.dumps(SANDBOXES)}\n")
        return
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    site = sandbox(chosen.kind)
    server = make_server("127.0.0.1", 0, site, threaded=True)
    site.url = f"http://127.0.0.1:{server.port}"
    told = {
        "url": site.url, "address": site.address, "settings": dict(site.settings), "secrets": dict(site.secrets),
        "own_ids": list(site.own_ids),
    }  # fmt: skip
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()
    Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()  # whoever started it holds the other end, and takes it away when he ends, however he ends
    server.shutdown()


if __name__ == "__main__":
    main()
