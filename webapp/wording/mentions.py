"""What a mention is and what hangs on it, in the reader's language."""

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext as _p

from desk.mentions import details

FILES: dict[str, Any] = {
    "image": _l("image"),
    "video": _l("video"),
    "audio": _l("audio"),
    "file": _l("file"),
}


def install(app: Flask) -> None:
    app.add_template_filter(details.web_address)
    app.add_template_filter(details.readable, "told_files")
    app.add_template_filter(kind, "mention_kind")
    app.add_template_filter(file_kind)


def file_kind(word: str) -> str:
    return str(FILES.get(word, FILES["file"]))


def kind(word: str) -> str:
    """What it is at its site; a word that this version does not know stays as it is."""
    known = {
        "review": _p("kind of mention", "review"),
        "comment": _p("kind of mention", "comment"),
        "post": _p("kind of mention", "post"),
        "message": _p("kind of mention", "message"),
        "question": _p("kind of mention", "question"),
    }
    return str(known.get(word, word))
