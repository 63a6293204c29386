"""[pure] Smileys that a site draws as pictures, written out as what they say: 👎 for WordPress' picture of it.

For "Well, thanks 👎" the picture is what was said. Other pictures say nothing: their alternative text stays out.
"""

import re
from typing import Any, Final

MAX_LENGTH: Final = 40
_PICTURES: Final = "\U0001f000-\U0001faff\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2b05-\u2b55\u3030\u303d"
_EMOJI = re.compile(rf"(?:[{_PICTURES}][\ufe0f\u200d\u20e3\s\U000e0020-\U000e007f]*|[#*\d]\ufe0f?\u20e3)+")
_TYPED = re.compile(
    r"[>3]?[:;=8xX]['`,]?[-^o~]?[()\[\]{}DPpOo3*/\\|<>$@cCxX#]+|\^[_.-]*\^|<3|[oO]_[oO]|[-_.]{3}|:[\w+-]{1,38}:"
)
_CLASS = re.compile(
    r"(?:wp-|bbc_|ips)?(?:tw|js-)?(?:emoji(?:one|con)?|emoticon|smil(?:e|ey|ie)s?)", re.IGNORECASE
)
_FILE = re.compile(r"/((?:[0-9a-f]{4,6}-)*[0-9a-f]{4,8})\.(?:png|svg|gif|webp)", re.IGNORECASE)


def write_out(tree: Any) -> None:
    """Puts each drawn smiley of an lxml.html tree into the text around it. Changes the tree."""
    for picture in list(tree.iter("img")):
        said = _said_by(picture)
        if said and picture.getparent() is not None:
            picture.tail = said + (picture.tail or "")
            picture.drop_tree()


def _said_by(picture: Any) -> str:
    is_smiley = any(_CLASS.fullmatch(name) for name in (picture.get("class") or "").split())
    for text in (picture.get("alt"), picture.get("title")):
        text = (text or "").strip()
        if (
            text
            and len(text) <= MAX_LENGTH
            and (is_smiley or _EMOJI.fullmatch(text) or _TYPED.fullmatch(text))
        ):
            return text
    return _named_by_file(picture.get("src") or "") if is_smiley else ""


def _named_by_file(address: str) -> str:
    """Files of emoji are named by their code points, or by their bytes in UTF-8."""
    found = _FILE.search(address[:500])
    if not found:
        return ""
    try:
        if found[1].lower().startswith("f09f"):
            return bytes.fromhex(found[1]).decode()
        return "".join(chr(int(point, 16)) for point in found[1].split("-"))
    except (ValueError, OverflowError):
        return ""
