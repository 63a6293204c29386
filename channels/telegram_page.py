"""Telegram, public channel pages: what stands at t.me/s/NAME, without an account. Answers are written in Telegram, by the bot channel
(telegram_bot) or by hand.

A page shows about twenty posts, the newest last, and names the post before which the next one begins. The last pages are read anew
each time: a post may be edited for as long as it stands.
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import lxml.html

from channels import errors
from channels.contract import (
    About,
    Attachment,
    AuthorSeen,
    Fetch,
    Finding,
    Pace,
    Page,
    Parsed,
    Place,
    Reach,
    Remark,
    Remember,
    Sighting,
    Text,
)
from channels.reading import dates, html_pages, json_values
from channels.reading import text as plain_text

ORIGIN: Final = "https://t.me"
MOST_PAGES: Final = 50
REREAD: Final = 20
"""So many posts behind the newest known one are read again, as they may have been edited."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_POST: Final = re.compile(r"([A-Za-z0-9_]{4,32})/(\d{1,12})")
_LINK: Final = re.compile(r"https://t\.me/([A-Za-z0-9_]{4,32})/(\d{1,12})(?:\?.*)?\Z")
_PICTURE: Final = re.compile(r"background-image:\s*url\(['\"]?([^'\")]+)")
_COUNT: Final = re.compile(r"(\d+(?:\.\d+)?)([KM]?)")
_OTHER: Final = frozenset(
    ("s", "c", "joinchat", "addstickers", "share", "proxy", "iv", "login", "addlist", "boost")
)
"""What stands in place of a name and is none."""


class TelegramPage:
    about = About(
        "telegram_page",
        Text("Telegram channel (public page)", "Telegram-канал (открытая страница)"),
        address="handle",
        pace=Pace(interval_seconds=900, per_second=0.3),
        terms=Text(
            "What everybody can read at t.me without an account. Comments under posts are not there: for your own channel connect a bot.",
            "То, что на t.me видно каждому без аккаунта. Комментариев под записями там нет: для своего канала подключите бота.",
        ),
        api=(ORIGIN,),
    )

    def recognise_address(self, typed: str) -> Finding | None:
        name = name_in(typed)
        if name is None:
            return None
        return Finding(
            self.about.kind,
            f"{ORIGIN}/s/{name}",
            f"Telegram: {name}",
            Text(
                "A public channel of Telegram, read without an account.",
                "Открытый Telegram-канал, читается без аккаунта.",
            ),
            0.9,
        )

    def start(self, place: Place) -> Iterator[Fetch]:
        yield _page(_demanded(place), None, 1)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        html_pages.demand_readable(page)
        tree = html_pages.tree_of(page)
        if not urlsplit(page.url).path.startswith("/s/") or not tree.xpath(
            '//*[contains(@class, "tgme_channel_info")]'
        ):
            raise errors.NotFound(
                Text(
                    "There is no public page of this channel: it is private or restricted, or this is a group or a person.",
                    "Открытой страницы у канала нет: он закрытый или ограничен, либо это группа или человек.",
                )
            )
        name = _demanded(place)
        title = _line(tree, '//*[contains(@class, "tgme_channel_info_header_title")]')
        posts = tree.xpath(f"//*[{_has('tgme_widget_message')}][@data-post]")
        for post in posts:
            yield from _one(post, title or name, page)
        numbers = [int(found[2]) for one in posts if (found := _POST.fullmatch(one.get("data-post")))]
        if not numbers:
            return
        known = json_values.whole(place.cursor.get("post"))
        turn = json_values.whole(page.context.get("turn")) or 1
        if turn == 1:
            yield Remember({"post": max(*numbers, known)})
        before = json_values.whole(_digits(tree, '//a[contains(@class, "tme_messages_more")]/@data-before'))
        is_known = known > 0 and min(numbers) <= known - REREAD
        asked = json_values.whole(page.context.get("before"))
        is_further = 0 < before < (asked or before + 1) and turn < MOST_PAGES
        if is_further and not is_known and (known or not _is_old(place, posts, page)):
            yield _page(name, before, turn + 1)


def name_in(typed: str) -> str | None:
    """Of @name, t.me/name, t.me/s/name, t.me/name/55 and name.t.me; None for what names no channel."""
    if typed.startswith("@"):
        return typed[1:] if _NAME.fullmatch(typed[1:]) else None
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if host.endswith(".t.me"):
        found = host.removesuffix(".t.me")
    elif host in ("t.me", "telegram.me", "telegram.dog"):
        steps = [one for one in parts.path.split("/") if one]
        found = next(iter(steps[1:] if steps[:1] == ["s"] else steps), "")
    else:
        return None
    return found if _NAME.fullmatch(found) and found.casefold() not in _OTHER else None


def _demanded(place: Place) -> str:
    name = name_in(place.url)
    if name is None:
        raise errors.Unreadable(
            Text(
                "The address names no channel: it looks like https://t.me/name.",
                "В адресе нет канала: он выглядит как https://t.me/name.",
            )
        )
    return name


def _page(name: str, before: int | None, turn: int) -> Fetch:
    url = f"{ORIGIN}/s/{name}" + (f"?before={before}" if before else "")
    return Fetch(url, "posts", {"before": before or 0, "turn": turn}, is_conditional=before is None)


def _is_old(place: Place, posts: list[Any], page: Page) -> bool:
    """Whether a first reading has gone back far enough."""
    times = [at for one in posts if (at := _published(one, page)) is not None]
    return place.since is not None and bool(times) and min(times) < place.since


def _one(post: Any, channel_title: str, page: Page) -> Iterator[Parsed]:
    found = _POST.fullmatch(post.get("data-post"))
    if found is None:
        yield json_values.NAMELESS
        return
    if post.xpath(f"self::*[{_has('service_message')}]"):
        return
    own_id, url = f"{found[1].casefold()}/{found[2]}", f"{ORIGIN}/{found[1]}/{found[2]}"
    text, pictures = _text(post), _pictures(post)
    if not text:
        # A picture without words says nothing that could be judged.
        return
    published = _published(post, page)
    if published is None:
        yield Remark(Text(f"The date of {own_id} cannot be read.", f"Дата записи {own_id} не читается."))
    signed = _line(post, f".//*[{_has('tgme_widget_message_from_author')}]")
    owner = _line(post, f".//*[{_has('tgme_widget_message_owner_name')}]") or channel_title
    yield Sighting(
        own_id,
        url,
        plain_text.shorten(text)[0],
        kind="post",
        author=AuthorSeen(owner, found[1].casefold(), f"{ORIGIN}/{found[1]}"),
        published_at=published,
        thread=own_id,
        thread_title=channel_title,
        parent=_answered(post),
        can_be_answered=False,
        facts=json_values.facts(signed=signed, forwarded_from=_forwarded(post), edited=_edited(post)),
        attachments=pictures,
        reach=Reach(views=_views(post)),
    )


def _text(post: Any) -> str:
    """The words of the post itself: what it answers stands in an element of the same class inside a link."""
    own = f".//*[{_has('tgme_widget_message_text')}][not(ancestor::*[{_has('tgme_widget_message_reply')}])]"
    return "\n\n".join(text for one in post.xpath(own)[:1] if (text := plain_text.from_html(_markup(one))))


def _markup(element: Any) -> str:
    return str(lxml.html.tostring(element, encoding="unicode", with_tail=False))


def _pictures(post: Any) -> list[Attachment]:
    styles = post.xpath(f".//a[{_has('tgme_widget_message_photo_wrap')}]/@style")
    found = [_PICTURE.search(str(style)) for style in styles[:20]]
    return json_values.attachments("image", [one[1] for one in found if one is not None])


def _published(post: Any, page: Page) -> Any:
    times = post.xpath(f".//a[{_has('tgme_widget_message_date')}]//time/@datetime")
    return dates.read(str(times[-1]), page.fetched_at) if times else None


def _answered(post: Any) -> str | None:
    links = post.xpath(f".//a[{_has('tgme_widget_message_reply')}]/@href")
    found = _LINK.match(str(links[0])) if links else None
    return f"{found[1].casefold()}/{found[2]}" if found else None


def _forwarded(post: Any) -> str:
    return _line(post, f".//*[{_has('tgme_widget_message_forwarded_from_name')}]")


def _edited(post: Any) -> str:
    """Telegram says that it was edited, and not when."""
    said = _line(post, f".//*[{_has('tgme_widget_message_meta')}]")
    return "yes" if re.search(r"\bedited\b|изменен", said) else ""


def _views(post: Any) -> int | None:
    """999, 1.2K, 3M."""
    found = _COUNT.fullmatch(_line(post, f".//*[{_has('tgme_widget_message_views')}]").strip())
    return int(float(found[1]) * {"": 1, "K": 1_000, "M": 1_000_000}[found[2]]) if found else None


def _line(tree: Any, path: str) -> str:
    found = tree.xpath(path)
    return plain_text.line(found[0].text_content()) if found else ""


def _digits(tree: Any, path: str) -> int:
    found = str(next(iter(tree.xpath(path)), ""))
    return int(found) if found.isascii() and found.isdigit() and len(found) < 13 else 0


def _has(name: str) -> str:
    """XPath for an element of that class."""
    return f'contains(concat(" ", normalize-space(@class), " "), " {name} ")'
