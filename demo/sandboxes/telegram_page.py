"""A public channel page of Telegram: four posts a page here, and the link to those before."""

from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from werkzeug.wrappers import Request, Response

from demo.sandboxes.base import Sandbox

NAME, TITLE = "zarya_talk", "Заря: разговоры"
PER_PAGE = 4
BEGINNING = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
STORIES = (
    "Чайник «Заря» опять течёт, магазин молчит",
    "Zarya K3 is out: boils in two minutes & hums",
    "Кто уже пробовал <новую> модель?",
    "Третий день не могу вернуть деньги, помогите",
    "",
)


class Site(Sandbox):
    kind = "telegram_page"

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[dict[str, Any]] = []
        for text in STORIES:
            self._add(text)
        self.posts[3]["reply"] = 1

    @property
    def address(self) -> str:
        return f"https://t.me/{NAME}"

    def say(self, text: str, *, author: str = "", rating: int | None = None) -> str:
        del author, rating  # the channel itself speaks
        return self._add(text)

    def change(self, external_id: str, text: str) -> None:
        self.posts[int(external_id.partition("/")[2]) - 1].update(text=text, is_edited=True)

    def withdraw(self, external_id: str) -> None:
        self.posts[int(external_id.partition("/")[2]) - 1]["is_gone"] = True

    def respond(self, request: Request) -> Response:
        if not request.path.startswith("/s/"):
            return Response("<html><body class='tgme_page'>A group</body></html>", mimetype="text/html")
        if request.path != f"/s/{NAME}":
            return Response("", 302, {"Location": request.path.replace("/s/", "/")})
        before = request.args.get("before", 10**9, int)
        shown = [one for one in self.posts if one["number"] < before and not one["is_gone"]][-PER_PAGE:]
        first = min((one["number"] for one in shown), default=1)
        more = (
            f'<a class="tme_messages_more js-messages_more" data-before="{first}" href="?before={first}"></a>'
            if first > 1
            else ""
        )
        head = f'<div class="tgme_channel_info"><div class="tgme_channel_info_header_title"><span>{TITLE}</span></div></div>'
        return Response(
            f"<html><body>{head}{more}{''.join(map(_shown, shown))}</body></html>", mimetype="text/html"
        )

    def _add(self, text: str) -> str:
        number = len(self.posts) + 1
        at = BEGINNING + timedelta(minutes=number)
        self.posts.append(
            {"number": number, "text": text, "at": at, "reply": None, "is_edited": False, "is_gone": False}
        )
        return f"{NAME}/{number}"


def _shown(one: dict[str, Any]) -> str:
    asked = (
        f'<a class="tgme_widget_message_reply" href="https://t.me/{NAME}/{one["reply"]}">'
        '<div class="tgme_widget_message_text">quoted words</div></a>'
        if one["reply"]
        else ""
    )
    words = (
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{escape(one["text"])}</div>'
        if one["text"]
        else ""
    )
    edited = "edited " if one["is_edited"] else ""
    return (
        f'<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message js-widget_message" '
        f'data-post="{NAME}/{one["number"]}"><a class="tgme_widget_message_owner_name" href="https://t.me/{NAME}"><span>{TITLE}</span></a>'
        f'{asked}{words}<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info">'
        f'<span class="tgme_widget_message_views">1.2K</span><span class="tgme_widget_message_meta">{edited}'
        f'<a class="tgme_widget_message_date" href="https://t.me/{NAME}/{one["number"]}"><time datetime="{one["at"].isoformat()}" '
        'class="time">11:00</time></a></span></div></div></div></div>'
    )
