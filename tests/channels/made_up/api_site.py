"""The API behind the made-up social network and store: what it is asked with a token that it takes now, it answers."""

import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.channels.made_up.store_console import ASKED_SECONDS, assertion
from tests.channels.made_up.token_site import TokenSite
from tests.servers import serving


@dataclass
class ApiSite(TokenSite):
    """`comments` are what /wall lists, `reviews` what /reviews lists, `answers` what was posted, one a guid.
    `mode`: take, hang (what is changed is taken, and no answer comes until `gate` opens), refuse. `hooks` are the
    addresses that asked to be told. `key` is that of the store. `codes` are given out by consent, each for one time."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
    mode: str = "take"
    changed: list[str] = field(default_factory=list)
    has_changed: threading.Event = field(default_factory=threading.Event)
    hooks: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    key: str = ""
    clock: Any = None
    refused: int = 0

    def answer(self, request: Request) -> Response:
        if request.path == "/token":
            return self._token(request)
        if not hmac.compare_digest(
            request.headers.get("Authorization", ""), f"Bearer {self.access_token or 'none'}"
        ):
            self.refused += 1
            return _json({"error": "unauthorized"}, 401)
        return self._authorized(request)

    def _authorized(self, request: Request) -> Response:
        match request.path:
            case "/wall":
                return _json({"items": self.comments})
            case "/reviews":
                return _json({"reviews": self.reviews})
            case "/me":
                return _json({"name": "Заря"})
            case "/hooks":
                return self._hook(request)
        return self._answers(request) if request.path.startswith("/answers") else Response("", 404)

    def _answers(self, request: Request) -> Response:
        """Posted, listed, and one of them changed or taken away by its number."""
        number = request.path.rpartition("/")[2]
        if request.method == "GET":
            return _json({"answers": self.answers})
        if request.method == "POST":
            given = _form(request)
            self.answers = [one for one in self.answers if one["guid"] != given["guid"]]
            self.answers.append({"id": str(len(self.answers) + 1), **given})
            return _json({"id": self.answers[-1]["id"]})
        self.changed.append(f"{request.method} {number}")
        if self.mode == "refuse":
            return Response("Too late to change it.", 403)
        if (found := next((one for one in self.answers if one["id"] == number), None)) is None:
            return Response("", 404)
        if request.method == "DELETE":
            self.answers.remove(found)
        else:
            found["text"] = _form(request)["text"]
        self.has_changed.set()
        if self.mode == "hang":
            self.gate.wait(30)
        return _json({"id": number})

    def _hook(self, request: Request) -> Response:
        address = _form(request)["address"]
        self.hooks = [one for one in self.hooks if one != address]
        if request.method == "POST":
            self.hooks.append(address)
        return _json({"secret": "told by the site", "confirmation": "c0nf1rm"})

    def _token(self, request: Request) -> Response:
        form = request.form
        if "assertion" in form:
            return self._asserted(form["assertion"])
        if "code" in form:
            if form["code"] not in self.codes:
                return _json({"error": "invalid_grant"}, 400)
            self.codes.remove(form["code"])
            granted = self.renew(self.refresh_token)
        else:
            granted = self.renew(form.get("refresh_token", ""))
        return _json({"error": "invalid_grant"}, 400) if granted is None else _json(granted)

    def _asserted(self, given: str) -> Response:
        now = self.clock()
        known = {
            assertion(self.key, now.fromtimestamp(now.timestamp() - n, now.tzinfo))
            for n in range(ASKED_SECONDS)
        }
        if given not in known:
            return _json({"error": "invalid_grant"}, 400)
        self.renewals += 1
        self.access_token = f"store-{self.renewals}"
        return _json({"access_token": self.access_token, "expires_in": self.lasts_seconds})


def _form(request: Request) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(request.get_data(as_text=True)))


def _json(found: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(found), status, content_type="application/json")


@contextmanager
def api_site(**facts: Any) -> Iterator[ApiSite]:
    site = ApiSite(**facts)
    with serving(site) as url:
        site.url = url
        yield site
