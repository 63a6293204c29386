"""What a command is told about a source: NAME=VALUE, read by the kind of the channel's field."""

from collections.abc import Callable, Iterable
from pathlib import Path

import click

import channels
from channels import fields
from channels.contract import Field
from desk.base.errors import Invalid

Told = dict[str, str]


def told(command: Callable[..., None]) -> Callable[..., None]:
    """What a command can be told of a channel's fields."""
    options = (
        click.option(
            "--set",
            "values",
            multiple=True,
            metavar="NAME=VALUE",
            help="A setting of the channel. Repeatable.",
        ),
        click.option(
            "--secret", "secrets", multiple=True, metavar="NAME=VALUE", help="A credential; stored encrypted."
        ),
        click.option(
            "--secret-file", "files", multiple=True, metavar="NAME=PATH", help="A credential out of a file."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


own_ids = click.option(
    "--own-id",
    "own_ids",
    multiple=True,
    metavar="ID",
    help="The id of an account under which the brand itself writes there: its messages are the brand's own answers,"
    " and names are then not compared. Repeatable.",
)


def read(
    kind: str, values: tuple[str, ...], secrets: tuple[str, ...], files: tuple[str, ...]
) -> tuple[Told, Told]:
    """The settings and the secrets. Raises Invalid, which never repeats the value of a secret."""
    known = known_fields(kind)
    plain, secret = _split(values), _split(secrets, is_secret=True)
    secret |= {name: _content(path, known.get(name)) for name, path in _split(files).items()}
    demand_known(kind, (*plain, *secret))
    for name in plain:
        if known[name].is_secret:
            raise Invalid(
                f"«{name}» is a secret: give it with --secret, so that it is stored encrypted. Nothing was saved.",
                name,
            )
    return (
        {name: _read(known[name], value) for name, value in plain.items()},
        {name: _read(known[name], value) for name, value in secret.items()},
    )


def known_fields(kind: str) -> dict[str, Field]:
    """Raises Invalid for a kind that this version has not."""
    if kind not in channels.KINDS:
        raise Invalid(f"This version of Otklik has no channel «{kind}». Nothing was saved.", "kind")
    return {field.name: field for field in channels.channel(kind).about.fields}


def demand_known(kind: str, names: Iterable[str]) -> None:
    """Raises Invalid for a name that no field of that channel has."""
    known = known_fields(kind)
    for name in names:
        if name not in known:
            raise Invalid(
                f"{kind} has no field «{name}». Its fields: {', '.join(known) or 'none'}. Nothing was saved.",
                name,
            )


def by_scope(kind: str, told: Told) -> tuple[Told, Told]:
    """What belongs to the source alone, and what to the account that it shares."""
    known = known_fields(kind)
    own, shared = (
        {name: value for name, value in told.items() if known[name].scope == scope}
        for scope in ("source", "account")
    )
    return own, shared


def demand_scope(kind: str, names: Iterable[str], scope: str) -> None:
    """Raises Invalid for a field of an account where one of a source is wanted, or the other way round."""
    known = known_fields(kind)
    for name in names:
        if known[name].scope != scope:
            other = known[name].scope
            raise Invalid(f"«{name}» belongs to the {other}: otklik {other} set. Nothing was saved.", name)


def described(field: Field) -> str:
    """One line about a field, for people."""
    kinds = {"number": "a whole number", "switch": "yes or no", "secret": "secret", "long_secret": "secret"}
    kind = ", ".join(name for name, _ in field.choices) or kinds.get(field.kind, "text")
    needed = f", needed for {field.needed_for}" if field.needed_for != "nothing" else ""
    return f"{field.name}: {field.title.en} ({kind}{needed})"


def _split(pairs: tuple[str, ...], *, is_secret: bool = False) -> Told:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            what = "A --secret" if is_secret else f"«{pair}»"
            raise Invalid(f"{what} is not of the form NAME=VALUE. Nothing was saved.")
        found[name] = value
    return found


def _content(path: str, field: Field | None) -> str:
    """No more is read of a file than the field can keep: what is longer is refused there."""
    most = field.most_letters if field is not None else 0
    try:
        with Path(path).open(encoding="utf-8") as opened:
            return opened.read(most + 1)
    except OSError as error:
        raise Invalid(f"{path} cannot be read ({error.strerror}). Nothing was saved.", "path") from None
    except UnicodeDecodeError:
        raise Invalid(f"{path} is not text in UTF-8. Nothing was saved.", "path") from None


def _read(field: Field, typed: str) -> str:
    try:
        return fields.read(field, typed)
    except fields.Wrong as wrong:
        raise Invalid(f"{wrong} Nothing was saved.", field.name) from None
