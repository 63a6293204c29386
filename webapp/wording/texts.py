"""What is said in both languages of the pages, by a channel or in a stored sentence, in that of the reader."""

from flask import Flask

from channels.contract import Text
from channels.errors import ChannelError
from desk.base.sentences import Sentence
from webapp.request import languages


def install(app: Flask) -> None:
    app.add_template_filter(said)
    app.add_template_filter(language_of)


def said(text: Text | str | ChannelError) -> str:
    """A plain text (a row of an older version, the words of a site) is shown as it is."""
    told = text.text if isinstance(text, ChannelError) else text
    if isinstance(told, Text | Sentence) and languages.language() == "ru":
        return told.ru
    return told.en if isinstance(told, Text) else str(told)


def language_of(text: Text | str | ChannelError) -> str:
    """For the `lang` of what is shown. Of a plain text nobody knows; ours were all English."""
    is_told = isinstance(text, Text | Sentence | ChannelError)
    return languages.language() if is_told else "en"
