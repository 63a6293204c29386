"""How we behave at other people's sites: robots.txt, pauses, retries, credentials, and which addresses we never ask."""

import base64
import socket
from collections.abc import Iterator

import pytest
from werkzeug import Request, Response

from tests.crawler.site import Site, feed, serve


@pytest.fixture
def other() -> Iterator[Site]:
    with serve() as running:
        yield running


def test_robots_txt_is_obeyed_and_read_once_for_all_sources_of_a_site(site, listen, crawl):
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /private/\n"
    site.pages["/private/feed"] = feed("secret")
    site.pages["/feed"] = feed("public")
    forbidden, allowed = listen(site.url("/private/feed")), listen(site.url("/feed"))
    said = crawl(forbidden, allowed)
    assert said[forbidden]["error_kind"] == "forbidden"
    assert "robots.txt of the site does not allow" in said[forbidden]["error"]
    assert said[allowed]["new"] == 1
    assert site.counts() == {"/feed": 1}
    assert [path for path, _ in site.asked].count("/robots.txt") == 1


def test_a_site_that_cannot_give_robots_txt_is_left_alone(site, listen, crawl):
    site.pages["/robots.txt"] = Response("down", 503)
    site.pages["/feed"] = feed("public")
    number = listen(site.url("/feed"))
    assert crawl(number)[number]["error_kind"] == "unreachable"
    assert site.counts() == {}


def test_we_say_who_we_are(site, listen, crawl):
    site.pages["/feed"] = feed("public")
    crawl(listen(site.url("/feed")))
    assert site.headers_of("/feed")["user-agent"].startswith("Otklik/")
    assert "cookie" not in site.headers_of("/feed")


def test_a_tired_site_is_asked_again_and_a_broken_one_is_given_up(site, listen, crawl):
    answers = iter([Response("tired", 503), Response(feed("now"), content_type="application/xml")])
    site.pages["/tired"] = lambda _request: next(answers)
    site.pages["/broken"] = Response("oops", 500)
    tired, broken = listen(site.url("/tired")), listen(site.url("/broken"))
    said = crawl(tired, broken)
    assert (said[tired]["outcome"], said[tired]["new"], said[tired]["requests"]) == ("ok", 1, 2)
    assert (said[broken]["outcome"], said[broken]["error_kind"]) == ("failed", "unreachable")
    assert site.counts()["/broken"] == 3


def test_retry_after_is_honoured(site, listen, crawl, source, now):
    site.pages["/feed"] = Response("later", 429, headers={"Retry-After": "7200"})
    number = listen(site.url("/feed"))
    said = crawl(number)[number]
    assert (said["error_kind"], said["requests"]) == ("rate_limited", 1)
    row = source(number)
    assert (row.next_crawl_at - row.last_crawl_at).total_seconds() >= 7200


def test_gone_for_good_is_not_crawled_again(site, listen, crawl, source):
    site.pages["/feed"] = Response("gone", 410)
    number = listen(site.url("/feed"))
    assert crawl(number)[number]["error_kind"] == "gone"
    assert source(number).state == "gone"


def test_private_addresses_are_not_asked_however_they_are_written(site, listen, crawl):
    port = site.address.rsplit(":", 1)[1]
    hosts = ("127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0")
    numbers = [listen(f"http://{host}:{port}/feed") for host in hosts]
    said = crawl(*numbers, OTKLIK_ALLOW_PRIVATE_ADDRESSES="false")
    assert {said[number]["error_kind"] for number in numbers} == {"forbidden"}
    assert site.asked == []


def test_a_name_is_checked_where_it_is_resolved(site, listen, crawl):
    """A name of this machine's own that no rule about names knows, and that resolves to this machine."""
    name = socket.gethostname()
    try:
        socket.getaddrinfo(name, None)
    except OSError:
        pytest.skip("this machine's own name does not resolve")
    number = listen(f"http://{name}:{site.address.rsplit(':', 1)[1]}/feed")
    said = crawl(number, OTKLIK_ALLOW_PRIVATE_ADDRESSES="false")[number]
    assert said["error_kind"] == "forbidden"
    assert name in said["error"]
    assert site.asked == []


def test_redirects_are_followed_but_not_for_ever(site, other, listen, crawl):
    other.pages["/feed"] = feed("moved here")
    site.pages["/moved"] = Response(status=301, headers={"Location": other.url("/feed")})
    site.pages["/loop"] = Response(status=302, headers={"Location": "/loop"})
    site.pages["/file"] = Response(status=302, headers={"Location": "file:///etc/passwd"})
    moved, loop, file = (listen(site.url(path)) for path in ("/moved", "/loop", "/file"))
    said = crawl(moved, loop, file)
    assert said[moved]["new"] == 1
    assert (said[loop]["outcome"], said[loop]["error_kind"]) == ("failed", "unreadable")
    assert said[file]["outcome"] == "failed"


def test_credentials_go_to_the_sources_own_site_only(site, other, listen, crawl):
    place = "/wp-json/wp/v2/comments"

    def lead_away(request: Request) -> Response:
        return Response(status=302, headers={"Location": other.url(request.full_path)})

    site.pages["/wp-json/"] = Response('{"namespaces": ["wp/v2"]}', content_type="application/json")
    for path in ("/wp-json/wp/v2/comments", "/"):
        site.pages[path] = lead_away
    number = listen(
        site.url("/"),
        "wordpress",
        settings_values={"username": "desk"},
        secrets={"application_password": "abcd efgh"},
    )
    crawl(number)
    sealed = base64.b64encode(b"desk:abcd efgh").decode()
    assert other.asked, f"nothing was redirected from {place}"
    assert all(sealed not in str(headers) and "authorization" not in headers for _, headers in other.asked)
