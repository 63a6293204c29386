"""Reviews out of pages: three syntaxes, many habits, one meaning."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import Fetch, Page, Parsed, Place, Remember
from channels.schema_org.values import rating
from tests.channels.conftest import page_of, parse, remarks, saved, sightings

URL = "https://shop.example/x1"


def ld(*objects: Any, extra: str = "") -> str:
    # "<" would let a text close the script element it stands in.
    texts = [json.dumps(each).replace("<", "\\u003c") for each in objects]
    blocks = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return f'<html lang="en"><head>{blocks}</head><body>{extra}</body></html>'


def review(**values: Any) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Review",
        "author": "Ann",
        "reviewBody": "Bad",
        **values,
    }


def read(*objects: Any, extra: str = "", place: Place | None = None, **changes: Any) -> list[Parsed]:
    page = page_of(ld(*objects, extra=extra), URL)
    return parse("schema_org", Page(**{**_facts(page), **changes}), place)


def _facts(page: Page) -> dict[str, Any]:
    return {
        name: getattr(page, name)
        for name in ("url", "status", "headers", "body", "role", "context", "fetched_at")
    }


def fetches(parts: list[Parsed]) -> list[Fetch]:
    return [part for part in parts if isinstance(part, Fetch)]


def test_review_in_a_graph_with_references() -> None:
    first = sightings(parse("schema_org", saved("schema_org", "product-json-ld.html")))[0]
    assert first.external_id == first.url == "https://shop.example/x1#r77"
    assert first.text == "Stopped charging after a week.\n\nNo answer from support & no refund."
    assert first.title == "Stopped charging"
    assert first.author and (first.author.name, first.author.url) == (
        "Anna",
        "https://shop.example/people/anna",
    )
    assert (first.rating, first.language, first.kind) == (2.0, "en", "review")
    assert first.published_at == datetime(2026, 11, 1, tzinfo=UTC)
    assert first.thread_title == "Acme X1"


def test_owners_answer_is_a_sighting_of_its_own() -> None:
    seen = sightings(parse("schema_org", saved("schema_org", "product-json-ld.html")))
    first, answer, thanks = seen[:3]
    assert (answer.text, answer.is_by_brand, answer.parent) == (
        "We will replace it.",
        True,
        first.external_id,
    )
    assert answer.published_at == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert (thanks.text, thanks.is_by_brand, thanks.parent) == ("Thank you!", None, answer.external_id)
    assert {first.thread, answer.thread, thanks.thread} == {first.external_id}


def test_owner_is_known_by_the_brands_name_too() -> None:
    seen = {
        each.text: each
        for each in sightings(parse("schema_org", saved("schema_org", "product-json-ld.html")))
    }
    assert seen["Glad to hear."].is_by_brand
    assert not seen["Fine.\n\nLoud, though."].is_by_brand


def test_same_review_in_two_syntaxes_is_one() -> None:
    texts = [
        each.text for each in sightings(parse("schema_org", saved("schema_org", "product-json-ld.html")))
    ]
    assert texts.count("Fine.\n\nLoud, though.") == 1


def test_broken_block_costs_one_remark_and_no_review() -> None:
    parts = parse("schema_org", saved("schema_org", "product-json-ld.html"))
    assert [text for text in remarks(parts) if "JSON-LD" in text] == [
        "JSON-LD block 1 of 2 breaks off or cannot be read to its end; what was whole before was read."
    ]
    assert len(sightings(parts)) == 6


def test_date_in_the_year_one_is_left_out_and_told() -> None:
    parts = parse("schema_org", saved("schema_org", "product-json-ld.html"))
    carl = next(each for each in sightings(parts) if each.author and each.author.name == "Carl")
    assert (carl.published_at, carl.rating, carl.text) == (None, 4.0, "")
    assert any("left out: 1." in text and "cannot be true" in text for text in remarks(parts))


def test_microdata_in_russian() -> None:
    first, answer, second = sightings(parse("schema_org", saved("schema_org", "kafe-microdata.html")))
    assert first.external_id == "https://otzyvy.example/kafe#o-501"
    assert first.text == "Ждали час, суп холодный.\n\nБольше не придём."
    assert first.published_at == datetime(2026, 11, 18, 16, 20, tzinfo=UTC)
    assert (first.rating, first.language) == (1.0, "ru")
    assert (answer.is_by_brand, answer.parent) == (True, first.external_id)
    assert (second.rating, second.published_at) == (4.5, datetime(2026, 11, 18, tzinfo=UTC))


def test_rdfa_is_joined_from_its_flat_graph() -> None:
    (seen,) = sightings(parse("schema_org", saved("schema_org", "hotel-rdfa.html")))
    assert (seen.text, seen.rating, seen.author and seen.author.name) == ("The lift was broken.", 3.0, "Eve")
    assert seen.external_id == "https://hotel.example/grand#r9"
    assert seen.thread_title == "Grand"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"ratingValue": 1}, 1.0),
        ({"ratingValue": "5"}, 5.0),
        ({"ratingValue": "4,5"}, 4.5),
        ({"ratingValue": "4/5"}, 4.0),
        ({"ratingValue": "9 из 10"}, 4.56),
        ({"ratingValue": "80%"}, 4.0),
        ({"ratingValue": 10, "bestRating": "10"}, 5.0),
        ({"ratingValue": 5.5, "bestRating": 10, "worstRating": 1}, 3.0),
        ({"ratingValue": 0, "bestRating": 10, "worstRating": 0}, 1.0),
        ({"ratingValue": 8}, 4.11),
        ({"ratingValue": 3, "bestRating": 1}, None),
        ({"ratingValue": "five"}, 5.0),
        ({"ratingValue": "fine"}, None),
        ({"ratingValue": float("nan")}, None),
        ({"ratingValue": -3}, None),
        ({"ratingValue": "0", "bestRating": "5", "worstRating": "1"}, None),
        ([{"ratingValue": [2]}], 2.0),
        ("3", 3.0),
        (None, None),
        ({}, None),
    ],
)
def test_rating_on_the_scale_of_five(value: Any, expected: float | None) -> None:
    assert rating({"reviewRating": value}) == expected


def test_rating_that_cannot_be_read_is_said_and_zero_is_not() -> None:
    parts = read(
        review(reviewRating={"ratingValue": "so-so"}),
        review(reviewRating={"ratingValue": 0}, reviewBody="Why?"),
    )
    assert [each.rating for each in sightings(parts)] == [None, None]
    assert remarks(parts) == ["1 ratings on the page cannot be read for certain and are left out."]


def test_rating_without_an_object_of_its_own() -> None:
    (seen,) = sightings(read(review(ratingValue="20", bestRating="100")))
    assert seen.rating == 1.0


@pytest.mark.parametrize(
    "context", ["http://schema.org", "https://schema.org/", {"@vocab": "http://schema.org/"}]
)
@pytest.mark.parametrize(
    "types", ["Review", ["Review", "UserReview"], "schema:Review", "http://schema.org/Review", ["UserReview"]]
)
def test_types_in_all_their_spellings(context: Any, types: Any) -> None:
    (seen,) = sightings(read(review(**{"@context": context, "@type": types})))
    assert (seen.kind, seen.text) == ("review", "Bad")


def test_bare_list_of_reviews_and_single_review_of_a_product() -> None:
    product = {"@type": "Product", "name": "X", "review": review(reviewBody="single")}
    assert [
        each.text for each in sightings(read([review(reviewBody="one"), review(reviewBody="two")], product))
    ] == ["one", "two", "single"]


def test_comments_under_an_article_share_its_thread() -> None:
    article = {
        "@type": "BlogPosting", "headline": "News", "url": "/news/1",
        "comment": [{"@type": "Comment", "@id": "#c1", "text": "First", "author": "A"}, {"@type": "Comment", "text": "Second", "author": "B"}],
    }  # fmt: skip
    one, two = sightings(read(article))
    assert (one.kind, one.parent, one.thread) == ("comment", None, "https://shop.example/news/1")
    assert two.thread == one.thread
    assert one.thread_title == "News"


def test_flat_comments_find_what_they_answer() -> None:
    objects = {"@graph": [
        {"@type": "Comment", "@id": "#c1", "text": "Question", "author": "A"},
        {"@type": "Comment", "@id": "#c2", "text": "Answer", "author": "B", "parentItem": {"@id": "#c1"}},
    ]}  # fmt: skip
    question, answer = sightings(read(objects))
    assert answer.parent == question.external_id
    assert answer.thread == question.thread


def test_id_shared_by_several_reviews_is_no_id() -> None:
    seen = sightings(
        read([review(url=f"{URL}#reviews", reviewBody="one"), review(url=f"{URL}#reviews", reviewBody="two")])
    )
    assert len({each.external_id for each in seen}) == 2
    assert not any("#reviews" in each.external_id for each in seen)


def test_address_of_the_page_is_no_id() -> None:
    (seen,) = sightings(read(review(url=URL)))
    assert len(seen.external_id) == 32


def test_made_id_stays_when_the_text_is_edited_and_the_time_is_exact() -> None:
    ids = {
        sightings(read(review(reviewBody=text, datePublished="2026-11-01T10:00:00Z")))[0].external_id
        for text in ("a", "b")
    }
    assert len(ids) == 1


def test_id_does_not_change_when_a_review_moves_to_the_next_page() -> None:
    ids = {
        sightings(read(review(**{"@id": "#r5"}), url=url))[0].external_id for url in (URL, f"{URL}?page=2")
    }
    assert ids == {f"{URL}#r5"}


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ('<a rel="next" href="?page=2">more</a>', f"{URL}?page=2"),
        ('<a href="?page=3">3</a><a href="?page=2">2</a>', f"{URL}?page=2"),
        ('<a rel="next" href="https://elsewhere.example/x1?page=2">more</a>', None),
        ('<a rel="next" href="#top">more</a>', None),
        ('<a rel="next" href="javascript:next()">more</a>', None),
        ('<a href="/other?page=2">2</a>', None),
        ("", None),
    ],
)
def test_next_page(extra: str, expected: str | None) -> None:
    assert [fetch.url for fetch in fetches(read(review(), extra=extra))] == ([expected] if expected else [])


def test_pages_end_at_the_limit_with_a_remark() -> None:
    more = '<a rel="next" href="?page=4">more</a>'
    place = Place(URL, {"max_pages": "3"})
    at_limit = read(review(), extra=more, place=place, url=f"{URL}?page=3", context={"page": 3})
    assert fetches(at_limit) == []
    assert "more than 3 pages" in remarks(at_limit)[0]
    before = fetches(
        read(
            review(),
            extra='<a rel="next" href="?page=3">more</a>',
            place=place,
            url=f"{URL}?page=2",
            context={"page": 2},
        )
    )
    assert (before[0].context["page"], before[0].is_conditional) == (3, False)


def test_page_without_reviews_is_told_apart_from_changed_markup() -> None:
    empty = page_of("<html><body><h1>About us</h1></body></html>", URL)
    with pytest.raises(errors.Unreadable, match="no reviews"):
        parse("schema_org", empty)
    with pytest.raises(errors.MarkupChanged, match="changed its markup"):
        parse("schema_org", empty, Place(URL, cursor={"has_found": True}))


def test_first_find_is_remembered_once() -> None:
    assert Remember({"has_found": True}) in read(review())
    assert not any(
        isinstance(part, Remember) for part in read(review(), place=Place(URL, cursor={"has_found": True}))
    )


@pytest.mark.parametrize(
    "words",
    ["Подтвердите, что вы не робот", "Please complete the CAPTCHA", "Checking your browser before accessing"],
)
def test_robot_check(words: str) -> None:
    with pytest.raises(errors.Blocked):
        parse("schema_org", page_of(f"<html><body><h1>{words}</h1></body></html>", URL))


def test_reviews_that_speak_of_robots_are_no_robot_check() -> None:
    (seen,) = sightings(read(review(reviewBody="The captcha on your site is awful, are you a robot?")))
    assert "captcha" in seen.text


def test_only_the_wanted_item() -> None:
    products = [
        {"@type": "Product", "name": name, "review": review(reviewBody=name)}
        for name in ("Acme X1", "Acme Y2")
    ]
    assert [each.text for each in sightings(read(*products, place=Place(URL, {"item": "y2"})))] == ["Acme Y2"]


def test_good_and_bad_points_are_part_of_what_was_said() -> None:
    points = {
        "positiveNotes": {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "name": "Quiet"}]},
        "negativeNotes": "Weak",
    }
    (seen,) = sightings(read(review(**points)))
    assert seen.text == "Bad\n+ Quiet\n− Weak"


def test_markup_in_a_review_becomes_text() -> None:
    (seen,) = sightings(
        read(
            review(
                reviewBody="<script>alert(1)</script><p>Real &lt;b&gt;words</p>",
                author="<img src=x onerror=alert(1)>Eve",
            )
        )
    )
    assert seen.text == "Real <b>words"
    assert seen.author and seen.author.name == "Eve"


def test_circle_of_references_ends() -> None:
    circle = {
        "@graph": [
            {"@id": "#a", "@type": "Review", "reviewBody": "round", "comment": {"@id": "#b"}},
            {"@id": "#b", "@type": "Comment", "text": "and round", "comment": {"@id": "#a"}},
        ]
    }
    one, two = sightings(read(circle))
    assert two.parent == one.external_id


def test_review_that_stands_before_its_product_in_the_graph() -> None:
    graph = {
        "@graph": [
            review(**{"@id": "#r1", "author": "Acme"}),
            {"@type": "Product", "name": "X", "brand": "Acme", "review": {"@id": "#r1"}},
        ]
    }
    (seen,) = sightings(read(graph))
    assert (seen.thread_title, seen.is_by_brand) == ("X", True)


def test_deep_nesting_is_borne() -> None:
    body = (
        '<script type="application/ld+json">'
        + '{"@type":"Review","reviewBody":"x","comment":' * 3_000
        + "1"
        + "}" * 3_000
        + "</script>"
    )
    try:
        parts = parse("schema_org", page_of(body, URL))
    except errors.Unreadable:
        return
    assert len(sightings(parts)) < 100


def test_recognises_a_page_of_reviews() -> None:
    finding = channel("schema_org").recognise(saved("schema_org", "kafe-microdata.html"))
    assert (finding.title, finding.language) == ("Кафе «Заря» — отзывы", "ru")
    assert channel("schema_org").recognise(page_of("<html><body>Nothing</body></html>")) is None
