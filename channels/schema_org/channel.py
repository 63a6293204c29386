"""Reviews and comments that a page marks up by schema.org, page after page. Such pages take no answers."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from channels import errors
from channels.contract import (
    About,
    Fetch,
    Field,
    Finding,
    Page,
    Parsed,
    Place,
    Remark,
    Remember,
    Sighting,
    Text,
)
from channels.reading import html_pages, paging, urls
from channels.reading import text as plain_text
from channels.schema_org import markup
from channels.schema_org.items import Reading
from channels.schema_org.nodes import Finder

DEFAULT_MAX_PAGES: Final = 20


class SchemaOrg:
    about = About(
        "schema_org",
        Text("Reviews on a page (schema.org)", "Отзывы на странице (schema.org)"),
        fields=(
            Field("max_pages", Text("Pages to read at most", "Сколько страниц читать, не больше"), "number"),
            Field(
                "item",
                Text("Only reviews of the item with this name", "Только отзывы о товаре с таким названием"),
            ),
        ),
    )

    def start(self, place: Place) -> Iterable[Fetch]:
        yield Fetch(place.url, context={"page": 1})

    def parse(self, place: Place, page: Page) -> Iterator[Parsed]:
        html_pages.demand_readable(page)
        tree = html_pages.tree_of(page)
        number = int(page.context.get("page", 1))
        has_any = False
        for part in read_page(page, tree, place):
            if isinstance(part, Sighting) and not has_any:
                has_any = True
                # Before all that this page says, so that the next one is on its way while it is read.
                yield from self._next(place, page, tree, number)
            yield part
        if not has_any:
            yield from self._explain_nothing(place, page, number)
        elif number == 1 and not place.cursor.get("has_found"):
            yield Remember({"has_found": True})

    def _next(self, place: Place, page: Page, tree: Any, number: int) -> Iterator[Parsed]:
        """The next page; never by condition, as an unchanged page would hide all that follow it."""
        seen = (*page.context.get("seen", ()), urls.without_fragment(page.url))
        following = paging.next_pages(tree, page.url, page.headers, number, seen)
        most = max_pages(place)
        if following and number >= most:
            yield Remark(
                Text(
                    f"There are more than {most} pages; the rest was not read.",
                    f"Страниц больше {most}; остальные не прочитаны.",
                )
            )
            return
        context = {"page": number + 1, "list": list_url(page), "seen": seen}
        for url in following:
            yield Fetch(url, role="page", context=context, is_conditional=False)

    def _explain_nothing(self, place: Place, page: Page, number: int) -> Iterator[Parsed]:
        html_pages.demand_no_robot_check(page)
        if number > 1:
            yield Remark(
                Text(
                    f"Page {number} of the reviews has none.", f"На странице отзывов № {number} отзывов нет."
                )
            )
        elif place.cursor.get("has_found"):
            raise errors.MarkupChanged(
                Text(
                    "The page had reviews before and has none now: the site has changed its markup.",
                    "Раньше на странице были отзывы, теперь их нет: сайт изменил разметку.",
                )
            )
        else:
            raise errors.Unreadable(
                Text(
                    "The page has no reviews or comments marked up by schema.org.",
                    "На странице нет отзывов и комментариев с разметкой schema.org.",
                )
            )

    def recognise(self, page: Page) -> Finding | None:
        if page.status >= 300 or b"<" not in page.body[:2_000]:
            return None
        try:
            tree = html_pages.tree_of(page)
        except errors.Unreadable:
            return None
        found = [part for part in read_page(page, tree, Place(page.url)) if isinstance(part, Sighting)]
        if not found:
            return None
        title = plain_text.line(tree.findtext(".//title") or "") or page.url
        return Finding(
            kind=self.about.kind,
            url=page.url,
            title=title,
            evidence=Text(
                f"The page marks up {len(found)} reviews or comments by schema.org.",
                f"На странице размечено по schema.org отзывов и комментариев: {len(found)}.",
            ),
            confidence=0.8,
            language=_language(tree),
        )

    def follow_ups(self, page: Page) -> Iterable[Fetch]:  # noqa: ARG002 -- as all channels are asked
        return ()  # what a page marks up stands on it


def list_url(page: Page) -> str:
    """The address that all pages of the list share: ids must not change when a review moves to the next one."""
    return str(page.context.get("list") or urls.without_page_number(page.url))


def max_pages(place: Place) -> int:
    value = place.settings.get("max_pages", "").strip()
    return max(1, min(500, int(value))) if value.isdecimal() and len(value) < 6 else DEFAULT_MAX_PAGES


def read_page(page: Page, tree: Any, place: Place) -> Iterator[Parsed]:
    """Everything said on the page, each thing once, in whatever syntaxes it is marked up."""
    ids: set[str] = set()
    told: list[Sighting] = []
    for finder, remarks in _syntaxes(page, tree):
        yield from remarks
        words_before = {_words(seen) for seen in told} if finder.found else set()
        for part in _reading(finder, page, tree, place).sightings():
            if isinstance(part, Sighting):
                # Within one syntax two people may say the same; in another syntax it is the same thing again.
                if part.external_id in ids or (words_before and _words(part) in words_before):
                    continue
                ids.add(part.external_id)
                told.append(part)
            yield part


def _words(seen: Sighting) -> tuple[str, str]:
    return seen.author.name if seen.author else "", plain_text.letters(seen.text) or str(seen.rating)


def _reading(finder: Finder, page: Page, tree: Any, place: Place) -> Reading:
    return Reading(
        finder,
        url=page.url,
        list_url=list_url(page),
        language=_language(tree) or place.language,
        now=page.fetched_at,
        only_item=place.settings.get("item", ""),
    )


def _syntaxes(page: Page, tree: Any) -> Iterator[tuple[Finder, list[Remark]]]:
    has_any = False
    for parts in (markup.json_ld(tree), markup.microdata(tree, page.url)):
        finder, remarks = _found(parts)
        has_any = has_any or bool(finder.found)
        yield finder, remarks
    text = "" if has_any else html_pages.text_of(page)
    if not has_any and markup.mentions_rdfa(text):
        yield _found(markup.rdfa(text, page.url))


def _found(parts: Iterable[markup.Node | Remark]) -> tuple[Finder, list[Remark]]:
    finder, remarks, roots = Finder(), list[Remark](), list[markup.Node]()
    for part in parts:
        if isinstance(part, Remark):
            remarks.append(part)
        else:
            roots.append(part)
    finder.find(roots)
    return finder, remarks


def _language(tree: Any) -> str | None:
    return plain_text.language_tag(next(iter(tree.xpath("/html/@lang")), None))
