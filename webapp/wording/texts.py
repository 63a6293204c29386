"""What channels say in every language of the pages, in that of the reader."""

from channels.contract import Text
from webapp.request import languages


def said(text: Text) -> str:
    return text.ru if languages.language() == "ru" else text.en
