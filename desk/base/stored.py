"""Columns of JSON that survive what somebody did to a row by hand: text that is no JSON, or JSON of another shape."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from desk.base import damage, sentences


class _Stored(TypeDecorator[Any]):
    impl = sa.JSON
    cache_ok = True
    is_optional = False
    """None where the row holds nothing."""

    def read(self, value: object) -> Any:
        raise NotImplementedError

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any]:
        parse = super().result_processor(dialect, coltype)

        def process(raw: Any) -> Any:
            if raw is None and self.is_optional:
                return None
            try:
                return self.read(parse(raw) if parse is not None else raw)
            except (ValueError, TypeError, RecursionError):
                return self.read(None)

        return process


class StoredObject(_Stored):
    """A dictionary; damage.DamagedObject where the row holds something else. `is_optional`: None where it holds nothing."""

    cache_ok = True

    def __init__(self, *, is_optional: bool = False) -> None:
        super().__init__(none_as_null=is_optional)
        self.is_optional = is_optional

    def read(self, value: object) -> dict[str, Any]:
        return damage.read_object(value)


class StoredObjects(_Stored):
    """A list of dictionaries, or None where the row holds nothing; damage.DamagedList where it holds something else."""

    cache_ok = True
    is_optional = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def read(self, value: object) -> list[dict[str, Any]]:
        return damage.read_objects(value)


class StoredTexts(_Stored):
    """A list of texts; damage.DamagedList where the row holds something else."""

    cache_ok = True

    def read(self, value: object) -> list[str]:
        return damage.read_texts(value)


class StoredSentences(_Stored):
    """A list of sentences, in both languages where they have two; damage.DamagedList where the row holds something else."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:  # noqa: ARG002 -- as SQLAlchemy calls it
        return None if value is None else [sentences.written(one) for one in value]

    def read(self, value: object) -> list[str]:
        return sentences.read_list(value)


class StoredSentence(TypeDecorator[str]):
    """A sentence in a column of text, in both languages where it has two."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 -- as SQLAlchemy calls it
        return None if value is None else sentences.written_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 -- as SQLAlchemy calls it
        return None if value is None else sentences.read_text(value)
