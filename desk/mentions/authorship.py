"""[pure] Whose words they are: the brand's own, or somebody else's, by what the channel tells, by profile or by name."""

from collections.abc import Sequence
from typing import Protocol
from urllib.parse import urlsplit

from desk.base.wordings import is_name_of


class AuthorSeen(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...


def is_own(
    is_by_brand: bool | None,
    author: AuthorSeen | None,
    own_names: Sequence[str],
    site: str,
    own_ids: Sequence[str] = (),
) -> bool:
    """Where the channel knows who it is, a name says nothing: anybody may call himself what we are called. Nor does it
    where the brand has told its ids at this source, or the address of its profile on that `site` (a host), and the author
    has one."""
    if is_by_brand is not None:
        return is_by_brand
    if author is None:
        return False
    if own_ids and author.external_id is not None:
        return author.external_id in own_ids
    shown = {_address(value) for value in (author.url, author.external_id) if value} - {""}
    ours = {_address(name) for name in own_names if urlsplit(name).hostname == site} - {""}
    if shown and ours:
        return bool(shown & ours)
    return is_name_of(author.name, own_names)


def _address(value: str) -> str:
    """A profile's address, so that two spellings of it are one; empty for what is none."""
    try:
        parts = urlsplit(value.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    return f"{parts.hostname}{parts.path.rstrip('/')}?{parts.query}".casefold()
