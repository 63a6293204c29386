"""Microdata as themes write it: values beside the places that the standard names."""

import pytest

from tests.channels.conftest import page_of, parse, sightings

PAGE = """<div itemscope itemtype="https://schema.org/Review">{}<p itemprop="reviewBody">Leaks</p>
<div itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">{}</div></div>"""


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<b itemprop="ratingValue">4</b>', 4.0),
        ('<b itemprop="ratingValue" content="3">4 stars and more</b>', 3.0),
        ('<b itemprop="ratingValue" title="20%"></b>', 1.0),
        ('<b itemprop="ratingValue" style="width: 80%"></b>', 4.0),
        ('<b itemprop="ratingValue"><i style="width:60%"></i></b>', 3.0),
        ('<b itemprop="ratingValue" aria-label="Rated 2 out of 5"></b>', 2.0),
        ('<b itemprop="ratingValue" aria-label="Оценка 4 из 5 звёзд">stars</b>', 4.0),
        ('<b itemprop="ratingValue" data-rating="5"></b>', 5.0),
        ('<b itemprop="ratingValue" style="width: 80px"></b>', None),
        ('<data itemprop="ratingValue">4</data>', 4.0),
        ('<b itemprop="ratingValue">★★☆☆☆</b>', 2.0),
        ("", None),
    ],
)
def test_stars_wherever_they_stand(markup: str, expected: float | None) -> None:
    (seen,) = sightings(parse("schema_org", page_of(PAGE.format("", markup))))
    assert seen.rating == expected


def test_date_in_the_text_of_time_and_name_that_is_a_link() -> None:
    head = '<a itemprop="author" href="/u/1">Ann</a> <time itemprop="datePublished">2026-11-16</time>'
    (seen,) = sightings(parse("schema_org", page_of(PAGE.format(head, ""))))
    assert (seen.author and seen.author.name, str(seen.published_at)[:10]) == ("Ann", "2026-11-16")
