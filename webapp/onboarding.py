"""The first hour: as long as the sample brand is the only one, every page says so and offers one's own."""

from flask import Flask

from desk.brands import brands
from webapp.request import transaction


def install(app: Flask) -> None:
    app.add_template_global(has_only_sample)


def has_only_sample() -> bool:
    found = brands.all_brands(transaction.session())
    return bool(found) and all(brand.is_sample for brand in found)
