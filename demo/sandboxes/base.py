"""What every sandbox is: a WSGI application that keeps what was said in memory, and misbehaves when it is told to."""

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from werkzeug.wrappers import Request, Response

State = Literal["held", "public", "rejected", "removed"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. Header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the next `times` requests that fit.

    `path` is a piece of the path, `method` empty for every method. `is_taken`: the request is carried out first, and only
    its answer is lost. `cuts_at`: so many bytes of the body arrive although all were announced. `changes` rewrites the
    JSON of the right answer.
    """

    path: str = ""
    method: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_taken: bool = False
    cuts_at: int | None = None
    changes: Any = None
    times: int = 1

    def fits(self, request: Request) -> bool:
        return self.times > 0 and self.path in request.path and self.method in ("", request.method)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the brand as the site has it; `parent` is the channel's external id of what it answers."""

    external_id: str
    parent: str
    text: str
    state: State = "public"


class Sandbox(ABC):
    """`address` is what a person types to connect it, `settings` and `secrets` what he fills in, `own_ids` those under which
    the brand writes there. `url` is where it is served, set by whoever serves it: what names its own server uses it.

    `state_of_new` is what becomes of an answer that is posted from now on. Every method may be called while it is served.
    """

    kind: ClassVar[str]
    own_ids: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.troubles: list[Trouble] = []
        self.state_of_new: State = "public"
        self.is_revoked = False
        self.lock = threading.RLock()

    @property
    @abstractmethod
    def address(self) -> str: ...

    @property
    def settings(self) -> Mapping[str, str]:
        return {}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {}

    @abstractmethod
    def respond(self, request: Request) -> Response:
        """What the site answers, without any trouble. The lock is held."""

    @abstractmethod
    def say(self, text: str, *, author: str = "Анна К.", rating: int | None = None) -> str:
        """Somebody writes something new: its external id, as the channel gives it."""

    def change(self, external_id: str, text: str) -> None:
        """The author edits what he wrote."""
        raise NotImplementedError

    def withdraw(self, external_id: str) -> None:
        """The author deletes what he wrote."""
        raise NotImplementedError

    def answers(self) -> list[Answered]:
        """What the brand has answered, in its order; empty where nobody can answer."""
        return []

    def decide(self, external_id: str, state: State) -> None:
        """A moderator decides about an answer."""
        raise NotImplementedError

    def revoke(self) -> None:
        """No secret is taken any more."""
        self.is_revoked = True

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers}
        query = request.args.to_dict()
        with self.lock:
            self.asked.append(Asked(request.method, request.path, query, headers, request.get_data()))
            response = self._troubled(request) or self.respond(request)
        return response(environ, start_response)

    def _troubled(self, request: Request) -> Response | None:
        trouble = next((one for one in self.troubles if one.fits(request)), None)
        if trouble is None:
            return None
        trouble.times -= 1
        right = self.respond(request) if _needs_the_answer(trouble) else json_response({})
        return _spoilt(right, trouble)


def _needs_the_answer(trouble: Trouble) -> bool:
    return (
        trouble.is_taken or trouble.changes is not None or (trouble.status is None and trouble.body is None)
    )


def _spoilt(right: Response, trouble: Trouble) -> Response:
    body = right.get_data() if trouble.body is None else trouble.body
    if trouble.changes is not None:
        body = json.dumps(trouble.changes(json.loads(body))).encode()
    response = Response(
        body, trouble.status or right.status_code, dict(right.headers) | dict(trouble.headers)
    )
    if trouble.cuts_at is not None:
        # Where the right answer has no body (204), one is announced: only what was announced can be cut off.
        response.status_code = 200 if response.status_code == 204 else response.status_code
        response.response = [body[: trouble.cuts_at]]
        response.headers["Content-Length"] = str(max(len(body), trouble.cuts_at + 1))
    return response


def json_response(said: object, status: int = 200, **headers: str) -> Response:
    """`headers` with underscores for hyphens: `retry_after="30"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        json.dumps(said, ensure_ascii=False), status, named, content_type="application/json; charset=utf-8"
    )
