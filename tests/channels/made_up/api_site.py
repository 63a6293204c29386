"""The API behind the made-up social network and store: what it is asked with a token that it takes now, it answers."""

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.channels.made_up.app_store import ASKED_SECONDS, assertion
from tests.channels.made_up.token_site import TokenSite
from tests.servers import serving


@dataclass
class ApiSite(TokenSite):
    """`comments` are what /wall lists, `reviews` what /reviews lists, `answers` what was posted: guid -> text. `hooks` are the
    addresses that asked to be told. `key` is that of the store. `codes` are given out by consent, each for one time."""

    comments: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, str]] = field(default_factory=list)
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
            case "/answers":
                self.answers.append(dict(_form(request)))
                return _json({"id": len(self.answers)})
            case "/hooks":
                return self._hook(request)
        return Response("", 404)

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
