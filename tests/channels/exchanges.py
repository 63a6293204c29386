"""What a sandbox answered while a channel spoke to it, held to the official description of its API."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox
from tests.channels.sandboxes import Connected, connected
from tests.channels.schemas import document, faults, resolved, unnamed


@dataclass(frozen=True)
class Exchange:
    """`asked` and `said` are the JSON of both bodies, None where there was none."""

    method: str
    path: str
    status: int
    asked: Any
    said: Any


@contextmanager
def recorded(kind: str) -> Iterator[tuple[Connected, list[Exchange]]]:
    """A source connected to its sandbox, and all that is said between them."""
    kept: list[Exchange] = []

    def listen(sandbox: Sandbox) -> None:
        respond = sandbox.respond

        def noted(request: Request) -> Response:
            response = respond(request)
            kept.append(
                Exchange(
                    request.method,
                    request.path,
                    response.status_code,
                    _json(request.get_data()),
                    _json(response.get_data()),
                )
            )
            return response

        sandbox.respond = noted  # type: ignore[method-assign]

    with connected(kind, listen) as source:
        yield source, kept


def faults_of(documents: Sequence[str], exchange: Exchange, *, known: Sequence[str] = ()) -> list[str]:
    """What is wrong with an exchange by the documents that describe its API; `known` are fields that a newer version of it
    has, as `unnamed` writes them."""
    for path in documents:
        for template, methods in document(path)["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, exchange.path) and exchange.method.lower() in methods:
                return _faults(path, template, exchange, known)
    return [f"{exchange.method} {exchange.path} is described nowhere"]


def _faults(path: str, template: str, exchange: Exchange, known: Sequence[str]) -> list[str]:
    way = template.replace("~", "~0").replace("/", "~1")
    operation = f"#/paths/{way}/{exchange.method.lower()}"
    described = resolved(document(path), operation)
    found = []
    if "requestBody" in described and exchange.status < 300:
        asked = f"{operation}/requestBody/content/application~1json/schema"
        found += [f"asked {fault}" for fault in faults(path, asked, exchange.asked)]
    responses = described["responses"]
    status = next((one for one in (str(exchange.status), "default") if one in responses), None)
    if status is None:
        return [*found, f"{exchange.method} {exchange.path} never answers with {exchange.status}"]
    here = responses[status].get("$ref", f"{operation}/responses/{status}")
    if "content" in resolved(document(path), here):
        schema = f"{here}/content/application~1json/schema"
        found += faults(path, schema, exchange.said)
        found += [f"no such field: {one}" for one in unnamed(path, schema, exchange.said) if one not in known]
    return found


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
