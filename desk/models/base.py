"""The declarative base: naming of constraints, and how Python types become columns."""

import enum
from datetime import datetime
from typing import Annotated, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column

from desk.base.db import UtcDateTime
from desk.base.stored import StoredObject, StoredSentence, StoredSentences, StoredTexts

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: StoredObject(),
        list[str]: StoredTexts(),
    }


def code(kind: type[enum.StrEnum], name: str) -> sa.Enum:
    """A column of a StrEnum: the value is stored as text, and a check constraint knows the values."""
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        length=32,
        values_callable=lambda members: [m.value for m in members],
        create_constraint=True,
        validate_strings=True,
    )


def told(name: str, column: str) -> sa.Index:
    """An index of the rows that name another one in this column."""
    return partial(name, f"{column} IS NOT NULL", column)


def partial(name: str, condition: str, *columns: str) -> sa.Index:
    """An index of the rows for which that holds, spelled as queries spell it."""
    holds = sa.text(condition)
    return sa.Index(name, *columns, sqlite_where=holds, postgresql_where=holds)


Id = Annotated[int, mapped_column(primary_key=True)]
Name = Annotated[str, mapped_column(sa.String(200))]
Key = Annotated[str, mapped_column(sa.String(255))]
Address = Annotated[str, mapped_column(sa.String(2000))]
Text = Annotated[str, mapped_column(sa.Text())]
Said = Annotated[str, mapped_column(StoredSentence())]
SaidList = Annotated[list[str], mapped_column(StoredSentences())]
