"""The address guard: nothing behind our own walls is reached, by no notation, name, redirect or change of mind."""

import gzip
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from werkzeug import Request, Response

from channels import errors
from channels.contract import Call, Place
from channels.wire import guard
from channels.wire.address_rules import is_forbidden_ip, refuse_reason
from tests.channels.sites import Site
from tests.channels.speaking import wire_for

PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.127.255.255", "198.18.0.1", "192.0.2.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001::1", "2001:db8::1", "::127.0.0.1", "100::1", "not an address", "",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_forbidden_addresses(ip: str) -> None:
    assert is_forbidden_ip(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses(ip: str) -> None:
    assert not is_forbidden_ip(ip)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "0",
     "１２７.０.０.１", "127。0。0。1", "localhost", "LOCALHOST.", "printer.local", "a.localhost", "metadata.google.internal"],
)  # fmt: skip
def test_private_hosts_in_every_notation(host: str) -> None:
    assert refuse_reason(f"http://{host}/", allow_private=False)
    assert refuse_reason(f"http://{host}:8080/x", allow_private=False)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "javascript:alert(1)", "gopher://a.example", "a.example", "", "http://", "http:///x",
     "http://user@a.example/", "http://user:pw@a.example/", "http://a.example:0/", "http://a.example:99999/", "http://[::1/",
     "http://a.example/\r\nX: y", "https://a.example/" + "x" * 2_000],
)  # fmt: skip
def test_addresses_that_are_none_of_ours(url: str) -> None:
    reason = refuse_reason(url, allow_private=True)
    assert reason and reason.en.endswith(".") and reason.ru.endswith(".")


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/",
        "http://a.example:8080/x?y#z",
        "http://8.8.8.8/",
        "https://пример.рф/",
        "http://[2606:4700::1111]/",
    ],
)
def test_addresses_that_may_be_visited(url: str) -> None:
    assert refuse_reason(url, allow_private=False) is None


def test_private_addresses_by_setting() -> None:
    assert refuse_reason("http://127.0.0.1:5000/", allow_private=True) is None
    assert refuse_reason("http://localhost/", allow_private=True) is None


class Pages(Site):
    """Answers by path, with a function each."""

    def __init__(self, **pages: Callable[[Request], Response]) -> None:
        super().__init__()
        self.pages = pages

    def page(self, request: Request) -> Response:
        return self.pages[request.path.strip("/") or "home"](request)


def names(monkeypatch: pytest.MonkeyPatch, **answers: list[str]) -> list[str]:
    """A name server of our own; returns the list of what it was asked."""
    asked: list[str] = []

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        found = answers.get(host.replace(".", "_"), [host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(guard.socket, "getaddrinfo", look_up)
    return asked


def test_guarded_client_does_not_visit_loopback() -> None:
    with Pages(home=lambda _: Response("secret")) as site, guard.guarded_client(False, "t") as http:
        with pytest.raises(errors.Forbidden):
            http.get(site.url)
        assert site.requests == []


def test_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, shop_example=["127.0.0.1"])
    with Pages(home=lambda _: Response("secret")) as site, guard.guarded_client(False, "t") as http:
        port = site.url.rpartition(":")[2]
        with pytest.raises(errors.Forbidden, match=r"shop\.example is not in a public network"):
            http.get(f"http://shop.example:{port}/")
        assert site.requests == []


def test_name_with_a_public_and_a_private_address_is_a_trick(monkeypatch: pytest.MonkeyPatch) -> None:
    names(monkeypatch, shop_example=["93.184.216.34", "127.0.0.1"])
    with pytest.raises(errors.Forbidden):
        guard.resolve("shop.example", 80, allow_private=False)


def test_name_is_resolved_once_and_the_checked_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers differently the second time is never asked a second time."""
    answers = [["127.0.0.1"], ["192.0.2.1"]]
    asked: list[str] = []

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        if host == "shop.example":
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers[len(asked) - 1][0], port))]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    with Pages(home=lambda request: Response(request.host)) as site, guard.guarded_client(True, "t") as http:
        monkeypatch.setattr(guard.socket, "getaddrinfo", look_up)
        port = site.url.rpartition(":")[2]
        assert http.get(f"http://shop.example:{port}/").text == f"shop.example:{port}"
    assert asked == ["shop.example"]


def test_redirect_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outer site is let in by a rule that knows one address as public; its redirect leads to another."""
    inside = Pages(home=lambda _: Response("secret"))
    with inside, Pages(home=lambda _: Response("", 302, {"Location": f"{inside.url}/"})) as outside:
        real = guard.is_forbidden_ip
        monkeypatch.setattr(guard, "is_forbidden_ip", lambda ip: False if ip == "127.0.0.1" else real(ip))
        names(monkeypatch, shop_example=["127.0.0.1"])
        port = outside.url.rpartition(":")[2]
        with guard.guarded_client(False, "t") as http, pytest.raises(errors.Forbidden):
            http.get(f"http://shop.example:{port}/")
        assert outside.requests == [("GET", "/")]
        assert inside.requests == []


def test_redirect_to_another_scheme_is_refused() -> None:
    with (
        Pages(home=lambda _: Response("", 302, {"Location": "file:///etc/passwd"})) as site,
        guard.guarded_client(True, "t") as http,
    ):
        with pytest.raises((errors.Forbidden, httpx.UnsupportedProtocol)):
            http.get(site.url)


def test_redirects_end_after_five() -> None:
    with (
        Pages(home=lambda _: Response("", 302, {"Location": "/"})) as site,
        guard.guarded_client(True, "t") as http,
    ):
        with pytest.raises(httpx.TooManyRedirects):
            http.get(site.url)
        assert len(site.requests) == 6


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Pages(home=lambda _: Response("direct")) as site:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1/")
        with guard.guarded_client(True, "t") as http:
            assert http.get(site.url).text == "direct"


def test_host_that_does_not_exist_is_unreachable() -> None:
    with guard.guarded_client(True, "t") as http, pytest.raises(httpx.ConnectError, match="no host"):
        http.get("http://no-such-host.invalid/")


@pytest.mark.parametrize("path", ["announced", "streamed", "packed"])
def test_body_over_the_limit_is_stopped(path: str) -> None:
    pages = {
        "announced": lambda _: Response(b"x" * 3_000_000),
        "streamed": lambda _: Response((b"x" * 100_000 for _ in range(30)), direct_passthrough=True),
        "packed": lambda _: Response(gzip.compress(b"x" * 3_000_000), headers={"Content-Encoding": "gzip"}),
    }
    with (
        Pages(**pages) as site,
        guard.guarded_client(True, "t") as http,
        http.stream("GET", f"{site.url}/{path}") as response,
    ):
        with pytest.raises(errors.TooLarge):
            guard.read_limited(response, 1_000_000)


def test_body_within_the_limit_is_read_whole() -> None:
    with (
        Pages(home=lambda _: Response(b"x" * 900_000)) as site,
        guard.guarded_client(True, "t") as http,
        http.stream("GET", site.url) as response,
    ):
        assert len(guard.read_limited(response, 1_000_000)) == 900_000


@pytest.mark.parametrize("header", ["", "gzip", "deflate", "br"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda body: gzip.compress(gzip.compress(body))])
def test_body_is_unpacked_whatever_the_header_says(pack: Callable[[bytes], bytes], header: str) -> None:
    body = b"Where is my order? " * 50
    with (
        Pages(home=lambda _: Response(pack(body), headers={"Content-Encoding": header})) as site,
        wire_for(Place("")) as wire,
    ):
        answer = wire.ask(Call(site.url))
    assert answer.body == body


def test_body_that_trickles_is_given_up() -> None:
    with (
        Pages(home=lambda _: Response(b"x" * 900_000)) as site,
        guard.guarded_client(True, "t") as http,
        http.stream("GET", site.url) as response,
    ):
        with pytest.raises(httpx.ReadTimeout):
            guard.read_limited(response, 1_000_000, max_seconds=-1)
