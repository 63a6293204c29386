"""Whether a text stands on a public page, as a stranger would see it, and where."""

from dataclasses import dataclass
from typing import Any, Final

from channels import plain

MAX_ELEMENTS: Final = 60_000
_UNSEEN: Final = ("script", "style", "template", "noscript", "head", "textarea", "input", "select", "svg")
_QUOTES: Final = ("blockquote", "q")


@dataclass(frozen=True, slots=True)
class Standing:
    """The innermost element that holds the text; `anchor` is the nearest id around it."""

    anchor: str | None
    has_name: bool


def find(tree: Any, text: str, name: str = "") -> Standing | None:
    """Looks past what a site does to quotes, dashes and spaces. With a `name`, that must stand beside the text.

    What only others quote, and what stands in a form still to be sent, does not count.
    """
    wanted, author = plain.letters(text), plain.letters(name)
    body = tree.find("body")
    if not wanted or body is None:
        return None
    places = [_standing(place, author) for place in _innermost(body, wanted)]
    return next((place for place in places if place.has_name), None)


def _innermost(body: Any, wanted: str) -> list[Any]:
    """All innermost elements that hold the text: from each one down to the child that still holds it."""
    found, waiting, steps = [], [body], 0
    while waiting and steps < MAX_ELEMENTS:
        element = waiting.pop()
        steps += 1
        inner = [child for child in element if _is_seen(child) and wanted in plain.letters(_words(child))]
        if inner:
            waiting.extend(inner)
        elif element is not body or wanted in plain.letters(_words(body)):
            found.append(element)
    return found


def _is_seen(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or element.tag in _QUOTES:
        return False
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is None and "display:none" not in style and "visibility:hidden" not in style


def _words(element: Any) -> str:
    """The text of an element without what is not seen."""
    parts: list[str] = [element.text or ""]
    waiting = [(child, False) for child in reversed(element)]
    while waiting:
        child, is_done = waiting.pop()
        if is_done:
            parts.append(child.tail or "")
            continue
        waiting.append((child, True))
        if _is_seen(child):
            parts.append(child.text or "")
            waiting.extend((grandchild, False) for grandchild in reversed(child))
    return "".join(parts)


def _standing(element: Any, author: str) -> Standing:
    """The name stands within the post: no higher than the nearest element with an id, or three levels up."""
    anchor: str | None = None
    has_name = not author
    for level, above in enumerate([element, *element.iterancestors()]):
        if above.tag == "body" or level > 6:
            break
        has_name = has_name or author in plain.letters(_words(above))
        anchor = above.get("id") or above.get("name")
        if anchor or (level >= 3 and has_name):
            break
    return Standing(anchor, has_name)
