"""A site that hands out tokens, each refresh token good for one time: whoever loses one is locked out."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.servers import serving


@dataclass
class TokenSite:
    """`renewals` counts answered ones, `most_at_once` those under way together. While `gate` is closed nobody is answered.
    `refresh_token` and `access_token` are those that the site takes now."""

    url: str = ""
    refresh_token: str = "refresh-0"
    access_token: str = ""
    lasts_seconds: int = 3_600
    renewals: int = 0
    most_at_once: int = 0
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    gate: threading.Event = field(default_factory=threading.Event)
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    def revoke(self) -> None:
        """As if the owner had taken back his consent."""
        self.refresh_token = "revoked"

    def renew(self, refresh_token: str) -> dict[str, Any] | None:
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        self.arrived.release()
        self.gate.wait(30)
        with self._lock:
            self._under_way -= 1
            if refresh_token != self.refresh_token:
                return None
            self.renewals += 1
            self.refresh_token = f"refresh-{self.renewals}"
            self.access_token = f"access-{self.renewals}"
            return {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expires_in": self.lasts_seconds,
            }

    def __call__(self, environ: Any, start: Any) -> Any:
        return self.answer(Request(environ))(environ, start)

    def answer(self, request: Request) -> Response:
        if request.path != "/token":
            return Response("", 404)
        granted = self.renew(request.form.get("refresh_token", ""))
        if granted is None:
            return Response('{"error": "invalid_grant"}', 400, content_type="application/json")
        return Response(json.dumps(granted), content_type="application/json")


@contextmanager
def token_site(**facts: Any) -> Iterator[TokenSite]:
    site = TokenSite(**facts)
    with serving(site) as url:
        site.url = url
        yield site
