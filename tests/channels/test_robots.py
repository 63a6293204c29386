"""robots.txt: which line says no, what pause is asked for, and one reading for a site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request, Response

from channels import detect, errors
from channels.contract import Place
from channels.wire import robots
from tests.channels.sites import Site
from tests.channels.speaking import wire_for

TEXT = """User-agent: other
Disallow: /

User-agent: *
Disallow: /shop/   # all of it
Allow: /shop/open
Disallow: /shop/reviews/private
Crawl-delay: 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/shop/reviews", "line 5: Disallow: /shop/"),
        ("/shop/reviews/private/1", "line 7: Disallow: /shop/reviews/private"),
        ("/shop/open/1", None),
        ("/forum", None),
    ],
)
def test_the_line_that_forbids_is_named(path: str, line: str | None) -> None:
    refusal = robots.Rules(TEXT, "Otklik").refusal(f"https://a.example{path}")
    assert (refusal is None) == (line is None)
    if line:
        assert line in str(refusal)


def test_a_group_of_our_own_goes_before_the_one_for_everybody() -> None:
    rules = robots.Rules(f"{TEXT}\nUser-agent: otklik\nDisallow: /forum\n", "Otklik")
    assert rules.refusal("https://a.example/shop/1") is None
    assert "Disallow: /forum" in str(rules.refusal("https://a.example/forum/2"))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("99999999", 30),
        ("-4", 0),
        ("nan", 0),
        ("inf", 0),
        ("soon", 0),
        ("", 0),
        ("1e400", 0),
    ],
)
def test_a_pause_is_kept_and_capped(said: str, seconds: float) -> None:
    assert robots.Rules(f"User-agent: *\nCrawl-delay: {said}\n", "Otklik").pace_seconds() == seconds


@given(st.text(max_size=300), st.text(max_size=40))
def test_no_file_breaks_the_reading(text: str, path: str) -> None:
    rules = robots.Rules(text, "Otklik")
    assert 0 <= rules.pace_seconds() <= 30
    rules.refusal(f"https://a.example/{path}")


@given(
    st.lists(
        st.sampled_from(
            [
                "User-agent: *",
                "User-agent: Otklik",
                "Disallow: /a",
                "Disallow: /",
                "Allow: /a",
                "#",
                "Disallow:",
            ]
        )
    )
)
def test_no_order_of_lines_breaks_the_reading(lines: list[str]) -> None:
    refusal = robots.Rules("\n".join(lines), "Otklik").refusal("https://a.example/a/b")
    # Where something forbids it, the words name one of the lines that stand there.
    assert refusal is None or any(line in str(refusal) for line in lines if line.startswith("Disallow"))


class Town(Site):
    def page(self, request: Request) -> Response:
        if request.path == "/robots.txt":
            return Response("User-agent: *\nDisallow: /no\n", content_type="text/plain")
        return Response("<p>x</p>")


def test_a_site_is_asked_once() -> None:
    with Town() as site, wire_for(Place("")) as wire:
        manners = robots.Manners(wire, "Otklik/1.0")
        assert manners.refusal(f"{site.url}/yes") is None
        assert "Disallow: /no" in str(manners.refusal(f"{site.url}/no/1"))
        with pytest.raises(errors.Forbidden):
            manners.demand(f"{site.url}/no")
        assert [path for _method, path in site.requests] == ["/robots.txt"]


class Mute(Site):
    """Has no more than a status for whoever asks."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def page(self, request: Request) -> Response:
        del request
        return Response("User-agent: *\nDisallow: /", self.status)


@pytest.mark.parametrize(
    ("status", "may"), [(404, True), (403, True), (302, True), (500, False), (503, False), (429, False)]
)
def test_a_site_that_cannot_say_is_left_alone(status: int, may: bool) -> None:
    with Mute(status) as site, wire_for(Place("")) as wire:
        assert (robots.Manners(wire, "Otklik/1.0").refusal(f"{site.url}/x") is None) == may


class Shop(Site):
    """A page that may be read, and names a feed that may not; the feed moved from where it may."""

    def page(self, request: Request) -> Response:
        pages = {
            "/robots.txt": "User-agent: *\nDisallow: /feed\n",
            "/": "<link rel='alternate' type='application/rss+xml' href='/feed'>",
            "/feed": "<?xml version='1.0'?><rss version='2.0'><channel><title>x</title></channel></rss>",
        }
        if request.path == "/old":
            return Response(status=301, headers={"Location": "/feed"})
        return Response(pages.get(request.path, "no"), 200, content_type="text/html")


@pytest.mark.parametrize("path", ["/feed", "/old"])
def test_a_look_says_what_is_forbidden_and_reads_it_not(path: str) -> None:
    with Shop() as site, wire_for(Place("")) as wire:
        seen = detect.detect(f"{site.url}{path}", wire, manners=robots.Manners(wire, "Otklik/1.0"))
        assert (seen.findings, seen.error and seen.error.kind) == ([], "forbidden")
        assert "line 2" in str(seen.error)


def test_what_a_page_names_is_not_read_either() -> None:
    with Shop() as site, wire_for(Place("")) as wire:
        seen = detect.detect(site.url, wire, manners=robots.Manners(wire, "Otklik/1.0"))
        assert seen.findings == []
        assert [path for _method, path in site.requests] == ["/robots.txt", "/"]
