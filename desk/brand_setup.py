"""A new brand, ready to listen: its hours and policies, and the rules that route what is said of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from desk import brand_defaults, brands, rulebook
from desk.models import Brand


def create(
    session: Session,
    name: str,
    *,
    words: Sequence[str] = (),
    own_names: Sequence[str] = (),
    time_zone: str,
    now: datetime,
    is_sample: bool = False,
) -> Brand:
    """A brand with the hours, policies and rules of brand_defaults; without words or own names, its name is both.

    Raises Invalid, Conflict (code "exists").
    """
    brand = brands.add(
        session,
        name,
        words=words,
        own_names=own_names,
        time_zone=time_zone,
        now=now,
        is_sample=is_sample,
    )
    rulebook.propose(session, brand.id, brand_defaults.RULES)
    return brand
