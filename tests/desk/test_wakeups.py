"""A Redis from which anybody's jobs would be run is not worked with."""

import shutil
import socket
from collections.abc import Iterator

import pytest

from desk.base import settings, wakeups
from tests import servers


@pytest.fixture(scope="module")
def redises() -> Iterator[tuple[str, str]]:
    """Addresses of one that asks for a password, and of one that lets in anybody."""
    if shutil.which("redis-server") is None:
        pytest.skip(servers.REDIS_HINT)
    with servers.redis() as closed, servers.redis(has_password=False) as open_to_all:
        yield closed, open_to_all


def openness(monkeypatch: pytest.MonkeyPatch, address: str, **more: str) -> str | None:
    monkeypatch.setenv("OTKLIK_REDIS_URL", address)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    settings.current.cache_clear()
    return wakeups.openness()


def test_one_that_asks_for_a_password_is_taken(home, redises, monkeypatch):
    assert openness(monkeypatch, redises[0]) is None


def test_one_that_lets_in_anybody_is_refused_with_the_way_out(home, redises, monkeypatch):
    reason = openness(monkeypatch, redises[1])
    assert reason is not None
    assert "requirepass" in reason
    assert "OTKLIK_ALLOW_OPEN_REDIS=true" in reason


@pytest.mark.parametrize(
    "written", ["redis://default:anything@{}", "redis://{}?password=anything&username=default"]
)
def test_a_password_that_is_only_written_down_does_not_help(home, redises, monkeypatch, written):
    """A server without one takes any."""
    assert openness(monkeypatch, written.format(redises[1].removeprefix("redis://"))) is not None


def test_where_it_is_meant_it_is_taken(home, redises, monkeypatch):
    assert openness(monkeypatch, redises[1], OTKLIK_ALLOW_OPEN_REDIS="true") is None


def test_one_that_is_away_or_a_socket_of_our_own_is_no_reason(home, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert openness(monkeypatch, f"redis://127.0.0.1:{nobody.getsockname()[1]}/0") is None
    assert openness(monkeypatch, "unix:///nonexistent/redis.sock") is None
    monkeypatch.delenv("OTKLIK_REDIS_URL")
    settings.current.cache_clear()
    assert wakeups.openness() is None
