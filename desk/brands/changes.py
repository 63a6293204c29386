"""What an administrator changes about a brand after it was created: its name, its words, its own author names."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.errors import Conflict, NotFound
from desk.brands import brands
from desk.models import Brand

MOST_WORDS = 100


def load(session: Session, brand_id: int) -> Brand:
    """Raises NotFound."""
    if (brand := session.get(Brand, brand_id)) is None:
        raise NotFound(f"There is no brand {brand_id}.")
    return brand


def change(
    session: Session, brand_id: int, *, name: str, words: Sequence[str], own_names: Sequence[str]
) -> Brand:
    """What was collected keeps its marks; own names count from the next reading on. Raises NotFound, Invalid,
    Conflict (code "exists")."""
    brand, name = load(session, brand_id), brands.read_name(name, "name")
    if session.scalar(sa.select(Brand.id).where(Brand.name == name, Brand.id != brand_id)) is not None:
        raise Conflict(f"There is a brand called {name!r} already.", code="exists", name=name)
    brand.name = name
    brand.words, brand.own_names = _tidied(words) or [name], brands.tidied_own_names(_tidied(own_names), name)
    session.flush()
    return brand


def _tidied(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word.strip()[:200] for word in words if word.strip()))[:MOST_WORDS]
