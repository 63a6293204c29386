"""The crawler in earnest: a child process, a site on loopback, rows in the database."""

from datetime import timedelta

from desk.base import bounds, db
from desk.models import Crawl, EarlierWording, PageSeen
from tests.crawler.site import feed, shop


def test_a_feed_becomes_mentions_and_an_unchanged_one_costs_one_304(site, listen, crawl, mentions, source):
    site.pages["/feed"] = feed("The lamp broke", "Where is my order?", "Спасибо, всё отлично")
    number = listen(site.url("/feed"))
    first = crawl(number)[number]
    assert (first["outcome"], first["items"], first["new"], first["requests"]) == ("ok", 3, 3, 1)
    assert mentions(number)["item-1"].text == "The lamp broke"
    site.asked.clear()
    second = crawl(number)[number]
    assert (second["outcome"], second["requests"], second["unchanged"], second["new"]) == (
        "unchanged",
        1,
        1,
        0,
    )
    assert site.counts() == {"/feed": 1}
    assert "if-none-match" in site.headers_of("/feed")
    assert source(number).error is None
    assert source(number).claimed_until is None


def test_edits_become_revisions(site, listen, crawl, mentions):
    site.pages["/feed"] = feed("The lamp broke", "Fine")
    number = listen(site.url("/feed"))
    crawl(number)
    site.pages["/feed"] = feed("The lamp broke twice", "Fine")
    again = crawl(number)[number]
    assert (again["new"], again["edited"]) == (0, 1)
    assert mentions(number)["item-1"].edit_count == 1
    with db.snapshot() as session:
        assert [row.text for row in session.query(EarlierWording)] == ["The lamp broke"]


def test_pages_are_followed_and_all_stored_before_any_is_remembered(site, listen, crawl, mentions):
    site.pages["/shop"] = shop("one", "two", following="/shop?page=2")
    site.pages["/shop?page=2"] = shop("three", first=3, following="/shop?page=3")
    site.pages["/shop?page=3"] = shop("four", first=4)
    number = listen(site.url("/shop"), "schema_org")
    assert crawl(number)[number]["items"] == 4
    assert {mention.text for mention in mentions(number).values()} == {"one", "two", "three", "four"}
    assert crawl(number)[number]["outcome"] == "unchanged"


def test_an_edit_behind_an_unchanged_first_page_is_seen_within_a_day(site, listen, crawl, mentions):
    site.pages["/shop"] = shop("one", following="/shop?page=2")
    site.pages["/shop?page=2"] = shop("two", first=2)
    number = listen(site.url("/shop"), "schema_org")
    crawl(number)
    site.pages["/shop?page=2"] = shop("two, and it caught fire", first=2)
    assert crawl(number)[number]["outcome"] == "unchanged"
    with db.transaction() as session:
        for page in session.query(PageSeen):
            page.seen_at -= bounds.READ_WHOLE_EVERY + timedelta(minutes=1)
    assert crawl(number)[number]["edited"] == 1
    assert "two, and it caught fire" in {mention.text for mention in mentions(number).values()}
    assert crawl(number)[number]["outcome"] == "unchanged", "and then by condition again"


def test_a_page_that_led_to_a_broken_one_is_read_again(site, listen, crawl, mentions):
    site.pages["/shop"] = shop("one", following="/shop?page=2")
    number = listen(site.url("/shop"), "schema_org")
    broken = crawl(number)[number]
    assert (broken["outcome"], broken["error_kind"]) == ("partial", "not_found")
    site.pages["/shop?page=2"] = shop("two", first=2)
    assert crawl(number)[number]["new"] == 1
    assert len(mentions(number)) == 2


def test_due_sources_are_crawled_side_by_side_and_one_broken_does_not_matter(site, listen, crawl, source):
    site.pages["/good"] = feed("one")
    site.pages["/web"] = "<html><body>no feed</body></html>"
    site.pages["/half"] = feed("whole", "cut", tail="<item><title>and th")
    good, web, half, gone = (listen(site.url(path)) for path in ("/good", "/web", "/half", "/missing"))
    said = crawl("--due")
    assert said[good]["outcome"] == "ok"
    assert said[web]["error_kind"] == "unreadable"
    assert said[half]["items"] == 2
    assert said[half]["remarks"]
    assert said[gone]["error_kind"] == "not_found"
    assert source(gone).failures == 1
    assert crawl("--due") == {}, "nothing is due a moment later"
    with db.snapshot() as session:
        assert {str(row.outcome) for row in session.query(Crawl)} <= {"ok", "failed", "partial"}
