"""[pure] Microdata whose values stand where the standard does not look: put where the extractor finds them."""

from typing import Any, Final

from lxml.etree import XPath

from channels.reading import ratings

_TIMES: Final[Any] = XPath("//time[@itemprop and not(@datetime)]|//data[@itemprop and not(@value)]")
_NAMED_LINKS: Final[Any] = XPath("//a[@itemprop and not(@itemscope)]")
_RATED: Final[Any] = XPath("//*[@itemprop and not(@itemscope) and not(@content)]")
_WORDS: Final = frozenset(
    ("name", "author", "creator", "reviewer", "reviewBody", "text", "headline", "description")
)
_RATINGS: Final = frozenset(("ratingValue", "reviewRating", "rating"))
_ATTRIBUTES: Final = ("aria-label", "title", "data-rating", "data-value", "data-score", "value", "style")


def place_values(tree: Any) -> None:
    """Changes the tree: a date in the text of `time`, a name that is a link, stars drawn by width or said to screen
    readers alone."""
    for element in _TIMES(tree):
        element.set(
            "datetime" if element.tag == "time" else "value", " ".join(element.text_content().split())
        )
    for element in _NAMED_LINKS(tree):
        if not _WORDS.isdisjoint(element.get("itemprop").split()) and element.text_content().strip():
            element.tag = "span"
    for element in _RATED(tree):
        if (
            not _RATINGS.isdisjoint(element.get("itemprop").split())
            and ratings.from_text(_text(element)) is None
        ):
            found = next(
                (value for value in _said_elsewhere(element) if ratings.from_text(value) is not None), None
            )
            if found is not None:
                element.set("content", found)


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())[: ratings.MAX_LENGTH + 1]


def _said_elsewhere(element: Any) -> list[str]:
    """What the attributes of the element and of its first children say, in the order of their trustworthiness."""
    parts = [element, *list(element)[:5]]
    return [value for name in _ATTRIBUTES for part in parts if (value := part.get(name))]
