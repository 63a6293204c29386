"""An answered page: is it the page we asked for, in which encoding is it written, and is it a check for robots instead.

Says so by raising from the family in channels.errors; knows no format.
"""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from lxml.etree import LxmlError

from channels import errors
from channels.contract import Page, Text
from channels.reading import letters, smileys, urls
from channels.reading import text as plain_text

MAX_PAGE: Final = 10_000_000
_ROBOT_CHECK = re.compile(
    r"captcha|are you (?:a )?(?:human|robot)|not a robot|verify(?:ing)? (?:that )?you are|checking your browser"
    r"|just a moment|attention required|ddos[- ]guard|unusual traffic|access denied|enable javascript and cookies"
    r"|подтвердите, что вы не робот|вы не робот|вы робот|проверка браузера|доступ (?:временно )?ограничен"
    r"|подозрительн\w{1,4} (?:запрос|трафик|активност)|автоматические запросы",
    re.IGNORECASE,
)
_SHORT_PAGE: Final = 3_000
_SECONDS = re.compile(r"[0-9]{1,300}(?:\.[0-9]{1,50})?")
LONGEST_WAIT_SECONDS: Final = 86_400
"""No site is believed that asks to be left alone for longer than a day."""


def demand_readable(page: Page) -> None:
    """Raises unless the page is an answer with content, a status below 300 and a body of bearable size: TooLarge, Unreadable
    where it is empty, or what its status means (`error_for`)."""
    if len(page.body) > MAX_PAGE:
        raise errors.TooLarge(
            Text(
                f"The page is {len(page.body) // 1_000_000} MB; at most {MAX_PAGE // 1_000_000} MB are read.",
                f"Страница занимает {len(page.body) // 1_000_000} МБ, а читается не больше {MAX_PAGE // 1_000_000} МБ.",
            )
        )
    if page.status >= 300:
        raise error_for(page.status, page.headers, page.body)
    if not page.body.strip():
        raise errors.Unreadable(Text("The page is empty.", "Страница пуста."))


def error_for(status: int, headers: Mapping[str, str], body: bytes = b"") -> errors.ChannelError:
    """What a status means for a reader. For a sender, see channels.wire.refusals."""
    wait = retry_after(headers)
    has_wall = status in (403, 503) and bool(robot_check_words(body))
    match status:
        case 401 | 407:
            return errors.Unauthorized(
                Text(f"The site asks for a sign-in ({status}).", f"Сайт просит войти ({status}).")
            )
        case 404:
            return errors.NotFound(
                Text("The site has no such page (404).", "На сайте нет такой страницы (404).")
            )
        case 410:
            return errors.Gone(
                Text(
                    "The site says that this page was removed permanently (410).",
                    "Сайт сообщает, что страница удалена навсегда (410).",
                )
            )
        case 429:
            return errors.RateLimited(
                Text("The site asks for fewer requests (429).", "Сайт просит обращаться реже (429)."), wait
            )
        case 403 | 503 if has_wall:
            return errors.Blocked(
                Text(
                    f"The site shows a check for robots instead of the page ({status}).",
                    f"Вместо страницы сайт показывает проверку на робота ({status}).",
                )
            )
        case 403 | 451:
            return errors.Blocked(
                Text(
                    f"The site does not let us read this page ({status}).",
                    f"Сайт не даёт читать эту страницу ({status}).",
                )
            )
        case 503 if wait is not None:
            return errors.RateLimited(
                Text("The site asks to come later (503).", "Сайт просит зайти позже (503)."), wait
            )
    return _error_for_others(status)


def _error_for_others(status: int) -> errors.ChannelError:
    if status >= 500:
        return errors.Unreachable(
            Text(f"The site has an error of its own ({status}).", f"На сайте произошла ошибка ({status}).")
        )
    if 300 <= status < 400:
        return errors.Unreadable(
            Text(
                f"The site redirects without saying where ({status}).",
                f"Сайт перенаправляет, но не говорит куда ({status}).",
            )
        )
    return errors.Unreadable(
        Text(f"The site answered with status {status}.", f"Сайт ответил кодом {status}.")
    )


def retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds from a Retry-After header, at most LONGEST_WAIT_SECONDS; a date is read against the answer's own Date
    header. None when it says nothing that can be meant."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return int(min(float(value), LONGEST_WAIT_SECONDS))
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return int(min(max(wait.total_seconds(), 0), LONGEST_WAIT_SECONDS))


def content_type(page: Page) -> str:
    return page.headers.get("content-type", "").split(";")[0].strip().lower()


def text_of(page: Page) -> str:
    """The page as text, in the letters that channels.reading.letters finds it to be written in."""
    return letters.decode(page.body, page.headers.get("content-type", ""))


def tree_of(page: Page) -> Any:
    """The page as an lxml tree, drawn smileys written out. Raises Unreadable where there is nothing that could be one."""
    try:
        tree = urls.parse_html(text_of(page))
    except (LxmlError, ValueError, AssertionError, RecursionError) as error:
        raise errors.Unreadable(
            Text(
                "The page is not HTML that could be read.", "Страница не похожа на HTML: прочитать её нельзя."
            )
        ) from error
    smileys.write_out(tree)
    return tree


def tree_or_none(page: Page) -> Any | None:
    """The tree of a page that came and is HTML or XML; None for any other."""
    if page.status >= 300 or b"<" not in page.body[:5_000]:
        return None
    try:
        return tree_of(page)
    except errors.Unreadable:
        return None


def robot_check_words(body: bytes) -> str | None:
    """The words of a robot check, when the page is short and says little else."""
    try:
        text = plain_text.from_html(letters.decode(body[:200_000]))
    except ValueError:
        return None
    found = _ROBOT_CHECK.search(text) if len(text) <= _SHORT_PAGE else None
    return found[0] if found else None


def demand_no_robot_check(page: Page) -> None:
    """Raises Blocked."""
    if words := robot_check_words(text_of(page).encode("utf-8", "replace")):
        raise errors.Blocked(
            Text(
                f"The site shows a check for robots (“{words}”) instead of the page.",
                f"Вместо страницы сайт показывает проверку на робота («{words}»).",
            )
        )
