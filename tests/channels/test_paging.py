"""The next page of a list: every usual way to number pages, and none that leads astray."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.contract import Fetch, Place
from channels.reading import paging, urls
from tests.channels.conftest import page_of, parse, sightings

SITE = "https://shop.example"


def found(
    url: str, body: str, headers: dict[str, str] | None = None, number: int = 1, seen: Any = ()
) -> list[str]:
    tree = urls.parse_html(f"<html><body>{body}</body></html>")
    pages = paging.next_pages(tree, SITE + url, headers, number, [SITE + one for one in seen])
    return [page.removeprefix(SITE) for page in pages]


def bar(*pages: tuple[str, str]) -> str:
    return "".join(f'<a href="{href}">{text}</a> ' for href, text in pages)


@pytest.mark.parametrize(
    ("one", "two", "three"),
    [
        ("/x1", "/x1?page=2", "/x1?page=3"),
        ("/x1?tab=reviews", "/x1?tab=reviews&PAGEN_2=2", "/x1?tab=reviews&PAGEN_2=3"),
        ("/x1", "/x1?PAGEN_17=2", "/x1?PAGEN_17=3"),
        ("/45", "/45?PAGEN_2=2", "/45?PAGEN_2=3"),
        ("/item/1", "/item/1?page=2", "/item/1?page=3"),
        ("/item/7", "/item/7/2", "/item/7/3"),
        ("/x1?PAGEN_2=1", "/x1?PAGEN_2=2", "/x1?PAGEN_2=3"),
        ("/x1", "/x1?pageNo=2", "/x1?pageNo=3"),
        ("/x1", "/x1?page=1", "/x1?page=2"),
        ("/reviews/", "/reviews/page/2/", "/reviews/page/3/"),
        ("/reviews", "/reviews/page/2", "/reviews/page/3"),
        ("/reviews", "/reviews/page-2/", "/reviews/page-3/"),
        ("/reviews/", "/reviews/page-2.html", "/reviews/page-3.html"),
        ("/reviews.html", "/reviews-page-2.html", "/reviews-page-3.html"),
        ("/reviews.html", "/reviews-2.html", "/reviews-3.html"),
        ("/reviews/", "/reviews/p2", "/reviews/p3"),
        ("/reviews", "/reviews/2", "/reviews/3"),
        ("/reviews/", "/reviews/2/", "/reviews/3/"),
        ("/отзывы/", "/отзывы/page/2/", "/отзывы/page/3/"),
        ("/x1", "/x1?offset=10", "/x1?offset=20"),
        ("/x1?start=0", "/x1?start=25", "/x1?start=50"),
        ("/x1?sort=new", "/x1?sort=new&from=20", "/x1?sort=new&from=40"),
    ],
)
def test_pages_are_followed_one_by_one(one: str, two: str, three: str) -> None:
    pages = bar((one, "1"), (two, "2"), (three, "3"), (two, "Next"))
    assert found(one, pages) == [two]
    assert found(two, pages, number=2, seen=[one]) == [three]
    assert found(three, pages, number=3, seen=[one, two]) == []


@pytest.mark.parametrize("rel", ["next", "NEXT", "nofollow next"])
@pytest.mark.parametrize("tag", ["a", "link"])
def test_declared_next_page(tag: str, rel: str) -> None:
    assert found("/x1", f'<{tag} rel="{rel}" href="?after=abc">') == ["/x1?after=abc"]


@pytest.mark.parametrize("rel", ['rel="next"', "rel=next", 'rel="last next"', 'title="x"; rel="next"'])
def test_next_page_of_the_link_header(rel: str) -> None:
    header = f'<https://api.example/>; rel="https://api.w.org/", <{SITE}/x1?cursor=b>; {rel}'
    assert found("/x1", "", {"link": header}) == ["/x1?cursor=b"]
    assert found("/x1", "", {"link": f'<{SITE}/x1?cursor=b>; rel="prev"'}) == []
    assert found("/x1", "", {"link": '<https://elsewhere.example/x1?page=2>; rel="next"'}) == []


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/x1", '<a rel="next" href="https://elsewhere.example/x1?page=2">2</a>'),
        ("/x1", '<a href="http://shop.example:8080/x1?page=2">2</a>'),
        ("/x1?page=3", '<a rel="next" href="?page=2">more</a>'),
        ("/x1?page=3", '<a rel="next" href="/x1">more</a>'),
        ("/x1?page=3", '<a href="?page=2">2</a><a href="?page=3">3</a>'),
        ("/x1?offset=20", '<a href="?offset=10">Next</a><a href="?offset=20">3</a>'),
        ("/x1", '<a rel="next" href="#top">more</a>'),
        ("/2026/kettle", '<link rel="next" href="/2026/iron">'),
        ("/product/7", '<a href="/product/8">8</a><a href="/product/8">Next</a>'),
        ("/product/1", '<a href="/product/2">2</a><a href="/product/2">Next</a>'),
        ("/product/7", '<a rel="next" href="/product/8">Next</a>'),
        ("/reviews", '<a href="/reviews/2">A review of the kettle</a>'),
        ("/x1", '<a href="?page=99999999999">2</a>'),
        ("/x1", '<a href="/other?page=2">2</a>'),
        ("/x1?item=5", '<a href="?item=6&amp;page=2">2</a>'),
        ("/x1", '<a href="javascript:go(2)">2</a>'),
    ],
)
def test_what_is_no_next_page(url: str, body: str) -> None:
    assert found(url, body) == []


def test_page_that_was_read_is_not_read_again() -> None:
    assert found("/x1?after=b", '<a rel="next" href="?after=a">', number=2, seen=["/x1?after=a"]) == []


def test_two_lists_on_a_page_are_both_followed() -> None:
    pages = bar(("?PAGEN_1=2", "2"), ("?PAGEN_2=2", "2"), ("?PAGEN_2=3", "3"))
    assert found("/x1", pages) == ["/x1?PAGEN_1=2", "/x1?PAGEN_2=2"]
    assert found("/x1?PAGEN_2=2", pages, number=2, seen=["/x1"]) == ["/x1?PAGEN_2=3"]


@given(
    st.lists(
        st.sampled_from(
            ["/x1", "/x1?page=2", "/x1?page=3", "/x1/2", "/x1/page/3", "/x1?start=5", "//b.example/x1?page=2"]
        )
    )
)
def test_reading_always_ends(addresses: list[str]) -> None:
    body = bar(*((address, str(number)) for number, address in enumerate(addresses)))
    seen, waiting = [], [("/x1", 1)]
    while waiting:
        url, number = waiting.pop()
        seen.append(url)
        assert len(seen) < 60
        waiting += [(one, number + 1) for one in found(url, body, number=number, seen=seen)]
    assert all(url.startswith("/x1") for url in seen)


REVIEW = """<div itemscope itemtype="https://schema.org/Review"><b itemprop="author">Ann</b>
<p itemprop="reviewBody">Leaks</p></div>"""


@pytest.mark.parametrize("two", ["/x1?PAGEN_3=2", "/x1/page/2/", "/x1/2", "/x1?start=10"])
def test_review_that_moves_to_the_next_page_keeps_its_id(two: str) -> None:
    first = parse("schema_org", page_of(REVIEW + bar((two, "2")), SITE + "/x1"))
    (fetch,) = [part for part in first if isinstance(part, Fetch)]
    assert fetch.url == SITE + two
    page = page_of(REVIEW, fetch.url)
    second = parse(
        "schema_org", type(page)(**{**_facts(page), "context": fetch.context}), Place(SITE + "/x1")
    )
    assert [seen.external_id for seen in sightings(first)] == [seen.external_id for seen in sightings(second)]


def _facts(page: Any) -> dict[str, Any]:
    return {name: getattr(page, name) for name in ("url", "status", "headers", "body", "role", "fetched_at")}
