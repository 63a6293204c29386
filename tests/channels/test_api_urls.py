"""Another server in place of the official one: requests go there, and nothing that is kept shows it."""

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from channels.contract import About, Call, Place, Text
from channels.wire.api_urls import replacement
from channels.wire.client import GuardedWire, Terms
from tests.channels.speaking import NOW
from tests.servers import serving

ABOUT = About("vk", Text("VK", "VK"), api=("https://api.vk.com", "https://oauth.vk.com"))
PATHS = st.text("abc/?=&.#", max_size=20).map(lambda rest: f"/{rest}")


class Speaker:
    about = ABOUT


@given(PATHS, st.sampled_from(["http://127.0.0.1:8810", "https://bots.example/base"]))
def test_what_goes_out_comes_back(path: str, base: str) -> None:
    server = replacement(ABOUT, {"vk": base + "/"})
    address = f"https://api.vk.com{path}"
    assert server.outgoing(address) == base + path
    assert server.incoming(server.outgoing(address)) == address


def test_only_the_named_origins_of_that_kind_are_replaced() -> None:
    server = replacement(ABOUT, {"vk": "http://127.0.0.1:1"})
    assert server.outgoing("https://oauth.vk.com/token") == "http://127.0.0.1:1/token"
    for other in ("https://api.vk.com.evil.example/x", "http://api.vk.com/x", "https://vk.com/x"):
        assert server.outgoing(other) == other
    assert replacement(ABOUT, {"telegram_bot": "http://127.0.0.1:1"}).outgoing("https://api.vk.com/") == (
        "https://api.vk.com/"
    )


def test_the_wire_asks_there_and_names_the_official_address() -> None:
    asked: list[str] = []

    @Request.application
    def site(request: Request) -> Response:
        asked.append(request.full_path)
        if request.path == "/moved":
            return Response(status=302, headers={"Location": "/here"})
        return Response("{}")

    with serving(site) as url:
        terms = Terms("t", allow_private=True, api_urls={"vk": url})
        with GuardedWire(terms, NOW, Place("https://vk.com/zarya"), Speaker()) as wire:
            assert wire.ask(Call("https://api.vk.com/method?x=1")).url == "https://api.vk.com/method?x=1"
            assert wire.ask(Call("https://api.vk.com/moved")).url == "https://api.vk.com/here"
            assert wire.act(Call("https://oauth.vk.com/token", "POST")).url == "https://oauth.vk.com/token"
    assert [path.partition("?")[0] for path in asked] == ["/method", "/moved", "/here", "/token"]
