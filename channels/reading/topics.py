"""[pure] Which conversation a post belongs to, by its address.

Feeds of forums link every entry to its own post: the number of the post, a page of the topic or a fragment is cut off,
and what is left is the topic. Only forms that forum software is known to write are cut.
"""

import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from channels.reading import urls

_PATHS: Final = tuple(
    (re.compile(form), end)
    for form, end in (
        (r"(.*/t/(?:[^/]*[^/\d][^/]*/)?\d+)(?:/\d+)?/?", ""),  # Discourse
        (r"(.*/d/\d+[^/]*)(?:/\d+)?/?", ""),  # Flarum
        (r"(.*/topic/\d+/[^/]+)(?:/\d+)?/?", ""),  # NodeBB
        (r"(.*/topic/\d+-[^/]+)(?:/page/\d+)?/?", "/"),  # Invision
        (r"(.*/topic/[^/]+)/page/\d+/?", "/"),  # bbPress
        (r"(.*/threads/[^/]+)(?:/(?:post-\d+|page-\d+|latest|unread))?/?", "/"),  # XenForo
        (r"(.*/topic\d+)(?:/message\d+)?/?", "/"),  # Bitrix
        (r"(.*/comments/[a-z0-9]+/[^/]+)(?:/[a-z0-9]+)?/?", "/"),  # Reddit
        (r"(.*/questions/\d+/[^/]+)(?:/\d+)?/?", ""),  # Stack Exchange
        (r"(.*/thread-\d+)(?:-(?:post|page)-\d+|-lastpost)?\.html", ".html"),  # MyBB
        (r"(.*/index\.php/topic,\d+)\.(?:msg)?\d+\.html", ".0.html"),  # SMF
        (r"(.*/discussion/\d+/[^/]+)(?:/p\d+)?/?", ""),  # Vanilla
    )
)
"""How posts are addressed, and how the topic's own address ends."""
_COMMENT_PAGE: Final = re.compile(r"(.*/)comment-page-\d+/?\Z")
_TOPIC: Final = re.compile(
    r"(?:t|tid|topic|showtopic|threadid|thread)=\d+|/topic/\d+|\d+-[^=]+\Z|\d+\Z", re.IGNORECASE
)
_POST: Final = re.compile(
    r"(?:p|pid|post|postid|comment|do|view|page|st|start|highlight|sid|s|msg)=", re.IGNORECASE
)
_ALWAYS: Final = re.compile(r"(?:showcomment|replytocom|cpage)=", re.IGNORECASE)
_SMF: Final = re.compile(r"(topic=\d+)\..*", re.IGNORECASE)
_POST_ONLY: Final = re.compile(
    r"/(?:viewtopic|showthread|showpost)\.php\?(?:[^#]*&)?(?:p|pid)=\d+|/posts/\d+|/discussion/comment/\d+"
    r"|/comment/\d+|[?&](?:act|view)=findpost",
    re.IGNORECASE,
)


def topic_of(url: str) -> str:
    """The address of the conversation; the page itself where it is no known form of a post."""
    try:
        parts = urlsplit(urls.without_fragment(url))
    except ValueError:
        return url
    path, is_topic = _path(parts.path)
    return urlunsplit(parts._replace(path=path, query=_query(parts.query, is_topic)))


def is_of_unknown_topic(url: str) -> bool:
    """Whether it leads to a post by the post's number alone: its topic is not to be seen from the address."""
    if not _POST_ONLY.search(url):
        return False
    try:
        return not any(_TOPIC.match(piece) for piece in urlsplit(url).query.split("&"))
    except ValueError:
        return False


def _path(path: str) -> tuple[str, bool]:
    if found := _COMMENT_PAGE.match(path):
        return found[1], False
    for form, end in _PATHS:
        if found := form.fullmatch(path):
            return found[1] + end, True
    return path, False


def _query(query: str, is_topic: bool) -> str:
    pieces = [piece for piece in query.split("&") if not _ALWAYS.match(piece)]
    if is_topic or any(_TOPIC.match(piece) for piece in pieces):
        pieces = [_SMF.sub(r"\1.0", piece) for piece in pieces if not _POST.match(piece)]
    return "&".join(pieces)
