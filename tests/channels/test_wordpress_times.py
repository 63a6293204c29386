"""Comments without a time in UTC: in which zone the site's own time is read."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from channels.contract import Page, Place
from tests.channels.conftest import NOW, parse, remarks, sightings
from tests.channels.test_wordpress import ROOT, fetches, remembered
from tests.channels.test_wordpress_odd import Answer, answered, comment, crawl


def test_time_of_the_site_is_read_in_the_zone_that_the_index_names() -> None:
    def site(url: httpx.URL) -> Answer:
        if url.path.endswith("/comments"):
            shown = [comment(1, date_gmt="0000-00-00T00:00:00", date="2026-11-16T13:00:00")]
            return 200, {"x-wp-totalpages": "1"}, json.dumps(shown).encode()
        return 200, {}, json.dumps({"timezone_string": "Europe/Moscow", "gmt_offset": 3}).encode()

    parts, asked = crawl(site)
    (seen,) = sightings(parts)
    assert seen.published_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert (remarks(parts), remembered(parts), len(asked)) == ([], {"zone": "Europe/Moscow", "last_id": 1}, 3)
    assert len(crawl(site, Place(ROOT, cursor=remembered(parts)))[1]) == 1


@pytest.mark.parametrize("offset", [5.5, "5.5"])
def test_an_index_that_names_hours_only(offset: object) -> None:
    page = Page(f"{ROOT}wp/v2/comments", 200, {}, json.dumps({"timezone_string": "", "gmt_offset": offset}).encode(),
                "index", {"root": ROOT, "again": {"root": ROOT, "page": 1}}, NOW)  # fmt: skip
    parts = parse("wordpress", page)
    assert remembered(parts) == {"zone": "5.5"}
    shown = [comment(1, date_gmt=None, date="2026-11-16T13:00:00")]
    (seen,) = sightings(parse("wordpress", answered(shown, **fetches(parts)[0].context)))
    assert seen.published_at == datetime(2026, 11, 16, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "index", [(404, b"no"), (200, b"{}"), (200, b'{"gmt_offset": 99, "timezone_string": "../etc"}')]
)
def test_a_zone_that_nobody_tells_leaves_a_date_and_a_remark(index: tuple[int, bytes]) -> None:
    def site(url: httpx.URL) -> Answer:
        shown = [comment(1, date_gmt="-0001-11-30T00:00:00", date="2026-11-16T10:00:00")]
        is_list = url.path.endswith("/comments")
        return (
            (200, {"x-wp-totalpages": "1"}, json.dumps(shown).encode())
            if is_list
            else (index[0], {}, index[1])
        )

    parts, _ = crawl(site)
    (seen,) = sightings(parts)
    assert seen.published_at == datetime(2026, 11, 16, 10, tzinfo=UTC)
    assert remarks(parts) == [
        "The site gives its own time for 1 comments and not its time zone; it was taken as UTC."
    ]


def test_comments_with_both_times_tell_the_zone() -> None:
    shown = [comment(2, date="2026-11-16T13:00:00"), comment(1, date_gmt=None, date="2026-11-15T13:00:00")]
    parts = parse("wordpress", answered(shown))
    assert (fetches(parts), remarks(parts)) == ([], [])
    assert sightings(parts)[1].published_at == datetime(2026, 11, 15, 10, tzinfo=UTC)


def test_a_comment_without_any_time() -> None:
    parts = parse("wordpress", answered([comment(1, date_gmt=None)]))
    assert (sightings(parts)[0].published_at, remarks(parts)) == (None, [])
