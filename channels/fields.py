"""What a person typed into a channel's field: read by the kind of the field, or said what is wrong with it."""

from collections.abc import Mapping
from typing import Final, Literal

from channels.contract import About, Field, Text

MOST_DIGITS: Final = 9
_YES: Final = frozenset(("1", "yes", "true", "on"))
_NO: Final = frozenset(("", "0", "no", "false", "off"))


class Wrong(ValueError):
    """`text` is the sentence for people; the value itself is never in it, as it may be a secret."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def lacking(
    about: About, told: Mapping[str, object], needed_for: Literal["listening", "answering", "push"]
) -> list[Field]:
    """Those without which that cannot be done; `told` holds settings and secrets by name."""
    return [one for one in about.fields if one.needed_for == needed_for and not told.get(one.name)]


def read(field: Field, typed: str) -> str:
    """The value to be kept; empty where nothing was given. Raises Wrong.

    Secrets stay as they were typed, to the last space; only the line ends of a long one become those of a file.
    """
    if len(typed) > field.most_letters:
        raise _wrong(
            field, f"at most {field.most_letters} characters", f"не больше {field.most_letters} знаков"
        )
    if "\0" in typed:
        raise _wrong(field, "text without zero bytes", "текст без нулевых байтов")
    match field.kind:
        case "secret":
            return typed
        case "long_secret":
            return typed.replace("\r\n", "\n")
        case "number":
            return _number(field, typed.strip())
        case "switch":
            return _switch(field, typed.strip().lower())
        case "choice":
            return _choice(field, typed.strip())
        case _:
            return typed.strip()


def _number(field: Field, typed: str) -> str:
    if not typed:
        return ""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS):
        raise _wrong(field, "a whole number", "целое число")
    return str(int(typed))


def _switch(field: Field, typed: str) -> str:
    if typed in _YES:
        return "1"
    if typed in _NO:
        return ""
    raise _wrong(field, "yes or no", "yes или no")


def _choice(field: Field, typed: str) -> str:
    names = [name for name, _ in field.choices]
    if typed and typed not in names:
        listed = ", ".join(names)
        raise _wrong(field, f"one of: {listed}", f"одно из значений: {listed}")
    return typed


def _wrong(field: Field, english: str, russian: str) -> Wrong:
    return Wrong(
        Text(f"“{field.title.en}” takes {english}.", f"«{field.title.ru}»: здесь может быть {russian}.")
    )
