"""The first hour: as long as the sample brand is the only one, every page says so and offers one's own; and what is
missing before anything can appear."""

from typing import Literal

from flask import Flask

from desk.brands import brands
from desk.sources import source_list
from webapp.request import transaction


def install(app: Flask) -> None:
    app.add_template_global(has_only_sample)
    app.add_template_global(first_step)


def has_only_sample() -> bool:
    found = brands.all_brands(transaction.session())
    return bool(found) and all(brand.is_sample for brand in found)


def first_step() -> Literal["brand", "source"] | None:
    """What a page that is empty asks for first; None where both are there."""
    if not brands.all_brands(transaction.session()):
        return "brand"
    return None if source_list.is_any(transaction.session()) else "source"
