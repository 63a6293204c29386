"""Forums with a feed to read and a reply form on every topic page to answer through."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from lxml.etree import LxmlError

from channels import errors, lengths
from channels.contract import (
    About,
    Answer,
    Answering,
    Call,
    Fetch,
    Field,
    Finding,
    Limits,
    Look,
    Page,
    Parsed,
    Place,
    Receipt,
    Remember,
    Rights,
    Sighting,
    Target,
    Text,
    Wire,
)
from channels.forum.form import Filled, Form, complaint, find_form, is_held, rejection
from channels.reading import html_pages, letters, paging, smileys, urls, visible_text
from channels.reading import text as plain_text
from channels.rss.channel import Rss, read_feed
from channels.wire import refusals

FORM: Final = "form"
TOPIC: Final = "topic of a feed"
_IN_ADDRESSES: Final = ":/?#[]@!$&'()*+,;=%~"
MAX_LOOKED_AT: Final = 10
"""How many pages of one topic are looked through for an answer."""


class Forum:
    about = About(
        "forum",
        Text("Forum (feed and reply form)", "Форум (лента и форма ответа)"),
        fields=(
            Field("name", Text("Name to sign with", "Имя, которым подписываться"), needed_for="answering"),
            Field(
                "form_selector", Text("CSS selector of the form", "CSS-селектор формы"), serves="answering"
            ),
            Field("text_field", Text("Name of the text field", "Имя поля для текста"), serves="answering"),
            Field(
                "name_field", Text("Name of the field for the name", "Имя поля для имени"), serves="answering"
            ),
        ),
        # Each forum has limits of its own, which its form names: read on the first crawl, and with every send.
        answering=Answering(),
    )

    def start(self, place: Place) -> Iterable[Fetch]:
        yield Fetch(place.url)

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        if page.role == FORM:
            yield Remember(lengths.remembered(_limit_of(place, page)))
            return
        html_pages.demand_readable(page)
        topic = None
        for part in read_feed(page, place.language):
            if topic is None and isinstance(part, Sighting):
                topic = urls.safe_url(part.thread) or urls.safe_url(part.url)
            yield part
        if (
            topic is not None
            and lengths.LEARNED not in place.cursor
            and place.settings.get("name", "").strip()
        ):
            yield Fetch(urls.without_fragment(topic), FORM, is_conditional=False)

    def send(self, place: Place, target: Target, text: str, wire: Wire) -> Receipt:
        """Reads the topic, posts its form once, and looks whether the answer stands there."""
        topic = _topic(target)
        _, filled = _fill_in(place, target, text, wire)
        headers = {"content-type": filled.content_type, "referer": quote(topic, safe=_IN_ADDRESSES)}
        answer = wire.act(Call(filled.action, "POST", filled.content, headers))
        if not 200 <= answer.status < 400:
            raise _refusal(answer, text)
        return _result(place, topic, text, answer, wire)

    def check(self, place: Place, wire: Wire) -> Rights:
        """The feed is read, and a topic from it shows a form that could be filled in. Raises Unauthorized where no name to sign
        with is set, Unreadable where no topic has such a form."""
        if not place.settings.get("name", "").strip():
            raise errors.Unauthorized(
                Text(
                    "To answer here, give the name to sign with.",
                    "Чтобы отвечать здесь, укажите имя для подписи.",
                )
            )
        said = next(_said_in_feed(place, wire), None)
        if said is None:
            raise errors.Unreadable(
                Text(
                    "The feed of the forum has no topics yet, so that no reply form could be seen.",
                    "В ленте форума ещё нет тем, поэтому форму ответа не увидеть.",
                )
            )
        target = Target(said.external_id, said.url, said.thread)
        form, _ = _fill_in(place, target, "", wire)
        return Rights(True, True, signs_as=place.settings["name"].strip(), limits=_longest(form, place))

    def look(self, place: Place, target: Target, text: str, receipt: Receipt | None, wire: Wire) -> Look:
        try:
            url, found = _find(place, _topic(target), text, wire)
        except (errors.NotFound, errors.Gone) as error:
            return Look("missing", reason=error.text)
        except errors.ChannelError as error:
            return Look("cannot_tell", reason=error.text)
        if found is None:
            return _fate(_topic(target), receipt, wire)
        known = receipt.external_id if receipt else None
        return Look("visible", known, f"{url}#{found.anchor}" if found.anchor else url)

    def recognise(self, page: Page) -> Finding | None:
        """A feed whose topics carry a reply form is a forum that can be answered on."""
        if page.role != TOPIC or page.status >= 300:
            return None
        try:
            find_form(html_pages.tree_of(page), page.url, "utf-8")
        except errors.ChannelError:
            return None
        feed = page.context
        return Finding(
            kind=self.about.kind,
            url=feed["url"],
            title=feed["title"],
            evidence=Text(feed["en"], feed["ru"])
            + Text(" Its topics have a reply form.", " На страницах тем есть форма ответа."),
            # Above the bare feed: it reads the same, and can answer as well.
            confidence=feed["confidence"],
            language=feed["language"],
        )

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        """A feed may be a forum's: its newest entry leads to a page, and that tells."""
        if page.role == TOPIC or (feed := Rss().recognise(page)) is None:
            return
        said = next((part for part in read_feed(page) if isinstance(part, Sighting)), None)
        if said is not None:
            context = {
                "url": feed.url,
                "title": feed.title,
                "en": feed.evidence.en,
                "ru": feed.evidence.ru,
                "confidence": round(feed.confidence + 0.01, 2),
                "language": feed.language,
            }
            yield Fetch(urls.without_fragment(said.url or page.url), TOPIC, context)


def _topic(target: Target) -> str:
    url = urls.safe_url(target.thread) or urls.safe_url(target.url)
    if url is None:
        raise errors.Refused(
            Text(
                "The mention has no page on the forum; nothing was sent.",
                "У сообщения нет страницы на форуме; ничего не отправлено.",
            )
        )
    return urls.without_fragment(url)


def _refusal(answer: Answer, text: str) -> errors.ChannelError:
    said = complaint(_tree(answer)) or (refusals.words(answer) if answer.status < 500 else "")
    error = refusals.refusal(answer, said)
    limits = lengths.named_in(said, text) if isinstance(error, errors.Refused) else None
    return errors.TooLong(error.text, limits) if limits is not None else error


def _longest(form: Form, place: Place) -> Limits | None:
    longest = form.longest(place.settings.get("text_field", "").strip())
    return Limits(longest, "utf16") if longest else None


def _limit_of(place: Place, page: Page) -> Limits | None:
    """What the form of that topic takes; None where it names no limit, or there is no form to read."""
    answer = Answer(page.url, page.status, page.headers, page.body)
    try:
        selector = place.settings.get("form_selector", "").strip()
        return _longest(find_form(_tree(answer), page.url, _encoding(answer), selector), place)
    except errors.ChannelError:
        return None


def _fill_in(place: Place, target: Target, text: str, wire: Wire) -> tuple[Form, Filled]:
    if not place.settings.get("name", "").strip():
        raise errors.Unauthorized(
            Text(
                "To answer here, give the name to sign with.",
                "Чтобы отвечать здесь, укажите имя для подписи.",
            )
        )
    page = wire.ask(Call(_topic(target)))
    if page.status >= 300:
        raise html_pages.error_for(page.status, page.headers, page.body)
    form = find_form(_tree(page), page.url, _encoding(page), place.settings.get("form_selector", "").strip())
    limits = _longest(form, place)
    if limits is not None and (said := lengths.complaint(replace(limits, least=0), text)) is not None:
        raise errors.TooLong(said, limits)
    settings = {name: value.strip() for name, value in place.settings.items()}
    return form, form.fill(text, settings, _number_in(urls.fragment(target.url or "")))


def _number_in(fragment: str) -> str:
    digits = "".join(char for char in fragment if char.isdecimal())
    return digits if len(digits) < 18 else ""


def _result(place: Place, topic: str, text: str, answer: Answer, wire: Wire) -> Receipt:
    """What became of the post. From here on a failure to read leaves it unknown, never refused."""
    try:
        shown = _followed(answer, topic, wire)
        url, found = _find(place, topic, text, wire)
        if (
            found is None
            and shown.url != topic
            and visible_text.find(_tree(shown), text, place.settings["name"])
        ):
            url, found = shown.url, visible_text.find(_tree(shown), text, place.settings["name"])
    except errors.ChannelError as error:
        raise errors.Unknown(
            Text(
                "The answer was sent, but the topic could not be read after it. ",
                "Ответ отправлен, но прочитать после этого тему не удалось. ",
            )
            + error.text
        ) from error
    if found is not None:
        address = f"{urls.without_fragment(url)}#{found.anchor}" if found.anchor else url
        return Receipt(_id_in_feed(place, address, text, wire), address)
    if is_held(_tree(shown)):
        return Receipt(None, topic if shown is answer else shown.url, "held")
    if answer.status < 300 and (said := complaint(_tree(answer))):
        if (limits := lengths.named_in(said, text)) is not None:
            raise errors.TooLong(
                Text(
                    f"The forum did not take the answer. It says: {said}",
                    f"Форум не принял ответ. Он сообщает: {said}",
                ),
                limits,
            )
        raise errors.Refused(
            Text(
                f"The forum did not take the answer. It says: {said}",
                f"Форум не принял ответ. Он сообщает: {said}",
            )
        )
    raise errors.Unknown(
        Text(
            "The forum reported no error, but the answer is not in the topic.",
            "Форум не сообщил об ошибке, но ответа в теме нет.",
        )
    )


def _fate(topic: str, receipt: Receipt | None, wire: Wire) -> Look:
    """Not in the topic. The page that the forum showed for a held answer may say what became of it."""
    missing = Look(
        "missing",
        reason=Text("The answer is not on the page of the topic.", "На странице темы ответа нет."),
    )
    address = urls.safe_url(receipt.url) if receipt else None
    if address is None or urls.without_fragment(address) == topic or not urls.same_site(address, topic):
        return missing
    try:
        page = wire.ask(Call(urls.without_fragment(address)), is_anonymous=True)
        tree = _tree(page)
    except errors.ChannelError:
        return missing
    if page.status < 300 and (said := rejection(tree)):
        return Look("rejected", reason=said)
    if page.status < 300 and is_held(tree):
        return Look(
            "held",
            reason=Text(
                "The forum says that a moderator has not decided yet.",
                "Форум сообщает, что модератор ещё не решил.",
            ),
        )
    return missing


def _followed(answer: Answer, topic: str, wire: Wire) -> Answer:
    """The page that the forum shows after the post."""
    location = urls.safe_url(answer.headers.get("location"), answer.url) if answer.status >= 300 else None
    if location is None or not urls.same_site(location, topic):
        return answer
    return wire.ask(Call(urls.without_fragment(location)))


def _find(place: Place, topic: str, text: str, wire: Wire) -> tuple[str, visible_text.Standing | None]:
    """The text on the pages of a topic, as a stranger sees them."""
    url: str | None = topic
    seen: set[str] = set()
    while url and url not in seen and len(seen) < MAX_LOOKED_AT:
        seen.add(url)
        page = wire.ask(Call(url), is_anonymous=True)
        if page.status >= 300:
            raise html_pages.error_for(page.status, page.headers, page.body)
        tree = _tree(page)
        found = visible_text.find(tree, text, place.settings.get("name", ""))
        if found:
            return page.url, found
        url = paging.next_page(tree, page.url)
    if html_pages.robot_check_words(page.body):
        raise errors.Blocked(
            Text(
                "The site shows a check for robots instead of the topic.",
                "Вместо темы сайт показывает проверку на робота.",
            )
        )
    return topic, None


def _id_in_feed(place: Place, address: str, text: str, wire: Wire) -> str | None:
    """The id under which the next crawl will meet the answer; None when the feed does not show it yet."""
    try:
        for said in _said_in_feed(place, wire):
            if said.url == address or plain_text.says_the_same(said.text, text):
                return said.external_id
    except errors.ChannelError:
        return (
            None  # The answer stands in the topic; that its feed cannot be read takes nothing away from this.
        )
    return None


def _said_in_feed(place: Place, wire: Wire) -> Iterator[Sighting]:
    answer = wire.ask(Call(place.url))
    page = Page(answer.url, answer.status, answer.headers, answer.body)
    html_pages.demand_readable(page)
    yield from (part for part in read_feed(page) if isinstance(part, Sighting))


def _encoding(answer: Answer) -> str:
    return letters.encoding_of(answer.body, answer.headers.get("content-type", ""))


def _tree(answer: Answer) -> Any:
    try:
        tree = urls.parse_html(letters.decode(answer.body, answer.headers.get("content-type", "")))
    except (LxmlError, ValueError, AssertionError, RecursionError) as error:
        raise errors.Unreadable(
            Text("The page of the forum could not be read.", "Страница форума не читается.")
        ) from error
    smileys.write_out(tree)
    return tree
