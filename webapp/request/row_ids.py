"""Numbers of rows as they come in addresses and forms: whatever no row can have is not there, never an error."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

from webapp.request import typed


class RowId(IntegerConverter):
    """`<int:...>` in an address; a number that no database row can have is a page that does not exist."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - the library's name for it
        kwargs.setdefault("max", typed.LARGEST)
        super().__init__(map, *args, **kwargs)


def install(app: Flask) -> None:
    app.url_map.converters["int"] = RowId


def read(text: str | None) -> int | None:
    """The number in a field, or None for anything else."""
    return typed.number(text)
