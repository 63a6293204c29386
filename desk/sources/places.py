"""The one place that puts together what a channel is told of a source, its secrets opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from desk.base import vault
from desk.models import Brand, Source
from desk.sources import sources


@dataclass(frozen=True, slots=True)
class Place:
    """A source as its channel sees it: field for field channels.contract.Place, which says what each one means and is
    made of this one by `Place.of`. desk imports no channels, so the shape stands here as well; a test compares them."""

    url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    own_names: Sequence[str] = ()
    language: str | None = None
    own_ids: Sequence[str] = ()
    since: datetime | None = None
    account_id: int | None = None


def place_of(session: Session, source: Source, *, is_stranger: bool = False) -> Place:
    """`is_stranger` leaves the secrets out: for looking at a page as anybody would. Raises Invalid when the stored
    credentials cannot be opened, Damaged when what is stored beside them cannot be read."""
    sources.demand_whole(source)
    brand = session.get_one(Brand, source.brand_id)
    return Place(
        url=source.url,
        settings={name: str(value) for name, value in source.settings.items()},
        secrets={} if is_stranger else vault.unlock(source.secrets),
        cursor=dict(source.cursor),
        own_names=tuple(brand.own_names),
        language=source.language,
    )
