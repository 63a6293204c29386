"""Whether a text stands on a public page, as a stranger would see it, and where."""

from dataclasses import dataclass
from typing import Any, Final

from channels import errors
from channels.contract import Text
from channels.reading import text as plain_text

MAX_READ: Final = 20_000_000
"""Characters read in one search, a piece of text counting for 20 more. Pages made to waste time are given up."""
_UNSEEN: Final = ("script", "style", "template", "noscript", "head", "textarea", "input", "select", "svg")
_QUOTES: Final = ("blockquote", "q")
_HIGHEST: Final = 6


@dataclass(frozen=True, slots=True)
class Standing:
    """The innermost element that holds the text; `anchor` is the nearest id around it."""

    anchor: str | None


def find(tree: Any, text: str, name: str = "") -> Standing | None:
    """Looks past what a site does to quotes, dashes and spaces. With a `name`, that must stand beside the text.

    What only others quote, and what stands in a form still to be sent, does not count.
    Raises Unreadable for a page too long to be searched.
    """
    wanted, author = plain_text.letters(text), plain_text.letters(name)
    body = tree.find("body")
    return _Search(wanted, author).within(body) if wanted and body is not None else None


class _Search:
    def __init__(self, wanted: str, author: str) -> None:
        self.wanted, self.author = wanted, author
        self.characters_read = 0

    def within(self, body: Any) -> Standing | None:
        """From each element that holds the text down to the children that still do."""
        waiting = [body] if self.wanted in self._letters(body) else []
        while waiting:
            element = waiting.pop()
            inner = [child for child in element if _is_seen(child) and self.wanted in self._letters(child)]
            waiting.extend(inner)
            if not inner and (found := self._beside_the_name(element)):
                return found
        return None

    def _beside_the_name(self, element: Any) -> Standing | None:
        """The name stands within the post: no higher than the nearest element with an id, or three levels up."""
        has_name, anchor = not self.author, None
        for level, above in enumerate([element, *element.iterancestors()]):
            if above.tag == "body" or level > _HIGHEST:
                break
            has_name = has_name or self.author in self._letters(above)
            anchor = above.get("id")
            if anchor or (level >= _HIGHEST // 2 and has_name):
                break
        return Standing(anchor) if has_name else None

    def _letters(self, element: Any) -> str:
        parts = _parts(element)
        words = "".join(parts)
        self.characters_read += len(words) + 20 * len(parts)
        if self.characters_read > MAX_READ:
            raise errors.Unreadable(
                Text(
                    "The page is too long to be searched for the answer.",
                    "Страница слишком длинная, чтобы искать на ней ответ.",
                )
            )
        return plain_text.letters(words)


def _is_seen(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN or element.tag in _QUOTES:
        return False
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is None and "display:none" not in style and "visibility:hidden" not in style


def _parts(element: Any) -> list[str]:
    """The pieces of text of an element, without what is not seen."""
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
    return parts
