"""`python -m demo --port N --state FILE`: serves the little web on loopback until it is stopped. `--sandbox KIND` serves the sandbox of a
channel instead, until the input ends; `--sandboxes` says which kinds have one."""

import argparse
import logging
import signal
import sys
from pathlib import Path

from werkzeug.serving import make_server

from demo import sandbox_server
from demo.site import create_site


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, default=8890)
    parser.add_argument("--state", type=Path, default=Path("var/demo/state.json"))
    parser.add_argument("--sandbox", metavar="KIND")
    parser.add_argument("--sandboxes", action="store_true")
    chosen = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    if chosen.sandboxes:
        sandbox_server.tell_kinds()
        return
    if chosen.sandbox:
        sandbox_server.serve(chosen.sandbox)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = make_server("127.0.0.1", chosen.port, create_site(chosen.state), threaded=True)
    sys.stdout.write(f"sample brand: http://127.0.0.1:{server.port}/\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
