"""Keeps the message catalogues complete: `python -m webapp.catalogue` collects every sentence of code and templates.

English is its own translation and is filled in; what has no Russian yet is printed. `... merge FILE.json` files
Russian given as {"sentence": "перевод", "sentence|plural": ["1", "2", "5"], "context::sentence": "перевод"}.
`... compile` only writes the .mo files. Several people may run it at once: the folder is locked meanwhile.
"""

import json
import secrets
import sys
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from filelock import FileLock

from webapp.request.languages import FOLDER

PACKAGE = FOLDER.parent
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "_n": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "_p": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
REFUSALS = {"Invalid": None}
"""What is refused by desk, and by rules of ours that know no reader, is translated by its English sentence
(desk.base.errors.Invalid)."""
NEVER_ON_A_PAGE = ("operations/backup.py",)
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)  # fixed, so that a run that changes nothing changes no file
READERS = [("**.py", "python"), ("templates/**.html", "jinja2")]
"""Which of Babel's readers finds the sentences of which files."""
Translations = Mapping[str, str | list[str]]


def collect() -> Catalog:
    """Every sentence in the package, in the order of its files."""
    template = Catalog(charset="utf-8")
    for package, keywords in (
        (PACKAGE, KEYWORDS),
        (PACKAGE.parent / "desk", REFUSALS),
        (PACKAGE / "wording", REFUSALS),
    ):
        found = extract_from_dir(package, READERS, keywords=keywords)
        for name, _line, message, _comments, context in sorted(found, key=lambda one: (one[0], one[1])):
            if name not in NEVER_ON_A_PAGE:
                path = (package.relative_to(PACKAGE.parent) / name).as_posix()
                template.add(message, None, [(path, 0)], context=context)
    return template


def update(template: Catalog, locale: str, translations: Translations | None = None) -> Catalog:
    """The catalogue of `locale` with exactly the sentences of `template`; nothing is guessed."""
    path = _path(locale, "po")
    catalog = _read(path, locale)
    # A copy, because the catalogue keeps the very messages it is given.
    catalog.update(deepcopy(template), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    for message in catalog:
        if message.id:
            _fill(message, locale, translations or {})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, include_lineno=False, omit_header=False)
    return catalog


def missing(catalog: Catalog) -> list[str]:
    """What a reader of this language would see in another one."""
    return [key(message) for message in catalog if message.id and (message.fuzzy or not _is_full(message))]


def compile_all() -> None:
    for path in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        with fresh.open("wb") as file:
            write_mo(file, _read(path, path.parts[-3]))
        fresh.replace(path.with_suffix(".mo"))  # at once: a running page may be reading the old one


def key(message: Message) -> str:
    text = "|".join(message.id) if message.pluralizable else str(message.id)
    return f"{message.context}::{text}" if message.context else text


def _fill(message: Message, locale: str, translations: Translations) -> None:
    if locale == "en":
        message.string = tuple(message.id) if message.pluralizable else message.id
    elif (given := translations.get(key(message))) is not None:
        message.string = tuple(given) if isinstance(given, list) else given


def _is_full(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(strings) and all(strings)


def _read(path: Path, locale: str) -> Catalog:
    if not path.exists():
        return Catalog(
            locale,
            project="Otklik",
            version="1",
            header_comment="",
            creation_date=BEGUN,
            revision_date=BEGUN,
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _path(locale: str, suffix: str) -> Path:
    return FOLDER / locale / "LC_MESSAGES" / f"messages.{suffix}"


def main(arguments: list[str]) -> int:
    FOLDER.mkdir(exist_ok=True)
    translations: Translations = (
        json.loads(Path(arguments[1]).read_text()) if arguments[:1] == ["merge"] else {}
    )
    with FileLock(Path(tempfile.gettempdir()) / "otklik-catalogue.lock"):
        if arguments[:1] == ["compile"]:
            compile_all()
            return 0
        template = collect()
        update(template, "en")
        lacking = missing(update(template, "ru", translations))
        compile_all()
    sys.stdout.write(json.dumps(dict.fromkeys(lacking, ""), ensure_ascii=False, indent=1) + "\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
