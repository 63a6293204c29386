"""Values of what a site sends to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from channels.contract.asking import Page


@dataclass(frozen=True, slots=True)
class Push:
    """A request of the site to us, as it came. Header names are lower case; `received_at` is in UTC."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """What is answered at once, and what is kept to be parsed later. `key` drops repeats of the same event; `page` None
    keeps nothing (a confirmation, an event nobody needs)."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"
    page: Page | None = None
    key: str | None = None
