"""The wire that is lent: what it lets out, what it lets nobody see, and what its failures mean."""

import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug import Request, Response

from channels import errors
from channels.contract import Call, Pace, Place
from channels.wire.client import GuardedWire, Terms
from channels.wire.hosts import may_see_secrets
from channels.wire.pace import Paces
from tests.channels.sites import Site
from tests.channels.speaking import NOW, wire_for
from tests.processes import free_port

SECRET = "s3cret-k4y-of-ours"


class Town(Site):
    """A site whose pages are functions."""

    def __init__(self, **pages: Callable[[Request], Response]) -> None:
        super().__init__()
        self.pages = pages

    def page(self, request: Request) -> Response:
        found = self.pages.get(request.path.strip("/") or "home")
        return found(request) if found else Response("no", 404)


@dataclass
class Keeper:
    """Proves who we are in the way that it is told to."""

    way: Callable[[Call, str], Call]
    named: Collection[str]
    asked: int = 0

    def hosts(self, place: Place) -> Collection[str]:
        del place
        return self.named

    def authorize(self, place: Place, call: Call, now: datetime) -> Call:
        assert now == NOW
        self.asked += 1
        return self.way(call, place.secrets["key"])


WAYS: dict[str, Callable[[Call, str], Call]] = {
    "header": lambda call, key: replace(call, headers={**call.headers, "authorization": f"Bearer {key}"}),
    "query": lambda call, key: replace(call, url=f"{call.url}?key={key}"),
    "path": lambda call, key: replace(call, url=call.url.replace("/x", f"/bot{key}/x")),
    "body": lambda call, key: replace(call, body=(call.body or b"") + f"key={key}".encode()),
}


def place_at(url: str, secret: str = SECRET) -> Place:
    return Place(url, secrets={"key": secret})


@pytest.mark.parametrize("way", WAYS)
def test_the_last_step_proves_who_we_are_and_nothing_tells_of_it(way: str) -> None:
    with Town() as site:
        site.page = lambda request: Response(f"{request.full_path} {request.headers} {request.get_data()}")  # type: ignore[method-assign]
        keeper = Keeper(WAYS[way], [site.url.removeprefix("http://")])
        with wire_for(place_at(site.url), keeper) as wire:
            answer = wire.act(Call(f"{site.url}/x", "POST"))
        assert SECRET.encode() in answer.body
        assert (answer.url, keeper.asked) == (f"{site.url}/x", 1)


@pytest.mark.parametrize("way", WAYS)
def test_another_host_sees_no_secret(way: str) -> None:
    with Town(x=lambda _: Response("ok")) as site, Town(x=lambda _: Response("ok")) as other:
        keeper = Keeper(WAYS[way], [other.url.removeprefix("http://")])
        with wire_for(place_at(site.url), keeper) as wire:
            wire.ask(Call(f"{site.url}/x"))
            with pytest.raises(errors.Forbidden, match="nothing was sent"):
                wire.ask(WAYS[way](Call(f"{site.url}/x"), SECRET))
            with pytest.raises(errors.Forbidden):
                wire.act(WAYS[way](Call(f"{site.url}/x", "POST"), SECRET))
            assert not wire.may_have_left
        assert (site.requests, other.requests) == ([("GET", "/x")], [])


def test_authorize_cannot_lead_elsewhere() -> None:
    with Town() as site, Town() as other:
        keeper = Keeper(
            lambda call, key: replace(call, url=f"{other.url}/{key}"), [site.url.removeprefix("http://")]
        )
        with wire_for(place_at(site.url), keeper) as wire, pytest.raises(errors.Forbidden):
            wire.ask(Call(f"{site.url}/x"))
        assert other.requests == site.requests == []


def test_a_redirect_takes_no_secret_along() -> None:
    with Town() as other, Town(x=lambda _: Response("", 302, {"Location": f"{other.url}/y"})) as site:
        keeper = Keeper(WAYS["header"], ["127.0.0.1"])
        with wire_for(place_at(site.url), keeper) as wire:
            assert wire.ask(Call(f"{site.url}/x")).status == 302
            assert wire.act(Call(f"{site.url}/x", "POST")).status == 302
        assert other.requests == []


def test_a_stranger_has_no_cookies_and_no_secrets() -> None:
    def home(request: Request) -> Response:
        response = Response("again" if request.cookies else "first")
        response.set_cookie("session", "1")
        return response

    with Town(home=home) as site, wire_for(place_at(site.url), Keeper(WAYS["header"], ["127.0.0.1"])) as wire:
        assert [wire.ask(Call(site.url)).body for _ in range(2)] == [b"first", b"again"]
        assert wire.ask(Call(site.url), is_anonymous=True).body == b"first"
        assert wire.ask(Call(site.url), is_anonymous=True).body == b"first"
        assert ["authorization" in headers for headers in site.headers] == [True, True, False, False]
        with pytest.raises(errors.Forbidden):
            wire.ask(Call(f"{site.url}/?key={SECRET}"), is_anonymous=True)
        assert len(site.requests) == 4


def test_a_stranger_who_is_sent_on_takes_our_cookies_neither() -> None:
    def home(request: Request) -> Response:
        response = Response("", 302, {"Location": "/x"})
        response.set_cookie("session", "1")
        return response

    with Town(home=home, x=lambda request: Response(request.cookies.get("session", "none"))) as site:
        with wire_for(Place(site.url)) as wire:
            assert wire.ask(Call(site.url)).body == b"1"
            site.pages["home"] = lambda _: Response("", 302, {"Location": "/x"})
            assert wire.ask(Call(site.url), is_anonymous=True).body == b"none"


def test_a_secret_goes_unencrypted_only_where_a_person_gave_such_an_address() -> None:
    for url, place, may in (
        ("https://api.example/x", "https://shop.example/", True),
        ("http://api.example/x", "https://shop.example/", False),
        ("http://api.example/x", "http://shop.example/", True),
        ("https://api.example:8443/x", "https://shop.example/", True),
        ("https://api.example.evil.example/x", "https://shop.example/", False),
        ("https://xapi.example/x", "https://shop.example/", False),
        ("https://API.example./x", "https://shop.example/", True),
        ("smtps://api.example:465", "", True),
        ("smtp+starttls://api.example:587", "", True),
        ("nonsense", "", False),
    ):
        assert may_see_secrets(url, ["api.example"], Place(place)) == may, url
    given = Place("", {"api": "http://api.example/"})
    assert may_see_secrets("http://api.example/x", ["api.example"], given)
    assert not may_see_secrets("http://api.example:81/x", ["api.example"], given)
    assert not may_see_secrets("https://api.example:8443/", ["api.example:443"], Place(""))


@given(
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40),
    way=st.sampled_from(sorted(WAYS)),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_errors_tell_no_secret_whatever_the_site_says_back(echo: Town, secret: str, way: str) -> None:
    """The site repeats all that it was sent in its refusal."""
    from channels.wire import refusals

    with (
        pytest.raises(errors.ChannelError) as caught,
        wire_for(place_at(echo.url, secret), Keeper(WAYS[way], ["127.0.0.1"])) as wire,
    ):
        answer = wire.act(Call(f"{echo.url}/x", "POST"))
        raise refusals.refusal(answer, refusals.words(answer))
    assert secret not in str(caught.value)


@pytest.fixture
def echo() -> Any:
    with Town() as site:
        site.page = lambda request: Response(  # type: ignore[method-assign]
            f"bad: {request.full_path} {request.headers.get('authorization')} {request.get_data(as_text=True)}",
            400,
            content_type="text/plain",
        )
        yield site


def test_an_error_of_the_library_tells_no_secret() -> None:
    keeper = Keeper(WAYS["header"], ["127.0.0.1"])
    with Town() as site, pytest.raises(errors.Refused) as caught:
        with wire_for(place_at(site.url, "bad\r\nx-secret: 1"), keeper) as wire:
            wire.act(Call(f"{site.url}/x", "POST"))
    assert "x-secret" not in str(caught.value)
    assert site.requests == []


# What failures mean.


def _silent() -> tuple[socket.socket, str]:
    """A server that takes connections and says nothing."""
    server = socket.create_server(("127.0.0.1", 0))
    return server, f"http://127.0.0.1:{server.getsockname()[1]}/x"


def test_a_question_that_hangs_leaves_nothing_unknown() -> None:
    server, url = _silent()
    with server, wire_for(Place(url), seconds=0.3) as wire:
        with pytest.raises(errors.Unreachable):
            wire.ask(Call(url, "POST", b"grant_type=refresh_token"))
        assert not wire.may_have_left


def test_an_act_that_hangs_leaves_it_unknown() -> None:
    server, url = _silent()
    with server, wire_for(Place(url), seconds=0.3) as wire:
        with pytest.raises(errors.Unknown):
            wire.act(Call(url, "POST"))
        assert wire.may_have_left


def test_an_act_at_a_closed_door_was_surely_not_sent() -> None:
    url = f"http://127.0.0.1:{free_port()}/x"
    with wire_for(Place(url)) as wire:
        with pytest.raises(errors.Unreachable, match="nothing was sent"):
            wire.act(Call(url, "POST"))
        assert not wire.may_have_left


def test_where_one_act_is_allowed_a_second_is_not_sent() -> None:
    with Town(x=lambda _: Response("ok")) as site, wire_for(Place(site.url), is_single=True) as wire:
        wire.act(Call(f"{site.url}/x", "POST"))
        with pytest.raises(errors.Unknown, match="nothing is sent twice"):
            wire.act(Call(f"{site.url}/x", "POST"))
        with pytest.raises(errors.Unknown):
            wire.deliver("smtps://127.0.0.1", b"From: a@b.example\n\nHi", ["c@d.example"])
        assert len(site.requests) == 1


def test_an_address_inside_is_neither_asked_nor_acted_at_nor_mailed_to() -> None:
    with Town() as site, GuardedWire(Terms("t"), NOW, Place(site.url)) as wire:
        for speak in (
            lambda: wire.ask(Call(site.url)),
            lambda: wire.act(Call(site.url, "POST")),
            lambda: wire.act(Call("file:///etc/passwd", "POST")),
            lambda: wire.deliver("smtps://127.0.0.1:465", b"From: a@b.example\n\nHi", ["c@d.example"]),
        ):
            with pytest.raises(errors.Forbidden):
                speak()
        assert (site.requests, wire.may_have_left) == ([], False)


def test_no_request_is_begun_when_the_time_is_over() -> None:
    with Town(home=lambda _: Response("ok")) as site:
        with GuardedWire(Terms("t", allow_private=True, longest_seconds=-1), NOW, Place(site.url)) as wire:
            with pytest.raises(errors.Unreachable, match="too long overall"):
                wire.act(Call(site.url, "POST"))
            assert (site.requests, wire.may_have_left) == ([], False)


def test_an_answer_over_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    from channels.wire import client

    monkeypatch.setattr(client, "MAX_ANSWER", 1_000)
    with Town(x=lambda _: Response("x" * 2_000)) as site, wire_for(Place(site.url)) as wire:
        with pytest.raises(errors.TooLarge):
            wire.ask(Call(f"{site.url}/x"))
        with pytest.raises(errors.Unknown):
            wire.act(Call(f"{site.url}/x", "POST"))


# The pace of an account.


def test_sources_of_one_account_share_its_pace() -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    paces = Paces(lambda: now[0], sleep)
    for lane in ("a", "a", "b", "a"):
        paces.wait(lane, Pace(per_second=2), 10)
    assert slept == [0.5, 0.5]
    with pytest.raises(errors.RateLimited) as caught:
        for _ in range(100):
            paces.wait("slow", Pace(per_second=0.01), 10)
    assert caught.value.retry_after_seconds == 101


def test_only_what_has_an_account_is_paced() -> None:
    asked: list[str] = []

    class Told(Paces):
        def wait(self, lane: str, pace: Pace, longest_seconds: float) -> None:
            del pace, longest_seconds
            asked.append(lane)

    with Town(home=lambda _: Response("ok")) as site:
        for account in (None, 7):
            terms = Terms("t", allow_private=True)
            with GuardedWire(
                terms, NOW, Place(site.url, account_id=account), Keeper(WAYS["header"], []), Told()
            ) as wire:
                wire.ask(Call(site.url))
    assert asked == ["Keeper#7"]
