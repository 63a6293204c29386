"""[pure] Sentences for people that are kept in both languages of the pages."""

import json
from collections.abc import Iterable
from typing import Any, Protocol, Self, SupportsIndex

from desk.base import damage


class Told(Protocol):
    """What a channel says: channels.contract.Text, which desk does not know."""

    @property
    def en(self) -> str: ...

    @property
    def ru(self) -> str: ...


class Sentence(str):
    """The English sentence, which logs, commands and JSON use as any text; pages in Russian show `ru`.

    Cutting it by a slice cuts both. Anything else that is done with the text gives English alone.
    """

    __slots__ = ("ru",)
    ru: str

    def __new__(cls, en: str, ru: str) -> Self:
        made = super().__new__(cls, en)
        made.ru = ru
        return made

    @property
    def en(self) -> str:
        return str(self)

    @classmethod
    def of(cls, told: Told) -> "Sentence":
        return cls(told.en, told.ru)

    @classmethod
    def alike(cls, text: str) -> "Sentence":
        """The words of a site or an older version are the same in both languages."""
        return text if isinstance(text, Sentence) else cls(text, text)

    def __getitem__(self, key: SupportsIndex | slice) -> "Sentence":
        return Sentence(super().__getitem__(key), self.ru[key])

    def with_more(self, more: "Sentence") -> "Sentence":
        return Sentence(f"{self} {more}", f"{self.ru} {more.ru}")

    def in_one_line(self, most: int) -> "Sentence":
        return Sentence(" ".join(self.split())[:most], " ".join(self.ru.split())[:most])


def told_by(error: Exception) -> str:
    """What an error of a channel says, in both languages, or of any other the text alone."""
    told: Any = getattr(error, "text", None)
    return Sentence(told.en, told.ru) if hasattr(told, "en") and hasattr(told, "ru") else str(error)


def written(text: str) -> Any:
    """What is kept of it in JSON: both languages, or the text alone where it has but one."""
    return {"en": str(text), "ru": text.ru} if isinstance(text, Sentence) and text.ru != text else text


def read(kept: Any) -> str:
    """Raises TypeError for what is neither a text nor one in both languages."""
    if isinstance(kept, str):
        return kept
    if isinstance(kept, dict) and kept.keys() == {"en", "ru"}:
        en, ru = kept["en"], kept["ru"]
        if isinstance(en, str) and isinstance(ru, str):
            return Sentence(en, ru)
    raise TypeError("neither a text nor one in both languages")


def written_text(text: str) -> str:
    """The same for a column of text."""
    kept = written(text)
    return kept if isinstance(kept, str) else json.dumps(kept, ensure_ascii=False)


def read_text(kept: str) -> str:
    """Rows of older versions hold plain text, and so do words of a site in its own language: shown as they are."""
    if not kept.startswith('{"en":'):
        return kept
    try:
        return read(json.loads(kept))
    except (ValueError, TypeError, RecursionError):
        return kept


def read_list(kept: object) -> list[str]:
    """damage.DamagedList where it is no list of texts."""
    if not isinstance(kept, list):
        return damage.DamagedList()
    try:
        found = [read(one) for one in kept]
    except TypeError:
        return damage.DamagedList()
    return found if not damage.is_damaged(damage.read_texts(_both(found))) else damage.DamagedList()


def _both(found: Iterable[str]) -> list[str]:
    return [text for one in found for text in ((str(one), one.ru) if isinstance(one, Sentence) else (one,))]
