"""The reply form of a topic page: finding it, filling it in as a browser would, and what it says when it refuses."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from cssselect import SelectorError
from lxml.etree import LxmlError

from channels import errors
from channels.contract import Text
from channels.reading import text as plain_text
from channels.reading import urls

_NAMES: Final = (
    "name",
    "author",
    "username",
    "user",
    "nick",
    "nickname",
    "login",
    "имя",
    "автор",
    "poster_name",
)
_PARENTS: Final = ("parent", "parent_id", "reply_to", "in_reply_to", "replyto", "quote")
_CAPTCHA = re.compile(r"captcha|recaptcha|turnstile", re.IGNORECASE)
_HELD = re.compile(
    r"(?:await\w{0,4}|wait\w{0,4} for|held for|pending|in) moderation|awaiting approval|after (?:a moderator|approval|review)"
    r"|на модерации|жд[её]т модерации|после (?:модерации|проверки|одобрения)|на проверке|ожида\w{1,6} (?:модерации|проверки|одобрения)",
    re.IGNORECASE,
)


_REJECTED = re.compile(
    r"\b(?:rejected|declined|not approved|disapproved)\b|отклон[её]н|не одобрен|не прош\w+ модерац",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form ready to be posted."""

    action: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Form:
    element: Any
    page_url: str
    encoding: str

    def fill(self, text: str, settings: Mapping[str, str], answers: str) -> Filled:
        """Hidden fields are kept as they came; `answers` goes where the form asks what is being answered."""
        values = list(_values(self.element))
        text_field = self._text_field(settings.get("text_field", ""))
        filled = {text_field: text}
        if name_field := self._name_field(settings.get("name_field", "")):
            filled[name_field] = settings.get("name", "")
        for name, value in values:
            if answers and name.lower() in _PARENTS and not value:
                filled[name] = answers
        pairs = (
            [(name, value) for name, value in values if name not in filled]
            + list(filled.items())
            + self._button()
        )
        if (self.element.get("enctype") or "").lower() == "multipart/form-data":
            return self._multipart(pairs)
        content = urlencode(pairs, encoding=self.encoding, errors="xmlcharrefreplace", quote_via=quote_plus)
        return Filled(self._action(), content.encode("ascii"), "application/x-www-form-urlencoded")

    def _multipart(self, pairs: list[tuple[str, str]]) -> Filled:
        boundary = "otklik-" + plain_text.fingerprint(*(value for _, value in pairs))
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(n)}"\r\n\r\n{v}\r\n'
            for n, v in pairs
        ]
        content = ("".join(parts) + f"--{boundary}--\r\n").encode(self.encoding, "xmlcharrefreplace")
        return Filled(self._action(), content, f"multipart/form-data; boundary={boundary}")

    def _action(self) -> str:
        found = urls.safe_url(self.element.get("action") or self.page_url, self.page_url)
        if found is None or not urls.same_site(found, self.page_url):
            raise errors.Refused(
                Text(
                    "The reply form of the page sends to another site; nothing was sent.",
                    "Форма ответа отправляет на другой сайт; ничего не отправлено.",
                )
            )
        return found

    def _text_field(self, wanted: str) -> str:
        areas = [area for area in self.element.iter("textarea") if area.get("name")]
        found = next((area for area in areas if not wanted or area.get("name") == wanted), None)
        if found is None:
            raise errors.Unreadable(
                Text(
                    f"The reply form has no text field named “{wanted}”.",
                    f"В форме ответа нет поля для текста «{wanted}».",
                )
            )
        return str(found.get("name"))

    def longest(self, wanted: str) -> int | None:
        field = self._text_field(wanted)
        value = next(
            a.get("maxlength") or "" for a in self.element.iter("textarea") if a.get("name") == field
        )
        return int(value) if value.isdecimal() and len(value) < 9 else None

    def _name_field(self, wanted: str) -> str | None:
        fields = [
            str(field.get("name"))
            for field in self.element.iter("input")
            if field.get("name") and (field.get("type") or "text").lower() == "text"
        ]
        if wanted and wanted not in fields:
            raise errors.Unreadable(
                Text(
                    f"The reply form has no field for a name called “{wanted}”.",
                    f"В форме ответа нет поля для имени «{wanted}».",
                )
            )
        return wanted or next((field for field in fields if field.lower() in _NAMES), None)

    def _button(self) -> list[tuple[str, str]]:
        for button in self.element.xpath(
            ".//button[not(@type) or @type='submit'] | .//input[@type='submit']"
        ):
            return [(str(button.get("name")), button.get("value") or "")] if button.get("name") else []
        return []


def _values(form: Any) -> Iterator[tuple[str, str]]:
    """What a browser would send of a form that nobody has touched; empty fields go along, buttons do not."""
    for field in form.iter("input", "select", "textarea"):
        name, kind = field.get("name"), (field.get("type") or "text").lower()
        if not name or field.get("disabled") is not None or kind in _SILENT:
            continue
        if kind in ("checkbox", "radio"):
            if field.get("checked") is not None:
                yield name, field.get("value") or "on"
            continue
        chosen = field.value if field.tag == "select" else field.value or ""
        for value in [chosen] if isinstance(chosen, str) else list(chosen or []):
            yield name, value


_SILENT: Final = ("submit", "button", "image", "reset", "file")


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def find_form(tree: Any, page_url: str, encoding: str, selector: str = "") -> Form:
    """The form with a text area that posts; a `selector` chooses when there are several. Raises Unreadable where there is
    none, Captcha where it asks for one."""
    candidates = _selected(tree, selector) if selector else tree.xpath("//form[.//textarea]")
    forms = [
        form for form in candidates if form.tag == "form" and (form.get("method") or "").lower() == "post"
    ]
    usable = [form for form in forms if any(area.get("name") for area in form.iter("textarea"))]
    if not usable:
        raise errors.Unreadable(
            Text(
                "The topic has no reply form: it may be closed, or open to signed-in people only.",
                "В теме нет формы ответа: возможно, тема закрыта или писать могут только вошедшие.",
            )
        )
    if any(_CAPTCHA.search(_marks(element)) for element in usable[0].iter()):
        raise errors.Captcha(
            Text(
                "The reply form asks for a captcha; a person must answer there by hand.",
                "Форма ответа требует капчу: ответьте там вручную.",
            )
        )
    return Form(usable[0], urls.base_of(tree, page_url) if usable[0].get("action") else page_url, encoding)


def _marks(element: Any) -> str:
    return (
        " ".join(element.get(name) or "" for name in ("class", "id", "name", "src"))
        if isinstance(element.tag, str)
        else ""
    )


def _selected(tree: Any, selector: str) -> list[Any]:
    try:
        return list(tree.cssselect(selector))
    except (SelectorError, LxmlError) as error:
        raise errors.Unreadable(
            Text(f"“{selector[:80]}” is not a CSS selector.", f"«{selector[:80]}» — не CSS-селектор.")
        ) from error


def complaint(tree: Any) -> str:
    """What a page says about an answer that it did not take: what is marked as an error, else how it begins."""
    marked = tree.xpath(
        "//*[@role='alert' or contains(@class, 'error') or contains(@class, 'alert') or contains(@class, 'warning')]"
    )
    texts = [plain_text.line(element.text_content(), 300) for element in marked]
    return next((text for text in texts if text), "")


def rejection(tree: Any) -> str:
    """What a page says in an announcement of its own about a post that a moderator did not let through; else empty."""
    marked = tree.xpath(
        "//*[@role='alert' or @role='status' or contains(@class, 'error') or contains(@class, 'notice')]"
    )
    texts = [plain_text.line(element.text_content(), 300) for element in marked]
    return next((text for text in texts if _REJECTED.search(text)), "")


def is_held(tree: Any) -> bool:
    """Whether the page says that the answer waits for a moderator."""
    body = tree.find("body")
    return body is not None and bool(_HELD.search(body.text_content()[:200_000]))
