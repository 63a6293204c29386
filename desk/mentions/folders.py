"""[pure] What tells of a text by itself that it belongs into a folder."""

import re
from typing import Final

# The mark that Russian law asks of advertisements on the internet, and those that people set by hand.
_ADVERTISEMENT: Final = re.compile(
    r"\berid\s*[:=]\s*[\w-]{6,}|(?:^|[\s.!(])реклама\s*[.:]\s*(?:ооо|ао|пао|ип|рекламодатель)\b|\bна правах рекламы\b"
    r"|(?<![\w#])#(?:реклама|промо|ad|ads|advert|sponsored)(?!\w)|\bsponsored (?:post|content)\b|\bpaid partnership\b",
    re.IGNORECASE,
)
PUBLISHED: Final = "post"
"""Reviews, comments, questions and messages are never taken for advertisements: people quote the marks there."""


def is_advertisement(kind: str, text: str) -> bool:
    """Whether it says of itself that it is one."""
    return kind == PUBLISHED and _ADVERTISEMENT.search(text) is not None
