"""What an address that a person typed turns out to be, or in clear words why nothing can be heard there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request, Response

from channels import KINDS, detect, errors
from channels.contract import About, Fetch, Finding, Page, Place, Text
from channels.reading import html_pages
from channels.wire.client import GuardedWire, Terms
from tests.channels.conftest import NOW, page_of, saved
from tests.channels.sites import ForumSite, Site, WordPressSite
from tests.channels.speaking import wire_for
from tests.servers import serving


class Pages(Site):
    def __init__(self, **pages: Response) -> None:
        super().__init__()
        self.pages = pages

    def page(self, request: Request) -> Response:
        return self.pages.get(request.path.strip("/").replace(".", "_") or "home", Response("no", 404))


def html(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/html")


@pytest.fixture
def client() -> Iterator[GuardedWire]:
    with wire_for(Place("")) as client:
        yield client


def test_front_page_of_a_forum_leads_to_its_feed_and_its_form(client: GuardedWire) -> None:
    with ForumSite() as site:
        found = detect.detect(f"{site.url}/", client)
        assert [(finding.kind, finding.url) for finding in found.findings] == [
            ("forum", f"{site.url}/feed.atom"),
            ("rss", f"{site.url}/feed.atom"),
        ]
        assert found.error is None
        assert len(site.requests) <= detect.MAX_REQUESTS


def test_address_of_a_feed(client: GuardedWire) -> None:
    with ForumSite() as site:
        # What reads the same and can answer as well is offered first.
        assert [one.kind for one in detect.detect(f"{site.url}/feed.atom", client).findings] == [
            "forum",
            "rss",
        ]


def test_wordpress_by_its_front_page(client: GuardedWire) -> None:
    with WordPressSite() as site:
        (found,) = detect.detect(site.url, client).findings
        assert (found.kind, found.url, found.title) == ("wordpress", site.root, "Blog")


def test_page_of_reviews(client: GuardedWire) -> None:
    body = saved("schema_org", "product-json-ld.html").body.decode()
    with Pages(x1=html(body)) as site:
        (found,) = detect.detect(f"{site.url}/x1", client).findings
        assert (found.kind, found.title) == ("schema_org", "Acme X1 reviews")


def test_page_with_reviews_and_feeds_offers_all_and_asks_at_most_five_times(client: GuardedWire) -> None:
    links = "".join(f"<link rel=alternate type=application/rss+xml href=/f{n}>" for n in range(9))
    body = saved("schema_org", "hotel-rdfa.html").body.decode().replace("<head>", f"<head>{links}")
    feed = saved("rss", "news.xml").body.decode()
    with Pages(home=html(body), f1=Response(feed, mimetype="application/xml")) as site:
        found = detect.detect(site.url, client)
        assert [finding.kind for finding in found.findings] == ["schema_org", "rss"]
        assert len(site.requests) <= detect.MAX_REQUESTS


class Handles:
    """A channel that knows its addresses by their form, and none of its pages."""

    about = About("handles", Text("Handles", "Имена"), address="handle")

    def recognise_address(self, typed: str) -> Finding | None:
        name = typed.removeprefix("https://t.example/").removeprefix("@")
        if name == typed or not name.isidentifier():
            return None
        return Finding("handles", f"https://t.example/{name}", f"@{name}", Text("A handle.", "Имя."), 0.9)


class Endless:
    """A channel that would ask for ever, and cannot read what comes."""

    about = About("endless", Text("Endless", "Без конца"))

    def recognise(self, page: Page) -> Finding | None:
        raise errors.Unreadable(Text("No.", "Нет."))

    def follow_ups(self, page: Page) -> Iterator[Fetch]:
        for number in count():
            yield Fetch(f"{page.url.rstrip('/')}/{number}", "more")
            yield Fetch(f"{page.url.rstrip('/')}/secret", "more", access="account")


@pytest.fixture
def more_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "handles", f"{__name__}:Handles")
    monkeypatch.setitem(KINDS, "endless", f"{__name__}:Endless")


@pytest.mark.parametrize("typed", ["@zarya", "  @zarya ", "https://t.example/zarya"])
def test_what_is_known_by_its_form_is_not_asked_for(
    more_channels: None, client: GuardedWire, typed: str
) -> None:
    (found,) = [one for one in detect.detect(typed, client).findings if one.kind == "handles"]
    assert (found.kind, found.url, found.title) == ("handles", "https://t.example/zarya", "@zarya")
    assert detect.named("handles", typed) == found
    assert detect.named("handles", "zarya").url == "zarya"
    assert detect.named("rss", "shop.example/feed").url == "https://shop.example/feed"


def test_all_channels_together_ask_five_times_at_most(more_channels: None, client: GuardedWire) -> None:
    feed = saved("rss", "news.xml").body.decode()
    body = "<link rel=alternate type=application/rss+xml href=/f1><p>Hello"
    with Pages(home=html(body), f1=Response(feed, mimetype="application/xml")) as site:
        found = detect.detect(site.url, client)
        assert [finding.kind for finding in found.findings] == ["rss"]
        assert len(site.requests) <= detect.MAX_REQUESTS
        assert not any("secret" in path for _method, path in site.requests)


def test_detection_knows_no_channel_by_name() -> None:
    source = Path(detect.__file__).read_text()
    assert not [kind for kind in KINDS if re.search(rf"channels\.{kind}\b|[\"']{kind}[\"']", source)]


def test_address_without_scheme_and_no_address(client: GuardedWire) -> None:
    body = saved("schema_org", "product-json-ld.html").body.decode()
    with Pages(x1=html(body)) as site:
        # https is tried, this site speaks none, so http is.
        (found,) = detect.detect(f"{site.url}/x1".removeprefix("http://"), client).findings
        assert found.url == f"{site.url}/x1"
    error = detect.detect(site.url.removeprefix("http://"), client).error
    assert isinstance(error, errors.Unreachable)
    for url in ("", "javascript:alert(1)", "tel:+15550100"):
        assert detect.detect(url, client).error


def test_private_address_is_refused_in_words() -> None:
    with Pages(home=html("x")) as site, GuardedWire(Terms("t"), NOW, Place("")) as client:
        error = detect.detect(site.url, client).error
        assert isinstance(error, errors.Forbidden)
        assert "public network" in str(error)


def test_page_over_the_limit(client: GuardedWire) -> None:
    with Pages(home=html("x" * 10_000_001)) as site:
        assert isinstance(detect.detect(site.url, client).error, errors.TooLarge)


def test_dead_feed_link_is_passed_over(client: GuardedWire) -> None:
    with Pages(home=html("<link rel=alternate type=application/rss+xml href=/gone>Hello")) as site:
        error = detect.detect(site.url, client).error
        assert isinstance(error, errors.Unreadable)
        assert "names no feed" in str(error)


def test_fetched_at_is_told_by_the_caller(client: GuardedWire) -> None:
    feed = "<rss version='2.0'><channel><item><title>t</title><pubDate>Fri, 20 Nov 2026 08:15:00 GMT</pubDate></item></channel></rss>"
    with Pages(f=Response(feed, mimetype="application/xml")) as site:
        assert detect.detect(f"{site.url}/f", client, now=lambda: datetime(2026, 11, 21, tzinfo=UTC)).findings


LONG = "Plain words about a company. " * 40


@pytest.mark.parametrize(
    ("page", "kind", "said"),
    [
        (page_of(""), "unreadable", "empty"),
        (page_of(f"<html><body>{LONG}</body></html>"), "unreadable", "names no feed"),
        (page_of("<html><body><div id='root'></div><script src='/app.js'></script></body></html>"), "unreadable", "JavaScript"),
        (page_of("<noscript>You need to enable JavaScript to run this app.</noscript><p>Please enable JavaScript</p>"), "unreadable", "JavaScript"),
        (page_of("<form method=post><input name=u><input type=password></form>"), "unauthorized", "sign-in"),
        (page_of("<title>Just a moment...</title><p>Verify you are human</p>"), "blocked", "robots"),
        (page_of(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, content_type="image/png"), "unreadable", "image/png"),
        (page_of(b"%PDF-1.7", content_type="application/pdf"), "unreadable", "application/pdf"),
        (page_of('{"a": 1}', content_type="application/json"), "unreadable", "JSON"),
        (Page("https://a.example", 404, {}, b"no"), "not_found", "404"),
        (Page("https://a.example", 410, {}, b"no"), "gone", "410"),
        (Page("https://a.example", 401, {}, b"no"), "unauthorized", "sign-in"),
        (Page("https://a.example", 403, {}, b"captcha"), "blocked", "robots"),
        (Page("https://a.example", 403, {}, b"no"), "blocked", "403"),
        (Page("https://a.example", 429, {"retry-after": "120"}, b""), "rate_limited", "fewer requests"),
        (Page("https://a.example", 500, {}, b""), "unreachable", "500"),
    ],
)  # fmt: skip
def test_why_not_in_clear_words(page: Page, kind: str, said: str) -> None:
    error = detect.why_not(page)
    assert (error.kind, said in str(error)) == (kind, True), str(error)


def test_retry_after_in_seconds_and_as_a_date() -> None:
    def wait(**headers: str) -> int | None:
        error = detect.why_not(
            Page(
                "https://a.example",
                429,
                {name.replace("_", "-"): value for name, value in headers.items()},
                b"",
            )
        )
        return error.retry_after_seconds if isinstance(error, errors.RateLimited) else -1

    assert wait(retry_after="120") == 120
    assert wait(retry_after="Fri, 20 Nov 2026 08:02:00 GMT", date="Fri, 20 Nov 2026 08:00:00 GMT") == 120
    assert wait(retry_after="soon") is None
    assert wait() is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0), ("1.5", 1), ("9" * 200, 86_400), ("99999999", 86_400), ("-5", None), ("1e9", None), ("", None),
        ("nan", None), ("\u0663\u0660", None), ("Fri, 20 Nov 2099 08:00:00 GMT", 86_400),
        ("Fri, 20 Nov 1999 08:00:00 GMT", 0), ("Fri, 20 Nov 99999 08:00:00 GMT", None), ("12, 12", None),
    ],
)  # fmt: skip
def test_no_wait_is_believed_that_nobody_can_mean(said: str, seconds: int | None) -> None:
    headers = {"retry-after": said, "date": "Fri, 20 Nov 2026 08:00:00 GMT"}
    assert html_pages.retry_after(headers) == seconds


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_header_gives_a_bearable_wait_or_none(said: str, date: str) -> None:
    found = html_pages.retry_after({"retry-after": said, "date": date})
    assert found is None or 0 <= found <= 86_400


@contextmanager
def site_with_a_certificate_of_its_own() -> Iterator[str]:
    with serving(Request.application(lambda _request: html("x")), ssl_context="adhoc") as address:
        yield address


def test_a_certificate_that_is_not_valid_is_told_in_words(client: GuardedWire) -> None:
    with site_with_a_certificate_of_its_own() as address:
        error = detect.detect(address, client).error
    assert isinstance(error, errors.Insecure)
    assert str(error) == "The site's certificate is not valid: self-signed certificate."


def test_https_where_nothing_speaks_it_is_told_in_words(client: GuardedWire) -> None:
    with Pages(home=html("x")) as site:
        error = detect.detect(site.url.replace("http:", "https:"), client).error
    assert str(error) == "Nothing at this address answers over https."
